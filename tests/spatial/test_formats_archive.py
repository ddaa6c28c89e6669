"""Archives and folders as people pack them: what belongs together is found, what we do not read is named."""

import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from app.errors import NeedsAnswer, RefusedFile
from app.spatial import formats
from app.spatial.formats.archive import Member, unpack
from app.spatial.formats.intake import join_sources
from app.spatial.formats.kinds import SUFFIXES
from tests.samples import boundary_files as samples


def refusal(path: Path, **how: Any) -> RefusedFile:
    with pytest.raises(RefusedFile) as caught:
        formats.read(path, **how)
    return caught.value


def shapefile(tmp_path: Path, stem: str) -> dict[str, bytes]:
    return {f"{stem}{suffix}": data for suffix, data in samples.shapefile_parts(tmp_path).items()}


def open_zip(path: Path, into: Path, limits: formats.Limits | None = None) -> list[Member]:
    into.mkdir()
    return unpack(path, into, suffixes=SUFFIXES, limits=limits or formats.Limits())


def test_a_shapefile_zip_inside_a_zip_is_opened_once(tmp_path: Path) -> None:
    inner = samples.zip_bytes(shapefile(tmp_path, "村界"))
    path = samples.pack(tmp_path / "outer.zip", {"资料/村界.zip": inner, "说明.doc": b"words"})
    layer = formats.read(path)
    assert (layer.name, layer.columns) == ("村界", samples.village_columns())


def test_two_inner_zips_of_one_name_are_told_apart_by_where_they_lay(tmp_path: Path) -> None:
    inner = samples.zip_bytes(shapefile(tmp_path, "村界"))
    path = samples.pack(tmp_path / "outer.zip", {"东镇.zip": inner, "西镇.zip": inner})
    with pytest.raises(NeedsAnswer) as caught:
        formats.read(path)
    assert caught.value.facts["layers"] == ["东镇/村界", "西镇/村界"]
    assert formats.read(path, layer="西镇/村界").name == "西镇/村界"


def test_archives_within_archives_within_archives_are_refused(tmp_path: Path) -> None:
    deep = samples.zip_bytes({"b.zip": samples.zip_bytes(shapefile(tmp_path, "a"))})
    assert refusal(samples.pack(tmp_path / "c.zip", {"deep.zip": deep})).code == "archive_nested"


def test_the_limits_count_over_the_inner_archives_too(tmp_path: Path) -> None:
    inner = samples.zip_bytes({f"{number}.txt": b"" for number in range(15)})
    path = samples.pack(tmp_path / "a.zip", {"a.zip": inner, "b.zip": inner})
    limits = formats.Limits(entries=20)
    with pytest.raises(RefusedFile) as caught:
        open_zip(path, tmp_path / "in", limits)
    assert caught.value.code == "archive_entries"
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.geojson", bytes(48 << 20))
    bomb = samples.pack(tmp_path / "bomb.zip", {"a.zip": sink.getvalue()})
    with pytest.raises(RefusedFile) as caught:
        open_zip(bomb, tmp_path / "bomb")
    assert caught.value.code == "archive_bomb"
    assert not list((tmp_path / "bomb" / "z0000").iterdir())


def test_an_unsafe_member_of_an_inner_archive_refuses_the_whole(tmp_path: Path) -> None:
    inner = samples.slip_zip(tmp_path / "slip.zip", "../evil.geojson").read_bytes()
    path = samples.pack(tmp_path / "a.zip", {"good.geojson": b"{}", "slip.zip": inner})
    assert refusal(path).code == "archive_path"


@pytest.mark.parametrize("codec", ["gbk", "utf-8"])
def test_unmarked_member_names_are_decided_together(tmp_path: Path, codec: str) -> None:
    names = ["海门区村界.shp", "海门区村界.dbf", "沪.prj"]
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(len(names)):
            archive.writestr(f"{number}" * len(names[number].encode(codec)), b"x")
    raw = path.read_bytes()
    for number, name in enumerate(names):
        raw = raw.replace(f"{number}".encode() * len(name.encode(codec)), name.encode(codec))
    path.write_bytes(raw)
    assert [member.name for member in open_zip(path, tmp_path / "in")] == names


def test_names_that_a_mac_took_apart_are_put_together_again(tmp_path: Path) -> None:
    path = samples.pack(tmp_path / "a.zip", {"re\u0301gion.shp": b"x", "__MACOSX/._re\u0301gion.shp": b"x"})
    assert [member.name for member in open_zip(path, tmp_path / "in")] == ["r\u00e9gion.shp"]


def test_the_same_stem_in_two_folders_is_two_layers(tmp_path: Path) -> None:
    members = {
        f"{place}/{name}": data
        for place in ("2024", "2025")
        for name, data in shapefile(tmp_path, "村界").items()
    }
    path = samples.pack(tmp_path / "a.zip", members)
    with pytest.raises(NeedsAnswer) as caught:
        formats.read(path)
    assert caught.value.facts["layers"] == ["2024/村界", "2025/村界"]
    folder = tmp_path / "folder"
    for name, data in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    with pytest.raises(NeedsAnswer) as caught:
        formats.read(folder)
    assert caught.value.facts["layers"] == ["2024/村界", "2025/村界"]


def test_parts_in_other_letters_belong_together_and_the_same_letters_win(tmp_path: Path) -> None:
    for name in ("Village.SHP", "village.dbf", "VILLAGE.PRJ", "Village.DBF"):
        (tmp_path / name).write_bytes((9994).to_bytes(4, "big") + bytes(200))
    members = [
        Member(tmp_path / name, name) for name in ("Village.SHP", "Village.DBF", "village.dbf", "VILLAGE.PRJ")
    ]
    (tmp_path / "work").mkdir()
    [(kind, source)] = list(join_sources(members, tmp_path / "work", formats.Limits()))
    assert kind.key == "shapefile"
    assert {suffix: path.name for suffix, path in source.parts.items()} == {
        ".shp": "Village.SHP",
        ".dbf": "Village.DBF",
        ".prj": "VILLAGE.PRJ",
    }


def test_a_table_without_its_shapes_is_refused_by_name_and_said_beside_others(tmp_path: Path) -> None:
    parts = samples.shapefile_parts(tmp_path)
    error = refusal(samples.pack(tmp_path / "a.zip", {"村界.dbf": parts[".dbf"], "村界.shx": parts[".shx"]}))
    assert error.code == "no_shp"
    assert "缺少 .shp" in error.zh
    assert "村界.shp" in error.zh
    beside = samples.pack(tmp_path / "b.zip", shapefile(tmp_path, "村界") | {"镇界.dbf": parts[".dbf"]})
    layer = formats.read(beside)
    assert [note.code for note in layer.warnings] == ["no_shp"]
    assert "镇界.shp" in layer.warnings[0].zh


STRANGERS = [
    ("a.rar", b"Rar!\x1a\x07\x01\x00", "archive_rar"),
    ("a.zip", b"Rar!\x1a\x07\x00", "archive_rar"),
    ("a.7z", b"7z\xbc\xaf\x27\x1c\x00\x04", "archive_rar"),
    ("a.tar.gz", b"\x1f\x8b\x08\x00", "archive_tar"),
    ("a.mdb", b"\x00\x01\x00\x00Standard Jet DB\x00", "access_database"),
    ("a.pdf", b"%PDF-1.7\n", "picture"),
    ("a.shp", b"Rar!\x1a\x07\x00", "archive_rar"),
]


@pytest.mark.parametrize(("name", "head", "code"), STRANGERS, ids=lambda value: str(value)[:12])
def test_what_we_do_not_read_is_named_with_the_way_out(
    tmp_path: Path, name: str, head: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(head + bytes(600))
    error = refusal(path)
    assert error.code == code
    assert "zip" in error.zh or code in ("access_database", "picture")


def test_a_tar_is_refused_with_the_way_out_and_a_rar_in_a_zip_too(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(samples.pack(tmp_path / "x.zip", {"a": b"b"}), "x.zip")
    assert refusal(tmp_path / "a.tar").code == "archive_tar"
    path = samples.pack(tmp_path / "b.zip", {"村界.rar": b"Rar!\x1a\x07\x00"})
    assert refusal(path).code == "archive_rar"
    assert "请解压后改用 zip" in refusal(path).zh


def test_a_name_that_the_sender_gave_names_the_layer(tmp_path: Path) -> None:
    spooled = tmp_path / "3f2a9c"
    formats.write(tmp_path / "a.geojson", samples.village_columns(), samples.village_squares()).rename(
        spooled
    )
    assert formats.read(spooled, name="海门村界.geojson").name == "海门村界"
    assert refusal(spooled, name="海门村界.shp").code == "content_mismatch"
