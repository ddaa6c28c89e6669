"""The own layers there are, and one of them taken away."""

from typing import Any

from sqlalchemy.orm import Session

from app.db import as_worker, fetch_all, fetch_value
from app.errors import NotFound
from app.territory.own.wish import check_key


def list_own_layers(session: Session) -> list[dict[str, Any]]:
    """The own layers that the session's viewer may see, by key: words, meaning, counts, file, day."""
    return [dict(row) for row in fetch_all(session, "territory/list_own_layers")]


def remove_own_layer(session: Session, key: str) -> int:
    """Take a layer away with all that stands in it; returns how many things stood there.

    Raises NotFound where there is none of that key. The right to do so is the caller's to look at.
    """
    check_key(key)
    with as_worker(session):
        features = fetch_value(session, "territory/remove_own_layer", key=key)
    if features is None:
        raise refuse_own(key)
    return int(features)


def refuse_own(key: str) -> NotFound:
    """The error for a layer that there is not, or that this viewer may not see."""
    return NotFound("no_own_layer", zh=f"没有本行图层“{key}”", en=f"there is no own layer {key!r}", layer=key)
