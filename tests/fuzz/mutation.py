"""How a file is spoiled: bytes, numbers, blocks, lines, words of the attacker, cuts and crossings."""

import random
import re
import struct

Members = dict[str, bytes]
_ODD = (0, 1, -1, 2, 7, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, -0x80000000, 0x40000000, 10**9)
_ODD_FLOATS = (
    float("nan"),
    float("inf"),
    -float("inf"),
    1e308,
    -1e308,
    5e-324,
    0.0,
    -0.0,
    1e17,
    180.0,
    -1e38,
)
_ODD_TEXTS = (
    *(b"NaN", b"Infinity", b"-1", b"0", b"1e308", b"1e400", b"-0.0", b"99999999999999999999", b"5e-324"),
    *(b"", b"[]", b"{}", b"null", b"true", b'""', b"\xed\xa0\x80", b"\0", b"\xff", b"\x1b[2J", b"\xb4\xe5"),
    *(b"<![CDATA[", b"]]>", b"&#0;", b"&x;", b"<!DOCTYPE a [<!ENTITY x 'y'>]>", b"POLYGON((", b"EMPTY"),
    *(b"SRID=4326;", b"GEOMETRYCOLLECTION(", b'"type":"GeometryCollection"', b'"arcs":[[0]]', b"Region 9"),
    *(b"Pline 99999", b"=1+1", "村".encode(), "𫭢".encode("gb18030")),
)  # fmt: skip
_CELL = re.compile(rb'[^\s,:;"<>\[\]{}()=]{1,60}')
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


class Spoiler:
    """Spoils files with a seeded hand; `words` are the attacker's own (paths, addresses)."""

    def __init__(self, seed: int, words: list[bytes]) -> None:
        self.rng = random.Random(seed)
        self.words = [*words, *_ODD_TEXTS]
        self._gentle = (*[self._number] * 5, *[self._cell] * 3, self._line, self._line, self._digit)
        self._rough = (
            *(self._flip, self._byte, self._whole, self._whole, self._float, self._number, self._drop),
            *(self._repeat, self._insert, self._insert, self._line, self._swap, self._end, self._cell),
        )

    def spoil(self, members: Members, other: Members) -> Members:
        """Return the members with one to six changes in one of them; `other` is a file to cross with."""
        changed = dict(members)
        for _ in range(self.rng.choice((1, 1, 1, 2, 3, 6))):
            name = self.rng.choice(sorted(changed))
            data = self._change(changed[name], other.get(name, b""))
            changed[name] = data[: 2 << 20]
        return changed

    def cut(self, members: Members) -> Members:
        """Return the members with one of them cut short."""
        name = self.rng.choice(sorted(members))
        return {**members, name: members[name][: self.rng.randrange(len(members[name]) or 1)]}

    def _change(self, data: bytes, other: bytes) -> bytes:
        if not data:
            return self.rng.choice(self.words)
        if other and self.rng.random() < 0.03:
            return self._cross(data, other)
        gentle = b"\0" not in data[:400] and self.rng.random() < 0.8
        return self.rng.choice(self._gentle if gentle else self._rough)(data)

    def _at(self, data: bytes, width: int = 1) -> int:
        at = self.rng.randrange(max(len(data) - width + 1, 1))
        return at // width * width if self.rng.random() < 0.5 else at

    def _flip(self, data: bytes) -> bytes:
        at = self._at(data)
        return data[:at] + bytes([data[at] ^ 1 << self.rng.randrange(8)]) + data[at + 1 :]

    def _byte(self, data: bytes) -> bytes:
        at = self._at(data)
        return (
            data[:at]
            + bytes([self.rng.choice((0, 1, 0x7F, 0x80, 0xFF, self.rng.randrange(256)))])
            + data[at + 1 :]
        )

    def _whole(self, data: bytes) -> bytes:
        width, letter = self.rng.choice(((2, "H"), (4, "I"), (4, "I"), (8, "Q")))
        value = self.rng.choice((*_ODD, self.rng.randrange(1 << 32))) & ((1 << 8 * width) - 1)
        at = self._at(data, width)
        return data[:at] + struct.pack(self.rng.choice("<>") + letter, value) + data[at + width :]

    def _float(self, data: bytes) -> bytes:
        at = self._at(data, 8)
        return data[:at] + struct.pack("<d", self.rng.choice(_ODD_FLOATS)) + data[at + 8 :]

    def _number(self, data: bytes) -> bytes:
        found = list(_NUMBER.finditer(data[:20_000]))
        if not found:
            return self._flip(data)
        match = self.rng.choice(found)
        text = self.rng.choice((*self.words[-len(_ODD_TEXTS) :], str(self.rng.choice(_ODD)).encode()))
        return data[: match.start()] + text + data[match.end() :]

    def _digit(self, data: bytes) -> bytes:
        """Exchange one letter or digit for another, which leaves most grammars whole."""
        found = [at for at in range(min(len(data), 20_000)) if data[at : at + 1].isalnum()]
        at = self.rng.choice(found) if found else 0
        return data[:at] + bytes([self.rng.choice(b"0123456789azAZ-+.")]) + data[at + 1 :]

    def _cell(self, data: bytes) -> bytes:
        """Exchange what stands between two signs of a grammar for the like from elsewhere, or for a word."""
        found = [match for match in _CELL.finditer(data[:20_000]) if match[0]]
        if not found:
            return self._flip(data)
        here, there = self.rng.choice(found), self.rng.choice(found)
        text = there[0] if self.rng.random() < 0.6 else self.rng.choice(self.words)
        return data[: here.start()] + text + data[here.end() :]

    def _span(self, data: bytes) -> tuple[int, int]:
        start = self._at(data)
        return start, min(len(data), start + self.rng.choice((1, 2, 4, 8, 16, 64, 512, 4096)))

    def _drop(self, data: bytes) -> bytes:
        start, end = self._span(data)
        return data[:start] + data[end:]

    def _repeat(self, data: bytes) -> bytes:
        start, end = self._span(data)
        return data[:end] + data[start:end] * self.rng.choice((1, 2, 9, 300)) + data[end:]

    def _insert(self, data: bytes) -> bytes:
        at = self._at(data)
        return data[:at] + self.rng.choice(self.words) + data[at:]

    def _line(self, data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        at = self.rng.randrange(len(lines))
        again = self.rng.choice(([], [lines[at]] * 2, [self.rng.choice(lines)], [lines[at], b"\n"]))
        return b"".join([*lines[:at], *again, *lines[at + 1 :]])

    def _swap(self, data: bytes) -> bytes:
        (a, b), (c, d) = sorted((self._span(data), self._span(data)))
        return data if b > c else data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]

    def _end(self, data: bytes) -> bytes:
        return data[: self._at(data)] if self.rng.random() < 0.5 else data + self.rng.choice(self.words)

    def _cross(self, data: bytes, other: bytes) -> bytes:
        return data[: self._at(data)] + other[self._at(other) :]
