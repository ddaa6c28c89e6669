"""Static parts of pages: every link of a Folium figure becomes one of our own files, or it raises.

`vendor/manifest.json` lists what was copied from npm by exact lock (scripts/vendor_static.mjs); nothing that
is not in it, or beside it among our own files, is ever served or linked.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from branca.element import CssLink, Element, Figure, JavascriptLink, Link

from app.errors import GetuError

STATIC = Path(__file__).parent / "static"
BASE = "/static/"
OUTSIDE = re.compile(r"""(?:https?:|(?<=["'(=]))//[\w.{}-]+\.[a-z]{2,}[^\s"'<>)]*""", re.IGNORECASE)
NAMESPACE = re.compile(r"https?://www\.w3\.org/")
MIME = {".woff2": "font/woff2", ".png": "image/png", ".svg": "image/svg+xml"}


class UnknownAsset(GetuError):
    """A page asks for an address that is not among our own static files."""


@cache
def read_manifest() -> dict[str, dict[str, str]]:
    """Vendored files: path below vendor/ -> package, version, licence, sha256; UnknownAsset if absent."""
    path = STATIC / "vendor" / "manifest.json"
    if not path.is_file():
        raise UnknownAsset(
            "no_static_parts",
            zh="网页静态文件未安装，请运行 make setup",
            en="static parts are missing; run make setup",
        )
    manifest: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def simplify_name(address: str) -> str:
    """A file's bare name, without folder, query, version, `.min`: `x/jquery-3.7.1.min.js` is `jquery.js`."""
    name = re.split(r"[?#]", address)[0].rsplit("/", 1)[-1].lower()
    return re.sub(r"-\d+(\.\d+)*", "", name).replace(".min.", ".")


@cache
def index_assets() -> dict[str, str]:
    """Bare name -> path below static/, of scripts and style sheets; our own stand before vendored ones."""
    vendored = [f"vendor/{path}" for path in read_manifest()]
    own = [path.name for path in sorted(STATIC.glob("*.*"))]
    found: dict[str, str] = {}
    for path in own + vendored:
        if path.endswith((".js", ".css")):
            found.setdefault(simplify_name(path), path)
    return found


def find_asset(address: str) -> str:
    """The path below static/ that stands for `address`. Raises UnknownAsset for one we do not carry."""
    path = index_assets().get(simplify_name(address))
    if path is None:
        raise UnknownAsset(
            "unknown_asset",
            zh=f"页面引用了未收录的外部资源：{address}",
            en=f"the page links to an address that is not vendored: {address}",
            address=address,
        )
    return path


@cache
def stamp_asset(path: str) -> str:
    """The path with a piece of the file's hash, so that a browser may keep it for ever."""
    return f"{path}?h={hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:10]}"


def walk_links(element: Element) -> Iterator[Link]:
    """Every link below an element."""
    for child in element._children.values():
        if isinstance(child, Link):
            yield child
        yield from walk_links(child)


def render_children(figure: Figure) -> None:
    """Let each child put its parts into the figure, once: again would bring outside addresses back."""
    for child in figure._children.values():
        child.render()


def rewrite_links(figure: Figure, rewrite: Callable[[str], str]) -> None:
    """Replace the address of every link of a rendered figure."""
    for part in (figure.header, figure.html, figure.script):
        for link in walk_links(part):
            link.url = rewrite(link.url)


def localise(figure: Figure, *, base: str = BASE) -> str:
    """The page of a figure in which every link is ours.

    `base` is put before each path (an absolute address in notebooks, whose frames have none). Raises
    UnknownAsset for a link we do not carry and for any outside address that is left anywhere in the page,
    tile addresses and attributions included.
    """
    render_children(figure)
    rewrite_links(figure, lambda address: base + stamp_asset(find_asset(address)))
    return check_page(figure._template.render(this=figure, kwargs={}), allowed=base)


def inline(figure: Figure) -> str:
    """The page of a figure with every script, style, picture and font inside: it asks for nothing at all."""
    render_children(figure)
    for part in (figure.header, figure.html, figure.script):
        embed_links(part)
    return check_page(figure._template.render(this=figure, kwargs={}), scripts=False)


def embed_links(part: Element) -> None:
    """Put an element that holds the file's own text in place of each link below `part`."""
    for name, child in part._children.items():
        if isinstance(child, CssLink):
            part._children[name] = make_element(f"<style>{read_style(find_asset(child.url))}</style>")
        elif isinstance(child, JavascriptLink):
            part._children[name] = make_element(
                f"<script>{read_script(find_asset(child.url))}</script>", library=True
            )
        else:
            embed_links(child)


def make_element(html: str, *, library: bool = False) -> Element:
    """An element of fixed text (Element(html) would read the text as a template)."""
    element: Any = Element("{{ this.html }}")
    element.html, element.library = html, library
    assert isinstance(element, Element)
    return element


def read_script(path: str) -> str:
    """A script's text, safe between script tags."""
    return (STATIC / path).read_text(encoding="utf-8").replace("</script", "<\\/script")


def read_style(path: str) -> str:
    """A style sheet's text with its pictures inside; fonts are left out, a file uses the machine's."""
    folder = (STATIC / path).parent

    def embed(match: re.Match[str]) -> str:
        target = folder / re.split(r"[?#]", match[1])[0]
        if match[1].startswith(("data:", "#")) or target.suffix not in MIME:
            return match[0]
        data = base64.b64encode(target.read_bytes()).decode()
        return f"url(data:{MIME[target.suffix]};base64,{data})"

    text = re.sub(
        r"@font-face\s*{[^}]*}|/\*.*?\*/", "", (STATIC / path).read_text(encoding="utf-8"), flags=re.DOTALL
    )
    return re.sub(r"""url\(["']?([^"')]+)["']?\)""", embed, text)


def check_page(html: str, *, allowed: str = BASE, scripts: bool = True) -> str:
    """Return the page if it holds no outside address, else raise UnknownAsset.

    With `scripts=False` the text of embedded scripts is not read: libraries name their home pages in comments
    and licences; that they ask for none is proved in a browser.
    """
    text = html if scripts else re.sub(r"<script[^>]*>.*?</script>", "", html, flags=re.DOTALL)
    for match in OUTSIDE.finditer(text):
        if not NAMESPACE.match(match[0]) and not (
            allowed.startswith("http") and match[0].startswith(allowed)
        ):
            raise UnknownAsset(
                "outside_address",
                zh=f"页面含有外部地址：{match[0]}",
                en=f"the page holds an outside address: {match[0]}",
                address=match[0],
            )
    return html
