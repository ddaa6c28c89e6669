"""Sealed fields: what goes in comes out, and nothing else can be done with it."""

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access import Vault, mask_address, mask_id_card, mask_name, mask_phone, open_vault
from app.errors import NotReady

VAULT = Vault(seal_key=bytes(range(32)), blind_key=bytes(range(32, 64)))
ID_CARD, PHONE = "32068419900101123X", "19900000123"


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_what_is_sealed_is_unsealed_unchanged(value: str) -> None:
    assert VAULT.unseal("phone", "core|1", VAULT.seal("phone", "core|1", value)) == value


def test_the_same_value_never_seals_to_the_same_bytes() -> None:
    sealed = {VAULT.seal("phone", "core|1", PHONE) for _ in range(200)}
    assert len(sealed) == 200
    assert not any(PHONE.encode() in value for value in sealed)


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=40), max_size=8))
def test_many_are_sealed_and_blinded_as_each_alone_is(values: list[str]) -> None:
    records = [f"core|{number}" for number in range(len(values))]
    sealed = VAULT.seal_many("phone", records, values)
    assert len(set(sealed)) == len(values)
    for record, value, one in zip(records, values, sealed, strict=True):
        assert VAULT.unseal("phone", record, one) == value
    assert VAULT.blind_many("phone", values) == [VAULT.blind("phone", value) for value in values]


@pytest.mark.parametrize(
    ("field", "record"), [("id_card", "core|1"), ("phone", "core|2"), ("phone", "crm|1")]
)
def test_a_value_moved_to_another_field_or_customer_does_not_open(field: str, record: str) -> None:
    sealed = VAULT.seal("phone", "core|1", PHONE)
    with pytest.raises(NotReady, match="wrong_key"):
        VAULT.unseal(field, record, sealed)


@pytest.mark.parametrize("at", range(1, 40, 3))
def test_one_changed_bit_anywhere_does_not_open(at: int) -> None:
    sealed = bytearray(VAULT.seal("phone", "core|1", PHONE))
    sealed[at % len(sealed) or 1] ^= 1
    with pytest.raises(NotReady):
        VAULT.unseal("phone", "core|1", bytes(sealed))


@pytest.mark.parametrize("cut", [b"", b"\x01", b"\x01" * 13, b"\x01" * 20])
def test_a_value_cut_short_is_refused_in_plain_words(cut: bytes) -> None:
    with pytest.raises(NotReady) as told:
        VAULT.unseal("phone", "core|1", cut)
    assert told.value.zh == "密钥与数据不符，无法解密"


def test_a_value_names_the_key_that_sealed_it_and_an_unknown_key_is_refused() -> None:
    sealed = VAULT.seal("phone", "core|1", PHONE)
    assert sealed[0] == 1
    with pytest.raises(NotReady):
        VAULT.unseal("phone", "core|1", b"\x02" + sealed[1:])


def test_another_banks_key_does_not_open() -> None:
    other = Vault(seal_key=bytes(32), blind_key=VAULT.blind_key)
    with pytest.raises(NotReady):
        other.unseal("phone", "core|1", VAULT.seal("phone", "core|1", PHONE))


def test_the_blind_index_finds_equals_and_tells_nothing_more() -> None:
    index = VAULT.blind("id_card", ID_CARD)
    assert index == VAULT.blind("id_card", f" {ID_CARD.lower()} ")
    assert index != VAULT.blind("id_card", ID_CARD[:-1] + "1")
    assert index != VAULT.blind("phone", ID_CARD), "one value in two fields is not to be linked"
    assert index != Vault(VAULT.seal_key, bytes(32)).blind("id_card", ID_CARD)
    assert len(index) == 16


def test_the_key_file_is_the_owners_alone_and_stays_the_same(tmp_path: Path) -> None:
    vault = open_vault(tmp_path / "keys")
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "keys" / "fields.key").stat().st_mode & 0o777 == 0o600
    assert open_vault(tmp_path / "keys") == vault
    assert vault.seal_key != vault.blind_key


def test_many_makers_at_once_make_one_key(tmp_path: Path) -> None:
    found: list[Vault] = []
    start = threading.Barrier(8)

    def make() -> None:
        start.wait()
        found.append(open_vault(tmp_path / "keys"))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({vault.seal_key for vault in found}) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["fields.key"]


@pytest.mark.parametrize("size", [0, 63, 65])
def test_a_damaged_key_file_is_named_and_never_replaced(tmp_path: Path, size: int) -> None:
    path = tmp_path / "fields.key"
    path.write_bytes(b"k" * size)
    with pytest.raises(NotReady) as told:
        open_vault(tmp_path)
    assert told.value.code == "bad_key_file"
    assert path.stat().st_size == size


def test_a_vault_does_not_print_its_keys() -> None:
    assert repr(VAULT.seal_key) not in repr(VAULT)
    assert VAULT.seal_key.hex() not in repr(VAULT)


@pytest.mark.parametrize(
    ("clear", "shown"),
    [(PHONE, "199****0123"), ("0513-82212345", "051****2345"), ("12345", "****"), ("", ""), (None, None)],
)
def test_a_phone_keeps_three_and_four_digits(clear: str | None, shown: str | None) -> None:
    assert mask_phone(clear) == shown


@pytest.mark.parametrize(
    ("clear", "shown"),
    [
        (ID_CARD, "320684**********3X"),
        ("320684900101123", "320684**********23"),
        ("E12345678", "****"),
        (None, None),
    ],
)
def test_an_id_number_keeps_its_region_and_two_characters(clear: str | None, shown: str | None) -> None:
    assert mask_id_card(clear) == shown


def test_a_name_keeps_its_first_character() -> None:
    assert [mask_name(name) for name in ("沈小明", "沈明", "沈", "欧阳小明")] == [
        "沈**",
        "沈*",
        "沈*",
        "欧***",
    ]


@pytest.mark.parametrize(
    ("address", "known", "shown"),
    [
        ("海门区常乐镇颐生村3组12号", ("常乐镇", "颐生村"), "海门区常乐镇颐生村***"),
        ("颐生村3组12号", ("常乐镇", "颐生村"), "颐生村***"),
        ("3组12号", ("常乐镇", "颐生村"), "常乐镇颐生村***"),
        ("江海路88号2单元301", (None, None), "***"),
        ("", ("常乐镇", "颐生村"), None),
        (None, ("常乐镇", "颐生村"), None),
    ],
)
def test_an_address_is_shown_down_to_the_village(
    address: str | None, known: tuple[str | None, ...], shown: str | None
) -> None:
    assert mask_address(address, *known) == shown


@given(st.text(min_size=1, max_size=30), st.text(max_size=6), st.text(max_size=6))
def test_nothing_behind_the_village_is_ever_shown(address: str, town: str, village: str) -> None:
    shown = mask_address(address, town, village)
    assert shown is not None
    assert shown.endswith("***")
    assert len(shown) <= len(address) + len(town) + len(village) + 3
