"""The one table from a domain error to an HTTP status, and its form: RFC 9457 problem+json.

A bug is a 500 with a number to look up in the log; never a trace, never database text.
"""

import json
import uuid
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from app import errors

log = structlog.get_logger()

STATUSES: tuple[tuple[type[errors.GetuError], int], ...] = (
    (errors.NotSignedIn, 401),
    (errors.NotAllowed, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.NeedsAnswer, 422),
    (errors.BadInput, 422),
    (errors.TooMany, 429),
    (errors.NotReady, 503),
)
WORDS = {
    400: ("请求格式不对", "bad request"),
    401: ("请先登录", "not signed in"),
    403: ("没有权限", "not allowed"),
    404: ("没有找到", "not found"),
    405: ("不支持这种请求方式", "method not allowed"),
    413: ("文件太大", "too large"),
    422: ("内容有误", "cannot be used as it is"),
}


class Problem(BaseModel):
    """An RFC 9457 problem with a stable `code` and a sentence in Chinese and English."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "type": "about:blank",
                "title": "没有这个网格，或不在您的范围内",
                "status": 404,
                "code": "no_grid",
                "detail_zh": "没有这个网格，或不在您的范围内",
                "detail_en": "no such grid in your sight",
            }
        },
    )
    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail_zh: str
    detail_en: str


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": text,
        "content": {"application/problem+json": {"schema": Problem.model_json_schema()}},
    }
    for status, text in [
        (401, "not signed in"),
        (403, "the role lacks the right"),
        (404, "nothing of that name in the viewer's sight"),
        (409, "clashes with what is stored"),
        (422, "the request cannot be used as it is"),
        (503, "the database is not ready"),
    ]
}


def answer(status: int, code: str, *, zh: str, en: str, facts: dict[str, Any] | None = None) -> Response:
    """A problem+json response."""
    body = {
        "type": "about:blank",
        "title": zh,
        "status": status,
        "code": code,
        "detail_zh": zh,
        "detail_en": en,
        **(facts or {}),
    }
    # A half surrogate that was sent is no text; it comes back as a question mark.
    text = json.dumps(body, ensure_ascii=False, default=str).encode("utf-8", "replace")
    return Response(text, status_code=status, media_type="application/problem+json")


def status_of(error: errors.GetuError) -> int:
    """The HTTP status of a domain error: the first class of `STATUSES` it belongs to."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def tell_errors(app: FastAPI) -> None:
    """Give the application its error answers."""

    @app.exception_handler(errors.GetuError)
    def domain(_request: Request, error: errors.GetuError) -> Response:
        return answer(status_of(error), error.code, zh=error.zh, en=error.en, facts=error.facts)

    @app.exception_handler(RequestValidationError)
    def malformed(_request: Request, error: RequestValidationError) -> Response:
        places = [
            {"where": ".".join(str(part) for part in item["loc"]), "what": item["msg"]}
            for item in error.errors()
        ]
        names = "、".join(item["where"] for item in places)
        return answer(
            422, "malformed", zh=f"参数有误：{names}", en=f"malformed: {names}", facts={"errors": places}
        )

    @app.exception_handler(UnicodeEncodeError)
    def no_text(request: Request, error: UnicodeEncodeError) -> Response:
        if not any("\ud800" <= sign <= "\udfff" for sign in error.object[error.start : error.end]):
            return bug(request, error)
        return answer(
            422, "malformed", zh="参数中有不是文字的字符", en="malformed: half a character is no text"
        )

    @app.exception_handler(HTTPException)
    def plain(_request: Request, error: HTTPException) -> Response:
        zh, en = WORDS.get(error.status_code, ("请求未完成", "the request was not carried out"))
        told = answer(error.status_code, f"http_{error.status_code}", zh=zh, en=en)
        told.headers.update(error.headers or {})
        return told

    @app.exception_handler(Exception)
    def bug(_request: Request, error: Exception) -> Response:
        number = uuid.uuid4().hex[:12]
        log.error("unexpected", number=number, exc_info=error)
        return answer(
            500,
            "unexpected",
            zh=f"程序出错，编号 {number}，请告知管理员",
            en=f"an unexpected error; tell the administrator number {number}",
            facts={"number": number},
        )
