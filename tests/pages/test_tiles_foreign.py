"""Our tiles in another program: GDAL, which QGIS reads tiles with, shows an API key and finds our grids."""

import os
import subprocess
import sys

import httpx
import pytest
from sqlalchemy import text

from app.access.signing_in import make_key
from app.cli.users import store_user
from app.db import Viewer
from tests.pages.conftest import Site

# A process of its own: GDAL's settings hold for a whole process.
READ = """
import sys, pyogrio
from pyogrio import read_info, read_dataframe
address = sys.argv[1]
grids = read_dataframe("MVT:" + address, layer="grids", X=856, Y=415, Z=10)
print(len(grids), int(grids.grid_id.nunique()), grids.crs.to_epsg(), *grids.to_crs(4326).total_bounds)
"""


@pytest.fixture
def key(site: Site) -> str:
    """The key of a system that may see the ground of a branch."""
    with site.database.transaction(Viewer("getu_work")) as session:
        branch = session.execute(
            text("SELECT code FROM branch WHERE id = :id"), {"id": site.bank.branch_id}
        ).scalar_one()
        user = store_user(session, "gis", "system", name="GIS", branch=branch)
        return make_key(session, user, "gis", scopes=["see_ground"], days=1)


def test_gdal_reads_a_tile_with_an_api_key_where_the_tilejson_says(site: Site, key: str) -> None:
    shown = {"Authorization": f"Bearer {key}"}
    told = httpx.get(f"{site.address}/tiles/grids.json", headers=shown).raise_for_status().json()
    address = told["tiles"][0].format(z=10, x=856, y=415)
    own = {"GDAL_HTTP_HEADERS": f"Authorization: Bearer {key}", "NO_PROXY": "*"}
    run = subprocess.run(
        [sys.executable, "-c", READ, address], env={**os.environ, **own}, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    count, grids, crs, west, south, east, north = (float(word) for word in run.stdout.split())
    with site.database.transaction(Viewer("getu_work")) as session:
        true = session.execute(
            text("SELECT count(*) FROM grid WHERE branch_id = :id"), {"id": site.bank.branch_id}
        ).scalar_one()
    assert 0 < grids <= count <= true
    assert crs == 3857
    bounds = told["bounds"]
    assert bounds[0] - 0.02 < west < east < bounds[2] + 0.02
    assert bounds[1] - 0.02 < south < north < bounds[3] + 0.02
    refused = subprocess.run([sys.executable, "-c", READ, address], capture_output=True, text=True)
    assert refused.returncode != 0
