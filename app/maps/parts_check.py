"""The self-test of page parts: none names an outside host, each vendored file is the one that was locked.

Beside the check of every drawn page (assets.check_page) and the pages' policy, this one tells before anybody
has opened a page: `getu serve` does not start on a bad part, /readyz names it.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from app.maps.assets import NAMESPACE, OUTSIDE, STATIC, read_manifest

ROOMS = Path(__file__).parents[1]
TEMPLATES = (ROOMS / "api" / "templates", ROOMS / "maps" / "templates")
KINDS = {".html", ".css", ".js", ".svg"}


def find_bad_parts(*, static: Path = STATIC, templates: tuple[Path, ...] = TEMPLATES) -> list[str]:
    """Each part that is not fit to be served, as `file: what is wrong`; none when all is well."""
    return [*check_own(static, *templates), *check_vendored(static / "vendor")]


def check_own(*folders: Path) -> Iterator[str]:
    """Our own templates, scripts, styles and pictures: none names another host."""
    for folder in folders:
        for path in sorted(path for path in folder.iterdir() if path.suffix in KINDS):
            for match in OUTSIDE.finditer(path.read_text(encoding="utf-8")):
                if not NAMESPACE.match(match[0]):
                    yield f"{path.name}: {match[0]}"


def check_vendored(vendor: Path) -> Iterator[str]:
    """Vendored files: each is there, byte for byte as it was looked through at set-up."""
    for name, about in read_manifest().items():
        path = vendor / name
        if not path.is_file():
            yield f"{name}: missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != about["sha256"]:
            yield f"{name}: changed since set-up"
