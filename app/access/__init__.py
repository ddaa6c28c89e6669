"""Who may see and do what: people and their rights, sign-in, keys, sealed fields, the audit."""

from app.access.audit import record
from app.access.people import RIGHTS, ROLES, Person, require
from app.access.rights import Right
from app.access.vault import (
    Vault,
    mask_address,
    mask_id_card,
    mask_name,
    mask_party,
    mask_phone,
    open_vault,
)

__all__ = [
    "RIGHTS",
    "ROLES",
    "Person",
    "Right",
    "Vault",
    "mask_address",
    "mask_id_card",
    "mask_name",
    "mask_party",
    "mask_phone",
    "open_vault",
    "record",
    "require",
]
