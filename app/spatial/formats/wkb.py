"""Is this WKB sound enough for GEOS to see? Its reader follows collections in collections without end.

A shape of 100,000 nested collections is 1 MB and ends the process that reads it, so what came out of the
reader's process is walked here, without recursion, before the service builds shapes of it. Layout: OGC
06-103r4 section 8.2, and the flags of PostGIS for Z, M and SRID.
"""

import struct
from typing import Literal

_DEEPEST = 8
_HEADER_BYTES, _SRID_BYTES = 5, 4
_Z, _M, _SRID = 0x80000000, 0x40000000, 0x20000000
_POINT, _LINES, _RINGED, _GATHERED = 1, (2, 8), (3, 17), (4, 5, 6, 7, 9, 10, 11, 12, 15, 16)


def is_sound(wkb: bytes) -> bool:
    """Tell whether every count in a WKB fits its bytes and collections nest at most eight deep."""
    at, waiting = 0, [1]
    try:
        while waiting:
            if not waiting[-1]:
                waiting.pop()
                continue
            waiting[-1] -= 1
            at, members = _pass_one(wkb, at)
            if members:
                waiting.append(members)
            if at > len(wkb) or len(waiting) > _DEEPEST:
                return False
    except struct.error:
        return False
    return True


def _pass_one(wkb: bytes, at: int) -> tuple[int, int]:
    """Step over one header and the numbers that are its own; returns (where it ends, members to follow)."""
    order: Literal["<", ">"] = "<" if wkb[at : at + 1] == b"\1" else ">"
    (word,) = struct.unpack_from(f"{order}I", wkb, at + 1)
    at += _HEADER_BYTES + (_SRID_BYTES if word & _SRID else 0)
    kind, iso = (word & 0xFFFF) % 1000, (word & 0xFFFF) // 1000
    point_bytes = 8 * (2 + bool(word & _Z or iso in (1, 3)) + bool(word & _M or iso in (2, 3)))
    if kind == _POINT:
        return at + point_bytes, 0
    (count,) = struct.unpack_from(f"{order}I", wkb, at)
    at += 4
    if kind in _LINES:
        return at + count * point_bytes, 0
    if kind in _GATHERED:
        return at, count
    if kind not in _RINGED:
        return len(wkb), 0  # no shape that GEOS knows: it says so itself
    for _ in range(count):
        (points,) = struct.unpack_from(f"{order}I", wkb, at)
        at += 4 + points * point_bytes
    return at, 0
