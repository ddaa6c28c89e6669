"""The Folium side of the strategy map: a figure whose template is our page, a map without outside parts."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import folium
from branca.element import Element, Figure, JavascriptLink, MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.maps.assets import BASE, stamp_asset
from app.maps.shell_words import list_recovery_words

# Folium forbids zooming the page with two fingers; the page has a viewport of its own.
VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')
FOLDERS = [Path(__file__).parent / "templates"]


def make_environment(*more: Path) -> Environment:
    """Templates of the pages; everything put into one is escaped."""
    folders = [*more, *FOLDERS]
    made = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["json.dumps_kwargs"] = {"sort_keys": False}  # choices stand in the order they were given
    made.globals.update(asset=lambda name: BASE + stamp_asset(name), recovery_words=list_recovery_words)
    return made


class PageTemplate:
    """Our page in place of the figure's own template; branca asks of a template only that it renders."""

    def __init__(self, name: str, context: dict[str, Any]) -> None:
        self.page = make_environment().get_template(name)
        self.context = context

    def render(self, *, this: Figure, kwargs: dict[str, Any]) -> str:
        """The page of a rendered figure, with the context's nonce on every script and style."""
        html = self.page.render(**self.context, this=this)
        nonce = self.context.get("nonce")
        mark = f' nonce="{nonce}"' if nonce else ""
        return html.replace("<script", f"<script{mark}").replace("<style", f"<style{mark}")


class PageFigure(Figure):
    """A figure that renders into our page: styles in the head, body where it belongs, scripts at the end."""

    def __init__(self, template: str, context: dict[str, Any]) -> None:
        super().__init__()
        self._template = PageTemplate(template, context)

    def head(self) -> Markup:
        """The header without libraries, which would hold up the first paint, and Folium's viewport."""
        return Markup(VIEWPORT.sub("", self.collect(lambda part: not is_script(part))))  # noqa: S704

    def body(self) -> Markup:
        """The map's own element."""
        return Markup(self.html.render())  # noqa: S704 - Folium's own element

    def scripts(self) -> Markup:
        """The libraries in order, then the script that Folium wrote."""
        written = f"<script>\n{self.script.render()}\n</script>"
        return self.collect(is_script) + Markup(written)  # noqa: S704 - data in it went through tojson

    def collect(self, wanted: Callable[[Element], bool]) -> Markup:
        """The rendered parts of the header that are wanted."""
        parts = [part.render() for part in self.header._children.values() if wanted(part)]
        return Markup("\n".join(parts))  # noqa: S704 - Folium's own elements


def is_script(part: Element) -> bool:
    """Whether a part of the header is a linked or embedded library."""
    return isinstance(part, JavascriptLink) or getattr(part, "library", False)


class StrategyMap(folium.Map):
    """A Folium map that asks for Leaflet only: nothing on it needs Bootstrap, jQuery or an icon font."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.default_js = [link for link in self.default_js if link[0] == "leaflet"]
        self.default_css = [link for link in self.default_css if link[0] == "leaflet_css"]


class Painter(JSCSSMixin, MacroElement):
    """Our layers on a Folium map: MapLibre through maplibre-gl-leaflet, or plain Leaflet without WebGL2."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "Getu.start({{ this._parent.get_name() }}, {{ this.config|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, config: dict[str, Any], *, scripts: Sequence[str], styles: Sequence[str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Painter"
        self.config = config
        self.default_js = [(name, name) for name in scripts]
        self.default_css = [(name, name) for name in styles]


def make_map(bounds: tuple[float, float, float, float]) -> StrategyMap:
    """A map over the bounds (west, south, east, north, degrees), paper only: no base tiles are asked for.

    With tiles=None Folium leaves the map without a maximum zoom and drops max_zoom: Leaflet's own name goes
    through. From zoom 5 up maplibre-gl-leaflet keeps still (it jerks near the world's limits).
    """
    west, south, east, north = bounds
    margin_x, margin_y = (east - west) * 0.6, (north - south) * 0.6
    area = [[south - margin_y, west - margin_x], [north + margin_y, east + margin_x]]
    return StrategyMap(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        zoom_start=10,
        zoom_control=False,
        minZoom=5,
        maxZoom=18,
        zoomSnap=0.1,
        zoomDelta=1,
        maxBounds=area,
        maxBoundsViscosity=0.8,
        attributionControl=False,
        tapHold=True,  # a long press is the right click of a finger, in every browser
    )
