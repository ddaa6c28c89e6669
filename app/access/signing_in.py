"""Sign-in: passwords (argon2id), server-side browser sessions, keys of other systems.

Every verb runs in a transaction of the gate, which sees users, sessions and keys and no bank data.
A failed sign-in is a *value*, so that its count is committed; the caller turns it into an error.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Semaphore

from pwdlib import PasswordHash
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.access.people import ROLES, Person
from app.access.teams import TEAMS
from app.errors import BadInput
from app.models import ApiKey, AppUser, UserSession
from app.settings import Settings

HASHER = PasswordHash.recommended()
# argon2id takes 64 MiB and 0.2 s a hash: more than a few at once is a way to bring the service down.
HASHING = Semaphore(3)
SHORTEST_PASSWORD = 8
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


def find_session(session: Session, token: str, *, settings: Settings) -> tuple[Person, str] | None:
    """The person and CSRF token behind a cookie; None when it is unknown, idle too long or over."""
    now = datetime.now(UTC)
    row = session.execute(
        select(UserSession, AppUser)
        .join(AppUser, AppUser.id == UserSession.user_id)
        .where(UserSession.token_hash == _digest(token), AppUser.active)
    ).first()
    if row is None:
        return None
    browser, user = row
    if browser.expires_at < now or browser.seen_at < now - settings.session_idle:
        session.execute(delete(UserSession).where(UserSession.token_hash == browser.token_hash))
        return None
    if browser.seen_at < now - timedelta(minutes=1):
        session.execute(
            update(UserSession).where(UserSession.token_hash == browser.token_hash).values(seen_at=now)
        )
    return person_of(user), browser.csrf


def sign_out(session: Session, token: str) -> None:
    """End a browser session at once."""
    session.execute(delete(UserSession).where(UserSession.token_hash == _digest(token)))


def find_key(session: Session, key: str) -> Person | None:
    """The system behind an API key `prefix.secret`; None when unknown, revoked or expired."""
    prefix, _, secret = key.partition(".")
    row = session.execute(
        select(ApiKey, AppUser).join(AppUser, AppUser.id == ApiKey.user_id).where(ApiKey.prefix == prefix)
    ).first()
    if row is None:
        return None
    stored, user = row
    alive = stored.revoked_at is None and stored.expires_at > datetime.now(UTC) and user.active
    if not alive or not hmac.compare_digest(stored.key_hash, _digest(secret)):
        return None
    return person_of(user, scopes=frozenset(stored.scopes))


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


def person_of(user: AppUser, *, scopes: frozenset[str] | None = None) -> Person:
    """The signed-in person of a user row."""
    assert user.role in ROLES
    return Person(
        user.id,
        user.login,
        user.name,
        user.role,
        user.staff_id,
        user.branch_id,
        scopes=scopes,
        team=user.team if user.team in TEAMS else None,
    )


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
