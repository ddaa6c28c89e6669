"""The bait: files that hold the canary text in every format, in a folder beside the upload."""

from pathlib import Path

from app.spatial import formats
from app.spatial.formats.dbf import write_table
from tests.samples import boundary_files as made
from tests.samples.hostile import sound
from tests.samples.hostile.case import CANARY, Bait


def lay_bait(folder: Path, url: str) -> Bait:
    """Write the secrets into `folder` and return the bait; `url` is an address somebody listens on."""
    text = sound.collection(*(sound.village(村名=f"{CANARY} {n}") for n in range(3)))
    for suffix in (".geojson", ".json"):
        (folder / f"secret{suffix}").write_text(text)
    (folder / "secret.csv").write_text(f"村名,lon,lat\n{CANARY},121.2,31.8\n", "utf-8")
    (folder / "secret.txt").write_text(f"{CANARY}\n", "utf-8")
    (folder / "secret.kml").write_text(
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>{CANARY}</name>'
        "<Point><coordinates>121.2,31.8</coordinates></Point></Placemark></kml>"
    )
    names = [f"{CANARY} {n}" for n in range(sound.ROWS)]
    formats.write(folder / "secret.gpkg", {"name": names}, made.village_squares())
    for suffix, data in sound.parts().items():
        (folder / f"secret{suffix}").write_bytes(data)
    (folder / "secret.dbf").write_bytes(write_table({"name": names}, "gbk"))
    return Bait(folder, url)
