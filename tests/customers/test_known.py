"""Rows that have not changed are known by their hashes, whatever their order; who is missing is found."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.intake.known import UNREAD, Known, hash_keys, hash_rows, read_known, read_names, sign_rows
from app.customers.intake.seen import CHANGED, LEFT_OUT, NEW, UNCHANGED, Seen

CELLS = st.text(st.sampled_from("a王1\x1f "), max_size=3)


def columns(rows: list[tuple[str, ...]], fields: str = "abc") -> dict[str, Any]:
    return {field: pa.array([row[at] for row in rows]) for at, field in enumerate(fields)}


def test_hashes_are_the_same_on_every_machine_and_in_every_release() -> None:
    assert hash_keys(pa.array(["K1", " K1 ", "张三", ""])).tolist() == KEYS
    assert hash_rows(columns([("K1", "王一", ""), ("K2", "", "1")]), "1|existing|a,b,c").tolist() == ROWS


KEYS = [-183585694701592424, -183585694701592424, -2921016202460052821, 7328639254174079799]
ROWS = [-2609748956882560411, -626341476647946288]


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=20))
def test_rows_have_one_hash_when_their_cells_are_the_same(rows: list[tuple[str, ...]]) -> None:
    hashes = hash_rows(columns(rows), "s").tolist()
    assert len(set(hashes)) == len(set(rows))
    turned = dict(reversed(columns(rows).items()))
    assert hash_rows(turned, "s").tolist() == hashes
    assert hash_rows({k: pa.chunked_array([v]) for k, v in turned.items()}, "s").tolist() == hashes
    assert set(hash_rows(columns(rows), "t").tolist()).isdisjoint(hashes)


def test_another_field_standing_or_order_of_fields_is_another_reading_or_none() -> None:
    assert sign_rows({"a": 1, "b": 0}, "existing") == sign_rows(["b", "a"], "existing")
    assert sign_rows(["a"], "existing") != sign_rows(["a"], "prospect")
    moved = hash_rows(columns([("x", "")], "ab"), "s")
    assert moved.tolist() != hash_rows(columns([("", "x")], "ab"), "s").tolist()


def make_known(customers: dict[str, int]) -> Known:
    keys = hash_keys(pa.array(list(customers), type=pa.string()))
    order = np.argsort(keys)
    return Known(keys[order], np.array([*customers.values()])[order], order.astype(np.int64))


def test_a_chunk_falls_into_unchanged_changed_and_new(tmp_path: Path) -> None:
    known = make_known({"a": 1, "b": 2, "c": UNREAD})
    known.save(tmp_path / "known.npy")
    for one in (known, Known.load(tmp_path / "known.npy")):
        split = one.split(hash_keys(pa.array(["d", "c", "b", "a"])), np.array([4, 3, 2, 9]))
        assert split.new.tolist() == [True, False, False, False]
        assert split.changed.tolist() == [False, True, False, True]
        assert split.unchanged.tolist() == [False, False, True, False]
    assert make_known({}).split(hash_keys(pa.array(["a"])), np.array([1])).new.all()


def test_repeats_and_the_missing_are_found_at_the_end_even_after_a_kill(tmp_path: Path) -> None:
    seen = Seen(tmp_path / "seen")
    keys = hash_keys(pa.array(["a", "b", "a", "c", "b", "b"]))
    states = np.array([LEFT_OUT, UNCHANGED, NEW, LEFT_OUT, CHANGED, UNCHANGED], dtype=np.uint8)
    size = seen.append(np.arange(2, 5), keys[:3], states[:3])
    seen.append(np.arange(5, 8), keys[3:], states[3:])
    seen.cut(size)
    assert len(seen.read()) == 3
    seen.append(np.arange(5, 8), keys[3:], states[3:])
    twice = seen.find_repeats()
    assert (twice.numbers.tolist(), twice.firsts.tolist()) == ([6, 7], [3, 3])
    assert twice.states.tolist() == [CHANGED, UNCHANGED]
    known = make_known({"a": 1, "c": 1, "gone": 1, "lost": 1})
    assert seen.find_missing(known).tolist() == [2, 3], "a row that was left out is no customer who vanished"
    assert Seen(tmp_path / "none").find_missing(known).tolist() == [0, 1, 2, 3]


CUSTOMER = """INSERT INTO customer
    (source_code, source_key, kind, standing, name, row_hash, gone_at, import_id)
VALUES (:source, :key, 'person', 'existing', '王', :hash, :gone, :import) RETURNING id"""


def add(work: Session, key: str, **facts: Any) -> int:
    row = {"source": "core", "key": key, "hash": 7, "gone": None, "import": None, **facts}
    found = work.execute(text(CUSTOMER), row).scalar()
    assert found is not None
    work.execute(
        text("INSERT INTO placement (customer_id, rung, method, score) VALUES (:id, :rung, 'town', 0)"),
        {"id": found, "rung": 6 if key == "unsure" else 5},
    )
    return int(found)


def test_who_is_gone_or_was_placed_unsurely_by_other_names_is_looked_at_again(work: Session) -> None:
    run = """INSERT INTO import_run (kind, file_name, sha256, status, options)
        VALUES ('customers', 'a', 'a', 'imported', '{"source": "core", "names": "old"}') RETURNING id"""
    old = work.scalar(text(run))
    ids = {key: add(work, key, **{"import": old}) for key in ("sure", "unsure")}
    work.execute(text("UPDATE customer SET address = '供销社' WHERE source_key = 'unsure'"))
    ids |= {"gone": add(work, "gone", gone="2026-01-01"), "old": add(work, "old", hash=None)}
    add(work, "sure", source="crm")
    known = read_known(work, "core")
    found = dict(zip(known.ids.tolist(), known.hashes.tolist(), strict=True))
    assert {key: found[number] for key, number in ids.items()} == {
        "sure": 7, "unsure": UNREAD, "gone": UNREAD, "old": UNREAD,
    }  # fmt: skip
    assert known.keys.tolist() == sorted(hash_keys(pa.array(list(ids))).tolist())
    names = "UPDATE import_run SET options = options || jsonb_build_object('names', CAST(:names AS text))"
    work.execute(text(names), {"names": read_names(work)})
    assert sorted(read_known(work, "core").hashes.tolist()) == [UNREAD, UNREAD, 7, 7]
    assert len(read_known(work, "nobody")) == 0
