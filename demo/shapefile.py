"""Write a shapefile zip the way a survey office does: GBK, no encoding mark, Chinese member names.

The bytes depend on the rows alone: time stamps in the table head and in the archive are fixed.
"""

import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd

EPSG = 4549
TABLE_DATE = bytes([126, 10, 16])  # year - 1900, month, day in the head of a .dbf
ARCHIVE_DATE = (2026, 10, 16, 9, 30, 0)
_LANGUAGE_BYTE = 29


class _GbkMember(zipfile.ZipInfo):
    """A member whose name stands in GBK without the UTF-8 flag, as Chinese Windows packs it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name zipfile calls
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def write_zip(rows: gpd.GeoDataFrame, path: Path, *, layer: str) -> None:
    """Pack `rows` (EPSG:4549) into `path` as a shapefile whose members are called `layer` (Chinese)."""
    with TemporaryDirectory() as folder:
        base = Path(folder) / "layer.shp"
        rows.to_file(base, engine="pyogrio", encoding="GBK")
        with zipfile.ZipFile(path, "w") as archive:
            for suffix in (".shp", ".shx", ".dbf", ".prj"):
                member = _GbkMember(layer + suffix, ARCHIVE_DATE)
                member.external_attr = 0o644 << 16
                content = _unmark(base.with_suffix(suffix).read_bytes(), suffix)
                archive.writestr(member, content, zipfile.ZIP_DEFLATED, 9)


def _unmark(content: bytes, suffix: str) -> bytes:
    """Fix the date of a table and take away its language byte, so that nothing names the encoding."""
    if suffix != ".dbf":
        return content
    head = bytearray(content)
    head[1:4] = TABLE_DATE
    head[_LANGUAGE_BYTE] = 0
    return bytes(head)


def read_zip(path: Path) -> gpd.GeoDataFrame:
    """Read back a zip of `write_zip`: its only layer, GBK, in the file's own CRS (EPSG:4549)."""
    with TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            suffix = Path(member.filename).suffix
            (Path(folder) / f"layer{suffix}").write_bytes(archive.read(member))
        return gpd.read_file(Path(folder) / "layer.shp", engine="pyogrio", encoding="GBK")
