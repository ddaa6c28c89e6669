"""What a file declares of its coordinates: WKT of any age, PROJJSON, an EPSG number, or only a name.

Names alone are common: a LOCAL_CS called CGCS2000_3_Degree_GK_Zone_40, a Transverse Mercator that MapInfo
calls "unnamed", a .prj with a name and nothing else. They are told by the words and by the parameters.
"""

import re

import pyproj
from pyproj.exceptions import CRSError

from app.spatial.crs.datums import datum_of
from app.spatial.crs.zones import ZONES
from app.spatial.notes import Note

Declared = tuple[str | None, str | None, tuple[Note, ...]]
_MAX_TEXT = 20_000
_DATUM_WORDS = (
    ("cgcs2000", r"cgcs_?2000|china_?2000|china geodetic"),
    ("xian1980", r"xi_?an_?(19)?80"),
    ("beijing1954", r"bei_?jing_?(19)?54"),
)


def read_declared(text: str | None) -> Declared:
    """Return (system, its name, remarks) of what a file declares; an unreadable text counts as nothing."""
    if not text or not text.strip():
        return None, None, ()
    crs = _read(text.strip()[:_MAX_TEXT])
    if crs is None:
        return _by_name(text, "prj_unreadable")
    if not (crs.is_geographic or crs.is_projected) or crs.geodetic_crs is None:
        return _by_name(crs.name, "prj_local")
    if crs.is_geographic:
        datum = datum_of(crs)
        if datum is None:
            return crs.to_wkt(), _name(crs), ()
        return f"EPSG:{datum.epsg}" if datum.epsg else datum.key, _name(crs), ()
    epsg = crs.to_epsg(min_confidence=70) or _zone_of(crs)
    return (f"EPSG:{epsg}" if epsg else crs.to_wkt()), f"EPSG:{epsg}" if epsg else crs.name, ()


def _read(text: str) -> pyproj.CRS | None:
    """A system from WKT, PROJJSON or `EPSG:n`; PROJ never sees any other text."""
    try:
        if text.startswith("{"):
            crs = pyproj.CRS.from_json(text)
        elif re.fullmatch(r"EPSG:\d{4,6}", text, re.IGNORECASE):
            crs = pyproj.CRS.from_user_input(text.upper())
        else:
            crs = pyproj.CRS.from_wkt(text)
    except (CRSError, ValueError, TypeError, KeyError):
        return None
    parts = crs.sub_crs_list
    return parts[0] if crs.is_compound and parts else crs


def _name(crs: pyproj.CRS) -> str:
    epsg = crs.to_epsg(min_confidence=70)
    return f"EPSG:{epsg}" if epsg else crs.name


def _by_name(text: str, code: str) -> Declared:
    """The zone that a name tells, else a remark that the declaration is of no use."""
    epsg = name_zone(text)
    if epsg is not None:
        note = Note(
            "prj_by_name", f"坐标系按名称识别为 EPSG:{epsg}", f"The system is told by its name: EPSG:{epsg}"
        )
        return f"EPSG:{epsg}", f"EPSG:{epsg}", (note,)
    if code == "prj_local":
        zh, en = f"声明的是地方或工程坐标系：{text}", f"A local system is declared: {text}"
        return None, text, (Note(code, zh, en),)
    zh, en = "坐标系说明（.prj）无法识别，已忽略", "The declared system cannot be read; ignored"
    return None, None, (Note(code, zh, en),)


def name_zone(text: str) -> int | None:
    """Return the EPSG number of a Gauss-Kruger zone that a name like CGCS2000_3_Degree_GK_CM_120E tells."""
    plain = re.sub(r"[\s_\-/]+", "_", text[:200].lower())
    datum = next((key for key, words in _DATUM_WORDS if re.search(words, plain)), None)
    if datum is None:
        return None
    rest = re.sub("|".join(words for _, words in _DATUM_WORDS), "", plain)
    zone, meridian = re.search(r"zone_?(\d{2})(?!\d)", rest), re.search(r"(?:cm_?|gk_?)(\d{2,3})_?e", rest)
    width = 3 if re.search(r"3_?deg", rest) else 6
    if zone is not None:
        return _find(datum, width, prefix=int(zone[1]))
    return None if meridian is None else _find(datum, width, meridian=int(meridian[1]))


def _find(datum: str, width: int, *, prefix: int | None = None, meridian: int | None = None) -> int | None:
    for zone in ZONES.values():
        if (zone.datum, zone.width, zone.prefix) == (datum, width, prefix) and (
            meridian in (None, zone.meridian)
        ):
            return zone.epsg
    return None


def _zone_of(crs: pyproj.CRS) -> int | None:
    """The zone that a Transverse Mercator without a known name is, by its parameters."""
    operation, datum = crs.coordinate_operation, datum_of(crs)
    if operation is None or datum is None or "Transverse Mercator" not in operation.method_name:
        return None
    values = {str(one.name): float(one.value) for one in operation.params if one.unit_name}
    prefix, rest = divmod(values.get("False easting", 0.0), 1e6)
    wanted = {"False northing": 0, "Latitude of natural origin": 0, "Scale factor at natural origin": 1}
    if rest != 500_000 or any(values.get(name) != value for name, value in wanted.items()):
        return None
    meridian = values.get("Longitude of natural origin")
    for zone in sorted(ZONES.values(), key=lambda zone: zone.width):
        if (zone.datum, zone.prefix, zone.meridian) == (datum.key, int(prefix) or None, meridian):
            return zone.epsg
    return None
