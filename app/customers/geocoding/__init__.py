"""Geocoding: from an address typed by hand to the place that it names, without any network.

read = geocoding.read_places("gazetteer.csv")
matcher = geocoding.Matcher(read.places, home_county_code="320614")
answer = matcher.match("南通市海门区悦来镇習正村12组3号")
"""

from app.customers.geocoding.answers import LEVELS, NOISES, WARNINGS, Answer, Candidate
from app.customers.geocoding.counties import County, list_counties
from app.customers.geocoding.geocoders import GEOCODERS, Batch, Geocoder
from app.customers.geocoding.matcher import Matcher
from app.customers.geocoding.normalise import Normalised, normalise
from app.customers.geocoding.places import PLACE_LEVELS, Place, PlacesRead, Reject, read_places

__all__ = [
    "GEOCODERS",
    "LEVELS",
    "NOISES",
    "PLACE_LEVELS",
    "WARNINGS",
    "Answer",
    "Batch",
    "Candidate",
    "County",
    "Geocoder",
    "Matcher",
    "Normalised",
    "Place",
    "PlacesRead",
    "Reject",
    "list_counties",
    "normalise",
    "read_places",
]
