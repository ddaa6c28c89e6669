"""Boundary files in and out: `read(path)` gives a `Layer`, `write(path, columns, geoms)` a file.

Reading runs in a process of its own with an allow-list of drivers and limits (`sandbox`, `reader`); what it
found out about encoding, layers and the declared coordinate system is part of the answer. Nothing is guessed
in silence: several layers or an unclear encoding raise NeedsAnswer.
"""

from app.spatial.formats.kinds import FORMATS, Format
from app.spatial.formats.layer import EncodingFinding, Layer, Limits
from app.spatial.formats.sandbox import read
from app.spatial.formats.writing import WRITERS, Writer, write

__all__ = ["FORMATS", "WRITERS", "EncodingFinding", "Format", "Layer", "Limits", "Writer", "read", "write"]
