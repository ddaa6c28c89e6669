"""Checked rows as the bytes of COPY: for the tables of a block, or for the rows that wait to be merged."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from numpy.typing import NDArray

from app.customers.assignment import Ground
from app.customers.doubts import Doubt
from app.customers.intake.checking import Checked
from app.customers.outcome import METHODS, REASONS, Outcome
from app.customers.spots import Spots
from app.db.packing import pack_rows, points_of

Ints = NDArray[np.int64]
# Block k holds the ids from k times this on; a row's id is that plus its number in the file.
BLOCK = 1_000_000_000
KEPT = (
    "source_key",
    "kind",
    "standing",
    "name",
    "id_card_enc",
    "id_card_hash",
    "phone_enc",
    "phone_hash",
    "address",
    "household_no",
    "relation",
    "tier",
    "lead_level",
    "booking_branch_code",
    "deposit_yuan",
    "loan_yuan",
    "filed",
    "last_visit_on",
)
SPOT = ("rung", "method", "score", "geom", "place_code", "unit_code", "accuracy_m", "datum")
COLUMNS: dict[str, tuple[str, ...]] = {
    "customer": ("id", "source_code", *KEPT, "import_id", "row_hash"),
    "placement": ("customer_id", *SPOT),
    "assignment_row": (
        "customer_id",
        "run_id",
        "grid_key",
        "rung",
        "method",
        "reason",
        "standing",
        "tier",
        "geom",
    ),
    "placement_case": ("customer_id", "kind", "score", "prefix", "town_code", "answer", "detail"),
    "intake_row": ("import_id", "row_no", *KEPT, *SPOT, "doubt", "row_hash"),
}


@dataclass(frozen=True)
class Rows:
    """Checked rows of one import with the hashes of their rows as they came (n,)."""

    checked: Checked
    hashes: Ints
    source: str
    import_id: int

    def take(self, which: Ints) -> "Taken":
        """Some of them."""
        checked, spots = self.checked, self.checked.spots
        whole = len(which) == len(checked)
        chosen = pa.array(which)

        def of(column: Any) -> Any:
            return column if whole else column.take(chosen)

        at = {int(row): place for place, row in enumerate(which.tolist())} if spots.doubts else {}
        return Taken(
            checked.numbers[which],
            {key: of(checked.columns[key]) for key in KEPT},
            {
                "rung": pa.array(spots.rung[which]),
                "method": of(spots.method),
                "score": pa.array(spots.score[which]),
                "geom": points_of(spots.x[which], spots.y[which]),
                **{
                    key: of(getattr(spots, key)) for key in ("place_code", "unit_code", "accuracy_m", "datum")
                },
            },
            self.hashes[which],
            {at[row]: doubt for row, doubt in spots.doubts.items() if row in at},
        )


@dataclass(frozen=True)
class Taken:
    """Rows ready to be packed: numbers, the columns `KEPT` and `SPOT`, hashes, and doubts by place."""

    numbers: Ints
    kept: dict[str, Any]
    spot: dict[str, Any]
    hashes: Ints
    doubts: dict[int, Doubt]


@dataclass(frozen=True)
class Standing:
    """In which run rows stand, by which ground and outcome (n,) of theirs."""

    run_id: int
    ground: Ground
    outcome: Outcome


def pack_waiting(rows: Rows, which: Ints) -> bytes:
    """The bytes of `intake_row` for some rows."""
    taken = rows.take(which)
    count = len(which)
    doubts = [_jsonb(taken.doubts[at].as_json()) if at in taken.doubts else None for at in range(count)]
    return pack_rows(
        [
            _same(rows.import_id, count),
            pa.array(taken.numbers),
            *taken.kept.values(),
            *taken.spot.values(),
            pa.array(doubts, pa.binary()),
            pa.array(taken.hashes),
        ]
    )


def pack_block(rows: Rows, taken: Taken, block: int, standing: Standing | None) -> dict[str, bytes]:
    """The bytes of a block's tables for some rows; `standing` is theirs, None where no plan is in force."""
    count, ids = len(taken.numbers), taken.numbers + block * BLOCK
    key = pa.array(ids)
    packed = {
        "customer": pack_rows(
            [
                key,
                _word(rows.source, count),
                *taken.kept.values(),
                _same(rows.import_id, count),
                pa.array(taken.hashes),
            ]
        ),
        "placement": pack_rows([key, *taken.spot.values()]),
        "placement_case": _pack_cases(ids, taken.doubts),
    }
    if standing is not None:
        packed["assignment_row"] = _pack_standing(key, taken, standing)
    return packed


def _pack_standing(key: Any, taken: Taken, standing: Standing) -> bytes:
    out, ground = standing.outcome, standing.ground
    grid = (
        ground.grid_keys[np.maximum(out.grid, 0)]
        if len(ground.grid_keys)
        else np.zeros(len(out.grid), np.int64)
    )
    reasons = pa.array([word or None for word in REASONS], pa.string())
    return pack_rows(
        [
            key,
            _same(standing.run_id, len(key)),
            pa.array(grid, mask=out.grid < 0),
            taken.spot["rung"],
            pa.array(METHODS, pa.string()).take(pa.array(out.method)),
            reasons.take(pa.array(out.reason)),
            taken.kept["standing"],
            taken.kept["tier"],
            taken.spot["geom"],
        ]
    )


def _pack_cases(ids: Ints, doubts: dict[int, Doubt]) -> bytes:
    if not doubts:
        return b""
    held: Sequence[Doubt] = list(doubts.values())
    return pack_rows(
        [
            pa.array(ids[list(doubts)]),
            pa.array([one.kind for one in held], pa.string()),
            pa.array([one.score for one in held], pa.float64()),
            pa.array([one.prefix for one in held], pa.string()),
            pa.array([one.town_code for one in held], pa.string()),
            pa.array([_jsonb(one.answer) for one in held], pa.binary()),
            pa.array([_jsonb(one.detail) for one in held], pa.binary()),
        ]
    )


def _jsonb(value: dict[str, Any]) -> bytes:
    """As PostgreSQL takes jsonb in binary: a version and the text."""
    return b"\x01" + json.dumps(value, ensure_ascii=False).encode()


def _same(number: int, rows: int) -> Any:
    return pa.array(np.full(rows, number, dtype=np.int64))


def _word(word: str, rows: int) -> Any:
    return pa.array([word], pa.string()).take(pa.array(np.zeros(rows, dtype=np.int64)))


def count_words(column: Any) -> dict[str, int]:
    """How often each word of a column stands in it."""
    return {str(one["values"]): int(one["counts"]) for one in pc.value_counts(column).to_pylist()}


def list_spots(spots: Spots, which: Ints) -> Spots:
    """Some of the placements, without their doubts and wrongs."""
    chosen = pa.array(which)
    return Spots(
        spots.rung[which],
        spots.method.take(chosen),
        spots.score[which],
        spots.x[which],
        spots.y[which],
        spots.place_code.take(chosen),
        spots.unit_code.take(chosen),
        spots.accuracy_m.take(chosen),
        spots.datum.take(chosen),
        {},
        {},
    )
