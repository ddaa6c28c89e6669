"""Boundary files as banks really send them and as an attacker would, made by seeded code, never by hand.

Each maker writes into a folder and returns the path to give to `formats.read`.
"""

import io
import json
import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.spatial import formats
from app.spatial.formats.dbf import write_table

HAIMEN = (121.03, 31.70, 121.55, 32.10)
VILLAGES = ("颐生村", "叠石村", "长沙村", "海永村", "民建社区", "正余村", "包场村", "临江村", "悦来村")


def village_squares(count: int = 9) -> NDArray[Any]:
    """Squares of 0.01 degree side by side near 121.2 E, 31.8 N; one has a hole."""
    squares = [shapely.box(121.2 + 0.01 * i, 31.8, 121.21 + 0.01 * i, 31.81) for i in range(count)]
    hole = shapely.box(121.203, 31.803, 121.205, 31.805)
    squares[0] = shapely.difference(squares[0], hole)
    return np.array(squares, object)


def village_columns(count: int = 9) -> dict[str, list[Any]]:
    """Names, codes with a leading zero, a number column with a hole in it."""
    names = [VILLAGES[i % len(VILLAGES)] for i in range(count)]
    return {
        "村名": names,
        "code": [f"0206141{i:05d}" for i in range(count)],
        "户数": [None if i == 1 else 100 + i for i in range(count)],
    }


def shapefile_parts(folder: Path, **how: Any) -> dict[str, bytes]:
    """Return the parts of a sound GBK shapefile by suffix."""
    path = formats.write(folder / "parts.zip", village_columns(), village_squares(), **how)
    with zipfile.ZipFile(path) as archive:
        return {Path(name).suffix: archive.read(name) for name in archive.namelist()}


def pack(path: Path, members: dict[str, bytes]) -> Path:
    """Write a zip with these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def pack_as_windows(path: Path, members: dict[str, bytes]) -> Path:
    """Write a zip whose member names are GBK bytes without a mark, as the Windows shell makes it."""
    plain = {f"{number:08d}{Path(name).suffix}": data for number, (name, data) in enumerate(members.items())}
    raw = pack(path, plain).read_bytes()
    for number, name in enumerate(members):
        stem, suffix = Path(name).stem, Path(name).suffix
        old, new = f"{number:08d}{suffix}".encode(), f"{stem}{suffix}".encode("gbk")
        assert len(old) == len(new), "name the member with four characters of Chinese"
        raw = raw.replace(old, new)
    path.write_bytes(raw)
    return path


def collection(features: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A GeoJSON feature collection."""
    return {"type": "FeatureCollection", **more, "features": features}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    """One GeoJSON feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def square_json(lon: float = 121.2, lat: float = 31.8, side: float = 0.01) -> dict[str, Any]:
    """A square as GeoJSON geometry."""
    ring = [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]
    return {"type": "Polygon", "coordinates": [ring]}


def vrt(target: str) -> str:
    """An OGR VRT that makes GDAL open `target`: a local file, or an address."""
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{target}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )


def slip_zip(path: Path, name: str) -> Path:
    """A zip with one member whose name tries to leave the folder."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.geojson", json.dumps(collection([feature(square_json())])))
        archive.writestr(zipfile.ZipInfo(name), b"{}")
    return path


def symlink_zip(path: Path, target: str) -> Path:
    """A zip with a symbolic link that looks like a layer."""
    entry = zipfile.ZipInfo("boundary.geojson")
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, target)
    return path


def bomb_zip(path: Path, megabytes: int) -> Path:
    """A zip of zeros that unpacks to far more than it weighs."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.geojson", "w") as member,
    ):
        for _ in range(megabytes):
            member.write(b" " * (1 << 20))
    return path


def lying_zip(path: Path) -> Path:
    """A bomb whose table of contents says that the member is small."""
    data = bytearray(bomb_zip(path, 48).read_bytes())
    for signature, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        struct.pack_into("<I", data, data.index(signature) + at, 1000)
    path.write_bytes(bytes(data))
    return path


def locked_zip(path: Path) -> Path:
    """A zip that says it is encrypted."""
    data = bytearray(pack(path, {"a.geojson": b"{}"}).read_bytes())
    for signature, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        struct.pack_into("<H", data, data.index(signature) + at, 1)
    path.write_bytes(bytes(data))
    return path


def table_in(columns: dict[str, list[Any]], encoding: str) -> bytes:
    """A .dbf whose language byte says nothing."""
    data = bytearray(write_table(columns, encoding))
    data[29] = 0
    return bytes(data)


def zip_bytes(members: dict[str, bytes]) -> bytes:
    """A zip in memory."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return sink.getvalue()
