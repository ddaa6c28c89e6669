"""The matcher's own work on a chunk, but for an address that kills its process."""

import os
import signal
from collections.abc import Sequence

from app.customers import batch
from app.customers.address_file import AddressRow


def match_and_die(rows: Sequence[AddressRow]) -> batch.Matched:
    """Match; an address with CRASH in it kills."""
    if any("CRASH" in row.address for row in rows):
        os.kill(os.getpid(), signal.SIGKILL)
    return batch.match_chunk(rows)
