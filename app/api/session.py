"""Who asked: sign-in and sign-out, and the dependency that opens a transaction for the right viewer.

The transaction's dependency has function scope: with the default scope the answer is sent *before* the
commit, and a failing commit would still be heard as 200 (measured; tests/api shows it).
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.access import Person, Right, record, require
from app.access.signing_in import Refused, find_key, find_session, mark_session, sign_in, sign_out
from app.api.errors import PROBLEMS
from app.api.service import Service, service_of
from app.db.connection import GATE
from app.errors import NotAllowed, NotSignedIn

router = APIRouter(prefix="/api/v1", tags=["session 登录"], responses=PROBLEMS)
# An open page compares it with its own: rights that were changed show at the next answer.
MARK = "X-Getu-Mark"
SAFE = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Asked:
    """A request that may go on: who asks, and his open transaction."""

    person: Person
    session: Session
    service: Service


def cookie_name(service: Service) -> str:
    """`__Host-getu` behind TLS; a plain name on http, which browsers would refuse the prefix on."""
    return "__Host-getu" if service.settings.https else "getu"


def find_person(request: Request) -> tuple[Person, str | None] | None:
    """The person behind the request's API key or cookie, with the CSRF token of a cookie session."""
    service = service_of(request)
    header = request.headers.get("authorization", "")
    token = request.cookies.get(cookie_name(service))
    with service.database.line(GATE.db_role) as line:
        if header.startswith("Bearer "):
            person = find_key(line, header.removeprefix("Bearer ").strip())
            return None if person is None else (person, None)
        found = find_session(line, token, settings=service.settings) if token else None
    if found is None or token is None:
        return None
    if found.off:
        request.state.account_off = True
        return None
    if found.over or found.unmarked:
        with service.database.transaction(GATE) as session:
            mark_session(session, token, over=found.over)
    return None if found.over else (found.person, found.csrf)


def current_person(request: Request) -> Person:
    """Who is signed in. Raises NotSignedIn, and NotAllowed for a non-GET without the CSRF token."""
    found = find_person(request)
    if found is None and getattr(request.state, "account_off", False):
        raise NotSignedIn("account_off", zh="您的账号已停用", en="this account is switched off")
    if found is None:
        raise NotSignedIn("not_signed_in", zh="请先登录", en="sign in first")
    person, csrf = found
    if csrf is not None and request.method not in SAFE:
        sent = request.headers.get("x-csrf-token", "")
        if not hmac.compare_digest(sent.encode(), csrf.encode()):
            raise NotAllowed(
                "csrf", zh="页面已过期，请刷新后再试", en="the X-CSRF-Token header is missing or stale"
            )
    return person


CurrentPerson = Annotated[Person, Depends(current_person)]


def allowed(right: Right) -> Any:
    """A route's dependency: the viewer holds `right`; his transaction is open till the answer is made."""

    def open_transaction(request: Request, response: Response, person: CurrentPerson) -> Iterator[Asked]:
        require(person, right)
        service = service_of(request)
        response.headers[MARK] = person.mark
        with service.database.transaction(person.viewer) as session:
            yield Asked(person, session, service)

    open_transaction.right = right  # type: ignore[attr-defined]  # read by the authorization matrix test
    return Depends(open_transaction, scope="function")


class Credentials(BaseModel):
    """A staff number and a password."""

    model_config = ConfigDict(json_schema_extra={"example": {"login": "head", "password": "getu-demo-head"}})
    login: str = Field(max_length=64)
    password: str = Field(max_length=256)


ME_EXAMPLE: dict[str, Any] = {
    "login": "head",
    "name": "周海峰",
    "role": "head",
    "rights": ["see_ground", "see_customers"],
    "start": "/",
    "csrf": "pV3cJ0…",
}


class Me(BaseModel):
    """Who is signed in, and the token that every non-GET request must send as X-CSRF-Token."""

    model_config = ConfigDict(json_schema_extra={"example": ME_EXAMPLE})
    login: str
    name: str
    role: str
    rights: list[str]
    start: str = Field(description="the page to open after signing in")
    csrf: str | None


class Seen(Me):
    """Who is signed in, and two short texts that change with what he may do and which ground he sees."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**ME_EXAMPLE, "mark": "5f0c1d7a", "sight": "b2a94e03"}}
    )
    mark: str
    sight: str


@router.post("/session", response_model=Me)
def start_session(request: Request, response: Response, credentials: Credentials) -> Me:
    """Sign in; sets an HttpOnly session cookie. Wrong passwords are counted and lock the account."""
    service = service_of(request)
    address = request.client.host if request.client else "?"
    service.throttle.check(address)
    with service.database.transaction(GATE) as session:
        outcome = sign_in(session, credentials.login.strip(), credentials.password, settings=service.settings)
        if isinstance(outcome, Refused):
            record(
                session, "sign_in_refused", subject=credentials.login[:64], detail={"reason": outcome.reason}
            )
        else:
            record(session, "sign_in", subject=outcome.person.login)
    if isinstance(outcome, Refused):
        service.throttle.fail(address)
        raise _refusal(outcome)
    response.set_cookie(
        cookie_name(service),
        outcome.token,
        max_age=int(service.settings.session_limit.total_seconds()),
        httponly=True,
        secure=service.settings.https,
        samesite="lax",
        path="/",
    )
    return show_person(outcome.person, outcome.csrf)


def _refusal(outcome: Refused) -> NotSignedIn:
    if outcome.reason == "locked":
        return NotSignedIn(
            "account_locked",
            zh="密码错误次数过多，账号已锁定，请稍后再试或联系管理员",
            en="too many wrong passwords; the account is locked for a while",
        )
    return NotSignedIn("wrong_password", zh="工号或密码不对", en="wrong login or password")


def show_person(person: Person, csrf: str | None) -> Me:
    """A person as the page needs him."""
    return Me(
        login=person.login,
        name=person.name,
        role=person.role,
        rights=sorted(person.rights),
        start=person.start,
        csrf=csrf,
    )


@router.delete("/session", status_code=204)
def end_session(request: Request, response: Response, person: CurrentPerson) -> None:
    """Sign out: the session ends on the server at once."""
    service = service_of(request)
    token = request.cookies.get(cookie_name(service), "")
    with service.database.transaction(GATE) as session:
        sign_out(session, token)
        record(session, "sign_out", subject=person.login)
    service.people.forget(token)
    response.delete_cookie(cookie_name(service), path="/")


@router.get("/me", response_model=Seen)
def show_me(request: Request, person: CurrentPerson) -> Seen:
    """Who is signed in, and what he may see; an open page asks now and then, and when the line was gone."""
    found = find_person(request)
    me = show_person(person, found[1] if found else None)
    (row,) = service_of(request).database.look(person.viewer, [("maps/find_scope", {})])
    assert row is not None
    sight = sha256(str(row["scope"]).encode()).hexdigest()[:8]
    return Seen(**me.model_dump(), mark=person.mark, sight=sight)
