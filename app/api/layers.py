"""Layers out: what may be fetched, and a layer as a file in the format, encoding and system asked for."""

import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict
from starlette.background import BackgroundTask

from app.access import record
from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.clock import today
from app.spatial.formats.writing import WRITERS, Writing
from app.territory.layers import SharedLayer, When, export_layer, find_layer, find_writer, list_layers

router = APIRouter(prefix="/api/v1/layers", tags=["layers 图层"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_ground")]


class OutputShown(BaseModel):
    """A kind of file that a layer goes out as."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "format": "shapefile",
                "suffix": ".zip",
                "zh": "Shapefile（zip 压缩包）",
                "en": "Shapefile (zip)",
                "encodings": ["gbk", "utf-8"],
            }
        }
    )
    format: str
    suffix: str
    zh: str
    en: str
    encodings: list[str]


class LayerShown(BaseModel):
    """A layer, how many features the viewer would get, and what it can go out as."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "key": "villages",
                "zh": "村和社区",
                "en": "villages and communities",
                "geometry": "area",
                "features": 296,
                "formats": [
                    {
                        "format": "geopackage",
                        "suffix": ".gpkg",
                        "zh": "GeoPackage",
                        "en": "GeoPackage",
                        "encodings": ["utf-8"],
                    }
                ],
            }
        }
    )
    key: str
    zh: str
    en: str
    geometry: str
    features: int
    formats: list[OutputShown]


@router.get("", response_model=list[LayerShown])
def list_all(asked: Sees) -> Any:
    """The layers that can be fetched, as the viewer would get them today."""
    shown = [
        {"format": w.key, "suffix": w.suffix, "zh": w.title_zh, "en": w.title_en, "encodings": w.encodings}
        for w in WRITERS
    ]
    return [{**layer, "formats": shown} for layer in list_layers(asked.session)]


@router.get("/{key}/export", response_class=FileResponse)
def export_one(
    key: str,
    asked: Sees,
    format: Annotated[
        str, Query(description="shapefile, geopackage, geojson, kml, geoparquet, xlsx, csv")
    ] = "geopackage",
    encoding: Annotated[str | None, Query(description="of a shapefile or CSV: gbk or utf-8")] = None,
    crs: Annotated[str, Query(description="EPSG:4490, EPSG:4549, gcj02 …")] = "EPSG:4490",
    plan: Annotated[str | None, Query(description="of grids and findings: the plan's code")] = None,
    on: Annotated[date | None, Query(description="of units: the day on which they stand")] = None,
) -> FileResponse:
    """A layer as a file, cut to what the viewer sees; audited. What goes out comes in again."""
    how: Writing = {"format": format, "crs": crs}
    if encoding:
        how["encoding"] = encoding
    return send_layer(asked, find_layer(key), when=When(on or today(), plan), how=how)


def send_layer(asked: Asked, layer: SharedLayer, *, when: When, how: Writing) -> FileResponse:
    """A layer as a file for a viewer who may see it; audited, and gone from our disk once it is sent."""
    writer = find_writer(how["format"])
    folder = asked.service.settings.files / "exports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = Path(tempfile.mkdtemp(dir=folder))
    path = aside / f"{layer.key}{writer.suffix}"
    try:
        count = export_layer(asked.session, layer, path, when=when, how={**how, "format": writer.key})
        detail = {"format": writer.key, "crs": how["crs"][:40], "features": count}
        record(asked.session, "export_layer", subject=layer.key, detail=detail)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    gone = BackgroundTask(shutil.rmtree, aside, ignore_errors=True)
    return FileResponse(path, media_type=writer.media_type, filename=path.name, background=gone)
