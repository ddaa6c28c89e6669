"""A file becomes an own layer: read like a boundary file, stored whole under its key in one transaction."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from app.db import as_worker, copy_in, fetch_value, run_statement
from app.errors import BadInput
from app.spatial.formats import Layer, Limits
from app.territory.boundaries import (
    ImportOptions,
    ImportReport,
    find_known_ground,
    hash_file,
    read_places,
    refuse_all,
    refuse_input,
)
from app.territory.boundaries.cells import as_text, show_columns
from app.territory.own.columns import Chosen, choose_columns, cut, show_values
from app.territory.own.shaping import SHAPES, Drawn, draw_rows, measure_m
from app.territory.own.wish import LayerWish
from app.territory.shapes import to_ewkb

# A layer of the map is no warehouse: more is refused, and says so.
MOST_FEATURES = 200_000
MOST_VERTICES = 4_000_000
MOST_REPORTED = 500
_COLUMNS = {
    "layer_id": "int8",
    "row": "int4",
    "name": "text",
    "class": "text",
    "shape": "text",
    "extent_m": "float8",
    "breadth_m": "float8",
    "attributes": "jsonb",
    "geom": "bytea",
}


@dataclass(frozen=True)
class _Taken:
    """A file as it was understood."""

    layer: Layer
    chosen: Chosen
    drawn: Drawn


def load_own_layer(
    session: Session, path: Path, wish: LayerWish, *, options: ImportOptions, user_id: int | None = None
) -> dict[str, Any]:
    """Read a file and store it as the own layer that is wished for; returns the report as JSON-ready values.

    What stood under that key is replaced whole. A row that cannot be used is listed and the others go in; a
    file that is refused, or about which a question stands, stores nothing, and `status` says so. Raises
    BadInput for wishes that cannot stand. The right to load is the caller's to look at.
    """
    wish.check()
    report = ImportReport()
    try:
        taken = _take(session, path, wish, options=options, report=report)
    except BadInput as wrong:
        return _tell(refuse_input(report, wrong), wish)
    if taken is not None and not options.dry_run:
        with as_worker(session):
            told = _tell(report, wish)
            layer_id = _store_layer(session, path, wish, told=told, options=options, user_id=user_id)
            rows = _list_rows(taken, layer_id)
            copy_in(session, "map_feature", list(_COLUMNS), rows, types=list(_COLUMNS.values()))
    return _tell(report, wish)


def _take(
    session: Session, path: Path, wish: LayerWish, *, options: ImportOptions, report: ImportReport
) -> _Taken | None:
    ground = find_known_ground(session)
    limits = options.limits or Limits()
    limits = replace(
        limits, rows=min(limits.rows, MOST_FEATURES), vertices=min(limits.vertices, MOST_VERTICES)
    )
    known = None if ground is None else replace(ground, near=None)
    read = read_places(path, replace(options, limits=limits), report, reference=known)
    if read is None:
        return None
    layer, shapes = read
    chosen = choose_columns(layer.columns, wish, report)
    used = {column: term for column, term in ((chosen.name, "name"), (chosen.class_, "class")) if column}
    show_columns({name: layer.columns[name] for name in chosen.kept}, {v: k for k, v in used.items()}, report)
    drawn = draw_rows(layer, shapes, report)
    report.features = len(drawn.kept)
    if not drawn.kept:
        refuse_all(report)
        return None
    if options.dry_run:
        report.warn("dry_run", "试运行，没有保存", "dry run; nothing was stored")
    return _Taken(layer, chosen, drawn)


def _tell(report: ImportReport, wish: LayerWish) -> dict[str, Any]:
    """The report, with the layer's words; of rows left out the first few hundred, and how many there are."""
    told = report.as_json()
    told["left_out"] = sum(bad.row > 0 for bad in report.rejected)
    told["rejected"] = told["rejected"][:MOST_REPORTED]
    return {**told, "layer": {"key": wish.key, "zh": wish.zh, "en": wish.en}}


def _store_layer(
    session: Session,
    path: Path,
    wish: LayerWish,
    *,
    told: dict[str, Any],
    options: ImportOptions,
    user_id: int | None,
) -> int:
    """The layer's row, written anew; what stood in the layer is gone."""
    words = {name: getattr(wish, name) for name in LayerWish.__slots__}
    layer_id = fetch_value(
        session,
        "territory/put_own_layer",
        **words,
        features=told["features"],
        file_name=options.file_name or path.name,
        sha256=hash_file(path),
        report=json.dumps(told, ensure_ascii=False),
        loaded_by=user_id,
    )
    run_statement(session, "territory/empty_own_layer", layer_id=layer_id)
    return int(layer_id)


def _list_rows(taken: _Taken, layer_id: int) -> Iterator[tuple[Any, ...]]:
    kept = taken.drawn.kept
    shapes = taken.drawn.shapes[kept]
    extents, breadths = measure_m(shapes)
    columns, chosen = taken.layer.columns, taken.chosen
    for index, extent, breadth, geom in zip(kept, extents, breadths, to_ewkb(shapes), strict=True):
        yield (
            layer_id,
            int(taken.layer.rows[index]),
            _read_text(columns, chosen.name, index),
            _read_text(columns, chosen.class_, index),
            SHAPES[taken.drawn.kinds[index]],
            extent,
            breadth,
            Jsonb(show_values(columns, chosen.kept, index)),
            geom,
        )


def _read_text(columns: dict[str, list[Any]], column: str | None, index: int) -> str | None:
    return None if column is None else cut(as_text(columns[column][index])) or None
