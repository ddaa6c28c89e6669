"""Any named system, its way to storage and back, and its name for people.

A *system* is a text. It is a base, and what stands behind it says how the file's numbers differ from it:

    EPSG:4549, cgcs2000, gcj02, bd09mc, or a WKT that a file carried
    EPSG:4528|EPSG:4529   zones in one file; each vertex is taken by its own zone number
    EPSG:3857+gcj02       degrees shifted by a web map (+gcj02, +bd09) and projected afterwards
    EPSG:4326/e6          whole numbers: the true number times 10^5, 10^6 or 10^7
    EPSG:4549/yx          the file writes north (latitude) first
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, cast

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj.exceptions import CRSError

from app.errors import BadInput
from app.spatial.crs.datums import SHIFTED, Datum, Move, Pair, datum_of, find_datum, project
from app.spatial.crs.zones import Zone, find_zone

SWAPPED = "/yx"
_GRAMMAR = re.compile(r"(?P<base>.*?)(?P<shift>\+(?:gcj02|bd09))?(?P<scale>/e[567])?(?P<order>/yx)?", re.S)
_HALF_ZONE_M = 500_000.0


@dataclass(frozen=True)
class System:
    """A system's text taken apart: bases (several when zones are mixed), shift, scale, order of the axes."""

    bases: tuple[str, ...]
    shift: str | None = None
    scale: int = 0
    swapped: bool = False

    def __str__(self) -> str:
        """The text it was."""
        shift = f"+{self.shift}" if self.shift else ""
        scale = f"/e{self.scale}" if self.scale else ""
        return "|".join(self.bases) + shift + scale + (SWAPPED if self.swapped else "")

    @property
    def zones(self) -> list[Zone | None]:
        """The Gauss-Kruger zone of each base, None for what is none."""
        numbers = [re.fullmatch(r"EPSG:(\d+)", base) for base in self.bases]
        return [find_zone(int(number[1])) if number else None for number in numbers]


def read_system(used: str) -> System:
    """Take a system's text apart; nothing is looked up."""
    parts = _GRAMMAR.fullmatch(used)
    if parts is None:
        return System((used,))
    base, shift, scale = parts["base"], parts["shift"], parts["scale"]
    bases = (base,) if "[" in base else tuple(base.split("|"))
    return System(bases, shift[1:] if shift else None, int(scale[2:]) if scale else 0, bool(parts["order"]))


def add_shift(used: str, shift: str | None) -> str:
    """Name the system that `used` would be with this shift in it (None: without any)."""
    system = read_system(used)
    bases = system.bases
    if bases[0] in SHIFTED:
        bases = ("EPSG:4326",)
    if bases == ("EPSG:4326",) and shift:
        bases, shift = (shift,), None
    return str(System(bases, shift, system.scale, system.swapped))


def parse(text: str) -> str:
    """Turn what a person or a flag says ("4549", "epsg:4549", "高德", "3857+gcj02") into a system's name.

    Raises BadInput `unknown_crs` for anything else: a text is never handed to PROJ as it is, since PROJ would
    also take file names and pipelines.
    """
    system = read_system(text.strip().lower())
    bases = tuple(_parse_base(base.strip(), text) for base in system.bases)
    if len(bases) > 1 and None in System(bases).zones:
        raise _unknown(text)
    named = str(System(bases, None, system.scale, system.swapped))
    return add_shift(named, system.shift) if system.shift else named


def _parse_base(base: str, text: str) -> str:
    if re.fullmatch(r"\d{4,6}", base):
        base = f"epsg:{base}"
    datum = find_datum(base)
    if datum is not None:
        return f"EPSG:{datum.epsg}" if datum.epsg else datum.key
    if re.fullmatch(r"epsg:\d{4,6}", base) and _known_to_proj(base.upper()):
        return base.upper()
    raise _unknown(text)


def _unknown(text: str) -> BadInput:
    return BadInput("unknown_crs", zh=f"不认识的坐标系：{text}", en=f"Unknown coordinate system: {text}")


@lru_cache(maxsize=256)
def _known_to_proj(code: str) -> bool:
    try:
        return bool(pyproj.CRS.from_user_input(code).axis_info)
    except CRSError:
        return False


@lru_cache(maxsize=256)
def _moves(base: str, shift: str | None) -> tuple[Move, Move]:
    """Return the way to storage and the way back of one base, shifted or not."""
    named, shifted = find_datum(base), find_datum(shift or "")
    if named is not None:
        return _chain(named.to_storage, named.from_storage, shifted)
    crs = pyproj.CRS.from_wkt(base) if "[" in base else pyproj.CRS.from_user_input(parse(base))
    datum, wkt = datum_of(crs), crs.to_wkt()
    if datum is None or crs.geodetic_crs is None:
        there = partial(project, source=wkt, target="EPSG:4326")
        return _chain(there, partial(project, source="EPSG:4326", target=wkt), shifted)
    degrees = crs.geodetic_crs.to_wkt()

    def arrive(x: ArrayLike, y: ArrayLike) -> Pair:
        return datum.to_storage(*project(x, y, source=wkt, target=degrees))

    def leave(lon: ArrayLike, lat: ArrayLike) -> Pair:
        return project(*datum.from_storage(lon, lat), source=degrees, target=wkt)

    return _chain(arrive, leave, shifted)


def _chain(arrive: Move, leave: Move, shifted: Datum | None) -> tuple[Move, Move]:
    if shifted is None:
        return arrive, leave
    return (
        lambda x, y: shifted.to_storage(*arrive(x, y)),
        lambda lon, lat: leave(*shifted.from_storage(lon, lat)),
    )


def _choose(system: System, x: ArrayLike, y: ArrayLike, which: NDArray[np.intp], way: int) -> Pair:
    """Send each point the way (0 there, 1 back) of its own base."""
    first, second = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    out_x, out_y = np.full(first.shape, np.nan), np.full(first.shape, np.nan)
    for number, base in enumerate(system.bases):
        own = which == number
        out_x[own], out_y[own] = _moves(base, system.shift)[way](first[own], second[own])
    return out_x, out_y


def _tell_zones(system: System, x: NDArray[np.float64]) -> NDArray[np.intp]:
    """Which base each easting belongs to: by the zone number in front of it.

    Of two zones without number the western one has the eastings above 500 km: ground that crosses a zone
    border lies in the eastern half of one zone and in the western half of the next.
    """
    which = np.zeros(x.shape, np.intp)
    for number, zone in enumerate(system.zones):
        if zone is not None and zone.prefix is not None:
            which[np.floor(x / 1e6) == zone.prefix] = number
    bare = [(zone.meridian, n) for n, zone in enumerate(system.zones) if zone and zone.prefix is None]
    small = np.abs(x) < 1e6
    for half, (_, number) in zip((x >= _HALF_ZONE_M, x < _HALF_ZONE_M), sorted(bare), strict=False):
        which[small & (half | (len(bare) == 1))] = number
    return which


def _nearest_zones(system: System, lon: NDArray[np.float64]) -> NDArray[np.intp]:
    meridians = np.array([zone.meridian if zone else 0 for zone in system.zones])
    return np.asarray(np.argmin(np.abs(lon[..., None] - meridians), axis=-1), np.intp)


def points_to_storage(x: ArrayLike, y: ArrayLike, used: str) -> Pair:
    """Bring points of the system `used` to lon/lat degrees of storage; non-finite where PROJ fails."""
    system = read_system(used)
    if system.swapped:
        x, y = y, x
    if system.scale:
        x, y = np.asarray(x, np.float64) / 10**system.scale, np.asarray(y, np.float64) / 10**system.scale
    if len(system.bases) == 1:
        return _moves(system.bases[0], system.shift)[0](x, y)
    return _choose(system, x, y, _tell_zones(system, np.asarray(x, np.float64)), 0)


def points_from_storage(lon: ArrayLike, lat: ArrayLike, used: str) -> Pair:
    """Bring lon/lat degrees of storage to the system `used`, in the axis order that its name asks for."""
    system = read_system(used)
    if len(system.bases) == 1:
        x, y = _moves(system.bases[0], system.shift)[1](lon, lat)
    else:
        x, y = _choose(system, lon, lat, _nearest_zones(system, np.asarray(lon, np.float64)), 1)
    x, y = (x * 10**system.scale, y * 10**system.scale) if system.scale else (x, y)
    return (y, x) if system.swapped else (x, y)


def _on_vertices(geoms: NDArray[Any], move: Callable[[ArrayLike, ArrayLike], Pair]) -> NDArray[Any]:
    def shifted(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(move(xy[:, 0], xy[:, 1])) if len(xy) else xy

    return cast("NDArray[Any]", shapely.transform(np.asarray(geoms, object), shifted))


def to_storage(geoms: NDArray[Any], used: str) -> NDArray[Any]:
    """Bring an object array (n,) of shapes from `used` to EPSG:4326 lon/lat; Z is dropped, None stays."""
    return _on_vertices(geoms, lambda x, y: points_to_storage(x, y, used))


def from_storage(geoms: NDArray[Any], used: str) -> NDArray[Any]:
    """Bring an object array (n,) of EPSG:4326 shapes to the system `used`; the inverse of `to_storage`."""
    return _on_vertices(geoms, lambda x, y: points_from_storage(x, y, used))


def describe(used: str) -> tuple[str, str]:
    """Return a system's name for people, in Chinese and in English."""
    system = read_system(used)
    names = [_describe_base(base, zone) for base, zone in zip(system.bases, system.zones, strict=True)]
    zh, en = " 与 ".join(name[0] for name in names), " and ".join(name[1] for name in names)
    shifted = find_datum(system.shift or "")
    if shifted is not None:
        zh += f"，由 {shifted.title_zh.split('（')[0]} 投影"
        en += f", projected from {shifted.title_en.split(' (')[0]}"
    if system.scale:
        zh, en = f"{zh}，数值放大 10^{system.scale}", f"{en}, numbers times 10^{system.scale}"
    return (zh + "，纵横坐标互换", en + ", axes swapped") if system.swapped else (zh, en)


def _describe_base(base: str, zone: Zone | None) -> tuple[str, str]:
    named = find_datum(base)
    if named is not None:
        return named.title_zh, named.title_en
    datum = find_datum(zone.datum) if zone else None
    if zone is None or datum is None:
        name = pyproj.CRS.from_user_input(base).name
        return name, name
    zh = f"{datum.title_zh.split('（')[0]} {zone.width}度带 中央经线{zone.meridian}° "
    en = f"{datum.title_en.split(' (')[0]} {zone.width}-degree zone, meridian {zone.meridian}E, "
    if zone.prefix is None:
        return zh + "不带带号", en + "without zone prefix"
    return zh + f"带号{zone.prefix}", en + f"zone prefix {zone.prefix}"
