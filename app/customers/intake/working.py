"""A slice of a customer table from file to packed bytes: the work of one process of a crew.

Read → hashed → what has not changed is dropped → checked, sealed, placed, located in columns → packed. What
comes back is bytes to be forwarded, lines for the report's file, and numbers.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from numpy.typing import NDArray

from app.access.vault import Vault
from app.customers.assignment import Ground
from app.customers.counting import Added, Columns
from app.customers.doubts import Placer
from app.customers.intake.checking import Checked, Checker
from app.customers.intake.known import Known, hash_keys, hash_rows
from app.customers.intake.marks import MARK, mark_rows
from app.customers.intake.packing import Rows, Standing, list_spots, pack_block, pack_waiting
from app.customers.intake.seen import CHANGED, LEFT_OUT, NEW, UNCHANGED
from app.customers.intake.sources import Source
from app.customers.intake.tables import Chunk, Slice
from app.customers.intake.values import Problem
from app.customers.outcome import FILED, TIERS, VISITED, Outcome
from app.customers.pool import CRASHES
from app.customers.spots import Spots, assign_rows

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Recipe:
    """What a process needs to work on slices of one import.

    `known` is the file of `Known`. `block` takes new rows (None: they wait with the changed); `ground` and
    `run_id` say where those stand (None where no plan is in force); `units` are keys of the grids' units and
    `month` the first day of this month.
    """

    source: Source
    columns: dict[str, int]
    signature: str
    import_id: int
    vault: Vault
    placer: Placer
    known: Path
    block: int | None = None
    ground: Ground | None = None
    run_id: int = 0
    units: dict[str, int] = field(default_factory=dict)
    month: Any = None


@dataclass
class Portion:
    """What a slice has become: bytes by table, lines for the left-out file, rows seen, and what they count.

    `rows` are (number, key hash, state) of the rows with a key; `counts` has read, rejected, warned, same,
    changed, new, rung:*, doubt:* and reason:*; `added` (to the counts) and `marks` are of the
    rows in the block.
    """

    last: int
    packed: dict[str, list[bytes]] = field(default_factory=dict)
    lines: bytes = b""
    numbers: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    keys: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    states: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, dtype=np.uint8))
    counts: "Counter[str]" = field(default_factory=Counter)
    added: list[Added] = field(default_factory=list)
    marks: NDArray[np.void] = field(default_factory=lambda: np.empty(0, dtype=MARK))

    def tell(self, rejected: list[dict[str, Any]], warned: list[dict[str, Any]]) -> None:
        """Rows left out and warnings, as lines and as numbers."""
        listed = rejected + [{**row, "kept": True} for row in warned]
        self.lines += b"".join((json.dumps(row, ensure_ascii=False) + "\n").encode() for row in listed)
        self.counts.update(rejected=len(rejected), warned=len(warned))
        self.counts.update(f"reason:{row['reason']}" for row in listed)

    def see(self, numbers: Ints, keys: Ints, states: NDArray[np.uint8]) -> None:
        """More rows with a key."""
        self.numbers = np.concatenate([self.numbers, numbers])
        self.keys = np.concatenate([self.keys, keys])
        self.states = np.concatenate([self.states, states])


class Worker:
    """One process's hand."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.known = Known.load(recipe.known)
        self.checker = Checker(recipe.source, recipe.columns, recipe.vault, recipe.placer)

    def work(self, chunk: Chunk) -> Portion:
        """All of it, for one chunk."""
        portion = Portion(chunk.last)
        cells = {key: chunk.columns[at] for key, at in self.recipe.columns.items()}
        keys, hashes = hash_keys(cells["source_key"]), hash_rows(cells, self.recipe.signature)
        split = self.known.split(keys, hashes)
        looked = np.flatnonzero(~split.unchanged)
        checked = self.checker.check(_part(chunk, looked))
        at = looked[checked.at]
        states = np.full(len(keys), LEFT_OUT, dtype=np.uint8)
        states[split.unchanged] = UNCHANGED
        states[at] = np.where(split.new[at], NEW, CHANGED)
        self._see(portion, chunk, keys, states)
        portion.counts.update(read=chunk.seen, same=int(split.unchanged.sum()))
        portion.tell(checked.rejected, checked.warned)
        rows = Rows(checked, hashes[at], self.recipe.source.code, self.recipe.import_id)
        self._pack(portion, rows, split.new[at])
        return portion

    def _see(self, portion: Portion, chunk: Chunk, keys: Ints, states: NDArray[np.uint8]) -> None:
        at = self.recipe.columns["source_key"]
        named = np.flatnonzero(pc.not_equal(chunk.columns[at], "").to_numpy(zero_copy_only=False))
        portion.see(chunk.numbers[named], keys[named], states[named])
        broken = [one for one in chunk.broken if at == 0 and one.first_cell.strip()]
        if broken:
            numbers = np.array([one.number for one in broken], dtype=np.int64)
            first = hash_keys(pa.array([one.first_cell for one in broken], pa.string()))
            portion.see(numbers, first, np.full(len(broken), LEFT_OUT, dtype=np.uint8))

    def _pack(self, portion: Portion, rows: Rows, new: NDArray[np.bool_]) -> None:
        spots, recipe = rows.checked.spots, self.recipe
        portion.counts.update(new=int(new.sum()), changed=int((~new).sum()))
        for rung, count in zip(*np.unique(spots.rung, return_counts=True), strict=True):
            portion.counts[f"rung:{rung}"] += int(count)
        portion.counts.update(f"doubt:{doubt.kind}" for doubt in spots.doubts.values())
        waiting = np.flatnonzero(~new) if recipe.block is not None else np.arange(len(new))
        if len(waiting):
            portion.packed["intake_row"] = [pack_waiting(rows, waiting)]
        apart = np.flatnonzero(new)
        if recipe.block is not None and len(apart):
            standing = self._assign(portion, rows.checked, apart)
            taken = rows.take(apart)
            packed = pack_block(rows, taken, recipe.block, standing)
            portion.marks = mark_rows(taken.numbers, taken.kept, taken.spot["unit_code"])
            portion.packed |= {table: [data] for table, data in packed.items() if data}

    def _assign(self, portion: Portion, checked: Checked, which: Ints) -> Standing | None:
        ground, spots = self.recipe.ground, list_spots(checked.spots, which)
        outcome = None if ground is None else assign_rows(ground, self.recipe.units, spots)
        portion.added.append(self._count(checked, which, spots, outcome).sum_up())
        return None if ground is None or outcome is None else Standing(self.recipe.run_id, ground, outcome)

    def _count(self, checked: Checked, which: Ints, spots: Spots, outcome: Outcome | None) -> Columns:
        """How the rows of a block count."""
        chosen, ground = pa.array(which), self.recipe.ground
        unit = spots.unit_code.dictionary_encode()
        grid_key, method = np.zeros(len(which), dtype=np.int64), np.full(len(which), -1)
        if ground is not None and outcome is not None and len(ground.grid_keys):
            grid_key = np.where(outcome.grid >= 0, ground.grid_keys[np.maximum(outcome.grid, 0)], 0)
            method = outcome.method
        return Columns(
            grid_key,
            unit.indices.fill_null(-1).to_numpy(zero_copy_only=False),
            unit.dictionary.to_pylist(),
            method,
            _mask(pc.equal(checked.columns["standing"].take(chosen), "existing")),
            ~np.isnan(spots.x),
            spots.rung,
            pc.index_in(checked.columns["tier"].take(chosen), pa.array(TIERS)).to_numpy(zero_copy_only=False),
            self._serve(checked, chosen),
        )

    def _serve(self, checked: Checked, chosen: Any) -> NDArray[np.int64]:
        filed = _mask(checked.columns["filed"].take(chosen))
        visits = checked.columns["last_visit_on"].take(chosen)
        visited = _mask(
            pc.fill_null(pc.greater_equal(visits, pa.scalar(self.recipe.month, pa.date32())), False)
        )
        return filed * FILED + visited * VISITED


def _mask(values: Any) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = values.to_numpy(zero_copy_only=False)
    return found


def _part(chunk: Chunk, which: Ints) -> Chunk:
    """Some rows of a chunk, with all that is broken or lost in it."""
    if len(which) == len(chunk.numbers):
        return chunk
    chosen, numbers = pa.array(which), chunk.numbers[which]
    lost = [one for one in chunk.lost if one.number in numbers]
    return Chunk(numbers, [column.take(chosen) for column in chunk.columns], chunk.last, chunk.broken, lost)


_worker: Worker | None = None


def start_working(recipe: Recipe) -> None:
    """Make this process's worker: the beginning of each process of a crew."""
    global _worker
    _worker = Worker(recipe)


def work_slice(part: Slice | list[Chunk]) -> Portion:
    """Work on a slice, or on one row of a slice that has failed, with this process's worker."""
    assert _worker is not None, "start_working runs first in each process"
    return _worker.work(part[0] if isinstance(part, list) else part.read())


def list_rows(part: Slice) -> list[Chunk]:
    """The rows of a slice that has failed, each as a chunk of its own; what was broken comes last."""
    chunk = part.read()
    rows = [
        Chunk(
            chunk.numbers[at : at + 1],
            [column.slice(at, 1) for column in chunk.columns],
            int(number),
            [],
            [one for one in chunk.lost if one.number == number],
        )
        for at, number in enumerate(chunk.numbers.tolist())
    ]
    none = [column.slice(0, 0) for column in chunk.columns]
    return [*rows, Chunk(chunk.numbers[:0], none, chunk.last, chunk.broken)]


def give_up_row(row: Chunk, reason: str) -> Portion:
    """The outcome of a row that no process could check: left out and told, and the file goes on."""
    zh, en = CRASHES[reason]
    portion = Portion(row.last)
    portion.counts["read"] = row.seen
    portion.tell([Problem(reason, zh, en).as_row(int(number), "") for number in row.numbers], [])
    return portion


def join_portions(parts: list[Portion]) -> Portion:
    """One outcome of a slice that was worked on row by row."""
    whole = Portion(parts[-1].last)
    for part in parts:
        for table, data in part.packed.items():
            whole.packed.setdefault(table, []).extend(data)
        whole.lines += part.lines
        whole.see(part.numbers, part.keys, part.states)
        whole.counts += part.counts
        whole.added += part.added
        whole.marks = np.concatenate([whole.marks, part.marks])
    return whole
