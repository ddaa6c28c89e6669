"""The bank's own layers: loaded from a file, listed, taken away; and what one thing of them is."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Path, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.access import record, require
from app.api.errors import PROBLEMS
from app.api.service import service_of
from app.api.session import Asked, CurrentPerson, allowed
from app.api.uploads import spool
from app.errors import BadInput
from app.maps.own_card import show_own
from app.maps.words import Lang
from app.spatial.formats import Limits
from app.territory import own
from app.territory.boundaries import ImportOptions

router = APIRouter(prefix="/api/v1/map/own", tags=["map 地图"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_ground")]
Loads = Annotated[Asked, allowed("import_boundaries")]
Number = Annotated[int, Path(ge=0, lt=2**63)]
# Somebody waits at the form: a file that takes longer is loaded by `getu layer add`.
LONGEST_S = 60
LAYER: dict[str, Any] = {
    "key": "roads",
    "zh": "道路",
    "en": "Roads",
    "why_zh": "县道以上",
    "why_en": "County roads and above",
    "meaning": "reference",
    "audience": "all",
    "colour": "grey",
    "name_column": None,
    "class_column": "级别",
    "features": 812,
    "file_name": "道路.zip",
    "loaded_at": "2026-11-22T09:30:00+08:00",
    "left_out": 3,
}


class OwnLayer(BaseModel):
    """An own layer: words, meaning, who may see it, how many things it holds, where they came from."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": LAYER})
    key: str
    zh: str
    en: str
    features: int


class OwnReport(BaseModel):
    """The report of a load, as that of a boundary import; `status` imported, needs_answer or rejected."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "status": "imported",
                "features": 812,
                "left_out": 1,
                "rejected": [{"row": 7, "reason": "no_shape", "message": "没有图形 / no shape"}],
                "questions": [],
                "layer": {"key": "roads", "zh": "道路", "en": "Roads"},
            }
        },
    )
    status: Literal["imported", "needs_answer", "rejected"]
    features: int
    left_out: int


class OwnFeature(BaseModel):
    """A thing of an own layer."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "id": 41,
                "name": "城东分理处",
                "class": "建设银行",
                "layer": {"key": "rivals", "name": "他行网点"},
                "values": {"地址": "人民路 8 号"},
                "nearest": {"id": 3, "code": "0101", "name": "常乐支行", "distance_m": 812},
            }
        },
    )
    id: int
    name: str


class Words(BaseModel):
    """What is said of the layer that a file becomes."""

    model_config = ConfigDict(extra="forbid")
    zh: str
    en: str
    key: str | None = None
    why_zh: str = ""
    why_en: str = ""
    meaning: str = "reference"
    audience: str = "all"
    colour: str = "grey"
    name_column: str | None = None
    class_column: str | None = None
    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    answers: dict[str, str] = Field(default_factory=dict)
    dry_run: bool = False


@router.post("", response_model=OwnReport)
def load_layer(
    request: Request,
    person: CurrentPerson,
    file: Annotated[list[UploadFile], File(description="one file, or the loose parts of one layer")],
    options: Annotated[
        str, Form(description='JSON, e.g. {"zh": "道路", "en": "Roads", "class_column": "级别"}')
    ],
) -> Any:
    """Load a file of points, lines or areas as an own layer; what stood under its key is replaced whole.

    options: `zh, en` (its names), `key` (made of the English name), `why_zh, why_en`, `meaning` (reference,
    competitors), `audience` (all; bank: head office and who draws the ground), `colour`, `name_column`,
    `class_column`, and as for boundaries `layer, crs, encoding, answers, dry_run`. The answer is the report:
    with `needs_answer` and `rejected` nothing was stored. 422 for words that cannot stand.
    """
    require(person, "import_boundaries")
    words = _read_words(options)
    wish = _make_wish(words)
    wish.check()
    service = service_of(request)
    path, name = spool(file, service.settings)
    limits = Limits.of(service.settings)
    limits = replace(limits, wall_s=min(limits.wall_s, LONGEST_S), cpu_s=min(limits.cpu_s, LONGEST_S))
    taken = ImportOptions(
        layer=words.layer,
        crs=words.crs,
        encoding=words.encoding,
        answers=words.answers,
        dry_run=words.dry_run,
        file_name=name,
        limits=limits,
    )
    with service.database.transaction(person.viewer) as session:
        report = own.load_own_layer(session, path, wish, options=taken, user_id=person.user_id)
        if report["status"] == "imported" and not words.dry_run:
            detail = {"features": report["features"], "left_out": report["left_out"], "file": name}
            record(session, "load_layer", subject=wish.key, detail=detail)
    return report


def _read_words(text: str) -> Words:
    try:
        return Words.model_validate_json(text)
    except ValidationError as error:
        places = "、".join(
            dict.fromkeys(".".join(map(str, one["loc"])) or "options" for one in error.errors())
        )
        raise BadInput(
            "bad_options", zh=f"图层的说明不对：{places}", en=f"these options cannot stand: {places}"
        ) from None


def _make_wish(words: Words) -> own.LayerWish:
    said = {name: getattr(words, name) for name in own.LayerWish.__slots__ if name != "key"}
    return own.LayerWish(key=words.key or own.make_key(words.en), **said)


@router.get("", response_model=list[OwnLayer])
def list_own(asked: Sees) -> Any:
    """The own layers in sight, by key."""
    return own.list_own_layers(asked.session)


@router.delete("/{key}", status_code=204)
def remove_layer(key: Annotated[str, Path(max_length=40)], asked: Loads) -> None:
    """Take an own layer away with all that stands in it; audited. 404 where there is none."""
    features = own.remove_own_layer(asked.session, key)
    record(asked.session, "remove_layer", subject=key, detail={"features": features})


@router.get("/features/{feature_id}", response_model=OwnFeature)
def show_feature(feature_id: Number, asked: Sees, lang: Lang = "zh") -> Any:
    """The card of a thing of an own layer. 404 where there is none in sight."""
    return show_own(asked.session, feature_id, lang=lang)
