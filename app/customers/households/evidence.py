"""What speaks for two persons living together, and how much: rules as data.

The weights are log-odds, so what is independent adds up; they were set on generated villages whose truth is
known (tests/customers/test_households.py holds them to it). Address alone never reaches 0.9: a father and
his son may share a house and be two households.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """A reason for a link: its code, its words, its weight in log-odds."""

    code: str
    zh: str
    en: str
    weight: float


EVIDENCES: tuple[Evidence, ...] = (
    Evidence("same_roster_no", "同一来源户号相同", "same household number in one source", 5.0),
    Evidence("same_flat", "同一套房（楼幢、单元、室相同）", "same flat: building, unit and room", 3.9),
    Evidence("same_house", "同一门牌", "same house number", 3.6),
    Evidence("same_number", "村内门牌号相同，未写组别", "same number in the village, no group said", 2.4),
    Evidence("crowded_house", "该址登记人数较多", "many are registered at this address", -1.4),
    Evidence("several_households", "该址有不止一户", "more than one household at this address", -1.6),
    Evidence("same_phone", "联系电话相同", "same telephone number", 2.7),
    Evidence("relation_fits", "与户主关系相符", "the relations to the head fit", 1.5),
    Evidence("same_surname", "同姓", "same surname", 0.8),
    Evidence("surname_differs", "子女与户主不同姓", "a child whose surname is not the head's", -1.0),
)
# Reasons that are no weighed evidence: how a record came to be a member beside others.
RECORDS: tuple[Evidence, ...] = (
    Evidence("same_person", "同一人在多个来源", "the same person in several sources", 0.0),
    Evidence("by_hand", "人工确认", "confirmed by hand", 0.0),
)
REASONS = {one.code: one for one in (*EVIDENCES, *RECORDS)}
WEIGHTS = {one.code: one.weight for one in EVIDENCES}
GROUNDS = frozenset({"same_roster_no", "same_flat", "same_house", "same_number", "same_phone"})
"""Without one of these two persons are not even compared."""

BASE = -3.0
MOST = 0.995
"""No machine is surer than this; only a person's word is 1."""
LEAST = 0.6
"""Links below this confidence are not proposed."""
BANDS = (("sure", 0.9), ("likely", 0.75), ("possible", LEAST))

MOST_PERSONS = 12
"""More persons than this are no household."""
CROWDED, OVERFULL = 7, 11
"""From so many persons on an address speaks less, and no more at all."""
MOST_ON_A_PHONE = 4
"""A number that more persons give is the village accountant's."""
COMMON_SURNAME = 0.3
"""A surname of a larger share of the village says nothing."""
RIVALRY = 0.05
"""Who fits two households that well belongs surely to neither."""


def weigh(codes: frozenset[str]) -> float:
    """The confidence, 0 to 1, that two persons with these evidences live together."""
    return min(MOST, 1.0 / (1.0 + math.exp(-BASE - sum(WEIGHTS[code] for code in codes))))


def find_band(confidence: float) -> str:
    """The band of a confidence, empty below the least."""
    return next((name for name, least in BANDS if confidence >= least), "")
