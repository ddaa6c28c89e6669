"""Four posts a grid (row A9): somebody manages, answers, does and supervises.

Who is not named by hand follows from the organisation: the branch's head manages, the primary manager answers
and does, the department that looks after the branch supervises. Nothing is typed in twice.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.clock import today
from app.db import as_worker, fetch_all
from app.errors import BadInput, NotFound
from app.models import GridPost
from app.territory.organisation import find_staff

POSTS: Mapping[str, tuple[str, str]] = {
    "manages": ("管", "manages"),
    "answers": ("应", "answers"),
    "does": ("办", "does"),
    "supervises": ("督", "supervises"),
}


def list_posts_of(
    session: Session, grid_ids: list[int], *, on: date | None = None
) -> dict[int, dict[str, Any]]:
    """Grid id → post → {code, name, by_hand} or None, on a date (today), for grids known to be in sight.

    Names of the supervising people are told to all.
    """
    with as_worker(session):
        rows = fetch_all(session, "territory/scheme/list_posts", grid_ids=grid_ids, on=on or today())
    posts: dict[int, dict[str, Any]] = {grid_id: dict.fromkeys(POSTS) for grid_id in grid_ids}
    for row in rows:
        if row["code"] is not None:
            told = {"code": row["code"], "name": row["name"], "by_hand": row["by_hand"]}
            posts[row["grid_id"]][row["post"]] = told
    return posts


def set_posts(session: Session, grid_id: int, posts: Mapping[str, str | None]) -> dict[str, Any]:
    """Name people for posts of a grid by hand; None gives the post back to the rule. Returns all four.

    Raises NotFound for a grid out of sight or an unknown person, BadInput `bad_post`.
    """
    wrong = [post for post in posts if post not in POSTS]
    if wrong:
        raise BadInput(
            "bad_post", zh=f"不认识的岗位：{wrong[0]}", en=f"unknown post: {wrong[0]}", posts=list(POSTS)
        )
    if not fetch_all(session, "territory/scheme/find_grid", grid_id=grid_id):
        raise NotFound("no_grid", zh="没有这个网格，或不在您的范围内", en="no such grid in your sight")
    people = {post: find_staff(session, code).id for post, code in posts.items() if code is not None}
    with as_worker(session):
        session.execute(delete(GridPost).where(GridPost.grid_id == grid_id, GridPost.post.in_(posts)))
        session.add_all(GridPost(grid_id=grid_id, post=post, staff_id=who) for post, who in people.items())
    return list_posts_of(session, [grid_id])[grid_id]
