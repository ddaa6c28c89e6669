"""Identity and telephone numbers of a chunk, sealed and blinded: see `app.access.vault`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from app.access.vault import Vault


@dataclass(frozen=True)
class Sealed:
    """A column sealed and its blind index, both binary (n,) with null where there was no value."""

    sealed: Any
    blind: Any


def seal_column(vault: Vault, field: str, source: str, keys: Any, values: Any) -> Sealed:
    """Seal values (text (n,), null for none; None for no such column) of a source's rows with these keys."""
    rows = len(keys)
    if values is None or values.null_count == rows:
        return Sealed(pa.nulls(rows, pa.binary()), pa.nulls(rows, pa.binary()))
    known = pc.is_valid(values)
    present = values.filter(known).to_pylist()
    records = [f"{source}|{key}" for key in keys.filter(known).to_pylist()]
    sealed = pa.array(vault.seal_many(field, records, present), pa.binary())
    blind = pa.array(vault.blind_many(field, present), pa.binary())
    if len(present) == rows:
        return Sealed(sealed, blind)
    mask = known.to_numpy(zero_copy_only=False)
    at = pa.array(np.cumsum(mask) - 1, mask=~mask)
    return Sealed(sealed.take(at), blind.take(at))
