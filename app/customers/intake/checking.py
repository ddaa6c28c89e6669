"""Rows are checked, sealed and placed: pure work on a chunk, done in processes of its own.

A bad row is data: it is listed with its number, a reason code and what to do. A row whose
coordinates are unusable keeps its place in the bank: the coordinates are dropped with a warning and
the address is asked instead.
"""

from dataclasses import dataclass
from typing import Any

from app.access.vault import Vault
from app.customers.doubts import Judged, Placer, judge_rows
from app.customers.intake.fields import Source
from app.customers.intake.reading import Rows
from app.customers.intake.relations import read_relation
from app.customers.intake.values import (
    Problem,
    read_amount,
    read_coordinates,
    read_date,
    read_flag,
    read_word,
)
from app.customers.pool import CRASHES

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


@dataclass(frozen=True)
class Checked:
    """A chunk's outcome: rows ready for COPY, rows rejected, and warnings on rows that were kept."""

    rows: list[tuple[Any, ...]]
    rejected: list[dict[str, Any]]
    warned: list[dict[str, Any]]
    last_row: int
    seen: int


@dataclass(frozen=True)
class Checker:
    """Everything a process needs to check chunks of one file."""

    source: Source
    columns: dict[str, int]
    width: int
    vault: Vault
    placer: Placer

    def check(self, chunk: Rows) -> Checked:
        """Check, seal and place one chunk of `(row number, cells)`."""
        kept: list[dict[str, Any]] = []
        rejected: list[dict[str, Any]] = []
        warned: list[dict[str, Any]] = []
        for number, cells in chunk:
            try:
                row = self._read(number, cells)
            except Problem as problem:
                rejected.append(problem.as_row(number, self._key(cells)))
                continue
            warned.extend(problem.as_row(number, row["source_key"]) for problem in row.pop("warnings"))
            kept.append(row)
        places = self._place(kept, warned)
        rows = [self._finish(row, judged) for row, judged in zip(kept, places, strict=True)]
        return Checked(rows, rejected, warned, chunk[-1][0], len(chunk))

    def _key(self, cells: list[str]) -> str:
        """The key of a row left out; in a row of another width only the first cell is surely in place."""
        at = self.columns["source_key"]
        return cells[at] if cells and (at == 0 or len(cells) == self.width) else ""

    def _read(self, number: int, cells: list[str]) -> dict[str, Any]:
        """One row as values; raises Problem when the row cannot be a customer."""
        if len(cells) != self.width:
            raise Problem(
                "columns", f"列数是 {len(cells)}，应为 {self.width}", f"{len(cells)} cells, not {self.width}"
            )
        row: dict[str, Any] = {key: cells[at].strip() for key, at in self.columns.items()}
        if not row["source_key"]:
            raise Problem("no_key", "没有客户号，请补上", "no customer key")
        if not row["name"]:
            raise Problem("no_name", "没有客户名称，请补上", "no name")
        row["row_no"], row["warnings"] = number, []
        row["kind"] = read_word(row.get("kind"), KINDS, "kind", "客户类型", default="person")
        row["standing"] = read_word(
            row.get("standing"), STANDINGS, "standing", "存量/潜在", default=self.source.standing
        )
        row["tier"] = read_word(row.get("tier"), TIERS, "tier", "客户等级", default="regular")
        row["lead_level"] = read_word(row.get("lead_level"), LEVELS, "lead_level", "牵头层级", default=None)
        row["deposit_yuan"] = read_amount(row.get("deposit_yuan"), "存款余额")
        row["loan_yuan"] = read_amount(row.get("loan_yuan"), "贷款余额")
        row["filed"] = read_flag(row.get("filed"))
        row["relation"] = self._soft(row, lambda: read_relation(row.get("relation")))
        row["last_visit_on"] = self._soft(row, lambda: read_date(row.get("last_visit_on")))
        row["xy"] = self._soft(row, lambda: read_coordinates(row.get("lon"), row.get("lat")))
        return row

    @staticmethod
    def _soft(row: dict[str, Any], read: Any) -> Any:
        """The value, or None with a warning on the row."""
        try:
            return read()
        except Problem as problem:
            row["warnings"].append(problem)
            return None

    def _place(self, kept: list[dict[str, Any]], warned: list[dict[str, Any]]) -> list[Judged]:
        """Placements of the kept rows with the doubts about them; coordinates of no use are warned of."""
        judged = judge_rows(
            self.placer,
            [(row.get("address", ""), *(row["xy"] or (None, None)), row.get("datum", "")) for row in kept],
        )
        for row, one in zip(kept, judged, strict=True):
            if one.wrong:
                warned.append(Problem(*one.wrong).as_row(row["row_no"], row["source_key"]))
        return judged

    def _finish(self, row: dict[str, Any], judged: Judged) -> tuple[Any, ...]:
        """The COPY tuple of a row, in the order of `landing.COLUMNS` behind import_id."""
        record = f"{self.source.code}|{row['source_key']}"
        card, phone = row.get("id_card") or None, row.get("phone") or None
        return (
            row["row_no"],
            row["source_key"],
            row["kind"],
            row["standing"],
            row["name"],
            card and self.vault.seal("id_card", record, card),
            card and self.vault.blind("id_card", card),
            phone and self.vault.seal("phone", record, phone),
            phone and self.vault.blind("phone", phone),
            row.get("address") or None,
            row.get("household_no") or None,
            row["relation"],
            row["tier"],
            row["lead_level"],
            row.get("booking_branch_code") or None,
            row["deposit_yuan"],
            row["loan_yuan"],
            row["filed"],
            row["last_visit_on"],
            *judged.placed.as_row(),
            judged.doubt and judged.doubt.as_json(),
        )


@dataclass(frozen=True)
class Recipe:
    """What a process needs to make its checker; small enough to be sent to it."""

    source: Source
    columns: dict[str, int]
    width: int
    vault: Vault
    placer: Placer


_checker: Checker | None = None


def start_checker(recipe: Recipe) -> None:
    """Make this process's checker: the beginning of each process of a crew."""
    global _checker
    _checker = Checker(recipe.source, recipe.columns, recipe.width, recipe.vault, recipe.placer)


def check_chunk(chunk: Rows) -> Checked:
    """Check a chunk with this process's checker."""
    assert _checker is not None, "start_checker runs first in each process"
    return _checker.check(chunk)


def give_up_row(row: tuple[int, list[str]], reason: str) -> Checked:
    """The outcome of a row that no process could check: left out and told, and the file goes on."""
    zh, en = CRASHES[reason]
    return Checked([], [Problem(reason, zh, en).as_row(row[0], "")], [], row[0], 1)


def join_checked(parts: list[Checked]) -> Checked:
    """One outcome of a chunk that was checked row by row."""
    return Checked(
        [row for part in parts for row in part.rows],
        [row for part in parts for row in part.rejected],
        [row for part in parts for row in part.warned],
        parts[-1].last_row,
        sum(part.seen for part in parts),
    )
