"""Our scripts and sheets run in Chromium 109, the last for the Windows 7 machines that banks still have."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "app" / "maps" / "static"
OURS = sorted([*STATIC.glob("*.js"), *STATIC.glob("*.css")])
COMMENT = re.compile(r"/\*.*?\*/|(?m:(?<![:\"'\\])//[^\n]*$)", re.DOTALL)
# What came after 109, by the version that brought it (MDN's tables of browser compatibility).
NEWER_JS = {
    r"\.(?:toSorted|toReversed|toSpliced)\(": 110,
    r"\bArray\.fromAsync\b": 121,
    r"\bObject\.groupBy\b|\bMap\.groupBy\b": 117,
    r"\bPromise\.withResolvers\b": 119,
    r"\bPromise\.try\b": 128,
    r"\.(?:isWellFormed|toWellFormed)\(": 111,
    r"\bURL\.canParse\b": 120,
    r"\bURL\.parse\(": 126,
    r"\bAbortSignal\.any\b": 116,
    r"\bIntl\.DurationFormat\b": 129,
    r"\bRegExp\.escape\b": 136,
    r"\bstartViewTransition\b": 111,
    r"\b(?:showPopover|hidePopover|togglePopover|popover)\b\s*[(:=]": 114,
    r"\bCloseWatcher\b|\brequestClose\(": 126,
    r"\.checkVisibility\(\{[^}]*(?:opacityProperty|visibilityProperty)": 121,
    r"\bnew Set\([^;\n]*\)\.(?:union|intersection|difference|isSubsetOf)\(": 122,
    r"\bIterator\.(?:from|prototype)\b": 122,
    r"\bscheduler\.yield\b": 129,
    r"\bdocumentPictureInPicture\b": 116,
    r"\bsetHTML(?:Unsafe)?\(": 124,
    r"\bmoveBefore\(": 133,
    r"/[a-z]*v[a-z]*\.test\(": 112,
    r"\bFloat16Array\b": 135,
}
NEWER_CSS = {
    r"\bcolor-mix\(": 111,
    r"\b(?:oklch|oklab|lch|lab|color)\(": 111,
    r"\blight-dark\(": 123,
    r"\btext-wrap\s*:": 114,
    r"\btext-wrap-style\s*:": 130,
    r"\b(?:subgrid)\b": 117,
    r"@starting-style\b": 117,
    r"@scope\b": 118,
    r"@view-transition\b|\bview-transition-name\s*:": 111,
    r"\banimation-timeline\s*:|\bscroll-timeline\b": 115,
    r"\banchor-name\s*:|\bposition-anchor\s*:": 125,
    r"\bfield-sizing\s*:": 123,
    r"\binterpolate-size\s*:|\bcalc-size\(": 129,
    r":popover-open\b": 114,
    r":user-(?:valid|invalid)\b": 119,
    r":state\(": 125,
    r":dir\(": 120,
    r"\b(?:round|rem|mod)\(": 125,
    r"\b(?:sin|cos|tan|asin|acos|atan|pow|sqrt|hypot|exp|log)\(": 120,
    r"\bfont-size-adjust\s*:": 127,
    r"\d(?:rlh|lh)\b": 111,
    r"\bstyle\(--": 111,
    r"\bword-break\s*:\s*auto-phrase": 119,
    r"\btransition-behavior\s*:|\ballow-discrete\b": 117,
    r"\boverlay\s*:\s*auto": 117,
    r"\bmask(?:-image|-size|-repeat|-position)?\s*:": 120,
    r"\bbaseline-source\s*:": 111,
}
# Left out where nothing is the worse without it: `scrollbar-color` and `scrollbar-width` (121).


def find_newer(text: str, *, css: bool) -> list[str]:
    """The features in a file's text that Chromium 109 does not know, each with its version."""
    bare = COMMENT.sub("", text)
    table = NEWER_CSS if css else NEWER_JS
    found = [
        f"{hit[0]!r} needs Chromium {version}"
        for pattern, version in table.items()
        if (hit := re.search(pattern, bare))
    ]
    return found + (["a rule within a rule needs Chromium 112"] if css and is_nested(bare) else [])


def is_nested(css: str) -> bool:
    """Whether a sheet has a rule in a rule; in an @-rule there may be rules."""
    stack: list[bool] = []
    for head, brace in re.findall(r"([^{};]*)([{}])", css):
        if brace == "}":
            stack.pop()
            continue
        if stack and not stack[-1]:
            return True
        stack.append(head.strip().startswith("@") and not head.strip().startswith(("@page", "@font-face")))
    return False


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_no_file_of_ours_uses_what_chromium_109_does_not_know(path: Path) -> None:
    assert find_newer(path.read_text(encoding="utf-8"), css=path.suffix == ".css") == []


@pytest.mark.parametrize(
    ("text", "css"),
    [
        ("const a = list.toSorted();", False),
        ("const g = Object.groupBy(rows, (r) => r.kind);", False),
        (".a{color:color-mix(in srgb,red,blue)}", True),
        (".a{color:red;.b{color:blue}}", True),
        ("@media print{.a{&:hover{color:blue}}}", True),
    ],
)
def test_what_is_newer_is_found(text: str, css: bool) -> None:
    assert find_newer(text, css=css)


def test_what_is_old_enough_or_only_said_is_let_through() -> None:
    assert find_newer("/* list.toSorted() */ const a = [...list].sort().at(-1);", css=False) == []
    assert find_newer("@media print{.a:has(.b){height:100dvh}}\n@page{margin:0}", css=True) == []
