"""The bank's own county where nobody has said it: most of a file's addresses that name a county name it.

A bank that has loaded the names of its whole province and no ground of its own yet is still at home
somewhere: its customers say where. The same file always gives the same answer, so a batch that was stopped
goes on with it.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import chain, islice

from app.customers.address_file import AddressFile
from app.customers.geocoding import Answer, Matcher

LOOKED_AT, TAKEN = 10_000, 2_000
FEWEST, SHARE = 20, 0.6
SURE = 0.85


def settle_home(matcher: Matcher, file: AddressFile) -> Matcher:
    """The matcher with the county that the file's addresses name; as it is where it has one, or none wins."""
    counties = {place.code for place in matcher.places if place.level == "county"}
    if matcher.home_county_code is not None or len(counties) < 2:
        return matcher
    rows = islice(chain.from_iterable(file.chunks(LOOKED_AT)), LOOKED_AT)
    addresses = [row.address for row in rows if not row.fault]
    found = guess_home(matcher, addresses[:: max(1, len(addresses) // TAKEN)])
    if found is None:
        return matcher
    return Matcher(matcher.places, home_county_code=found, corrections=matcher.corrections)


def guess_home(matcher: Matcher, addresses: Iterable[str]) -> str | None:
    """The county that at least 60 % of the addresses (20 or more) name themselves, else None."""
    named = Counter(
        answer.county_code for answer in matcher.match_many(list(addresses)) if _names_county(answer)
    )
    if named.total() < FEWEST:
        return None
    code, rows = named.most_common(1)[0]
    return code if rows >= SHARE * named.total() else None


def _names_county(answer: Answer) -> bool:
    return answer.score >= SURE and bool(answer.county_code) and "missing_county" not in answer.noise
