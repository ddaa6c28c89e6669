"""Why an option of repair is proposed, as a sentence with the figures and names behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.glossary import find_term
from app.spatial.topology import Option, Reason
from app.territory.plans.telling import tell_area

_PLAIN: Mapping[str, tuple[str, str]] = {
    "give_to_owner": ("从边界走向看，这块地属于它", "by the run of the borders the ground is its own"),
    "give_to_longest_edge": ("共享边界最长", "it shares the longest border"),
    "give_to_larger": ("面积较大", "it is the larger"),
    "give_to_smaller": ("面积较小", "it is the smaller"),
    "by_priority": ("类型优先", "its kind comes first"),
    "cut_in_middle": ("各方各得靠近自己的一半", "each gets what lies nearer to it"),
    "new_grid": ("面积够大，可能缺了一个网格", "it is large enough to be a grid that is missing"),
    "cut_nested": (
        "内层独立成网格，外层让出这块地",
        "the inner grid stands, the outer one gives its ground up",
    ),
    "remove_nested": ("内层不再单列，客户归外层", "the inner grid goes, its ground is the outer one's"),
    "lie_over": ("按叠加规则保留，客户不重复计数", "it stays above, and nobody is counted twice"),
    "remove_duplicate": ("两个网格图形相同，留先登记的一个", "both have one shape: the first one stays"),
    "remove_other": ("两个网格图形相同，留另一个", "both have one shape: the other one stays"),
    "keep_both": ("确认两个都需要，列入清单", "both are wanted, and listed"),
    "cut_at_frame": ("辖区外的地不归本行", "ground beyond the frame is not the bank's"),
    "keep_outside": ("确认辖区外也由本行负责，列入清单", "it is meant, and listed"),
    "mend": ("只修正图形，范围不变", "only the shape is mended"),
    "remove_empty": ("没有图形", "there is no shape"),
}
_SIGNS: Mapping[str, tuple[str, str]] = {
    "shared_edge": (
        "共享边界较长：{a:,.0f} 米，对{other} {b:,.0f} 米",
        "shared border {a:,.0f} m against {b:,.0f} m of {other}",
    ),
    "unfit": (
        "与邻格不吻合的边界比例 {a:.1%}，{other} {b:.1%}",
        "{a:.1%} of its border fits no neighbour, of {other} {b:.1%}",
    ),
    "own_corners": (
        "此处独有的拐点 {a:.0f} 个，{other} {b:.0f} 个",
        "{a:.0f} corners of its own here, {other} {b:.0f}",
    ),
    "turning": (
        "边界在此处转折 {a:.0f} 度，{other} {b:.0f} 度",
        "its border turns by {a:.0f} degrees here, that of {other} by {b:.0f}",
    ),
    "knots": (
        "此处与第三方边界的交点 {a:.0f} 个，{other} {b:.0f} 个",
        "{a:.0f} borders of third grids end on it here, on {other} {b:.0f}",
    ),
}


def tell_reason(option: Option, rows: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """The sentence of an option, Chinese and English; `rows` are the facts of the layer's grids."""
    zh, en = _PLAIN[option.key]
    reason = option.reason
    if reason is None or reason.other_row is None:
        return zh, en
    other = str(rows[reason.other_row]["name"])
    if reason.rule == "area":
        return _tell_areas(reason, other, zh)
    if reason.rule == "kind" and reason.winner_row is not None:
        return _tell_kinds(rows[reason.winner_row]["kind"], rows[reason.other_row]["kind"])
    if reason.rule not in _SIGNS:
        return zh, en
    facts = {"a": reason.winner_value, "b": reason.other_value, "other": other}
    told = tuple(form.format(**facts) for form in _SIGNS[reason.rule])
    return (told[0], told[1]) if reason.rule == "shared_edge" else (f"{zh}：{told[0]}", f"{en}: {told[1]}")


def _tell_areas(reason: Reason, other: str, zh: str) -> tuple[str, str]:
    a, b = reason.winner_value, reason.other_value
    return (
        f"{zh}：{tell_area(a, 'zh')}，对{other} {tell_area(b, 'zh')}",
        f"{tell_area(a, 'en')} against {tell_area(b, 'en')} of {other}",
    )


def _tell_kinds(winner: str, other: str) -> tuple[str, str]:
    a, b = find_term(winner), find_term(other)
    return f"类型优先：{a.zh}优先于{b.zh}", f"by kind: a {a.en} comes before a {b.en}"
