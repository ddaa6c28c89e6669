"""Vector tiles: drawn by the database as it lets this viewer see, kept by scope, data version and filter."""

import time
from collections.abc import Hashable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.db import Database, Viewer, as_worker, fetch_all, fetch_value
from app.db.connection import WORKER
from app.db.looks import Question
from app.errors import BadInput
from app.maps.filtering import NO_FILTER, CustomerFilter, refuse_for_layers
from app.maps.layers import Layer, find_layer, refuse_layer, viewer_of
from app.maps.tiles.cuts import Count, CutShelf, look_cut, read_cut
from app.maps.tiles.outlines import OutlineShelf, Row, ask_outlines
from app.maps.tiles.shelf import Form, Tile, TileShelf
from app.maps.tiles.sight import Sight, find_sight

MAX_ZOOM = 22
MOST_LAYERS = 12
MIME = "application/vnd.mapbox-vector-tile"
SHELF = TileShelf()
CUTS = CutShelf()
OUTLINES = OutlineShelf()
# Below this zoom customers are totals of grids, from it on they are points.
POINTS_FROM = 13
DAYS_KEPT_S = 20
Address = tuple[int, int, int]


def check_address(z: int, x: int, y: int) -> None:
    """Raises BadInput for a tile that does not exist."""
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise BadInput(
            "no_such_tile", zh=f"瓦片 {z}/{x}/{y} 不存在", en=f"there is no tile {z}/{x}/{y}", z=z, x=x, y=y
        )


def find_layers(layers: str, viewer: Viewer, cut: CustomerFilter = NO_FILTER) -> list[Layer]:
    """The layers of an address: one key or several with commas between.

    Raises NotFound for one that is none for this viewer, BadInput for too many, for one named twice, and for
    a filter that none of them takes.
    """
    keys = layers.split(",", MOST_LAYERS)
    if len(keys) > MOST_LAYERS or len(set(keys)) < len(keys):
        raise BadInput(
            "too_many_layers",
            zh=f"一次最多 {MOST_LAYERS} 个图层，且不能重复",
            en=f"a tile holds {MOST_LAYERS} layers at most, each once",
        )
    entries = [find_layer(key, viewer) for key in keys]
    refused = cut.fields - frozenset().union(*(entry.takes for entry in entries))
    if refused:
        raise refuse_for_layers(min(refused), layers)
    return entries


def choose_count(entries: Sequence[Layer], z: int, cut: CustomerFilter) -> Count:
    """Which totals of grids a tile shows: of those in the filter, or of those of them without a point."""
    if not any(entry.key == "customers" for entry in entries):
        return "none"
    if z >= POINTS_FROM:
        return "none" if cut.who.pointed else "pointless"
    return "all" if cut.fields else "none"


def name_statement(layer: Layer, z: int, cut: CustomerFilter) -> str:
    """The statement file that draws a layer at a zoom: grids are counted before, but for a filter."""
    if layer.key == "customers" and z < POINTS_FROM:
        return "maps/layer_customers_cut" if cut.fields else "maps/layer_customers_counted"
    return layer.statement


def draw_tile(
    session: Session, layer: str, *, z: int, x: int, y: int, cut: CustomerFilter = NO_FILTER
) -> bytes:
    """The bytes of a Mapbox vector tile (EPSG:3857, extent 4096) as the session's viewer may see it.

    Raises NotFound for an unknown layer and BadInput for z/x/y out of range or a filter that is refused.
    """
    check_address(z, x, y)
    entries = find_layers(layer, viewer_of(session), cut)
    sight = find_sight(session)
    ground = sight.ground
    params = read_cut(session, ground, cut=cut, count=choose_count(entries, z, cut))

    def ask(name: str) -> list[Row]:
        with as_worker(session):
            return [dict(row) for row in fetch_all(session, name, plan_id=ground.plan_id)]

    place = f"{session.get_bind()} {ground.plan_id}"
    outlined = [entry.key for entry in entries]
    told = ask_outlines(OUTLINES, outlined, place=place, version=sight.version, address=(z, x, y), ask=ask)
    asked = {**ground.asked, **params, **told, "z": z, "x": x, "y": y}
    drawn = [fetch_value(session, name_statement(entry, z, cut), **asked, **entry.given) for entry in entries]
    return join_parts(entries, drawn)


def look_tile(
    database: Database, viewer: Viewer, entries: Sequence[Layer], sight: Sight, *, address: Address,
    cut: CustomerFilter = NO_FILTER,
) -> bytes:  # fmt: skip
    """The same bytes, in one round trip to the database."""
    rows = database.look(viewer, list_questions(database, viewer, entries, sight, address=address, cut=cut))
    return join_parts(entries, [next(iter(row.values())) if row else None for row in rows])


def join_parts(entries: Sequence[Layer], drawn: Sequence[Any]) -> bytes:
    """The layers' parts as one tile. Raises NotFound for an own layer that is none for this viewer."""
    for entry, part in zip(entries, drawn, strict=True):
        if entry.own and part is None:
            raise refuse_layer(entry.key)
    return b"".join(bytes(part or b"") for part in drawn)


def list_questions(
    database: Database, viewer: Viewer, entries: Sequence[Layer], sight: Sight, *, address: Address,
    cut: CustomerFilter = NO_FILTER,
) -> list[Question]:  # fmt: skip
    """What the database is asked for a tile: a statement a layer, with all it wants to know."""
    z, x, y = address
    ground = sight.ground
    count = choose_count(entries, z, cut)
    key = (database.url, sight.scope, sight.version, tell_cut(cut), count)
    params = CUTS.find(key, lambda: look_cut(database, viewer, ground, cut=cut, count=count))

    def ask(name: str) -> list[Row]:
        with database.transaction(WORKER) as session:
            return [dict(row) for row in fetch_all(session, name, plan_id=ground.plan_id)]

    place = f"{database.url} {ground.plan_id}"
    outlined = [entry.key for entry in entries]
    told = ask_outlines(OUTLINES, outlined, place=place, version=sight.version, address=address, ask=ask)
    asked: dict[str, Any] = {**ground.asked, **params, **told, "z": z, "x": x, "y": y}
    return [(name_statement(entry, z, cut), {**asked, **entry.given}) for entry in entries]


def key_tile(place: str, sight: Sight, layers: str, address: Address, cut: CustomerFilter) -> tuple[Any, ...]:
    """What a tile is kept by; `place` names the database. Equal keys are equal bytes for equal rights."""
    return (place, sight.scope, sight.version, layers, tell_cut(cut), *address)


def tell_cut(cut: CustomerFilter) -> Hashable:
    """A filter as part of a key. A second visit within a month changes no total: days are asked for anew."""
    days = cut.who.visited_since or cut.who.unvisited_since
    return (cut.query(), int(time.monotonic() // DAYS_KEPT_S) if days else 0)


def find_tile(
    session: Session, layers: str, *, address: Address, shelf: TileShelf = SHELF, form: Form = "gzip"
) -> Tile:
    """The tile at (z, x, y), from the shelf where the same rights and the same data drew it before."""
    check_address(*address)
    sight = find_sight(session)
    key = key_tile(str(session.get_bind()), sight, layers, address, NO_FILTER)
    tile = shelf.find(key)
    if tile is None:
        z, x, y = address
        tile = Tile(draw_tile(session, layers, z=z, x=x, y=y), version=sight.version, form=form)
        shelf.keep(key, tile)
    return tile
