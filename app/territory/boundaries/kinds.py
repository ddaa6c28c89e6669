"""The kinds of boundary file, and what a row of one is: told by its type column, its name or its code."""

from dataclasses import dataclass

from app.glossary import find_kind
from app.territory.boundaries.codes import tell_kind_by_code

_COMMUNITY_ENDS = ("社区", "居委会", "居民委员会", "居委")
_VILLAGE_ENDS = ("村", "村委会", "村民委员会", "嘎查")
_NAME_ENDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (_COMMUNITY_ENDS, "community"),
    (_VILLAGE_ENDS, "village"),
    (("街道", "街道办事处", "街道办"), "street"),
    (("镇", "乡", "民族乡", "苏木"), "town"),
    (("辖区边界", "县界", "区界", "市界"), "frame"),
    (("商圈", "商业街", "步行街", "商业区", "商务区"), "district"),
    (("市场", "商城", "批发城", "集市"), "market"),
    (("园区", "产业园", "工业园", "科技园", "物流园", "开发区", "工业区"), "park"),
    (("小区",), "compound"),
)


@dataclass(frozen=True, slots=True)
class BoundaryKind:
    """What `--kind` names: which kinds of unit its rows may be, the first being what an untyped row is."""

    key: str
    units: tuple[str, ...]
    zh: str
    en: str
    typed: bool = True


BOUNDARY_KINDS: tuple[BoundaryKind, ...] = (
    BoundaryKind(
        "village", ("village", "community", "street", "compound"), "村和社区", "villages and communities"
    ),
    BoundaryKind("town", ("town",), "乡镇", "townships", typed=False),
    BoundaryKind("frame", ("frame",), "辖区边界", "the frame", typed=False),
    BoundaryKind("county", ("county",), "县区", "counties", typed=False),
    BoundaryKind(
        "market",
        ("market", "district", "park", "compound"),
        "市场、商圈、园区",
        "markets, districts and parks",
    ),
    BoundaryKind(
        "any",
        (
            "village",
            "community",
            "street",
            "town",
            "county",
            "frame",
            "market",
            "district",
            "park",
            "compound",
        ),
        "按类型列区分",
        "each row as its type column says",
    ),
)
ANY_KIND = BOUNDARY_KINDS[-1]
_BY_KEY = {kind.key: kind for kind in BOUNDARY_KINDS}


def find_boundary_kind(key: str) -> BoundaryKind | None:
    """The kind of boundary file of a key, None for an unknown one."""
    return _BY_KEY.get(key)


def tell_unit_kind(
    kind: BoundaryKind, word: str | None, name: str, *, code: str = ""
) -> tuple[str | None, bool]:
    """What a row is and whether that is certain: by the word of its type column, else by its name, else by
    its code.

    None when nothing of a row in a file of mixed kinds says what it is. The end of a name decides only for
    kinds that the file may hold; a street (街道) with a town's code is a town.
    """
    if not kind.typed:
        return kind.units[0], True
    told = find_kind(word, kind.units) if word else None
    if told is not None:
        return told, True
    named = next((of for ends, of in _NAME_ENDS if name.endswith(ends) and of in kind.units), None)
    coded = tell_kind_by_code(code)
    if kind is ANY_KIND:
        named = "town" if named == "street" and coded == "town" else named or coded
        return named, word is None and named is not None
    return named or kind.units[0], word is None
