"""A drawing becomes SVG, and Typst (in this process) turns the SVG into a vector PDF or a PNG.

The face is asked for by family name: opening the font collection by path would give its first face, which
draws Japanese shapes. The same drawing gives the same bytes: the document's date is the sheet's own.
"""

import os
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import typst

from app.maps.wall.drawing import Drawing, Shape, Text
from app.maps.wall.faces import find_fonts, replace_missing
from app.maps.wall.lettering import FAMILY

_MAIN = """#let at(key) = int(sys.inputs.at(key))
#set document(title: sys.inputs.title, date: datetime(year: at("year"), month: at("month"), day: at("day")))
#set page(width: {width}mm, height: {height}mm, margin: 0mm)
#image("sheet.svg", width: {width}mm, height: {height}mm, alt: sys.inputs.title)
"""


def print_pdf(drawing: Drawing, path: Path | str) -> Path:
    """Write the sheet as a one-page vector PDF (subset fonts, searchable) beside `path`, then rename."""
    return _save(_compile(drawing, form="pdf"), Path(path))


def print_png(drawing: Drawing, path: Path | str, dpi: float = 150) -> Path:
    """Write the sheet as a PNG of `dpi` dots an inch beside `path`, then rename."""
    return _save(_compile(drawing, form="png", dpi=dpi), Path(path))


def draw_svg(drawing: Drawing) -> str:
    """The display list as SVG, one user unit a millimetre."""
    wide, high = _number(drawing.width_mm), _number(drawing.height_mm)
    body = "\n".join(
        _svg_shape(mark) if isinstance(mark, Shape) else _svg_text(mark) for mark in drawing.marks
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}mm" height="{high}mm" '
        f'viewBox="0 0 {wide} {high}" font-family="{FAMILY}">\n{body}\n</svg>\n'
    )


def _compile(drawing: Drawing, *, form: str, dpi: float = 150) -> bytes:
    main = _MAIN.format(width=_number(drawing.width_mm), height=_number(drawing.height_mm))
    day = drawing.printed_on
    files: Any = {"main.typ": main.encode(), "sheet.svg": draw_svg(drawing).encode()}
    compile_: Any = typst.compile
    result = compile_(
        files,
        font_paths=find_fonts(),
        ignore_system_fonts=True,
        format=form,
        ppi=dpi,
        sys_inputs={
            "title": drawing.title,
            "year": str(day.year),
            "month": str(day.month),
            "day": str(day.day),
        },
    )
    assert isinstance(result, bytes)
    return result


def _save(content: bytes, path: Path) -> Path:
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return path


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def _svg_shape(shape: Shape) -> str:
    path = "".join(
        "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in ring.tolist()) + ("Z" if shape.closed else "")
        for ring in shape.rings
    )
    pen = shape.pen
    paint = f'fill="{pen.fill or "none"}"' + (' fill-rule="evenodd"' if len(shape.rings) > 1 else "")
    if pen.stroke:
        paint += f' stroke="{pen.stroke}" stroke-width="{_number(pen.width_mm)}" stroke-linejoin="round"'
        paint += ' stroke-linecap="round"' if not pen.dash_mm else ""
    if pen.dash_mm:
        paint += f' stroke-dasharray="{" ".join(_number(dash) for dash in pen.dash_mm)}"'
    return f'<path d="{path}" {paint}/>'


def _svg_text(text: Text) -> str:
    kind = text.kind
    at = f'x="{text.x_mm:.2f}" y="{text.y_mm:.2f}"'
    anchor = kind.anchor
    if kind.vertical:
        down = [text.y_mm + 1.02 * kind.em_mm * place for place in range(len(text.text))]
        at = f'x="{" ".join(f"{text.x_mm - kind.em_mm / 2:.2f}" for _ in down)}" '
        at += f'y="{" ".join(f"{y:.2f}" for y in down)}"'
        anchor = "start"
    paint = f'font-size="{kind.em_mm:.3f}" fill="{kind.colour}"'
    paint += ' font-weight="700"' if kind.bold else ""
    paint += f" text-anchor={quoteattr(anchor)}" if anchor != "start" else ""
    paint += f' letter-spacing="{kind.tracking_em * kind.em_mm:.3f}"' if kind.tracking_em else ""
    return f"<text {at} {paint}>{escape(replace_missing(text.text))}</text>"
