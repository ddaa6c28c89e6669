"""What the description of a placemark says: plain text, and the key/value tables that map programs make."""

import re
from html.parser import HTMLParser
from typing import Any

_TAG = re.compile(r"<\s*/?\s*[A-Za-z][^>]*>")
_BREAKS = frozenset(("br", "p", "div", "tr", "li", "h1", "h2", "h3", "hr", "table"))
_SILENT = frozenset(("script", "style", "head", "title"))
_EMPTY = frozenset(("", "<null>", "null", "&nbsp;"))
_LONGEST_KEY = 60


def read_description(text: str | None) -> tuple[str | None, dict[str, Any]]:
    """Return (text without its HTML, the pairs of two-celled table rows) of a description."""
    if text is None:
        return None, {}
    if _TAG.search(text) is None:
        return text.strip() or None, {}
    page = _Page()
    page.feed(text)
    page.close()
    page.finish()
    lines = (re.sub(r"[ \t\xa0\u3000]+", " ", line).strip() for line in "".join(page.text).splitlines())
    return "\n".join(line for line in lines if line) or None, page.pairs


class _Page(HTMLParser):
    """Collects text, and rows of cells; a table within a cell has rows of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.pairs: dict[str, Any] = {}
        self._rows: list[list[list[str]]] = []
        self._cells: list[bool] = []
        self._silent = 0

    def _begin(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self._rows.append([])
            self._cells.append(False)
        elif tag == "tr" and self._rows:
            self._end_row()
        elif tag in ("td", "th") and self._rows:
            self._rows[-1].append([])
            self._cells[-1] = True
        if tag in _BREAKS:
            self._say("\n")

    def _end(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag in ("td", "th") and self._cells:
            self._cells[-1] = False
        elif tag == "tr" and self._rows:
            self._end_row()
        elif tag == "table" and self._rows:
            self._end_row()
            self._rows.pop()
            self._cells.pop()
        if tag in _BREAKS:
            self._say("\n")

    def _take(self, data: str) -> None:
        if not self._silent:
            self._say(data)

    def _say(self, text: str) -> None:
        if self._cells and self._cells[-1]:
            self._rows[-1][-1].append(text)
        else:
            self.text.append(text)

    def _end_row(self) -> None:
        cells = [" ".join("".join(cell).split()) for cell in self._rows[-1]]
        self._rows[-1], self._cells[-1] = [], False
        if len(cells) == 2 and 0 < len(cells[0]) <= _LONGEST_KEY:
            key = cells[0].rstrip(":：").strip()
            self.pairs.setdefault(key or cells[0], None if cells[1].lower() in _EMPTY else cells[1])
        elif any(cells):
            self.text.append("\n" + " ".join(filter(None, cells)) + "\n")

    def finish(self) -> None:
        """Close what the page left open."""
        while self._rows:
            self._end_row()
            self._rows.pop()
            self._cells.pop()

    handle_starttag = _begin  # the parser's own words for what happens
    handle_endtag = _end
    handle_data = _take
