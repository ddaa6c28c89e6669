"""Layers going out as files: units by kind, a plan's grids and findings, outlets; one entry of `LAYERS` each.

Headings are those that the import knows (`app/glossary`), so that what goes out comes in again. What a
viewer may not see is not in his file: the database cuts the rows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy.orm import Session

from app.clock import today
from app.db import fetch_all
from app.errors import BadInput, NotFound
from app.glossary import find_term
from app.models import Plan
from app.spatial import formats
from app.spatial.crs import parse
from app.spatial.formats.writing import WRITERS, Writer, Writing
from app.territory.levels import list_level
from app.territory.plans import Wanted, find_plan, find_plan_on, list_findings, list_plans
from app.territory.plans.listing import load_grids
from app.territory.shapes import Shapes, from_wkb

_DBF_NAME_BYTES = 10
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class When:
    """Which state of the ground: units of a day, grids of a plan (the one in force when None)."""

    on: date
    plan: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a layer: the key of its rows, and the headings it may go under, the best first."""

    key: str
    headings: tuple[str, ...]

    def heading(self, format: str, encoding: str) -> str:
        """The heading in a file; a shapefile's has ten bytes, so that the first one that fits is taken."""
        if format != "shapefile":
            return self.headings[0]
        fitting = [h for h in self.headings if len(h.encode(encoding, "replace")) <= _DBF_NAME_BYTES]
        return fitting[0] if fitting else self.headings[0]


@dataclass(frozen=True, slots=True)
class SharedLayer:
    """A layer that can go out: what it is called, what its rows say, and how they are found."""

    key: str
    zh: str
    en: str
    geometry: str
    columns: tuple[Column, ...]
    load: Callable[[Session, When], Rows]


def _of_terms(*pairs: tuple[str, str]) -> tuple[Column, ...]:
    return tuple(Column(key, find_term(term).headings) for key, term in pairs)


_UNIT_COLUMNS = _of_terms(
    ("code", "unit_code"),
    ("name", "unit_name"),
    ("kind", "unit_kind"),
    ("official_name", "official_name"),
    ("former_names", "former_names"),
    ("town_code", "town_code"),
    ("town_name", "town_name"),
    ("households", "households"),
    ("residents", "residents"),
    ("year", "year"),
    ("code_source", "code_source"),
    ("synthetic", "synthetic"),
)
_GRID_COLUMNS = (
    Column("code", ("网格代码", "unit_code")),
    Column("name", ("网格名称", "unit_name")),
    Column("kind", ("网格类型", "unit_kind")),
    *_of_terms(("town_code", "town_code"), ("town_name", "town_name"), ("households", "households")),
    Column("branch_code", ("机构号", "branch_no")),
    Column("branch_name", ("机构名称", "branch")),
    Column("manager", ("客户经理", "manager")),
    Column("area_km2", ("面积km2", "area_km2")),
)
_FINDING_COLUMNS = (
    Column("label", ("问题类型", "finding")),
    Column("severity", ("严重程度", "severity")),
    Column("state", ("状态", "state")),
    Column("codes", ("涉及代码", "codes")),
    Column("names", ("涉及名称", "names")),
    Column("area_m2", ("面积m2", "area_m2")),
    Column("width_m", ("宽度m", "width_m")),
    Column("customers", ("涉及客户", "customers")),
    Column("town", ("乡镇名称", "town_name")),
    Column("zh", ("说明", "told")),
)
_LEVEL_COLUMNS = (
    Column("code", ("代码", "code")),
    Column("name", ("名称", "name")),
    Column("grids", ("网格数", "grids")),
    Column("area_km2", ("面积km2", "area_km2")),
)
_OUTLET_COLUMNS = (
    Column("code", ("机构号", "branch_no")),
    Column("name", ("机构名称", "branch")),
    Column("kind", ("机构类型", "kind")),
    Column("parent_code", ("上级机构", "parent_no")),
    Column("town_code", ("乡镇代码", "town_code")),
    Column("address", ("地址", "address")),
)


def _units(*kinds: str) -> Callable[[Session, When], Rows]:
    def load(session: Session, when: When) -> Rows:
        rows = fetch_all(session, "territory/list_layer_units", kinds=list(kinds), on=when.on)
        return [{**row, "kind": find_term(row["kind"]).zh} for row in rows]

    return load


def _find_plan(session: Session, when: When) -> Plan:
    """The plan that was asked for, else the one in force on the day, else the newest."""
    plan = None if when.plan else find_plan_on(session, when.on)
    if plan is not None:
        return plan
    newest = when.plan or next((row["code"] for row in list_plans(session)), "")
    return find_plan(session, newest)


def _grids(session: Session, when: When) -> Rows:
    rows = load_grids(session, _find_plan(session, when)).rows
    return [
        {**row, "kind": find_term(row["kind"]).zh, "area_km2": round(row["area_m2"] / 1e6, 4)} for row in rows
    ]


def _find_findings(session: Session, when: When, wanted: Wanted) -> Rows:
    joined = ("codes", "names")
    return [
        {
            **row,
            "label": row["label_zh"],
            "severity": find_term(row["severity"]).zh,
            "town": "、".join(row["towns"] or ()),
            **{key: "|".join(row[key]) for key in joined},
        }
        for row in list_findings(session, _find_plan(session, when), wanted)
    ]


def findings_layer(wanted: Wanted) -> SharedLayer:
    """The layer of findings, of those that are wanted."""

    def load(session: Session, when: When) -> Rows:
        return _find_findings(session, when, wanted)

    return SharedLayer("findings", "问题项", "findings of a plan", "area", _FINDING_COLUMNS, load)


def _level(level: int) -> Callable[[Session, When], Rows]:
    def load(session: Session, when: When) -> Rows:
        return [
            {
                **{key: getattr(one, key) for key in ("code", "name", "grids")},
                "area_km2": round(one.area_m2 / 1e6, 4),
                "wkb": shapely.to_wkb(one.geom),
            }
            for one in list_level(session, _find_plan(session, when), level)
        ]

    return load


def _outlets(session: Session, when: When) -> Rows:
    return fetch_all(session, "territory/list_layer_outlets")


def _unit_layer(key: str, zh: str, en: str, *kinds: str) -> SharedLayer:
    return SharedLayer(key, zh, en, "area", _UNIT_COLUMNS, _units(*(kinds or (key,))))


LAYERS: tuple[SharedLayer, ...] = (
    _unit_layer("villages", "村和社区", "villages and communities", "village", "community", "street"),
    _unit_layer("village", "行政村", "villages"),
    _unit_layer("community", "社区", "communities"),
    _unit_layer("street", "街道", "streets"),
    _unit_layer("town", "乡镇", "townships"),
    _unit_layer("county", "县区", "counties"),
    _unit_layer("frame", "辖区边界", "the frame"),
    _unit_layer("market", "市场", "markets"),
    _unit_layer("district", "商圈", "business districts"),
    _unit_layer("park", "园区", "parks"),
    _unit_layer("compound", "小区", "compounds"),
    SharedLayer("grids", "网格", "grids of a plan", "area", _GRID_COLUMNS, _grids),
    SharedLayer("branch_ground", "支行辖区", "ground of branches", "area", _LEVEL_COLUMNS, _level(2)),
    SharedLayer("bank_ground", "全行辖区", "ground of the bank", "area", _LEVEL_COLUMNS, _level(1)),
    findings_layer(Wanted()),
    SharedLayer("outlets", "网点", "outlets", "point", _OUTLET_COLUMNS, _outlets),
)


def find_layer(key: str) -> SharedLayer:
    """The layer of a key. Raises NotFound with the keys there are."""
    layer = next((layer for layer in LAYERS if layer.key == key), None)
    if layer is None:
        keys = [known.key for known in LAYERS]
        raise NotFound(
            "no_layer", zh=f"没有图层“{key[:40]}”", en=f"there is no layer {key[:40]!r}", layers=keys
        )
    return layer


def find_writer(format: str | None, path: Path | None = None) -> Writer:
    """The kind of file of a key, else of a path's suffix. Raises BadInput `unknown_format`."""
    suffix = path.suffix.lower() if path is not None else None
    wanted = [w for w in WRITERS if (w.key == format if format else w.suffix == suffix)]
    if not wanted:
        keys = "、".join(writer.key for writer in WRITERS)
        raise BadInput(
            "unknown_format", zh=f"不支持的输出格式，可用：{keys}", en=f"unknown output format; use {keys}"
        )
    return wanted[0]


def list_layers(session: Session, *, on: date | None = None) -> list[dict[str, Any]]:
    """Every layer with how many features the viewer would get today: key, zh, en, geometry, features."""
    when = When(on or today())
    counted = {
        row["kind"]: row["features"] for row in fetch_all(session, "territory/count_layer_units", on=when.on)
    }
    return [
        {
            "key": layer.key,
            "zh": layer.zh,
            "en": layer.en,
            "geometry": layer.geometry,
            "features": _count(session, layer, when, counted),
        }
        for layer in LAYERS
    ]


def _count(session: Session, layer: SharedLayer, when: When, counted: dict[str, int]) -> int:
    if layer.columns is _UNIT_COLUMNS:
        kinds = ("village", "community", "street") if layer.key == "villages" else (layer.key,)
        return sum(counted.get(kind, 0) for kind in kinds)
    try:
        return len(layer.load(session, when))
    except NotFound:
        return 0


def export_layer(session: Session, layer: SharedLayer, path: Path, *, when: When, how: Writing) -> int:
    """Write a layer as the viewer sees it to a file; returns how many features it has.

    Shapes leave EPSG:4326 for the system asked for (EPSG:4490 unless named). Raises NotFound `no_features`
    for a layer without any, BadInput for a format, encoding or system that is none.
    """
    writer = find_writer(how.get("format"), path)
    encoding = how.get("encoding") or writer.encodings[0]
    possible = (*writer.encodings, "gb18030") if "gbk" in writer.encodings else writer.encodings
    if encoding not in possible:
        zh, en = f"编码可用：{'、'.join(possible)}", f"the encoding is one of {', '.join(possible)}"
        raise BadInput("unknown_encoding", zh=zh, en=en)
    parse(how.get("crs", "EPSG:4490"))
    rows = layer.load(session, when)
    if not rows:
        raise NotFound(
            "no_features", zh=f"图层“{layer.zh}”没有要素", en=f"the layer {layer.key} has no features"
        )
    columns = {c.heading(writer.key, encoding): [row[c.key] for row in rows] for c in layer.columns}
    formats.write(
        path, columns, _shapes_of(rows), format=writer.key, encoding=encoding, crs=how.get("crs", "EPSG:4490")
    )
    return len(rows)


def _shapes_of(rows: Iterable[dict[str, Any]]) -> Shapes:
    return np.asarray(from_wkb(row["wkb"] for row in rows), dtype=object)
