"""Sign-in: passwords (argon2id), server-side browser sessions, keys of other systems.

Every verb runs in a transaction of the gate, which sees users, sessions and keys and no bank data.
A failed sign-in is a *value*, so that its count is committed; the caller turns it into an error.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Semaphore
from typing import Any

from pwdlib import PasswordHash
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.access.people import ROLES, Person
from app.access.teams import TEAMS
from app.db.lines import Line
from app.errors import BadInput
from app.models import ApiKey, AppUser, UserSession
from app.settings import Settings

HASHER = PasswordHash.recommended()
# argon2id takes 64 MiB and 0.2 s a hash: more than a few at once is a way to bring the service down.
HASHING = Semaphore(3)
SHORTEST_PASSWORD = 8
OF_USER = ("id", "login", "name", "role", "staff_id", "branch_id", "team")
# A session's last use is written once a minute, not at each request.
MARKED_EVERY = timedelta(minutes=1)
_NOBODY = HASHER.hash(secrets.token_hex(16))


@dataclass(frozen=True)
class SignedIn:
    """A fresh session: the cookie's token (told once) and the token that non-GET requests must carry."""

    token: str
    csrf: str
    person: Person


@dataclass(frozen=True)
class Refused:
    """Why nobody was signed in: `wrong` (user or password, never told which) or `locked` until a moment."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True)
class Found:
    """The person of a browser session; is it over, is this use of it to be noted, is the account off?"""

    person: Person
    csrf: str
    over: bool
    unmarked: bool
    off: bool


def hash_password(password: str) -> str:
    """argon2id of a password; raises BadInput when it is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise BadInput(
            "short_password",
            zh="密码至少 8 位",
            en="a password has at least 8 characters",
        )
    with HASHING:
        return HASHER.hash(password)


def sign_in(session: Session, login: str, password: str, *, settings: Settings) -> SignedIn | Refused:
    """Check a password and open a session, counting failures and locking after too many."""
    now = datetime.now(UTC)
    user = session.scalar(select(AppUser).where(AppUser.login == login).with_for_update())
    if user is not None and user.locked_until is not None and user.locked_until > now:
        return Refused("locked", user.locked_until)
    known = user.password_hash if user is not None and user.active and user.password_hash else _NOBODY
    with HASHING:
        right = HASHER.verify(password[:256], known)
    if user is None or known is _NOBODY or not right:
        return _count_failure(user, now, settings)
    user.failed_logins, user.locked_until = 0, None
    return _open_session(session, user, now, settings)


def _count_failure(user: AppUser | None, now: datetime, settings: Settings) -> Refused:
    if user is None:
        return Refused("wrong")
    user.failed_logins += 1
    if user.failed_logins >= settings.lock_after:
        user.failed_logins, user.locked_until = 0, now + settings.lock_for
        return Refused("locked", user.locked_until)
    return Refused("wrong")


def _open_session(session: Session, user: AppUser, now: datetime, settings: Settings) -> SignedIn:
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    session.add(
        UserSession(
            token_hash=_digest(token),
            user_id=user.id,
            csrf=csrf,
            created_at=now,
            seen_at=now,
            expires_at=now + settings.session_limit,
        )
    )
    return SignedIn(token, csrf, person_of(user))


def find_session(line: Line, token: str, *, settings: Settings) -> Found | None:
    """The person and CSRF token behind a cookie, on a line of the gate; None when unknown, or over."""
    rows = line.ask("access/find_session", token_hash=_digest(token))
    if not rows:
        return None
    row, now = rows[0], datetime.now(UTC)
    over = row["expires_at"] < now or row["seen_at"] < now - settings.session_idle
    unmarked = row["seen_at"] < now - MARKED_EVERY
    return Found(_person_of_row(row), row["csrf"], over=over, unmarked=unmarked, off=not row["active"])


def mark_session(session: Session, token: str, *, over: bool) -> None:
    """A browser session was seen now, or is forgotten because it was idle too long or over."""
    mine = UserSession.token_hash == _digest(token)
    if over:
        session.execute(delete(UserSession).where(mine))
    else:
        session.execute(update(UserSession).where(mine).values(seen_at=datetime.now(UTC)))


def sign_out(session: Session, token: str) -> None:
    """End a browser session at once."""
    session.execute(delete(UserSession).where(UserSession.token_hash == _digest(token)))


def find_key(line: Line, key: str) -> Person | None:
    """The system behind an API key `prefix.secret`, on a line of the gate; None when unknown or over."""
    prefix, _, secret = key.partition(".")
    if "\x00" in prefix:
        return None
    rows = line.ask("access/find_key", prefix=prefix)
    if not rows or rows[0]["expires_at"] <= datetime.now(UTC):
        return None
    if not hmac.compare_digest(bytes(rows[0]["key_hash"]), _digest(secret)):
        return None
    return _person_of_row(rows[0], scopes=frozenset(rows[0]["scopes"]))


def make_key(session: Session, user: AppUser, name: str, *, scopes: list[str], days: int) -> str:
    """A new key for a system user; its clear text is told once and never stored."""
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    expires = datetime.now(UTC) + timedelta(days=days)
    session.add(
        ApiKey(
            prefix=prefix,
            key_hash=_digest(secret),
            user_id=user.id,
            name=name,
            scopes=scopes,
            expires_at=expires,
        )
    )
    return f"{prefix}.{secret}"


def person_of(user: AppUser) -> Person:
    """The signed-in person of a user row."""
    return _person_of_row({name: getattr(user, name) for name in OF_USER})


def _person_of_row(row: Mapping[str, Any], *, scopes: frozenset[str] | None = None) -> Person:
    assert row["role"] in ROLES
    return Person(
        row["id"],
        row["login"],
        row["name"],
        row["role"],
        row["staff_id"],
        row["branch_id"],
        scopes=scopes,
        team=row["team"] if row["team"] in TEAMS else None,
    )


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
