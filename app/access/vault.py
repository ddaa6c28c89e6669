"""Sealed fields: ID card and phone are AES-256-GCM per value, with a blind index for equality look-up.

The key never reaches the database. A sealed value is bound to its field and its customer's source key
(associated data), so it cannot be moved to another row unnoticed. Layout of a sealed value: one byte
key id, 12 bytes nonce, ciphertext with tag. Source: NIST SP 800-38D; the blind index is HMAC-SHA256
over the normalised value, cut to 16 bytes. That of a telephone begins with two bytes of the blind index of
its last four digits, so that one index answers for whole numbers and for tails; some fifteen in a hundred
tails share their two bytes with another, so whoever finds by a tail unseals and looks.
"""

import hmac
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as hidden
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import NotReady

KEY_ID = 1
BLIND_BYTES = 16
TAIL_BYTES, TAIL_DIGITS = 2, 4


@dataclass(frozen=True)
class Vault:
    """The bank's field keys, held in memory only and never printed."""

    seal_key: bytes = hidden(repr=False)
    blind_key: bytes = hidden(repr=False)

    def seal(self, field: str, record_key: str, value: str) -> bytes:
        """`value` encrypted for one field of one record."""
        nonce = os.urandom(12)
        bound = f"{field}|{record_key}".encode()
        return bytes([KEY_ID]) + nonce + AESGCM(self.seal_key).encrypt(nonce, value.encode(), bound)

    def unseal(self, field: str, record_key: str, sealed: bytes) -> str:
        """The clear value; raises NotReady when the key is not the one it was sealed with."""
        bound = f"{field}|{record_key}".encode()
        try:
            if sealed[:1] != bytes([KEY_ID]):
                raise InvalidTag
            return AESGCM(self.seal_key).decrypt(sealed[1:13], sealed[13:], bound).decode()
        except (InvalidTag, ValueError) as error:
            raise NotReady(
                "wrong_key",
                zh="密钥与数据不符，无法解密",
                en="this key did not seal that value",
            ) from error

    def blind(self, field: str, value: str) -> bytes:
        """The blind index of a value: equal values, equal bytes; nothing else can be told from it."""
        whole = self._digest(field, value)
        head = self.blind_tail(value) if field == "phone" else b""
        return (head + whole)[:BLIND_BYTES]

    def blind_tail(self, phone: str) -> bytes:
        """How the blind index begins of all telephones with the last four digits of this one."""
        return self._digest("phone_tail", phone.strip()[-TAIL_DIGITS:])[:TAIL_BYTES]

    def _digest(self, field: str, value: str) -> bytes:
        return hmac.digest(self.blind_key, f"{field}|{value.strip().upper()}".encode(), sha256)

    def seal_many(self, field: str, record_keys: Sequence[str], values: Sequence[str]) -> list[bytes]:
        """As `seal` for each value, bound to the record of the same place; three times faster.

        Every value has a nonce of its own; they are drawn at once, and the key's schedule is made once.
        """
        drawn = os.urandom(12 * len(values))
        nonces = [drawn[at : at + 12] for at in range(0, len(drawn), 12)]
        bound = [f"{field}|{key}".encode() for key in record_keys]
        sealed = map(AESGCM(self.seal_key).encrypt, nonces, map(str.encode, values), bound)
        mark = bytes([KEY_ID])
        return [mark + nonce + text for nonce, text in zip(nonces, sealed, strict=True)]

    def blind_many(self, field: str, values: Sequence[str]) -> list[bytes]:
        """As `blind` for each value; what of the HMAC depends on the key alone is made once."""
        key = self.blind_key.ljust(64, b"\x00")
        within, around = sha256(bytes(b ^ 0x36 for b in key)), sha256(bytes(b ^ 0x5C for b in key))
        blind = []
        for value in values:
            inner, outer = within.copy(), around.copy()
            inner.update(f"{field}|{value.strip().upper()}".encode())
            outer.update(inner.digest())
            blind.append(outer.digest()[:BLIND_BYTES])
        if field != "phone":
            return blind
        ends = [value.strip()[-TAIL_DIGITS:] for value in values]
        tails = {end: self.blind_tail(end) for end in set(ends)}
        return [(tails[end] + one)[:BLIND_BYTES] for end, one in zip(ends, blind, strict=True)]


def open_vault(folder: Path) -> Vault:
    """The vault of a home's key folder; made on first use (file mode 0600, folder 0700)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "fields.key"
    if not path.exists():
        _make_key_file(path)
    secret = path.read_bytes()
    if len(secret) != 64:
        raise NotReady(
            "bad_key_file",
            zh="密钥文件损坏，请从备份恢复",
            en="the key file is damaged",
        )
    return Vault(seal_key=secret[:32], blind_key=secret[32:])


def _make_key_file(path: Path) -> None:
    """Write 64 random bytes aside, then link them into place: of two makers one wins, both read the same."""
    aside = path.with_suffix(f".{secrets.token_hex(8)}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(os.urandom(64))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()


def mask_phone(phone: str | None) -> str | None:
    """199****0000: the first three and the last four digits."""
    return phone if not phone else f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 9 else "****"


def mask_id_card(number: str | None) -> str | None:
    """320684**********1X: region and the last two characters."""
    return number if not number else f"{number[:6]}{'*' * 10}{number[-2:]}" if len(number) >= 15 else "****"


def mask_name(name: str) -> str:
    """沈** for a person: the family name and as many stars as characters follow."""
    return name[:1] + "*" * max(1, len(name) - 1)


def mask_party(name: str, kind: str) -> str:
    """A customer's name as a list shows it: a firm's stands on its door, all others are masked."""
    return mask_name(name) if kind in ("person", "household") else name


def mask_address(address: str | None, *known: str | None) -> str | None:
    """The address down to the village, `***` below it; `known` are the names it is known to lie in."""
    if not address:
        return None
    village = next((name for name in reversed(known) if name), None)
    if village and village in address:
        return address[: address.index(village) + len(village)] + "***"
    return "".join(name for name in known if name) + "***"
