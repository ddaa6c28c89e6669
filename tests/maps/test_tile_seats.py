"""Under load: so many draw at once, equal wishes are drawn once, the rest hear when to ask again."""

import asyncio
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.db import Viewer
from app.errors import NotReady
from app.maps.ground import Ground
from app.maps.tiles import Seats, Sight, Sights

GROUND = Ground(1, "V1", "n", "in_force", True, None, None, 1, "V1", "in_force", 0, 0, 1, 1)
HEAD = Viewer("getu_head", 1)


def run(asked: Coroutine[Any, Any, Any]) -> Any:
    """Run on a loop of its own thread: this one may hold a browser's."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asked).result()


def test_equal_wishes_are_drawn_once() -> None:
    drawn: list[int] = []
    seats: Seats[int] = Seats(2)

    def draw() -> int:
        time.sleep(0.05)
        drawn.append(1)
        return len(drawn)

    async def ask() -> list[int]:
        return list(await asyncio.gather(*(seats.draw("one", draw) for _ in range(9))))

    assert run(ask()) == [1] * 9
    seats.close()


def test_who_finds_no_seat_is_told_when_to_ask_again() -> None:
    going_on = threading.Event()
    seats: Seats[bool] = Seats(1, waiting=1, patience_s=0.1)

    async def ask(key: int) -> str:
        try:
            await seats.draw(key, lambda: going_on.wait(5))
        except NotReady as error:
            return f"{error.code}, again after {error.facts['retry_after_s']} s"
        return "drawn"

    async def crowd() -> list[str]:
        told = list(await asyncio.gather(*(ask(key) for key in range(4))))
        going_on.set()
        return told

    assert run(crowd()) == ["tiles_busy, again after 2 s"] * 4
    seats.close()


def test_what_fails_to_be_drawn_is_drawn_anew_for_the_next() -> None:
    seats: Seats[int] = Seats(1)

    def fail() -> int:
        raise NotReady("database_away", zh="数据库暂时不可用", en="away")

    with pytest.raises(NotReady, match="database_away"):
        run(seats.draw("one", fail))
    assert run(seats.draw("one", lambda: 7)) == 7
    seats.close()


def test_a_page_that_speaks_of_a_newer_state_is_never_shown_the_known_one() -> None:
    sights = Sights(known_for_s=60)
    old = sights.keep(HEAD, Sight("s", GROUND, "1"))
    assert sights.find(HEAD) == sights.find(HEAD, version="1") == old
    assert sights.find(HEAD, version="2") is None
    new = sights.keep(HEAD, Sight("s", GROUND, "2"), version="2")
    assert sights.find(HEAD, version="2") == new
    assert sights.find(HEAD, version="1") is None  # asked for once more, and known to be past then
    sights.keep(HEAD, new, version="1")
    assert sights.find(HEAD, version="1") == new


def test_a_sight_is_known_for_its_time_only() -> None:
    sights = Sights(known_for_s=0.02)
    sights.keep(HEAD, Sight("s", GROUND, "1"))
    time.sleep(0.03)
    assert sights.find(HEAD) is None
