"""Boundary files out: they come in again unchanged to 1e-7 degree, names and codes as they were.

What a format cannot hold is known: a shapefile's headings have ten bytes (five Chinese characters in GBK,
three in UTF-8), CSV knows text only, KML knows WGS 84 degrees only.
"""

from pathlib import Path
from typing import Any, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from app.errors import BadInput
from app.spatial.crs import from_storage, parse
from app.spatial.formats.writing.kinds import WRITERS, Writer, find_writer
from app.spatial.formats.writing.outgoing import Columns, Outgoing

__all__ = ["WRITERS", "Writer", "Writing", "write"]


class Writing(TypedDict, total=False):
    """How to write: `format` by key (else by suffix), `encoding` gbk | gb18030 | utf-8, `crs` of the file."""

    format: str
    encoding: str
    crs: str


def write(path: Path | str, columns: Columns, geoms: NDArray[Any], **how: Unpack[Writing]) -> Path:
    """Write shapes (object array (n,), EPSG:4326) with their columns to one file, and return its path.

    `format` is a key of WRITERS; without it the suffix decides (.zip is a shapefile). `crs` defaults to
    EPSG:4490 degrees; any system of `crs.parse` is possible, but KML only in degrees. A shapefile's text is
    GBK unless `encoding` says otherwise; a character outside GBK turns it into GB18030. Equal input gives
    equal bytes. Raises BadInput `unknown_format`, `unknown_crs`, `crs_not_possible`.
    """
    target = Path(path)
    writer = find_writer(how.get("format"), target.suffix)
    if writer is None:
        key = how.get("format")
        raise BadInput("unknown_format", zh=f"不支持的输出格式：{key}", en=f"Unknown output format: {key}")
    used = parse(how.get("crs", "EPSG:4490"))
    asked = how.get("crs", "EPSG:4490").upper()
    name = "EPSG:4490" if used == "EPSG:4326" and "4490" in asked else used
    moved = from_storage(np.asarray(geoms, object), used)
    writer.write(target, Outgoing(target.stem, columns, moved, name, how.get("encoding")))
    return target
