"""What is known of a source's customers: enough to pass over a row that has not changed, unread.

A row's hash is taken of its cells under their fields, so another order of rows or columns changes nothing.
Hashes are SipHash-2-4 (Aumasson and Bernstein, 2012) by `pandas.util.hash_array`: the same on every machine.
24 bytes a customer; ten million are memory-mapped by every process from one file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from numpy.typing import NDArray
from pandas.util import hash_array
from sqlalchemy.orm import Session

from app.db import fetch_one, fetch_value, run_statement, stream_rows

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
# Raised when a row is read otherwise than before: then every row is looked at once more.
CHECKER = 1
# No row has this hash: a customer whose row must be looked at, whatever it says.
UNREAD = int(np.iinfo(np.int64).min)
_APART = "\x1f"
_KEY = "getu customer key"[:16]


def sign_rows(fields: Iterable[str], standing: str, *, checked: bool = True) -> str:
    """The signature of a reading: other fields, standing or checks read the same cells otherwise."""
    return f"{CHECKER}|{standing}|{'' if checked else 'unchecked|'}{','.join(sorted(fields))}"


def hash_keys(keys: pa.Array) -> Ints:
    """A hash of each key (text, (n,)), blanks around it left out."""
    return hash_texts(pc.fill_null(pc.utf8_trim_whitespace(_text(keys)), ""), _KEY)


def hash_rows(columns: Mapping[str, pa.Array], signature: str) -> Ints:
    """A hash of each row: `columns` are field → text (n,), `signature` as of `sign_rows`. Never UNREAD."""
    cells = [pc.fill_null(_text(columns[field]), "") for field in sorted(columns)]
    joined = pc.binary_join_element_wise(*cells, _APART)
    key = blake2b(signature.encode(), digest_size=8).hexdigest()
    # Lengths keep two rows apart whose cells hold the sign between cells.
    lengths = (pc.binary_length(cell).to_numpy(zero_copy_only=False).astype(np.int64) for cell in cells)
    spread: Ints = reduce(lambda sum_, length: sum_ * 1_000_003 + length, lengths)
    hashes = hash_texts(joined, key) ^ (spread << 20)
    return np.where(hashes == UNREAD, UNREAD + 1, hashes)


def _text(values: Any) -> Any:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def hash_texts(values: Any, key: str) -> Ints:
    """A hash of each text (n,) under a key of 16 characters."""
    if not len(values):
        return np.empty(0, dtype=np.int64)
    cells = values.cast(pa.large_binary()).to_numpy(zero_copy_only=False)
    return hash_array(cells, hash_key=key, categorize=False).view(np.int64)


@dataclass(frozen=True)
class Split:
    """Rows of a chunk as masks (n,): each row is in one of them."""

    unchanged: Mask
    changed: Mask
    new: Mask


@dataclass(frozen=True)
class Known:
    """A source's stored customers: hashes of keys (ascending), hashes of rows and ids, each (n,)."""

    keys: Ints
    hashes: Ints
    ids: Ints

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, keys: Ints) -> Ints:
        """The position of each key's customer, -1 for none."""
        if not len(self):
            return np.full(len(keys), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self) - 1)
        return np.where(self.keys[at] == keys, at, -1)

    def split(self, keys: Ints, row_hashes: Ints) -> Split:
        """Which rows are known and unchanged, known and changed, or new. Rows without a key are new."""
        at = self.find(keys)
        known = at >= 0
        same = np.zeros(len(keys), dtype=bool)
        same[known] = self.hashes[at[known]] == row_hashes[known]
        return Split(same, known & ~same, ~known)

    def save(self, path: Path) -> None:
        """Write the arrays into one file, aside first: a file that is there is whole."""
        aside = path.with_suffix(".part")
        with aside.open("wb") as file:
            np.save(file, np.stack([self.keys, self.hashes, self.ids]))
        aside.replace(path)

    @staticmethod
    def load(path: Path) -> "Known":
        """The arrays of a file, memory-mapped: processes share them."""
        keys, hashes, ids = np.load(path, mmap_mode="r")
        return Known(keys, hashes, ids)


def note_names(session: Session, import_id: int) -> None:
    """An import remembers by which names its customers were placed."""
    run_statement(session, "customers/intake/note_names", import_id=import_id, names=read_names(session))


def read_names(session: Session) -> str:
    """With which names and corrections addresses are read now."""
    found = fetch_one(session, "customers/find_matcher_version")
    return f"{found['names']}|{found['teachings']}" if found else ""


def read_known(session: Session, source: str) -> Known:
    """All customers of a source, also those who are gone. In the worker's hand.

    Who is gone, has no hash yet, or was not placed surely by other names than today's is UNREAD: his row is
    looked at again.
    """
    none = np.empty((3, 0), dtype=np.int64)
    rows = stream_rows(session, "customers/intake/list_known", source=source)
    keys, hashes, ids = np.concatenate([none, *(_read_part(row) for row in rows)], axis=1)
    hashes[np.isin(ids, _find_unsure(session, source))] = UNREAD
    order = np.argsort(keys, kind="stable")
    return Known(keys[order], hashes[order], ids[order])


def _read_part(row: Mapping[str, Any]) -> Ints:
    """Hashes of keys, hashes of rows and ids of one row of arrays, as (3, n)."""
    keys = hash_keys(pa.array(row["keys"], type=pa.string()))
    return np.stack([keys, np.array(row["hashes"]), np.array(row["ids"])]).astype(np.int64)


def _find_unsure(session: Session, source: str) -> Ints:
    """Who was placed unsurely when other names were known."""
    names = read_names(session)
    imports = fetch_value(session, "customers/intake/find_stale_imports", source=source, names=names)
    if not imports:
        return np.empty(0, dtype=np.int64)
    found = fetch_value(session, "customers/intake/find_unsure", source=source, imports=imports)
    return np.array(found or [], dtype=np.int64)
