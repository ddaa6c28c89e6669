"""One readable thing inside an upload: its name, its parts by suffix, and a work folder of its own."""

from dataclasses import dataclass
from pathlib import Path

_SMALL_TEXT_BYTES = 64 * 1024


@dataclass(frozen=True)
class Source:
    """`parts` maps lower-case suffixes to files; `work` is an empty folder the reader may write into."""

    name: str
    parts: dict[str, Path]
    work: Path

    def text(self, suffix: str) -> str | None:
        """Return a small side file (.prj, .cpg) as text, or None; it is data, never a path."""
        path = self.parts.get(suffix)
        if path is None:
            return None
        return path.open("rb").read(_SMALL_TEXT_BYTES).decode("utf-8", "replace").replace("\0", "")
