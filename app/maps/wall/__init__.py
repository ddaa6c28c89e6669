"""The wall map 上墙地图: a display list in millimetres, then SVG, then Typst makes a vector PDF or a PNG.

drawing = wall.draw_sheet(sheet, "A3")
wall.print_pdf(drawing, "sheet.pdf")
"""

from app.maps.wall.composing import draw_sheet
from app.maps.wall.drawing import Drawing, Shape, Text, Window
from app.maps.wall.papers import PAPERS, Paper
from app.maps.wall.printing import draw_svg, print_pdf, print_png
from app.maps.wall.sheet import (
    UNASSIGNED,
    Sheet,
    SheetClient,
    SheetFinding,
    SheetGrid,
    SheetOutline,
    SheetPoint,
)

__all__ = [
    "PAPERS",
    "UNASSIGNED",
    "Drawing",
    "Paper",
    "Shape",
    "Sheet",
    "SheetClient",
    "SheetFinding",
    "SheetGrid",
    "SheetOutline",
    "SheetPoint",
    "Text",
    "Window",
    "draw_sheet",
    "draw_svg",
    "print_pdf",
    "print_png",
]
