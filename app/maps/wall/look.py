"""Colours, lines and symbols of the wall map: the product's look, on paper."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.maps.wall.drawing import Pen
from app.spatial.colour import PALETTE

INK, INK_2, INK_3 = "#17232b", "#40505b", "#5a6a75"
BRAND, BRAND_STRONG, BRAND_SOFT, BRAND_LINE = "#0b5c6b", "#074853", "#e3f0f2", "#9cc6cd"
LINE, LINE_2, SURFACE_2 = "#e1e7ea", "#c9d3d8", "#f6f8f9"
OUTSIDE, HALO_1, HALO_2, PAPER_GROUND = "#e7eef2", "#dfe8ed", "#d5e0e6", "#fdfdfb"
NEIGHBOUR, NOBODY, FAULT = "#e4e7e7", "#f4f4f1", "#a81d17"

GRID_LINE = Pen(stroke="#ffffff", width_mm=0.2)
MANAGER_LINE = Pen(stroke="#7b868c", width_mm=0.5)
TOWN_LINE = Pen(stroke="#47545c", width_mm=0.9)
FRAME_LINE = Pen(stroke="#22303a", width_mm=1.3)
OVERLAP_EDGE = Pen(stroke=FAULT, width_mm=0.4, dash_mm=(1.6, 0.9))
HATCH = Pen(stroke=FAULT, width_mm=0.3)
GAP_EDGE = Pen(fill="#ffffff", stroke=FAULT, width_mm=0.9)
HATCH_PITCH_MM = 1.6


def fill_of(colour: int | None) -> str:
    """The pastel of a palette index; ground that nobody holds is nearly white."""
    return NOBODY if colour is None else PALETTE[colour % len(PALETTE)]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A marker: the kinds of thing it stands for, its Chinese word, its shape, colour and size in mm."""

    kinds: tuple[str, ...]
    zh: str
    shape: str
    colour: str
    size_mm: float


OUTLET_SYMBOLS: tuple[Symbol, ...] = (
    Symbol(("head", "head_office", "branch"), "支行", "flag", "#0b4350", 3.4),
    Symbol(("outlet", "urban", "rural", "suburban", ""), "网点", "square", "#0b4350", 2.3),
)
CLIENT_SYMBOLS: tuple[Symbol, ...] = (
    Symbol(("strategic", "1"), "战略客户", "star", "#5b3a8c", 3.2),
    Symbol(("farm", "3"), "种养大户", "diamond", "#1a6b48", 2.6),
    Symbol(("key", "2", ""), "重点客户", "triangle", "#7d4700", 2.6),
)


def find_symbol(symbols: tuple[Symbol, ...], kind: str) -> Symbol:
    """The symbol of a kind; an unknown kind gets the last, most common one."""
    return next((symbol for symbol in symbols if kind in symbol.kinds), symbols[-1])


def shape_symbol(symbol: Symbol, at: tuple[float, float], *, unit: float = 1.0) -> BaseGeometry:
    """The symbol's outline on paper, its box centred on the point."""
    half = symbol.size_mm * unit / 2
    points = np.array(_OUTLINES[symbol.shape]) * half + np.array(at)
    return shapely.Polygon(points)


def _star() -> list[tuple[float, float]]:
    angles = np.deg2rad(np.arange(10) * 36 - 90)
    radii = np.where(np.arange(10) % 2 == 0, 1.0, 0.42)
    return list(zip((radii * np.cos(angles)).tolist(), (radii * np.sin(angles)).tolist(), strict=True))


_OUTLINES: dict[str, list[tuple[float, float]]] = {
    "square": [(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)],
    "flag": [(-0.75, -1), (0.9, -0.95), (0.45, -0.42), (0.9, 0.1), (-0.45, 0.1), (-0.45, 1), (-0.75, 1)],
    "triangle": [(0, -0.95), (0.95, 0.75), (-0.95, 0.75)],
    "diamond": [(0, -1), (0.85, 0), (0, 1), (-0.85, 0)],
    "star": _star(),
}


def cut_hatching(geom: BaseGeometry, *, pitch_mm: float = HATCH_PITCH_MM) -> BaseGeometry:
    """45 degree lines, `pitch_mm` apart, cut to a polygon (paper mm)."""
    x0, y0, x1, y1 = geom.bounds
    step, high = pitch_mm * np.sqrt(2), y1 - y0
    first = np.floor((x0 - high) / step) * step
    starts = np.arange(first, x1 + step, step)
    lines = [((x, y1), (x + high, y0)) for x in starts.tolist()]
    return shapely.intersection(shapely.MultiLineString(lines), geom)
