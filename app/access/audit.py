"""The audit: one row a request or act, naming the customers seen; the database refuses to change it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.db import Viewer
from app.models import Audit


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
    session.execute(
        insert(Audit.__table__)  # type: ignore[arg-type]
        .inline()
        .values(
            user_id=viewer.user_id if by is None else by,
            action=action,
            subject=subject,
            customer_ids=list(customer_ids),
            detail=detail or {},
        )
    )
