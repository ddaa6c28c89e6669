"""Files that attack the readers, each with the outcome that is right; see `case` for what one is."""

from tests.samples.hostile import (
    archives,
    databases,
    drawings,
    folders,
    foreign,
    geojson,
    markup,
    shapefiles,
    tables,
)
from tests.samples.hostile.case import CANARY, Bait, Hostile, Outcome

FAMILIES = (archives, shapefiles, geojson, databases, drawings, foreign, folders, markup, tables)
CORPUS: tuple[Hostile, ...] = tuple(one for family in FAMILIES for one in family.cases())

__all__ = ["CANARY", "CORPUS", "Bait", "Hostile", "Outcome"]
