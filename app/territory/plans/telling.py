"""A finding as a sentence, in Chinese and English: what, between whom, how much, and whom it touches."""

from typing import Any

from app.glossary import find_term

Row = dict[str, Any]
_SENTENCES = {
    "overlap": ("{who}重叠 {size}（宽 {width}）", "{who} overlap by {size} ({width} wide)"),
    "gap": ("{near}有空白 {size}，没有网格负责", "{size} {near} belong to no grid"),
    "nested": ("{inner}整个位于{outer}之内（{size}）", "{inner} lies wholly inside {outer} ({size})"),
    "duplicate": ("{who}是同一块地（{size}）", "{who} are one and the same ground ({size})"),
    "outside": ("{who}超出辖区边界 {size}", "{who} reaches beyond the frame by {size}"),
    "invalid": ("{who}的图形无效：{reason}", "the shape of {who} is broken: {reason}"),
    "sliver": (
        "{who}之间有极窄的{of}：{size}，宽 {width}",
        "a very narrow {of} at {who}: {size}, {width} wide",
    ),
    "multipart": ("{who}由 {parts} 块互不相连的地组成", "{who} consists of {parts} pieces that lie apart"),
    "no_customers": ("{who}没有客户", "nobody lives in {who}"),
    "no_primary": ("{who}没有主责客户经理", "{who} has no primary manager"),
    "two_primaries": (
        "{who}同一天有两名主责：{people}（自 {since}）",
        "{who} has two primaries on one day: {people} (from {since})",
    ),
    "branch_type": (
        "{who}是{grid_kind}，归{branch_type}支行{branch_name}",
        "{who} is a {grid_kind} in the {branch_type} branch {branch_name}",
    ),
}


def tell_finding(row: Row) -> tuple[str, str]:
    """The sentences of a finding (kind, codes, names, area_m2, width_m, customers, detail), zh and en."""
    zh, en = _SENTENCES[row["kind"]]
    return zh.format_map(_words(row, "zh")) + _touched(row, "zh"), en.format_map(
        _words(row, "en")
    ) + _touched(row, "en")


def _words(row: Row, lang: str) -> dict[str, Any]:
    detail, named = row["detail"], _named(row, lang)
    joined = _join(named, lang)
    return {
        "who": joined,
        "near": _near(named, lang),
        "outer": named[0] if named else "",
        "inner": named[-1] if named else "",
        "size": tell_area(row["area_m2"], lang),
        "width": f"{row['width_m']:,.2f} {'米' if lang == 'zh' else 'm'}",
        "reason": detail.get("reason", ""),
        "of": _word(detail.get("of", "overlap"), lang),
        "parts": detail.get("parts", 0),
        "people": _people(detail, lang),
        "since": detail.get("from") or "—",
        "grid_kind": _word(detail.get("grid_kind", ""), lang),
        "branch_type": _word(detail.get("branch_type", ""), lang),
        "branch_name": detail.get("branch_name", ""),
    }


def _join(named: list[str], lang: str) -> str:
    """Two names; of more (a strip along several grids) three and how many they are."""
    if len(named) > 2:
        return _list(named, lang)
    return ("与" if lang == "zh" else " and ").join(named) or ("辖区" if lang == "zh" else "the frame")


def _named(row: Row, lang: str) -> list[str]:
    pairs = zip(row["names"], row["codes"], strict=True)
    return [_call(name, code, lang) for name, code in pairs]


def _call(name: str, code: str, lang: str) -> str:
    """A name with its code; one that stands for the other is said once."""
    if name in ("", code):
        return code
    return f"{name}（{code}）" if lang == "zh" else f"{name} ({code})"


def _near(named: list[str], lang: str) -> str:
    if lang == "zh":
        return f"{_list(named, lang)}旁" if named else "辖区内"
    return f"beside {_list(named, lang)}" if named else "of the frame"


def _list(named: list[str], lang: str) -> str:
    """The first three names, and how many there are."""
    more = len(named) - 3
    if lang == "zh":
        return "、".join(named[:3]) + (f"等 {len(named)} 个网格" if more > 0 else "")
    return ", ".join(named[:3]) + (f" and {more} more" if more > 0 else "")


def tell_area(area_m2: float, lang: str) -> str:
    """An area in square metres, from 0.1 km² on in square kilometres."""
    if area_m2 >= 100_000:
        return f"{area_m2 / 1e6:,.2f} {'平方公里' if lang == 'zh' else 'km²'}"
    return f"{area_m2:,.1f} {'平方米' if lang == 'zh' else 'm²'}"


def _people(detail: Row, lang: str) -> str:
    names = [f"{one['name']}（{one['code']}）" for one in detail.get("people", ())]
    return ("与" if lang == "zh" else " and ").join(names)


def _word(code: str, lang: str) -> str:
    if not code:
        return ""
    term = find_term(code)
    return term.zh if lang == "zh" else term.en


def _touched(row: Row, lang: str) -> str:
    if not row["customers"]:
        return ""
    return (
        f"，涉及客户 {row['customers']:,} 户" if lang == "zh" else f"; {row['customers']:,} customers in it"
    )
