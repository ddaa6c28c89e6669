"""Too many wrong sign-ins from one address wait, whatever account they try."""

import threading
import time
from collections import defaultdict, deque

from app.errors import TooMany

TRIES, WINDOW_S = 20, 600.0


class Throttle:
    """Counts failures by address within a sliding window; one process, so a restart forgets."""

    def __init__(self) -> None:
        self._failures: dict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def check(self, address: str) -> None:
        """Raise TooMany when this address has failed too often lately."""
        with self._lock:
            failures = self._failures.get(address)
            while failures and failures[0] < time.monotonic() - WINDOW_S:
                failures.popleft()
            if failures and len(failures) >= TRIES:
                raise TooMany(
                    "too_many_tries",
                    zh="登录失败次数过多，请 10 分钟后再试",
                    en="too many failed sign-ins; try again in ten minutes",
                )

    def fail(self, address: str) -> None:
        """One more failure of this address."""
        with self._lock:
            self._failures[address].append(time.monotonic())
