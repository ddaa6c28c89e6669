"""Invented villages whose households are known: rolls, customer files and every trap of linking.

A village has groups of houses, a building of flats, a dormitory, a committee address and an accountant whose
number many give. In one house may live two families on two registers, or a tenant. Numbers are mistyped,
records lack what sources lack, and every village counts its register from 1 again.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗沈陆施顾倪袁蔡茅"
GIVEN = "志明晓燕玉珍建新海峰文彬永秀兰国华红梅小平卫东春雪"
CHILD_WORDS = ("son", "daughter")


@dataclass
class Somebody:
    """A true person: where he lives, with whom, and how he stands to the head."""

    name: str
    relation: str
    family: int
    roster_no: str
    address: str
    card: bytes
    phone: bytes | None


@dataclass(frozen=True)
class Row:
    """What one source says of him, and who he truly is."""

    id: int
    source: str
    name: str
    card: bytes | None
    phone: bytes | None
    roster_no: str | None
    relation: str | None
    address: str
    village: int
    person: int
    family: int


@dataclass
class VillageMaker:
    """Makes villages one after the other; equal seeds make equal villages."""

    seed: int
    families: int = 0
    people: int = 0
    rows: int = 0
    rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)

    def make(self, village: int, *, houses: int = 120) -> list[Row]:
        """The rows of one village, some 2.5 a house."""
        rng = self.rng
        common = rng.choice(SURNAMES)
        accountant = self._number()
        people: list[Somebody] = []
        register = iter(range(1, 10_000))
        for house in range(houses):
            people += self._house(village, house, register, common)
        for _ in range(rng.randrange(15, 40)):
            people.append(self._single(f"悦来镇第{village}村村委会", register, common))
        for _ in range(rng.randrange(12, 30)):
            people.append(self._single(f"第{village}村家纺厂宿舍2幢", register, common))
        for person in people:
            if rng.random() < 0.06:
                person.phone = accountant
        return [row for person in people for row in self._write(person, village)]

    def _house(self, village: int, house: int, register: Iterator[int], common: str) -> list[Somebody]:
        """Who lives in a house: one family, father and son on two registers, or a tenant as well."""
        rng = self.rng
        if house % 5 == 0:
            where = f"悦来镇第{village}村锦绣苑{house % 7 + 1}幢{house % 3 + 1}单元{house // 5 + 101}室"
        else:
            where = f"悦来镇第{village}村{house // 12 + 1}组{house % 12 + 1}号"
        surname = common if rng.random() < 0.35 else rng.choice(SURNAMES)
        people = self._family(where, surname, next(register))
        luck = rng.random()
        if luck < 0.12:
            people += self._family(where, surname, next(register))
        elif luck < 0.19:
            people += self._family(where, rng.choice(SURNAMES), next(register))
        elif luck < 0.24:
            people.append(self._single(where, register, common))
        return people

    def _family(self, where: str, surname: str, number: int) -> list[Somebody]:
        rng = self.rng
        self.families += 1
        words = ["head"]
        words += ["spouse"] if rng.random() < 0.8 else []
        words += [rng.choice(CHILD_WORDS) for _ in range(rng.choice((0, 0, 1, 1, 2)))]
        words += ["parent"] if rng.random() < 0.2 else []
        words += ["child_in_law"] if rng.random() < 0.12 and "son" in words else []
        people = [self._person(word, surname, f"H{number:04}", where) for word in words]
        if len(people) > 1 and rng.random() < 0.15:
            people[1].phone = people[0].phone
        return people

    def _single(self, where: str, register: Iterator[int], common: str) -> Somebody:
        self.families += 1
        rng = self.rng
        surname = common if rng.random() < 0.35 else rng.choice(SURNAMES)
        return self._person("head", surname, f"H{next(register):04}", where)

    def _person(self, word: str, surname: str, number: str, where: str) -> Somebody:
        rng = self.rng
        self.people += 1
        married_in = word in ("spouse", "child_in_law") or (word == "parent" and rng.random() < 0.5)
        name = rng.choice(SURNAMES) if married_in else surname
        if word in CHILD_WORDS and rng.random() < 0.04:
            name = rng.choice(SURNAMES)
        name += rng.choice(GIVEN) + rng.choice(GIVEN)
        card = sha256(f"card {self.seed} {self.people}".encode()).digest()
        phone = self._number() if rng.random() < 0.8 else None
        return Somebody(name, word, self.families, number, where, card, phone)

    def _number(self) -> bytes:
        return self.rng.randbytes(32)

    def _write(self, person: Somebody, village: int) -> Iterator[Row]:
        """The rows of a person: on the roster, in the core system, in the CRM, in each or none."""
        rng = self.rng
        number = self.people_number(person)
        if rng.random() < 0.55:
            mistyped = rng.random() < 0.003
            roster_no = f"H{rng.randrange(1, 160):04}" if mistyped else person.roster_no
            yield self._row(person, village, number, source="roster", roster_no=roster_no)
        if rng.random() < 0.45:
            yield self._row(person, village, number, source="core")
        if rng.random() < 0.08:
            yield self._row(person, village, number, source="crm")

    @staticmethod
    def people_number(person: Somebody) -> int:
        """A person's own number, from his invented identity number."""
        return int.from_bytes(person.card[:7])

    def _row(
        self, person: Somebody, village: int, number: int, *, source: str, roster_no: str | None = None
    ) -> Row:
        rng = self.rng
        self.rows += 1
        address, luck = person.address, rng.random()
        if source != "roster":
            if luck < 0.12:
                address = f"第{village}村"
            elif luck < 0.14:
                address = address.replace("1号", "2号").replace("3号", "4号")
            elif luck < 0.3:
                address = address.replace("悦来镇", "南通市海门区悦来镇").replace("组", "村民小组")
        on_roster = source == "roster"
        return Row(
            id=self.rows,
            source=source,
            name=person.name,
            card=person.card if rng.random() < 0.93 else None,
            phone=person.phone if rng.random() < (0.5 if on_roster else 0.9) else None,
            roster_no=roster_no,
            relation=person.relation if on_roster and rng.random() < 0.95 else None,
            address=address,
            village=village,
            person=number,
            family=person.family,
        )
