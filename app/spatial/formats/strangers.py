"""Files that banks send and we do not read, known by their first bytes, each with what to do instead.

A sentence that names the way out is worth more than "unknown format". Sources of the first bytes: the
formats' own specifications.
"""

from pathlib import PurePosixPath

# (offset, first bytes, code of the refusal)
_STRANGERS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"Rar!\x1a\x07", "archive_rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "archive_rar"),
    (0, b"\x1f\x8b", "archive_tar"),
    (0, b"BZh", "archive_tar"),
    (0, b"\xfd7zXZ\x00", "archive_tar"),
    (0, b"\x28\xb5\x2f\xfd", "archive_tar"),
    (0, b"MSCF", "archive_rar"),
    (257, b"ustar", "archive_tar"),
    (0, b"AC10", "dwg"),
    (0, b"AutoCAD Binary DXF", "dxf_binary"),
    (0, b"\x00\x01\x00\x00Standard Jet DB", "access_database"),
    (0, b"\x00\x01\x00\x00Standard ACE DB", "access_database"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_office"),
    (0, b"%PDF", "picture"),
    (0, b"\x89PNG", "picture"),
    (0, b"\xff\xd8\xff", "picture"),
    (0, b"II*\x00", "picture"),
    (0, b"MM\x00*", "picture"),
)
_BY_SUFFIX = {
    ".rar": "archive_rar",
    ".7z": "archive_rar",
    ".tar": "archive_tar",
    ".gz": "archive_tar",
    ".tgz": "archive_tar",
    ".dwg": "dwg",
    ".mdb": "access_database",
}


def name_stranger(head: bytes) -> str | None:
    """Return the code of the refusal for a known kind of file that we do not read, by its first bytes."""
    return next((code for at, magic, code in _STRANGERS if head[at : at + len(magic)] == magic), None)


def name_stranger_of(names: list[str]) -> str | None:
    """Return the refusal that tells most about an archive of which nothing can be read, by its names."""
    found = [_BY_SUFFIX.get(PurePosixPath(name).suffix.lower()) for name in names]
    return next(filter(None, found), None)
