"""What another process does in test_locate_file.py; imports little, so that it begins at once."""

import pickle
import resource
import signal
import sys
from pathlib import Path

import numpy as np
import shapely

from app.spatial.index_file import open_locator
from app.spatial.locate import Locator


def layer() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nine squares of uneven size, and points over and beside them."""
    edges = np.array([121.0, 121.1, 121.13, 121.3])
    west, south = (grid.ravel() for grid in np.meshgrid(edges[:-1], edges[:-1] - 90))
    east, north = (grid.ravel() for grid in np.meshgrid(edges[1:], edges[1:] - 90))
    x, y = (
        grid.ravel() for grid in np.meshgrid(np.linspace(120.9, 121.4, 101), np.linspace(30.9, 31.4, 101))
    )
    return shapely.box(west, south, east, north), x, y


def answer(home: Path) -> list[int]:
    """Where the points lie, by the index kept under a home."""
    polygons, x, y = layer()
    return open_locator(polygons, home).locate(x, y).tolist()


def answer_of(sent: bytes) -> list[int]:
    """The same by a locator that came pickled."""
    locator: Locator = pickle.loads(sent)
    return locator.locate(*layer()[1:]).tolist()


if __name__ == "__main__":
    # The disk is full: a limit on the size of files stands for it.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))
    sys.stdout.write(" ".join(map(str, answer(Path(sys.argv[1])))))
