"""The kinds of boundary file, and what a row of one is: told by its type column, else by its name."""

from dataclasses import dataclass

from app.glossary import find_kind

_COMMUNITY_ENDS = ("社区", "居委会", "居民委员会", "居委")
_VILLAGE_ENDS = ("村", "村委会", "村民委员会")


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


def tell_unit_kind(kind: BoundaryKind, word: str | None, name: str) -> tuple[str | None, bool]:
    """What a row is and whether that is certain: by the word of its type column, else by its name.

    None when a file of mixed kinds does not say.
    """
    if not kind.typed:
        return kind.units[0], True
    told = find_kind(word, kind.units) if word else None
    if told is not None:
        return told, True
    if kind.key == "market":
        return kind.units[0], word is None
    if name.endswith(_COMMUNITY_ENDS):
        return "community", word is None
    if kind.key == "village" or name.endswith(_VILLAGE_ENDS):
        return "village", word is None
    return None, False
