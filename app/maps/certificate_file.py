"""A certificate that comes back as a file: the statement is read out of it, and the sheet is checked too."""

import json
import re
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.errors import NotFound, RefusedFile
from app.maps.certificate import print_certificate
from app.territory import plans

SIZE_LIMIT = 32 << 20
STREAM = re.compile(rb"stream\r?\n")
MARK = b"getu.coverage/"
Statement = dict[str, Any]


def verify_file(session: Session, path: Path) -> dict[str, Any]:
    """Verify a certificate's file (JSON or PDF) against the database, everything measured anew.

    As `plans.verify_statement`; of a PDF also `sheet`: whether its bytes are what this program prints for
    that statement, so that no figure on the page was touched. Raises RefusedFile for a file that holds no
    certificate.
    """
    raw = _read(path)
    printed = raw.startswith(b"%PDF")
    stated = _find_statement(raw, path) if printed else _parse(raw, path)
    try:
        plan = plans.find_plan(session, str(stated.get("plan")))
    except NotFound:
        told = {"field": "plan", "stated": stated.get("plan"), "found": None}
        return {
            "valid": False,
            "number": stated.get("number"),
            "plan": stated.get("plan"),
            "differences": [told],
        }
    found = plans.verify_statement(session, plan, stated)
    if printed:
        with tempfile.TemporaryDirectory() as folder:
            own = plan.certificate is not None and found["issued"]
            found["sheet"] = (
                own and print_certificate(session, plan, Path(folder) / "c.pdf").read_bytes() == raw
            )
        found["valid"] = found["valid"] and found["sheet"]
    return found


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise RefusedFile("no_file", zh=f"没有文件 {path.name}", en=f"there is no file {path.name}")
    if path.stat().st_size > SIZE_LIMIT:
        raise RefusedFile("too_large", zh="文件过大", en="the file is too large", file=path.name)
    return path.read_bytes()


def _parse(raw: bytes, path: Path) -> Statement:
    """The statement of a JSON file, bare or as the API gives it."""
    try:
        read = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        read = None
    inner = read.get("certificate") if isinstance(read, dict) else None
    stated = inner if isinstance(inner, dict) else read
    if not isinstance(stated, dict) or not isinstance(stated.get("hash"), str):
        raise _no_certificate(path)
    return stated


def _find_statement(raw: bytes, path: Path) -> Statement:
    """The statement attached to a PDF."""
    for body in _list_streams(raw):
        if MARK in body:
            return _parse(body, path)
    raise _no_certificate(path)


def _list_streams(raw: bytes) -> Iterator[bytes]:
    """The streams of a PDF, unpacked; an attached file is one of them."""
    for start in STREAM.finditer(raw):
        end = raw.find(b"endstream", start.end())
        packed = raw[start.end() : end].removesuffix(b"\n").removesuffix(b"\r")
        try:
            yield zlib.decompressobj().decompress(packed, SIZE_LIMIT)
        except zlib.error:
            yield packed


def _no_certificate(path: Path) -> RefusedFile:
    return RefusedFile(
        "no_statement",
        zh="文件里没有全覆盖证明；打印后重新扫描或另存的 PDF 不含电子证明",
        en="the file holds no coverage certificate; a PDF that was scanned or saved anew has lost it",
        file=path.name,
    )
