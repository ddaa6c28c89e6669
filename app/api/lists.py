"""What all lists of customers share at the door: their filters, and how a file is given."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Query
from fastapi.responses import Response

from app.customers.filters import Filters, Kind, Standing, Tier
from app.customers.list_file import MEDIA


@dataclass
class Asks:
    """The filters of a list, as they are asked."""

    kind: Kind | None = None
    tier: Tier | None = None
    standing: Standing | None = None
    rung: Annotated[int | None, Query(ge=0, le=6, description="1 by hand … 6 town, 0 unknown")] = None
    visited_since: Annotated[date | None, Query(description="visited on this day or later")] = None
    unvisited_since: Annotated[date | None, Query(description="not visited since this day, or never")] = None
    pointed: Annotated[bool | None, Query(description="false: customers without a point")] = None
    filed: Annotated[bool | None, Query(description="false: customers who are not on file yet")] = None

    def read(self) -> Filters:
        """The filters as the rooms know them."""
        return Filters(
            self.kind,
            self.tier,
            self.standing,
            self.rung,
            self.visited_since,
            self.unvisited_since,
            self.pointed,
            self.filed,
        )


def _read(asks: Annotated[Asks, Depends()]) -> Filters:
    return asks.read()


Filtered = Annotated[Filters, Depends(_read)]


def give_list(content: bytes, name: str) -> Response:
    """A file to keep, its kind told by its name's end."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=MEDIA[name.rpartition(".")[2]], headers=headers)
