"""The look is one: what the style sheets may say is what docs/design-system.md and tokens.css give them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "app" / "maps" / "static"
TOKENS = STATIC / "tokens.css"
DESIGN = ROOT / "docs" / "design-system.md"
# A style sheet kept as Folium's library wrote it.
FOREIGN = {"leaflet.awesome.rotate.css"}
SHEETS = sorted(path for path in STATIC.glob("*.css") if path != TOKENS and path.name not in FOREIGN)
PAGES = sorted([*ROOT.glob("app/*/templates/*.html"), *STATIC.glob("*.js")])

COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(|:\s*(?:white|black|red|gr[ae]y)\b")
SIZES_PX = {12, 13, 14, 16, 20, 28}
SPACES_PX = {0, 1, 2, 4, 8, 12, 16, 24, 32, 40, 48, 64, 72}
SPACED = re.compile(r"^(?:gap|row-gap|column-gap|padding|margin)")


def list_declarations(path: Path) -> list[tuple[str, str, str]]:
    """Selector, property and value of everything a style sheet says."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [
        (selector.strip(), said.partition(":")[0].strip(), said.partition(":")[2].strip())
        for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", text)
        for said in body.split(";")
        if ":" in said
    ]


def read_tokens() -> dict[str, str]:
    return {name: value for _, name, value in list_declarations(TOKENS) if name.startswith("--")}


def measure_px(value: str) -> set[float]:
    return {abs(float(one)) for one in re.findall(r"(-?[\d.]+)px", re.sub(r"calc\([^()]*\)", "", value))}


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_colours_come_from_the_tokens(path: Path) -> None:
    said = [f"{where}{{{name}:{value}}}" for where, name, value in list_declarations(path)]
    assert [one for one in said if COLOUR.search(one.partition("{")[2])] == []


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_text_has_a_size_of_the_scale(path: Path) -> None:
    sized = [
        (where, name, value)
        for where, name, value in list_declarations(path)
        if name in ("font", "font-size")
    ]
    for where, name, value in sized:
        if name == "font":
            assert re.fullmatch(r"inherit|var\(--t-\d\d\)", value), f"{where}{{font:{value}}}"
        elif value not in ("inherit", "inherit!important"):
            sizes = measure_px(value)
            assert sizes, f"{where}{{font-size:{value}}}: not in px"
            assert sizes <= SIZES_PX, f"{where}{{font-size:{value}}}"


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_space_is_of_the_scale(path: Path) -> None:
    spaced = [(where, name, value) for where, name, value in list_declarations(path) if SPACED.match(name)]
    assert [one for one in spaced if not measure_px(one[2]) <= SPACES_PX] == []


def test_every_variable_that_is_used_is_there() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in [TOKENS, *SHEETS, *PAGES]}
    given = {name for text in texts.values() for name in re.findall(r"(--[\w-]+)[\"'`]?\s*[:,]", text)}
    used = {
        (path.name, name) for path, text in texts.items() for name in re.findall(r"var\((--[\w-]+)", text)
    }
    assert {one for one in used if one[1] not in given} == set()


def test_no_colour_is_written_into_an_element() -> None:
    styles = [
        (path.name, style)
        for path in PAGES
        for style in re.findall(r"""style(?:=|: )["'`]([^"'`]*)["'`]""", path.read_text(encoding="utf-8"))
    ]
    assert [one for one in styles if COLOUR.search(one[1])] == []


def light_of(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def list_pairs() -> list[tuple[str, str, float, float]]:
    """The pairs of the document: above, below, the least allowed, the contrast it tells."""
    rows = re.findall(
        r"^\| `(--[\w-]+)` \| `(--[\w-]+)` \| (3|4\.5) \| ([\d.]+) \|$",
        DESIGN.read_text("utf-8"),
        re.MULTILINE,
    )
    return [(above, below, float(least), float(told)) for above, below, least, told in rows]


def test_every_pair_of_the_document_has_the_contrast_it_tells_and_enough() -> None:
    tokens = read_tokens()
    wrong = []
    for above, below, least, told in list_pairs():
        lights = sorted((light_of(tokens[above]), light_of(tokens[below])))
        contrast = (lights[1] + 0.05) / (lights[0] + 0.05)
        if contrast < least or round(contrast, 1) != told:
            wrong.append(f"{above} on {below}: {contrast:.2f}, least {least}, told {told}")
    assert wrong == []


def test_every_ink_and_state_is_measured_against_the_grounds_it_stands_on() -> None:
    measured = {above for above, _, _, _ in list_pairs()}
    inks = {
        name
        for name in read_tokens()
        if re.fullmatch(r"--(ink|brand|ok|warn|info|fault)(-\d|-strong)?", name)
    }
    assert inks <= measured
