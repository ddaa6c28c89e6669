"""Source systems 来源系统: data that head office keeps, not code: names, trust, headings, how they deliver.

A source of smaller rank is trusted more. Its heading map says which heading is which field, also the key; its
delivery whether a file is the whole source (who is missing has vanished) or only what changed.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from sqlalchemy.orm import Session

from app.customers.intake.fields import FIELDS, find_field
from app.customers.intake.folder import read_patterns
from app.customers.intake.tables import check_origin
from app.db import fetch_all
from app.errors import BadInput, NeedsAnswer, NotFound
from app.models import SourceSystem

_CODE = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True)
class Source:
    """A system that sends customers; `zh` and `en` are its names, `headings` maps a field to its heading.

    `check_numbers` is off only for a bank of invented people: then a wrong check character is let pass.
    """

    code: str
    zh: str
    en: str
    trust_rank: int
    standing: str = "existing"
    headings: Mapping[str, str] = field(default_factory=dict)
    file_pattern: str | None = None
    delivery: str = "delta"
    vanish_limit: float = 0.05
    origin: Mapping[str, Any] = field(default_factory=dict)
    active: bool = True
    check_numbers: bool = True

    def as_json(self) -> dict[str, Any]:
        """The source as reports and the API show it: headings under the fields' terms."""
        terms = {one.key: one.term for one in FIELDS}
        # A sealed password stays where it is kept.
        origin = {key: said for key, said in self.origin.items() if key != "login_sealed"}
        told = {
            **asdict(self),
            "origin": origin,
            "headings": {terms[key]: name for key, name in self.headings.items()},
        }
        return {"name" if key == "zh" else "name_en" if key == "en" else key: told[key] for key in told}


_STORED = {"zh": "name", "en": "name_en"}


def list_sources(session: Session) -> list[Source]:
    """All sources, the most trusted first."""
    return [_read(row) for row in fetch_all(session, "customers/intake/list_sources")]


def find_source(session: Session, code: str) -> Source:
    """The source of a code. Raises NeedsAnswer naming those that exist, BadInput when switched off."""
    known = list_sources(session)
    found = next((source for source in known if source.code == code), None)
    if found is None:
        raise NeedsAnswer(
            "unknown_source",
            zh=f"没有代码为“{code[:40]}”的来源系统，请从列表中选择，或先用 getu source set 建立",
            en=f"there is no source system {code[:40]!r}; choose one of the list, or make it first",
            questions=[{"code": "source", "options": [s.code for s in known if s.active]}],
        )
    if not found.active:
        raise BadInput(
            "source_inactive",
            zh=f"来源系统“{found.zh}”已停用，不能导入",
            en=f"the source system {code} is switched off",
        )
    return found


def show_source(session: Session, code: str) -> Source:
    """The source of a code, active or not. Raises NotFound."""
    for source in list_sources(session):
        if source.code == code:
            return source
    raise NotFound(
        "no_source", zh=f"没有来源系统“{code[:40]}”", en=f"there is no source system {code[:40]!r}"
    )


def store_source(session: Session, code: str, changes: Mapping[str, Any]) -> Source:
    """Change a source, or make it; `changes` by the names of `Source.as_json`. In the worker's hand.

    A heading map replaces the map before. Raises BadInput for what cannot be.
    """
    before = next((source for source in list_sources(session) if source.code == code), None)
    if before is None:
        _refuse_unless(
            _CODE.fullmatch(code) is not None,
            "bad_code",
            "代码须为小写字母开头的字母、数字或下划线，最多 32 位",
            "a code is lower-case letters, digits and underscores, 32 at most",
        )
        before = Source(code, "", "", trust_rank=len(list_sources(session)) + 1)
    said = {_named(key): value for key, value in changes.items() if value is not None}
    source = _check(replace(before, **said))
    row = {_STORED.get(one.name, one.name): getattr(source, one.name) for one in fields(Source)}
    session.merge(SourceSystem(**row))
    session.flush()
    return source


def _named(key: str) -> str:
    names = {"name": "zh", "name_en": "en"}
    known = {one.name for one in fields(Source)} - {"code", "zh", "en"} | set(names)
    if key not in known:
        raise BadInput(
            "unknown_setting",
            zh=f"来源系统没有“{key[:40]}”这一项，可用：{'、'.join(sorted(known))}",
            en=f"a source has no {key[:40]!r}; it has {', '.join(sorted(known))}",
        )
    return names.get(key, key)


def _check(source: Source) -> Source:
    """The source with its headings under field keys. Raises BadInput."""
    rules = (
        (
            0 < len(source.zh.strip()) <= 64 and source.zh.isprintable() and (source.en or "").isprintable(),
            "name",
            "请写名称（最多 64 字，不含控制字符）",
            "a name is needed, 64 characters at most and none of control",
        ),
        (1 <= source.trust_rank <= 1000, "trust_rank", "信任级别为 1 至 1000", "trust is 1 to 1000"),
        (source.standing in ("existing", "prospect"), "standing", "存量或潜在", "existing or prospect"),
        (source.delivery in ("full", "delta"), "delivery", "full 全量或 delta 增量", "full or delta"),
        (0 <= source.vanish_limit <= 1, "vanish_limit", "消失上限为 0 至 1", "a limit is 0 to 1"),
    )
    for holds, what, zh, en in rules:
        _refuse_unless(holds, f"bad_{what}", zh, en)
    check_origin(source.origin)
    if source.file_pattern:
        read_patterns(source.file_pattern)
    return replace(source, headings=_read_headings(source.headings))


def _read_headings(said: Mapping[str, str]) -> dict[str, str]:
    """A heading map under field keys. Raises BadInput for a term that is none or a heading that is empty."""
    for term, heading in said.items():
        _refuse_unless(
            isinstance(heading, str) and 0 < len(heading.strip()) <= 200 and heading.isprintable(),
            "bad_heading",
            f"字段“{term[:40]}”的列名不对",
            f"the heading of {term[:40]!r} cannot be used",
        )
    return {find_field(term).key: heading.strip() for term, heading in said.items()}


def _refuse_unless(holds: bool, code: str, zh: str, en: str) -> None:
    if not holds:
        raise BadInput(code, zh=zh, en=en)


def _read(row: Mapping[str, Any]) -> Source:
    return Source(**{one.name: row[_STORED.get(one.name, one.name)] for one in fields(Source)})


def name_sources(session: Session) -> dict[str, str]:
    """Chinese name of each source by its code."""
    return {source.code: source.zh for source in list_sources(session)}
