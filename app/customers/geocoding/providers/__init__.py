"""The map services that a bank with a gateway may ask, one entry of `PROVIDERS` each.

Importing them opens nothing.
A new one is a module with its `build`, `read`, codes and levels, and a place in the tuple; the conformance
tests run over it.
"""

from app.customers.geocoding.providers.amap import AMAP
from app.customers.geocoding.providers.baidu import BAIDU
from app.customers.geocoding.providers.kinds import (
    PASSING,
    Claim,
    Key,
    Outcome,
    Provider,
    Question,
    Reply,
)
from app.customers.geocoding.providers.nominatim import NOMINATIM
from app.customers.geocoding.providers.photon import PHOTON
from app.customers.geocoding.providers.tencent import TENCENT
from app.customers.geocoding.providers.tianditu import TIANDITU

PROVIDERS: tuple[Provider, ...] = (AMAP, TENCENT, BAIDU, TIANDITU, NOMINATIM, PHOTON)
_BY_KEY = {provider.key: provider for provider in PROVIDERS}


def find_provider(key: str) -> Provider:
    """The provider of a key; raises KeyError, for settings name only known ones."""
    return _BY_KEY[key]


__all__ = [
    "PASSING",
    "PROVIDERS",
    "Claim",
    "Key",
    "Outcome",
    "Provider",
    "Question",
    "Reply",
    "find_provider",
]
