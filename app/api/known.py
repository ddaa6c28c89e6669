"""Who asks, for answers of a fraction of a millisecond: a dependency that opens no transaction.

A session that ended, a person whose rights were withdrawn, a revoked key: known at the latest a second later.
"""

from typing import Any

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from app.access import Person, Right, require
from app.api.service import service_of
from app.api.session import cookie_name, current_person


def known(right: Right) -> Any:
    """A route's dependency: the person who asks, holding `right`; looked up once a second."""

    async def find(request: Request) -> Person:
        service = service_of(request)
        header = request.headers.get("authorization", "")
        credential = header if header.startswith("Bearer ") else request.cookies.get(cookie_name(service), "")
        person = service.people.find(credential) if credential else None
        if person is None:
            person = await run_in_threadpool(current_person, request)
            service.people.keep(credential, person)
        require(person, right)
        return person

    find.right = right  # type: ignore[attr-defined]  # read by the authorization matrix test
    return Depends(find)
