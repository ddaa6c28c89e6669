"""The written interface is whole and true, and nothing a stranger can send brings the service to a 500."""

import warnings
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel

from app.api import routes
from app.api.errors import PROBLEMS
from tests.conftest import DemoBank

# Made by the framework, not by us: the multipart form of an upload.
FORMS = "Body_"
# Routes for whoever runs the service have no viewer and so no problems to tell.
PLAIN = ("/healthz", "/readyz", "/metrics")


@pytest.fixture(scope="module")
def written(demo_bank: DemoBank) -> dict[str, Any]:
    """The OpenAPI document as it is served."""
    answer = demo_bank.client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


def operations(written: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in written["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def api_routes() -> Iterator[APIRoute]:
    for router in routes.ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                yield route


def test_every_route_is_written_with_a_summary_and_a_description(written: dict[str, Any]) -> None:
    listed = dict(operations(written))
    assert set(listed) == {f"{method} {route.path}" for route in api_routes() for method in route.methods}
    assert [
        name for name, told in listed.items() if not told.get("summary") or not told.get("description")
    ] == []
    assert all(told.get("tags") for told in listed.values())


def test_every_route_that_asks_who_looks_tells_its_problems(written: dict[str, Any]) -> None:
    silent = []
    for name, told in operations(written):
        if name.split()[1] not in PLAIN:
            missing = {str(status) for status in PROBLEMS} - set(told["responses"])
            forms = [told["responses"][str(s)]["content"] for s in PROBLEMS if str(s) in told["responses"]]
            if missing or any("application/problem+json" not in form for form in forms):
                silent.append(name)
    assert silent == []


def test_every_model_has_an_example_that_holds(written: dict[str, Any]) -> None:
    schemas = written["components"]["schemas"]
    bare = [
        n for n, s in schemas.items() if not n.startswith(FORMS) and "example" not in s and "enum" not in s
    ]
    assert bare == []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, schema in schemas.items():
            if "example" in schema:
                whole = {**schema, "components": written["components"]}
                jsonschema.validate(schema["example"], whole), name


def models() -> Iterator[type[BaseModel]]:
    for route in api_routes():
        fields = [route.response_field, route.body_field]
        for field in fields:
            kind = getattr(getattr(field, "field_info", None), "annotation", None)
            for model in (kind, *getattr(kind, "__args__", ())):
                if isinstance(model, type) and issubclass(model, BaseModel):
                    yield model


@pytest.mark.parametrize("model", sorted(set(models()), key=lambda m: m.__name__))
def test_an_example_is_accepted_by_its_own_model(model: type[BaseModel]) -> None:
    if model.__name__.startswith(FORMS):
        assert "file" in model.model_fields
        return
    extra = model.model_config.get("json_schema_extra")
    assert isinstance(extra, dict)
    example = extra["example"]
    assert isinstance(example, dict)
    model.model_validate(example)
    assert set(example) <= set(model.model_fields) or model.model_config.get("extra") == "allow"
