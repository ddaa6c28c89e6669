"""The audit: one row a request or act, naming the customers seen; the database refuses to change it."""

from collections.abc import Sequence
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from app.db import Viewer, ask_driver


def record(
    session: Session,
    action: str,
    *,
    subject: str | None = None,
    customer_ids: Sequence[int] = (),
    detail: dict[str, Any] | None = None,
    by: int | None = None,
) -> None:
    """Add an audit row in the viewer's own name, in the same transaction as what it tells of.

    `by` is the user for whom the worker acts: a job's own creator.
    """
    viewer = session.info["viewer"]
    assert isinstance(viewer, Viewer)
    # Every request has one: the driver itself is asked, the way through the ORM costs four times as much.
    ask_driver(
        session,
        "access/write_audit",
        user_id=viewer.user_id if by is None else by,
        action=action,
        subject=subject,
        customer_ids=list(customer_ids),
        detail=Jsonb(detail or {}),
    )
