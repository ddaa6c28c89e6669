"""What stands before an address, a firm or a person, is known by the chain of places that opens behind it."""

import re
from collections.abc import Mapping

from app.customers.geocoding.index import NAME, VARIANT, Token

# Spelt out, for alternatives that all begin with one character are searched twice as fast.
_FIRM = re.compile(
    r"(?:公司|合作社|经营部|商行|超市|工[厂场]|机[厂场]|农[厂场]|加[厂场]|厂|门市部|营业部|五金店|店|学校|小学|中学|大学|医院|农场|快递点"
    r"|驿站|幼儿园|卫生[院室所]|诊所|药店|药房|银行|支行|饭店|宾馆|事务所|工作室|服务部|合作联社|集团)(?:位于|地址|在)?"
)
_FARTHEST = 48


def names_firm(text: str, start: int) -> bool:
    """Whether a firm, a school or their like is named behind `start`."""
    return _FIRM.search(text, start) is not None


def find_start(text: str, tokens: Mapping[int, list[Token]]) -> int:
    """Where the address begins: 0, or behind words that no place explains, where a chain of places opens."""
    here = tokens.get(0)
    if here and (_is_full(here[0]) or _is_place(here[0])):
        if not _FIRM.search(text, here[0].end):
            return 0
        return _behind_firm(text, tokens)
    return _behind_firm(text, tokens) or _chain(tokens)


def _behind_firm(text: str, tokens: Mapping[int, list[Token]]) -> int:
    """Behind a firm's word, if a chain opens there and none was closed before it."""
    for firm in _FIRM.finditer(text, 0, _FARTHEST):
        start = firm.end()
        if (
            start in tokens
            and not _inside_name(tokens, firm.start())
            and _opens(tokens, start)
            and not _closed(tokens, firm.start())
        ):
            return start
    return 0


def _inside_name(tokens: Mapping[int, list[Token]], position: int) -> bool:
    """Whether the firm's word belongs to the name of a place: 新安农场有限公司 is a town."""
    return any(start <= position < here[0].end and _is_place(here[0]) for start, here in tokens.items())


def _chain(tokens: Mapping[int, list[Token]]) -> int:
    for start in sorted(tokens):
        if start > _FARTHEST or (start and _is_place(tokens[start][0])):
            return 0
        if start > 1 and _full(tokens[start]) and _opens(tokens, start):
            return 0 if _reaches(tokens, start) else start
    return 0


def _opens(tokens: Mapping[int, list[Token]], start: int) -> bool:
    """Whether a full name of a province, city or county stands here with another division behind it."""
    admin = _full(tokens[start])
    if admin is None:
        return _is_place(tokens[start][0]) and bool(tokens[start][0].form.towns)
    follows = tokens.get(admin.end, ())
    return any(token.form.admins or token.form.towns or token.form.spots for token in follows)


def _reaches(tokens: Mapping[int, list[Token]], start: int) -> bool:
    """Whether the text up to `start` is itself a province or city without its suffix: 江苏南通市."""
    at = 0
    while at < start:
        step = next((token for token in tokens.get(at, ()) if token.form.admins), None)
        if step is None:
            return False
        at = step.end
    return True


def _closed(tokens: Mapping[int, list[Token]], end: int) -> bool:
    """Whether a village was named before `end`, so that the firm stands behind its address."""
    return any(
        token.end <= end and any(quality == NAME for _, quality in token.form.spots)
        for here in tokens.values()
        for token in here
    )


def _full(here: list[Token]) -> Token | None:
    return next((token for token in here if _is_full(token)), None)


def _is_full(token: Token) -> bool:
    return any(not name.short for name in token.form.admins)


def _is_place(token: Token) -> bool:
    return any(quality <= VARIANT for _, quality in (*token.form.towns, *token.form.spots))
