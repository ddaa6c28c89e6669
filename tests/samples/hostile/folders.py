"""Folders with more in them than files: pipes, sockets, devices, links, loops, and far too much."""

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from tests.samples.hostile import sound
from tests.samples.hostile.case import SMALL, Bait, Hostile, asked, gives, refused, whole

_FEW = replace(SMALL, entries=500)


def _folder(fill: Callable[[Path, Bait], object]) -> Callable[[Path, Bait], Path]:
    """A layout: a folder `upload` with a sound layer in it, then `fill`."""

    def lay(folder: Path, bait: Bait) -> Path:
        inside = folder / "upload"
        inside.mkdir()
        (inside / "a.geojson").write_bytes(sound.geojson())
        fill(inside, bait)
        return inside

    return lay


def _alone(fill: Callable[[Path, Bait], object]) -> Callable[[Path, Bait], Path]:
    """A layout: a folder `upload` with nothing but what `fill` makes."""

    def lay(folder: Path, bait: Bait) -> Path:
        inside = folder / "upload"
        inside.mkdir()
        fill(inside, bait)
        return inside

    return lay


def _pipe(inside: Path, _: Bait) -> None:
    os.mkfifo(inside / "b.geojson")


def _socket(inside: Path, _: Bait) -> None:
    here = Path.cwd()
    os.chdir(inside)  # the path of a socket may not be long
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("b.geojson")
    finally:
        os.chdir(here)


def _device_link(inside: Path, _: Bait) -> None:
    (inside / "b.geojson").symlink_to("/dev/zero")


def _secret_link(inside: Path, bait: Bait) -> None:
    (inside / "b.geojson").symlink_to(bait.secret(".geojson"))


def _secret_folder_link(inside: Path, bait: Bait) -> None:
    (inside / "more").symlink_to(bait.secrets)
    (inside / "secrets.gdb").symlink_to(bait.secrets)


def _loop(inside: Path, _: Bait) -> None:
    (inside / "loop").symlink_to(inside)
    (inside / "b.geojson").symlink_to(inside / "c.geojson")
    (inside / "c.geojson").symlink_to(inside / "b.geojson")


def _root_link(inside: Path, _: Bait) -> None:
    (inside / "all").symlink_to("/")


def _many(inside: Path, _: Bait) -> None:
    for number in range(600):
        (inside / f"f{number}.geojson").touch()


def _many_others(inside: Path, _: Bait) -> None:
    for number in range(3000):
        (inside / f"f{number}.txt").touch()


def _folders_like_files(inside: Path, _: Bait) -> None:
    for name in ("b.geojson", "c.shp", "d.gpkg", "e.kml"):
        (inside / name).mkdir()


def _odd_names(inside: Path, _: Bait) -> None:
    for name in (b"\xff\xfe.txt", b"\xc4\xe3.prj", "长".encode() * 80 + b".cpg", b"new\nline.txt", b"-rf"):
        Path(os.fsdecode(os.fsencode(inside) + b"/" + name)).touch()


def _odd_layer_name(inside: Path, _: Bait) -> None:
    Path(os.fsdecode(os.fsencode(inside) + b"/\xff\xfe\xb4\xe5.geojson")).write_bytes(sound.geojson())


def _deep(inside: Path, _: Bait) -> None:
    here = inside
    for _step in range(300):
        here = here / "d"
        here.mkdir()


def _empty_geodatabase(inside: Path, _: Bait) -> None:
    (inside / "b.gdb").mkdir()
    (inside / "b.gdb" / "a00000001.gdbtable").write_bytes(b"\3\0\0\0" + b"\xff" * 200)
    (inside / "b.gdb" / "a00000001.gdbtablx").write_bytes(b"\3\0\0\0" + b"\xff" * 200)
    (inside / "b.gdb" / "gdb").write_bytes(b"\5\0\0\0")


def _linked_geodatabase(inside: Path, bait: Bait) -> None:
    (inside / "b.gdb").mkdir()
    for number in range(1, 9):
        (inside / "b.gdb" / f"a{number:08x}.gdbtable").symlink_to(bait.secret(".txt"))


def _pipes_of_a_shapefile(inside: Path, _: Bait) -> None:
    (inside / "a.shp").write_bytes(sound.parts()[".shp"])
    for suffix in (".dbf", ".prj", ".cpg", ".shx"):
        os.mkfifo(inside / f"a{suffix}")


def _links_of_a_shapefile(inside: Path, bait: Bait) -> None:
    (inside / "a.shp").write_bytes(sound.parts()[".shp"])
    (inside / "a.dbf").symlink_to(bait.secret(".dbf"))
    (inside / "a.prj").symlink_to(bait.secret(".txt"))


def _path_of_a_pipe(folder: Path, _: Bait) -> Path:
    os.mkfifo(folder / "a.geojson")
    return folder / "a.geojson"


def _path_of_a_link_loop(folder: Path, _: Bait) -> Path:
    (folder / "a.geojson").symlink_to(folder / "a.geojson")
    return folder / "a.geojson"


def _path_of_nothing(folder: Path, _: Bait) -> Path:
    return folder / "nothing.geojson"


def _loose_beside_secret(folder: Path, bait: Bait) -> Path:
    """A .shp whose table is a link: a loose upload's folder is open, what its links name is not."""
    (folder / "a.shp").write_bytes(sound.parts()[".shp"])
    (folder / "a.dbf").symlink_to(bait.secret(".dbf"))
    (folder / "a.prj").symlink_to("/etc/passwd")
    return folder / "a.shp"


def _sparse(inside: Path, _: Bait) -> None:
    with (inside / "b.geojson").open("wb") as file:
        file.truncate(1 << 40)


def _unreadable(inside: Path, _: Bait) -> None:
    (inside / "b.geojson").write_bytes(sound.geojson())
    (inside / "b.geojson").chmod(0)


def cases() -> Iterator[Hostile]:
    """Every hostile folder."""
    rows, nothing = gives(sound.ROWS), refused("no_layer", "unknown_format", "empty_file")
    for what, outcome, fill in (
        ("pipe", rows, _pipe),
        ("socket", rows, _socket),
        ("device-link", rows, _device_link),
        ("secret-link", rows, _secret_link),
        ("secret-folder-link", rows, _secret_folder_link),
        ("loop", rows, _loop),
        ("root-link", rows, _root_link),
        ("others-3000", refused("archive_entries"), _many_others),
        ("files-600", refused("archive_entries"), _many),
        ("folders-like-files", rows, _folders_like_files),
        ("odd-names", rows, _odd_names),
        ("odd-layer-name", asked("several_layers"), _odd_layer_name),
        ("deep", rows, _deep),
        ("geodatabase-rubbish", whole(sound.ROWS), _empty_geodatabase),
        ("geodatabase-links", whole(sound.ROWS), _linked_geodatabase),
        ("unreadable", replace(asked("several_layers"), codes=None), _unreadable),
    ):
        yield Hostile(f"folders/{what}", outcome, layout=_folder(fill), limits=_FEW)
    for what, outcome, fill in (
        ("only-secret-link", nothing, _secret_link),
        ("only-pipe", nothing, _pipe),
        ("only-loop", nothing, _loop),
        ("only-geodatabase-rubbish", whole(0), _empty_geodatabase),
        ("only-geodatabase-links", whole(0), _linked_geodatabase),
        ("pipes-as-parts", whole(sound.ROWS), _pipes_of_a_shapefile),
        ("links-as-parts", whole(sound.ROWS), _links_of_a_shapefile),
        ("sparse-tebibyte", refused("file_too_large", "archive_too_large"), _sparse),
        ("empty", nothing, lambda inside, bait: None),
    ):
        yield Hostile(f"folders/{what}", outcome, layout=_alone(fill), limits=_FEW)
    for what, outcome, layout in (
        ("path-pipe", refused("unknown_format", "file_missing"), _path_of_a_pipe),
        ("path-link-loop", refused("unknown_format", "file_missing"), _path_of_a_link_loop),
        ("path-nothing", refused("file_missing"), _path_of_nothing),
        ("path-null-device", refused("unknown_format"), lambda folder, bait: Path("/dev/null")),
        ("path-zero-device", refused("unknown_format"), lambda folder, bait: Path("/dev/zero")),
        ("loose-beside-secret", gives(sound.ROWS, "no_table"), _loose_beside_secret),
    ):
        yield Hostile(f"folders/{what}", outcome, layout=layout)
