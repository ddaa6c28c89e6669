"""The printed wall map: subset fonts, searchable words, Chinese shapes, the same bytes for the same sheet."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pypdf
import pypdfium2  # type: ignore[import-untyped]
import pytest
import shapely
import typst

from app.maps import wall
from app.maps.wall.faces import find_fonts as find_faces
from app.maps.wall.faces import replace_missing
from app.maps.wall.lettering import FAMILY, Type, width_em
from tests.maps.wall_samples import lay_sheet

TELLING = "骨直角令"


@pytest.fixture(scope="module")
def sheet() -> wall.Sheet:
    return lay_sheet(18, managers=5, towns=2, span_m=11000, neighbours=12)


@pytest.fixture(scope="module")
def drawing(sheet: wall.Sheet) -> wall.Drawing:
    return wall.draw_sheet(sheet, "A3")


@pytest.fixture(scope="module")
def printed(drawing: wall.Drawing, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wall.print_pdf(drawing, tmp_path_factory.mktemp("wall") / "sheet.pdf")


def find_fonts(path: Path) -> list[Any]:
    reader = pypdf.PdfReader(path)
    objects = (reader.get_object(at) for at in range(1, len(reader.xref[0]) + 1))
    fonts = [
        found
        for found in objects
        if isinstance(found, pypdf.generic.DictionaryObject) and found.get("/Type") == "/Font"
    ]
    return [font for font in fonts if font.get("/Subtype") == "/CIDFontType0"]


def words_of(path: Path) -> str:
    return pypdf.PdfReader(path).pages[0].extract_text()


def draw_words(*words: str, family: str = FAMILY) -> np.ndarray:
    """Words as Typst draws them, as a grey picture."""
    marks = tuple(wall.Text(4, 12 * (at + 1), word, Type(24)) for at, word in enumerate(words))
    drawing = wall.Drawing(60, 12 * len(words) + 6, "words", date(2026, 1, 1), marks, (), "landscape")
    return draw_picture(wall.draw_svg(drawing).replace(FAMILY, family), 60, drawing.height_mm)


def draw_picture(svg: str, wide_mm: float, high_mm: float) -> np.ndarray:
    """An SVG through Typst and PDF into grey dots."""
    main = f"#set page(width: {wide_mm}mm, height: {high_mm}mm, margin: 0mm)\n"
    main += f'#image("s.svg", width: {wide_mm}mm)'
    files: Any = {"main.typ": main.encode(), "s.svg": svg.encode()}
    made: Any = typst.compile(files, font_paths=find_faces(), ignore_system_fonts=True)
    return np.asarray(pypdfium2.PdfDocument(made)[0].render(scale=3, grayscale=True).to_numpy()).squeeze()


def test_the_sheet_is_one_page_of_its_paper(drawing: wall.Drawing, printed: Path) -> None:
    pages = pypdf.PdfReader(printed).pages
    assert len(pages) == 1
    size_mm = sorted(float(side) * 25.4 / 72 for side in pages[0].mediabox[2:])
    assert size_mm == pytest.approx([297, 420], abs=0.2)
    assert printed.stat().st_size < 1_000_000


def test_every_font_is_a_subset_of_the_simplified_face(printed: Path) -> None:
    fonts = find_fonts(printed)
    assert len(fonts) == 2
    for font in fonts:
        assert "NotoSansCJKsc" in font["/BaseFont"]
        assert font["/BaseFont"][7] == "+"
        assert "/FontFile3" in font["/FontDescriptor"].get_object()


def test_names_codes_and_managers_are_found_by_searching(sheet: wall.Sheet, printed: Path) -> None:
    words = words_of(printed)
    for grid in sheet.grids:
        assert grid.holder in words
        assert grid.manager_phone is not None
        assert grid.manager_phone in words
        assert grid.name in words.replace("\n", "")
    for fact in ("内部资料", "审图号", "0031", "V3", "2026-11-20", "示意边界 synthetic", "公里"):
        assert fact in words


def test_chinese_shapes_are_drawn_and_not_japanese_ones() -> None:
    ours = draw_words(TELLING)
    assert (ours == draw_words(TELLING, family="Noto Sans CJK SC")).all()
    assert (ours != draw_words(TELLING, family="Noto Sans CJK JP")).mean() > 0.001
    assert ours.min() < 60


def test_a_rare_character_is_drawn_and_found(printed: Path) -> None:
    assert "𫭢家村" in words_of(printed).replace("\n", "")
    assert draw_words("𫭢").min() < 60
    assert (draw_words("𫭢") != draw_words("〓")).any()


def test_a_character_the_face_lacks_is_the_printers_mark_and_never_a_box() -> None:
    assert replace_missing("𫭢家村 HM-01 2，·—²°") == "𫭢家村 HM-01 2，·—²°"
    for lacking in ("\ue000", "\U0002a6a5", "😀"):
        assert replace_missing(f"村{lacking}") == "村〓"
        assert (draw_words(lacking) == draw_words("〓")).all()


def test_standing_names_keep_their_steps_when_a_character_is_rare() -> None:
    kind = Type(24, vertical=True, anchor="middle")
    pictures = []
    for name in ("𫭢家村", "海家村"):
        mark = wall.Text(15, 12, name, kind)
        sheet = wall.Drawing(30, 60, "t", date(2026, 1, 1), (mark,), (), "portrait")
        pictures.append(draw_picture(wall.draw_svg(sheet), 30, 60))
    below = int(pictures[0].shape[0] * 13 / 60)
    assert (pictures[0][below:] == pictures[1][below:]).all()
    assert (pictures[0][:below] != pictures[1][:below]).any()


def test_the_same_sheet_gives_the_same_bytes(sheet: wall.Sheet, tmp_path: Path) -> None:
    made = [
        wall.print_pdf(wall.draw_sheet(sheet, "A3"), tmp_path / f"{turn}.pdf").read_bytes()
        for turn in range(2)
    ]
    assert made[0] == made[1]
    other = wall.draw_sheet(replace(sheet, plan_version="V4"), "A3")
    assert wall.print_pdf(other, tmp_path / "other.pdf").read_bytes() != made[0]


def test_printed_glyphs_stay_inside_the_boxes_the_layout_reckoned_with(
    drawing: wall.Drawing, printed: Path
) -> None:
    boxes = np.array([text.box for text in drawing.texts]) + np.array([-0.3, -0.45, 0.3, 0.6])
    tree = shapely.STRtree(shapely.box(*boxes.T))
    page = pypdfium2.PdfDocument(printed)[0]
    words, high, mm = page.get_textpage(), page.get_height(), 25.4 / 72
    seen = 0
    for at in range(words.count_chars()):
        left, bottom, right, top = words.get_charbox(at)
        if right - left > 0.01 and words.get_text_range(at, 1).strip():
            glyph = shapely.box(left * mm, (high - top) * mm, right * mm, (high - bottom) * mm)
            assert len(tree.query(glyph, predicate="covered_by")), words.get_text_range(at, 1)
            seen += 1
    assert seen > 500


@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_reckoned_widths_are_the_faces_own(weight: str) -> None:
    samples = [*map(chr, range(33, 127)), "村", "𫭢", "·", "HM-CL-001", "abc xyz (D3)"]
    quoted = [words.replace("\\", "\\\\").replace('"', '\\"') for words in samples]
    lines = [f'#set text(font: "{FAMILY}", size: 100pt, weight: "{weight}", kerning: false)']
    lines += [f'#context [#metadata(measure("{words}").width / 1pt) <wide>]' for words in quoted]
    files: Any = {"main.typ": "\n".join(lines).encode()}
    asked: Any = typst.query(files, "<wide>", field="value", font_paths=find_faces())
    for words, wide in zip(samples, json.loads(asked), strict=True):
        assert width_em(words, bold=weight == "bold") * 100 == pytest.approx(wide, abs=0.2), words


def test_a_failed_print_leaves_the_old_sheet_and_no_litter(drawing: wall.Drawing, tmp_path: Path) -> None:
    target = tmp_path / "sheet.pdf"
    target.write_bytes(b"old")
    broken = replace(drawing, width_mm=float("nan"))
    with pytest.raises(Exception, match=r"\S"):
        wall.print_pdf(broken, target)
    assert target.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["sheet.pdf"]


def test_a_picture_has_the_dots_that_were_asked_for(drawing: wall.Drawing, tmp_path: Path) -> None:
    content = wall.print_png(drawing, tmp_path / "sheet.png", dpi=50).read_bytes()
    assert content.startswith(b"\x89PNG")
    wide, high = int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    assert (wide, high) == pytest.approx((drawing.width_mm / 25.4 * 50, drawing.height_mm / 25.4 * 50), abs=2)
