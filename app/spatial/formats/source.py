"""One readable thing inside an upload: its name, its parts by suffix, and a work folder of its own."""

from dataclasses import dataclass, field
from pathlib import Path

from app.spatial.formats.layer import Limits
from app.spatial.notes import Note

_SMALL_TEXT_BYTES = 64 * 1024


@dataclass(frozen=True)
class Source:
    """`parts` maps lower-case suffixes to files; `work` is an empty folder the reader may write into.

    `place` is the folder it came from inside its archive, which tells two of one name apart; `notes` say
    what was odd about the parts themselves; `limits` hold for what is read from it.
    """

    name: str
    parts: dict[str, Path]
    work: Path
    limits: Limits = field(default_factory=Limits)
    place: str = ""
    notes: tuple[Note, ...] = ()

    def text(self, suffix: str) -> str | None:
        """Return a small side file (.prj, .cpg) as text, or None; it is data, never a path."""
        path = self.parts.get(suffix)
        if path is None:
            return None
        with path.open("rb") as file:
            return file.read(_SMALL_TEXT_BYTES).decode("utf-8", "replace").replace("\0", "")
