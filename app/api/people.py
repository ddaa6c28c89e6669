"""People who just asked: known by their credential for a second, so that 30 tiles ask the database once."""

import threading
import time
from hashlib import sha256

from app.access import Person

KNOWN_FOR_S = 1.0
MOST_KNOWN = 10_000


class People:
    """Who is behind a cookie or a key, for a second; the credential itself is not kept."""

    def __init__(self, known_for_s: float = KNOWN_FOR_S) -> None:
        self.known_for_s = known_for_s
        self._known: dict[bytes, tuple[float, Person]] = {}
        self._lock = threading.Lock()

    def find(self, credential: str) -> Person | None:
        """Who this is, where he was seen within the second."""
        until, person = self._known.get(digest(credential), (0.0, None))
        return person if until >= time.monotonic() else None

    def keep(self, credential: str, person: Person) -> Person:
        """Know a person for a second."""
        with self._lock:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[digest(credential)] = (time.monotonic() + self.known_for_s, person)
        return person

    def forget(self, credential: str) -> None:
        """He signed out: his next request is asked anew."""
        with self._lock:
            self._known.pop(digest(credential), None)


def digest(credential: str) -> bytes:
    """What a credential is kept by."""
    return sha256(credential.encode("utf-8", "surrogatepass")).digest()
