"""Every link of every figure is one of our own files, or the page is refused."""

import re
from pathlib import Path

import branca.colormap
import folium
import geopandas
import pytest
import shapely
from branca.element import Figure
from folium.plugins import Fullscreen, MarkerCluster, VectorGridProtobuf

from app.errors import GetuError
from app.maps.assets import (
    OUTSIDE,
    STATIC,
    UnknownAsset,
    find_asset,
    index_assets,
    inline,
    localise,
    read_manifest,
    read_style,
    simplify_name,
)


def paper_map() -> folium.Map:
    """A map without base tiles."""
    return folium.Map(location=[31.9, 121.2], tiles=None, maxZoom=18, attributionControl=False)


def figure_of(map_: folium.Map) -> Figure:
    """The figure of a map."""
    root = map_.get_root()
    assert isinstance(root, Figure)
    return root


def links_of(html: str) -> list[str]:
    """All addresses in src and href."""
    return re.findall(r"""(?:src|href)=["']([^"']+)["']""", html)


def test_a_plain_folium_map_links_only_to_our_own_files() -> None:
    html = localise(figure_of(paper_map()))
    links = links_of(html)
    assert len(links) == 10
    assert all(link.startswith("/static/") for link in links)
    assert not OUTSIDE.search(html)


def test_every_localised_link_is_a_file_that_exists() -> None:
    for link in links_of(localise(figure_of(paper_map()))):
        assert (STATIC / link.removeprefix("/static/").split("?")[0]).is_file()


def test_plugins_and_the_colour_maps_d3_are_localised_too() -> None:
    map_ = paper_map()
    MarkerCluster([[31.9, 121.2]]).add_to(map_)
    Fullscreen().add_to(map_)
    VectorGridProtobuf("/tiles/grids/{z}/{x}/{y}.mvt", name="grids").add_to(map_)
    branca.colormap.linear.viridis.scale(0, 1).add_to(map_)
    links = " ".join(links_of(localise(figure_of(map_))))
    for part in (
        "leaflet.markercluster.js",
        "Control.FullScreen.js",
        "Leaflet.VectorGrid.bundled.js",
        "d3.min.js",
    ):
        assert part in links


def test_the_parts_that_explore_puts_on_a_map_are_localised() -> None:
    """GeoDataFrame.explore() puts a GeoJson with tooltip and highlight, and a step colour map, on a map."""
    frame = geopandas.GeoDataFrame(
        {"rate": [0.1, 0.9]},
        geometry=[shapely.box(121, 31, 122, 32), shapely.box(122, 31, 123, 32)],
        crs=4326,
    )
    map_ = paper_map()
    folium.GeoJson(
        frame, tooltip=folium.GeoJsonTooltip(["rate"]), highlight_function=lambda _: {"weight": 3}
    ).add_to(map_)
    branca.colormap.linear.viridis.scale(0, 1).to_step(5).add_to(map_)
    html = localise(figure_of(map_))
    assert "d3.min.js" in html
    assert all(link.startswith("/static/") for link in links_of(html))


def test_default_tiles_of_folium_are_refused() -> None:
    with pytest.raises(UnknownAsset) as caught:
        localise(figure_of(folium.Map(location=[31.9, 121.2])))
    assert "openstreetmap" in caught.value.facts["address"]


def test_a_plugin_we_do_not_carry_is_refused() -> None:
    map_ = paper_map()
    folium.plugins.HeatMap([[31.9, 121.2]]).add_to(map_)
    with pytest.raises(UnknownAsset) as caught:
        localise(figure_of(map_))
    assert isinstance(caught.value, GetuError)
    assert caught.value.zh
    assert caught.value.en


@pytest.mark.parametrize(
    "html",
    [
        '<script src="//evil.example/x.js"></script>',
        "<img src='https://evil.example/x.png'>",
        "<style>a{background:url(http://evil.example/x.png)}</style>",
        '<script>L.tileLayer("https://{s}.tiles.example/{z}/{x}/{y}.png")</script>',
    ],
)
def test_an_address_written_straight_into_a_page_is_refused(html: str) -> None:
    map_ = paper_map()
    map_.get_root().html.add_child(folium.Element("{% raw %}" + html + "{% endraw %}"))
    with pytest.raises(UnknownAsset):
        localise(figure_of(map_))


def test_an_absolute_base_serves_notebooks() -> None:
    html = localise(figure_of(paper_map()), base="http://127.0.0.1:8000/static/")
    assert all(link.startswith("http://127.0.0.1:8000/static/") for link in links_of(html))


def test_localising_does_not_touch_the_next_map() -> None:
    before = list(folium.Map.default_js)
    localise(figure_of(paper_map()))
    assert folium.Map.default_js == before
    assert len(links_of(localise(figure_of(paper_map())))) == 10


def test_a_map_within_one_file_links_to_nothing() -> None:
    html = inline(figure_of(paper_map()))
    assert not re.findall(r"<(?:script|link)[^>]+(?:src|href)=", html)
    assert "L.map(" in html
    assert "leaflet-pane" in html


def test_pictures_of_style_sheets_are_inlined_and_fonts_left_out() -> None:
    style = read_style("vendor/leaflet/leaflet.css")
    assert "url(data:image/png;base64," in style
    assert not re.search(r"url\(images", style)
    assert "@font-face" not in read_style("vendor/fontawesome-free/css/all.min.css")


def test_names_are_compared_without_version_and_min() -> None:
    assert simplify_name("https://code.jquery.com/jquery-3.7.1.min.js?x=1") == "jquery.js"
    assert find_asset(
        "https://unpkg.com/leaflet.vectorgrid@latest/dist/Leaflet.VectorGrid.bundled.js"
    ).endswith("leaflet.vectorgrid/Leaflet.VectorGrid.bundled.js")


def test_no_two_vendored_files_answer_to_one_name() -> None:
    names = [simplify_name(path) for path in read_manifest() if path.endswith((".js", ".css"))]
    assert (
        len(set(names)) == len(names) == len([p for p in index_assets().values() if p.startswith("vendor/")])
    )


def test_our_own_scripts_and_styles_name_no_outside_address() -> None:
    for path in [*STATIC.glob("*.js"), *STATIC.glob("*.css")]:
        found = list(re.findall(r"https?://[^\s\"'`)]+", Path(path).read_text(encoding="utf-8")))
        assert all(address.startswith("http://www.w3.org/") for address in found), path.name
