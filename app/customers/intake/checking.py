"""Rows are checked, sealed and placed: pure work on a chunk of columns, done in processes of its own.

A bad row is data: it is listed with its number, a reason code and what to do. A row whose
coordinates are unusable keeps its place in the bank: the coordinates are dropped with a warning and
the address is asked instead.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from numpy.typing import NDArray

from app.access.vault import Vault
from app.customers.doubts import Asked, Placer
from app.customers.intake.cells import (
    Notes,
    Tell,
    blank_to_null,
    mask_of,
    read_amounts,
    read_degrees,
    read_each,
    trim,
)
from app.customers.intake.numbers import WRONGS, Numbers, read_id_cards, read_phones
from app.customers.intake.relations import read_relation
from app.customers.intake.sealing import Sealed, seal_column
from app.customers.intake.sources import Source
from app.customers.intake.tables.lost import tell_lost
from app.customers.intake.tables.table import Chunk
from app.customers.intake.values import Problem, read_date, read_flag, read_word
from app.customers.spots import Spots, place_rows
from app.db.packing import amounts_of

KINDS = {
    "个人": "person",
    "自然人": "person",
    "家庭": "household",
    "企业": "firm",
    "公司": "firm",
    "商户": "merchant",
}
STANDINGS = {"存量": "existing", "存量客户": "existing", "潜在": "prospect", "潜在客户": "prospect"}
TIERS = {"战略": "strategic", "战略客户": "strategic", "重点": "key", "重点客户": "key", "普通": "regular"}
LEVELS = {"总行": "head_office", "支行": "branch", "团队": "team", "网点": "outlet"}
# Fields of known words, in the order in which faults are told; without a word a customer is of the last.
WORDS: tuple[tuple[str, dict[str, str], str, str | None], ...] = (
    ("kind", KINDS, "客户类型", "person"),
    ("standing", STANDINGS, "存量/潜在", None),
    ("tier", TIERS, "客户等级", "regular"),
    ("lead_level", LEVELS, "牵头层级", None),
)
_SHORTENED = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+")
# What stands where bytes were no text in any encoding of the file.
_NO_SIGN = "\ufffd"
# Fields that are kept as they are written.
TEXTS = ("address", "household_no", "booking_branch_code")

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Checked:
    """A chunk's outcome: rows that are kept in columns, rows left out, and warnings on rows that were kept.

    `at` are the places of the kept rows in the chunk, `numbers` theirs in the file; `columns` are those of a
    customer from source_key to last_visit_on, each (n,); `spots` are their placements.
    """

    at: Ints
    numbers: Ints
    columns: dict[str, Any]
    spots: Spots
    rejected: list[dict[str, Any]]
    warned: list[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True)
class Checker:
    """Everything a process needs to check chunks of one file."""

    source: Source
    columns: dict[str, int]
    vault: Vault
    placer: Placer

    def check(self, chunk: Chunk) -> Checked:
        """Check, seal and place one chunk."""
        notes = Notes()
        cells = {key: trim(chunk.columns[at]) for key, at in self.columns.items()}
        self._refuse_lost_keys(chunk, cells["source_key"], notes)
        values = self._read(cells, notes, len(chunk.numbers))
        keep = np.ones(len(chunk.numbers), dtype=bool)
        keep[list(notes.refused)] = False
        at = np.flatnonzero(keep)
        chosen = pa.array(at)
        kept = {key: column.take(chosen) for key, column in values.items()} if len(at) < len(keep) else values
        spots = self._place(kept)
        rows = _Rows(chunk.numbers, cells["source_key"])
        warned = [rows.tell(row, problem) for row, problem in notes.warned if keep[row]]
        warned += [rows.tell(int(at[i]), Problem(*wrong)) for i, wrong in spots.wrongs.items()]
        return Checked(
            at,
            chunk.numbers[at],
            self._seal(kept),
            spots,
            self._refuse(chunk, rows, notes),
            sorted(warned + self._lost(chunk, rows, keep), key=lambda row: int(row["row"])),
        )

    def _refuse_lost_keys(self, chunk: Chunk, keys: Any, notes: Notes) -> None:
        """A customer number that a spreadsheet has shortened is nobody's: 1E+05 may be any of many."""
        lost = [one.number for one in chunk.lost if one.column == self.columns["source_key"]]
        rows = [*np.searchsorted(chunk.numbers, lost).tolist()]
        # Asked plainly first: the pattern is dear, and hardly any file holds such a key.
        maybe = np.flatnonzero(mask_of(pc.match_substring(keys, "E+")))
        rows += [row for row in maybe.tolist() if _SHORTENED.fullmatch(keys[row].as_py())]
        for row in rows:
            one = tell_lost(0, 0)
            notes.refuse(row, Problem(one.reason, one.zh, one.en))

    def _refuse(self, chunk: Chunk, rows: "_Rows", notes: Notes) -> list[dict[str, Any]]:
        """The rows left out, those among them that were no rows at all."""
        first = self.columns["source_key"] == 0
        broken = [
            Problem(one.reason, one.zh, one.en).as_row(one.number, one.first_cell.strip() if first else "")
            for one in chunk.broken
        ]
        refused = [rows.tell(row, problem) for row, problem in notes.refused.items()]
        return sorted(refused + broken, key=lambda row: int(row["row"]))

    @staticmethod
    def _lost(chunk: Chunk, rows: "_Rows", keep: NDArray[np.bool_]) -> list[dict[str, Any]]:
        """Warnings of cells whose value was lost before the file came."""
        lost = [(int(np.searchsorted(chunk.numbers, one.number)), one) for one in chunk.lost]
        return [rows.tell(row, Problem(one.reason, one.zh, one.en)) for row, one in lost if keep[row]]

    def _read(self, cells: Mapping[str, Any], notes: Notes, rows: int) -> dict[str, Any]:
        """The columns as values, in the order in which faults are told."""
        none = pa.array(np.zeros(rows, dtype="S1").astype(str), pa.string())

        def get(key: str) -> Any:
            return cells.get(key, none)

        for key, zh, en in (
            ("key", "没有客户号，请补上", "no customer key"),
            ("name", "没有客户名称，请补上", "no name"),
        ):
            column = get("source_key" if key == "key" else key)
            for row in np.flatnonzero(mask_of(pc.equal(column, ""))).tolist():
                notes.refuse(row, Problem(f"no_{key}", zh, en))
        refuse, warn = notes.refuse, notes.warn
        for key, zh, tell in (
            ("source_key", "客户号", refuse),
            ("name", "名称", warn),
            ("address", "地址", warn),
        ):
            _tell_unreadable(get(key), f"{zh}里", f"the {key}", tell)
        values = {"source_key": get("source_key"), "name": get("name"), "datum": get("datum")}
        for key, words, zh, default in WORDS:
            usual = self.source.standing if key == "standing" else default
            values[key] = read_each(get(key), _reader(words, key, zh, usual), pa.string(), refuse)
        for key, zh in (("deposit_yuan", "存款余额"), ("loan_yuan", "贷款余额")):
            values[key] = _yuan(get(key), zh, refuse)
        values["filed"] = read_each(get("filed"), read_flag, pa.bool_(), refuse)
        values["relation"] = read_each(get("relation"), read_relation, pa.string(), warn)
        values["last_visit_on"] = read_each(get("last_visit_on"), read_date, pa.date32(), warn)
        lon, lat = read_degrees(get("lon"), get("lat"), warn)
        values["lon"], values["lat"] = pa.array(lon), pa.array(lat)
        texts = {key: blank_to_null(get(key)) for key in TEXTS}
        return {**values, **self._read_numbers(cells, values["kind"], warn), **texts}

    def _read_numbers(self, cells: Mapping[str, Any], kind: Any, tell: Tell) -> dict[str, Any]:
        """Identity and telephone numbers; those of invented people are not what they should be."""
        given = {key: cells[key] for key in ("id_card", "phone") if key in cells}
        if not self.source.check_numbers:
            return {key: blank_to_null(column) for key, column in given.items()}
        firm = mask_of(pc.is_in(pc.fill_null(kind, ""), pa.array(["firm", "merchant"])))
        return {
            key: _number(read_id_cards(column, firm) if key == "id_card" else read_phones(column), tell)
            for key, column in given.items()
        }

    def _place(self, kept: Mapping[str, Any]) -> Spots:
        address = pc.fill_null(kept["address"], "").dictionary_encode()
        word = kept["datum"].dictionary_encode()
        return place_rows(
            self.placer,
            Asked(
                address.dictionary.to_pylist(),
                address.indices.to_numpy().astype(np.int64),
                kept["lon"].to_numpy(),
                kept["lat"].to_numpy(),
                word.dictionary.to_pylist(),
                word.indices.to_numpy().astype(np.int64),
            ),
        )

    def _seal(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of a customer from source_key on, in the order of the table."""
        sealed = {
            field: seal_column(self.vault, field, self.source.code, kept["source_key"], kept.get(field))
            for field in ("id_card", "phone")
        }
        return {**{key: kept[key] for key in ("source_key", "kind", "standing", "name")}, **_lay(sealed)} | {
            key: kept[key] for key in LAST
        }


LAST = (
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


def _lay(sealed: Mapping[str, Sealed]) -> dict[str, Any]:
    named = {}
    for field, columns in sealed.items():
        named[f"{field}_enc"], named[f"{field}_hash"] = columns.sealed, columns.blind
    return named


@dataclass(frozen=True)
class _Rows:
    """Rows of a chunk as a report names them."""

    numbers: Ints
    keys: Any

    def tell(self, row: int, problem: Problem) -> dict[str, Any]:
        """The report's row of a problem."""
        return problem.as_row(int(self.numbers[row]), self.keys[row].as_py())


def _reader(words: dict[str, str], code: str, zh: str, default: str | None) -> Callable[[str | None], Any]:
    return lambda cell: read_word(cell, words, code, zh, default=default)


def _yuan(column: Any, zh: str, tell: Tell) -> Any:
    return amounts_of(*read_amounts(column, zh, tell))


def _tell_unreadable(column: Any, zh: str, en: str, tell: Tell) -> None:
    """Tell the rows whose cell held bytes that are no text: what is stored of them is not what was sent."""
    problem = Problem(
        "unreadable",
        f"{zh}有无法识别的字节（乱码），请核对文件编码后重新导出",
        f"{en} holds bytes that are no text; check the file's encoding and export it again",
    )
    for row in np.flatnonzero(mask_of(pc.match_substring(column, _NO_SIGN))).tolist():
        tell(row, problem)


def _number(numbers: Numbers, tell: Tell) -> Any:
    for row in np.flatnonzero(numbers.wrongs).tolist():
        tell(row, Problem(*WRONGS[numbers.wrongs[row]]))
    return numbers.values


def chunk_of(rows: Sequence[tuple[int, Sequence[str]]], width: int) -> Chunk:
    """A chunk of a few rows `(number, cells)` of `width` cells each."""
    columns = [pa.array([cells[at] for _, cells in rows], pa.string()) for at in range(width)]
    return Chunk(np.array([number for number, _ in rows], dtype=np.int64), columns, rows[-1][0])
