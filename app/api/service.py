"""What a running service holds: settings, database, keys. Hung on the application once, at start."""

from dataclasses import dataclass, field

from fastapi import Request

from app.access import Vault
from app.api.people import People
from app.api.throttle import Throttle
from app.db import Database
from app.maps.base import Bases
from app.maps.tiles import Seats, Sights, Tile
from app.settings import Settings


@dataclass(frozen=True)
class Service:
    """The parts every route may need."""

    settings: Settings
    database: Database
    vault: Vault
    throttle: Throttle = field(default_factory=Throttle)
    people: People = field(default_factory=People)
    sights: Sights = field(default_factory=Sights)
    seats: Seats[Tile] = field(default_factory=Seats)
    bases: Bases = field(default_factory=Bases)


def service_of(request: Request) -> Service:
    """The service that answers this request."""
    service = request.app.state.service
    assert isinstance(service, Service)
    return service
