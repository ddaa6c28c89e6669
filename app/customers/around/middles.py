"""Where a ring has its middle: an outlet, a point in degrees of its own datum, or a customer; one of them."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.customers.around.outlets import find_point, list_outlets
from app.customers.around.rings import RADIUS_M, Ring, open_ring
from app.errors import BadInput
from app.territory.whereabouts import Question


@dataclass(frozen=True, slots=True)
class Middle:
    """What was given: an outlet's code, or longitude and latitude in degrees of a datum, or a customer."""

    outlet: str | None = None
    lon: float | None = None
    lat: float | None = None
    datum: str = "cgcs2000"
    customer: int | None = None

    def require_one(self) -> None:
        """Raises BadInput `two_middles` where more than one is given, for then one would be passed over."""
        pointed = (self.lon, self.lat) != (None, None)
        if (self.outlet is not None) + pointed + (self.customer is not None) > 1:
            raise BadInput(
                "two_middles",
                zh="网点、经纬度与客户只能给一种",
                en="give an outlet, a point or a customer, not more than one",
            )

    def find_point(self) -> tuple[float, float]:
        """Longitude and latitude in EPSG:4326.

        Raises BadInput where none is given (`no_point`), for a datum nobody knows, for 0, 0 and for no point.
        """
        if self.lon is None or self.lat is None:
            raise BadInput("no_point", zh="请给出网点，或经度与纬度", en="give an outlet, or lon and lat")
        return Question(self.lon, self.lat, datum=self.datum).require_somewhere().to_storage()


def open_ring_at(
    session: Session, middle: Middle, *, radius_m: float = RADIUS_M, nearest_only: bool = False
) -> Ring:
    """The ring round an outlet or a point. Raises BadInput for none, for two, and for a point that should be
    the nearest outlet; NotFound for no such outlet."""
    middle.require_one()
    if middle.outlet is not None:
        return open_ring(session, middle.outlet, radius_m=radius_m, nearest_only=nearest_only)
    if nearest_only:
        raise BadInput("no_outlet_named", zh="请先给出网点", en="name the outlet that is to be nearest")
    return Ring(*middle.find_point(), radius_m)


def find_middle(session: Session, middle: Middle) -> tuple[float, float, int | None]:
    """Longitude and latitude (EPSG:4326), and the rung of a customer's placement.

    Raises what `Middle`, `find_point` (a customer in sight, audited) and `list_outlets` raise.
    """
    middle.require_one()
    if middle.customer is not None:
        return find_point(session, middle.customer)
    if middle.outlet is not None:
        one = list_outlets(session, [middle.outlet])[0]
        return one.lon, one.lat, None
    return *middle.find_point(), None
