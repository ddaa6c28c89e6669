"""A boundary file of drawn ground, imported as an analyst would: three villages side by side unless said."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.spatial import formats
from app.territory.boundaries import ImportOptions, ImportReport, import_boundaries
from tests.ground import Ground, lay

GROUND = lay("AABBCC\nAABBCC", cell=0.01)
VILLAGES = ["颐生村", "双官村", "民建社区"]
CODES = ["320614103208", "320614103209", "320614103001"]


def load(work: Session, folder: Path, columns: Mapping[str, list[Any]], **how: Any) -> ImportReport:
    """Import a drawn file of these columns; `name` and `ground` may be given, the rest are options."""
    ground: Ground = how.pop("ground", GROUND)
    path = formats.write(folder / how.pop("name", "v.geojson"), dict(columns), ground.polygons)
    return import_boundaries(work, path, options=ImportOptions(**how))
