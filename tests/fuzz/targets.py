"""What is fuzzed: every format with its sound files, as members spoiled one by one and packed again."""

from collections.abc import Callable
from dataclasses import dataclass

from app.spatial.formats.kinds import FORMATS
from tests.fuzz.mutation import Members
from tests.samples.hostile import CORPUS, sound
from tests.samples.hostile.case import Bait


@dataclass(frozen=True)
class Target:
    """One way in: how the upload is named, its seeds as members, how many rows the first seed has.

    `strict`: a cut that leaves fewer rows must be refused. (A line fewer in a table of lines is no cut.)
    """

    key: str
    file_name: str
    seeds: tuple[Members, ...]
    rows: int
    strict: bool = True

    @property
    def drivers(self) -> tuple[str, ...]:
        """The GDAL drivers that this format's reader wakes."""
        keys = {"zip": "geojson", "tab": "mapinfo", "kmz": "kml"}
        found = next(kind for kind in FORMATS if kind.key == keys.get(self.key, self.key))
        return found.drivers

    def pack(self, members: Members) -> bytes:
        """The upload that these members make."""
        return members[""] if "" in members else sound.packed(members, method=0)


def _named(parts: dict[str, bytes]) -> Members:
    return {f"a{suffix}": data for suffix, data in parts.items()}


def _single(data: bytes) -> Members:
    return {"": data}


_SEEDS: dict[str, tuple[str, Callable[[], Members], int, bool]] = {
    "shapefile": ("a.zip", lambda: _named(sound.parts()), 9, True),
    "geopackage": ("a.gpkg", lambda: _single(sound.geopackage()), 9, True),
    "filegdb": ("a.zip", sound.geodatabase, 9, True),
    "tab": ("a.zip", lambda: _named(sound.mapinfo()), 9, True),
    "mif": ("a.zip", lambda: _named(sound.interchange()), 9, True),
    "dxf": ("a.dxf", lambda: _single(sound.drawing()), 9, True),
    "kml": ("a.kml", lambda: _single(sound.kml()), 9, True),
    "kmz": ("a.kmz", lambda: {"doc.kml": sound.kml()}, 9, True),
    "topojson": ("a.topojson", lambda: _single(sound.topology()), 3, True),
    "geojsonseq": ("a.geojsonl", lambda: _single(sound.sequence()), 9, False),
    "geojson": ("a.geojson", lambda: _single(sound.geojson()), 9, True),
    "geoparquet": ("a.parquet", lambda: _single(sound.parquet()), 9, True),
    "xlsx": ("a.xlsx", lambda: sound.members_of(sound.workbook()), 9, True),
    "csv": ("a.csv", lambda: _single(sound.table()), 9, False),
    "zip": ("a.zip", lambda: _single(sound.packed({"a.geojson": sound.geojson()})), 9, True),
}


def targets(bait: Bait) -> list[Target]:
    """Every target; the corpus of hostile files joins the seeds of its kind."""
    found = []
    for key, (file_name, make, rows, strict) in _SEEDS.items():
        suffix = "." + file_name.rpartition(".")[2]
        more = [
            _single(case.content(bait))
            for case in CORPUS
            if case.layout is None and case.name.endswith(suffix) and suffix != ".zip"
            if "endless" not in case.name  # slow by its nature, and refused for it
        ]
        small = tuple(one for one in more if len(one[""]) < 100_000)
        single = "" in make()
        found.append(Target(key, file_name, (make(), *(small if single else ())), rows, strict))
    return found
