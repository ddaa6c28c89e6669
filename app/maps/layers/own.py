"""The bank's own layers: what it loaded (`app.territory.own`), each an entry that is switched on later.

They are no entries of `LAYERS`: which there are is the database's to say, and whether a viewer may see one.
"""

import re
from collections import Counter
from typing import Any

from sqlalchemy.orm import Session

from app.db import fetch_all
from app.maps.layers.entry import Class, Layer, Own, Tip, Words, refuse_layer

PREFIX = "own_"
ADDRESS = re.compile(rf"{PREFIX}([a-z][a-z0-9_]{{0,23}})")
# Names of `app.territory.own.COLOURS`; values of the design tokens.
COLOURS = {
    "grey": "#47545c",
    "brown": "#8a5200",
    "blue": "#1d5a9c",
    "violet": "#6a4c93",
    "teal": "#12606f",
    "green": "#1a6b48",
    "water": "#35596c",
}
RIVAL = "#3d4a52"
# Classes are told apart by colours that keep their distance also for the colour-blind.
CLASS_COLOURS = ("#d98f2b", "#6a4c93", "#43909a", "#1d5a9c", "#8a5200", "#9cc4dd", "#1a6b48", "#d3b997")
OTHERS: Words = ("其他", "Others")
SHAPES: dict[str, Words] = {"point": ("点", "points"), "line": ("线", "lines"), "area": ("面", "areas")}
SIGNS = {"point": "dot", "line": "line", "area": "area"}


def bare_own(key: str) -> Layer | None:
    """The entry of an own layer as its tiles are asked for, by its address `own_<key>`; None for another."""
    match = ADDRESS.fullmatch(key)
    return None if match is None else _enter(Own(match[1]), (key, key), ("", ""))


def find_own(session: Session, address: str) -> Layer:
    """The entry of an own layer with its words. Raises NotFound where this viewer has none."""
    match = ADDRESS.fullmatch(address)
    rows = _list_rows(session, match[1]) if match else []
    if not rows:
        raise refuse_layer(address)
    return _describe(rows[0])


def list_own(session: Session) -> tuple[Layer, ...]:
    """The own layers that the session's viewer may see."""
    return tuple(_describe(row) for row in _list_rows(session, None))


def _list_rows(session: Session, key: str | None) -> list[dict[str, Any]]:
    return [dict(row) for row in fetch_all(session, "maps/list_own", own_key=key)]


def _describe(row: dict[str, Any]) -> Layer:
    rivals = row["meaning"] == "competitors"
    colour = RIVAL if rivals else COLOURS[row["colour"]]
    shades = list(dict.fromkeys([*([] if rivals else [colour]), *CLASS_COLOURS]))
    own = Own(row["key"], colour, rivals, tuple(zip(row["classes"] or [], shades, strict=False)))
    seen = ("总行和网格编制可见", "seen by head office and who draws the ground")
    everybody = ("全行可见", "seen by everybody")
    who = seen if row["audience"] == "bank" else everybody
    why = (row["why_zh"] or "本行导入的图层", row["why_en"] or "A layer that the bank loaded")
    source = (
        f"{why[0]}；{row['file_name']}，{row['loaded_on']} 载入；{who[0]}",
        f"{why[1]}; {row['file_name']}, loaded {row['loaded_on']}; {who[1]}",
    )
    note = (f"{row['zh']}（{who[0]}）", f"{row['en']} ({who[1]})")
    shape = next((one for one in SHAPES if one in row["shapes"]), "area")
    return _enter(own, (row["zh"], row["en"]), source, shape=shape, note=note)


def _enter(
    own: Own,
    names: Words,
    why: Words,
    *,
    shape: str = "area",
    note: Words = ("", ""),
) -> Layer:
    part = PREFIX + own.key
    what = "{name}·{class}" if own.classes else "{name}"
    return Layer(
        key=part,
        zh=names[0],
        en=names[1],
        why_zh=why[0],
        why_en=why[1],
        parts=(part,),
        legend=lambda session, ground: tell_own(session, own),
        note=lambda session, ground: {part: note},
        shown=False,
        late=True,
        slot="symbol" if shape == "point" else "area",
        symbol="competitor" if own.rivals else SIGNS[shape],
        max_zoom=16,
        given={"own_key": own.key},
        tips=(Tip(part, f"{names[0]}·{what}", f"{names[1]}·{what}"),),
        own=own,
    )


def tell_own(session: Session, own: Own) -> list[Class]:
    """What stands in an own layer by class and shape: every point, line and area is in one line."""
    named = [name for name, _ in own.classes]
    rows = fetch_all(session, "maps/count_own", own_key=own.key, classes=named)
    numbers = Counter({(row["class"], str(row["shape"])): int(row["number"]) for row in rows})
    shapes = [shape for shape in SHAPES if any(found == shape for _, found in numbers)]
    colours = dict(own.classes)
    lines: list[Class] = []
    for name in (*named, None):
        for shape in shapes:
            number = numbers[name, shape]
            if number:
                words = _name_line(name, shape, several=len(shapes) > 1, sorted_=bool(named))
                sign = "competitor" if own.rivals and shape == "point" and not named else SIGNS[shape]
                lines.append(
                    Class(
                        f"{own.key}-{len(lines)}", *words, sign, number, colours.get(name or "", own.colour)
                    )
                )
    return lines


def _name_line(name: str | None, shape: str, *, several: bool, sorted_: bool) -> Words:
    zh, en = (name, name) if name else OTHERS if sorted_ else SHAPES[shape]
    if several and (name or sorted_):
        return f"{zh}（{SHAPES[shape][0]}）", f"{en} ({SHAPES[shape][1]})"
    return zh, en
