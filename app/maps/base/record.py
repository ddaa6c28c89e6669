"""What is known of each base map: a small JSON record beside its file, in the home's folder of files.

A record names its file, and the file's name holds its version: whoever reads a record reads the file that
was there when it was written, also while another takes its place.
"""

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.errors import BadInput, NotFound

KEY = re.compile(r"[a-z][a-z0-9_]{0,23}")
# Where the pictures lie: as we store, or shifted as every Chinese web map is.
DATUMS = ("wgs84", "gcj02")


@dataclass(frozen=True)
class Base:
    """One base map. `bounds` are west, south, east, north in EPSG:4326, where the pictures are shown."""

    key: str
    zh: str
    en: str
    datum: str
    format: str
    tile_px: int
    min_zoom: int
    max_zoom: int
    bounds: tuple[float, float, float, float]
    attribution: str
    tiles: int
    bytes: int
    sha256: str
    version: str
    added_on: str

    @property
    def file(self) -> str:
        """The name of its file in the folder."""
        return f"{self.key}-{self.version}.mbtiles"

    @property
    def address(self) -> str:
        """Its tiles: XYZ, EPSG:3857; another file or datum is another address."""
        return f"/base/{self.key}/{{z}}/{{x}}/{{y}}?v={self.version}"


def check_key(key: str) -> str:
    """A key of small letters, digits and _. Raises BadInput."""
    if not KEY.fullmatch(key):
        raise BadInput(
            "bad_base_key",
            zh="底图代号须以小写字母开头，只用小写字母、数字和下划线，最多 24 个字符",
            en="a base map's key begins with a small letter, then small letters, digits and _, 24 at most",
        )
    return key


def place_record(folder: Path, key: str) -> Path:
    """Where the record of a key lies."""
    return folder / f"{key}.json"


def read_record(path: Path) -> Base | None:
    """The base map of a record; None where it is gone or is no record of ours."""
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        base = Base(**{**told, "bounds": tuple(told["bounds"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return base if base.key == path.stem and KEY.fullmatch(base.key) else None


def list_bases(folder: Path) -> list[Base]:
    """All base maps of a folder, by key; none where there is no folder yet."""
    found = (read_record(path) for path in sorted(folder.glob("*.json")))
    return [base for base in found if base is not None]


def find_base(folder: Path, key: str) -> Base:
    """The base map of a key. Raises NotFound."""
    base = read_record(place_record(folder, key)) if KEY.fullmatch(key) else None
    if base is None:
        raise no_base(key)
    return base


def no_base(key: str) -> NotFound:
    """What is said of a key that is none."""
    return NotFound("no_base", zh=f"没有底图 {key[:40]}", en=f"there is no base map {key[:40]!r}")


def write_record(folder: Path, base: Base) -> None:
    """Keep a record, whole or not at all; files of the key that it does not name go."""
    aside = folder / f".{base.key}.json.part"
    with aside.open("w", encoding="utf-8") as out:
        json.dump(asdict(base), out, ensure_ascii=False, indent=1)
        out.flush()
        os.fsync(out.fileno())
    aside.replace(place_record(folder, base.key))
    sweep(folder, base.key, keep=base.file)


def remove_base(folder: Path, key: str) -> Base:
    """Forget a base map, record first. Raises NotFound."""
    base = find_base(folder, key)
    place_record(folder, key).unlink(missing_ok=True)
    sweep(folder, key, keep="")
    return base


def sweep(folder: Path, key: str, *, keep: str) -> None:
    """Remove the files of a key but one."""
    for path in folder.glob(f"{key}-*.mbtiles"):
        if path.name != keep and path.name.rpartition("-")[0] == key:
            path.unlink(missing_ok=True)
