"""Borders as web maps hand them out: `121.1,31.9;121.2,31.8;…`, parts behind a bar, or `[[121.1,31.9],…]`."""

import json
import re
from typing import Any

from app.spatial.formats.rings import join_rings

_NUMBER = r"-?\d+(?:\.\d+)?"
_POINT = rf"{_NUMBER}\s*,\s*{_NUMBER}"
_PLAIN = re.compile(rf"\s*{_POINT}(?:\s*[;|]\s*{_POINT}){{2}}\s*(?:[;|]|$)")
_LISTED = re.compile(rf"\s*\[\s*(?:\[\s*)+{_POINT}\s*\]\s*,\s*\[")
_DEEPEST = 4
_FULL_WIDTH = str.maketrans("；，｜", ";,|")


def looks_like_points(text: str) -> bool:
    """Tell by its first three points whether a cell is a list of points and nothing else."""
    head = text[:400].translate(_FULL_WIDTH)
    return _PLAIN.match(head) is not None or _LISTED.match(head) is not None


def read_points(text: str) -> Any:
    """The area within such a list. Raises ValueError, TypeError, RecursionError or a ShapelyError."""
    if text.lstrip().startswith("["):
        return join_rings(list(_rings(json.loads(text), 0)))
    parts = [part for part in text.translate(_FULL_WIDTH).split("|") if part.strip()]
    return join_rings([[_point(one) for one in part.split(";") if one.strip()] for part in parts])


def _point(text: str) -> tuple[float, float]:
    x, y = text.split(",")
    return float(x), float(y)


def _rings(found: Any, depth: int) -> list[Any]:
    """The lists of points within lists, however deep a tool has nested them."""
    if depth > _DEEPEST or not isinstance(found, list) or not found:
        raise ValueError("no list of points")
    if isinstance(found[0], list) and found[0] and isinstance(found[0][0], (int, float)):
        return [found]
    return [ring for part in found for ring in _rings(part, depth + 1)]
