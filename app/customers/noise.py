"""What a batch of answers adds up to: by level, rung, noise, score, method and warning."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from app.customers.geocoding import Answer
from app.customers.placing import placed_of

# An answer of this score may be taken without a look: of these at most 0.3 % are wrong.
SURE = 0.9
BANDS = ((SURE, "0.9-1"), (0.8, "0.8-0.9"), (0.6, "0.6-0.8"), (0.0, "0-0.6"))
PARTS = ("levels", "rungs", "noise", "scores", "methods", "warnings")


def count_answers(answers: Iterable[Answer]) -> Counter[str]:
    """Counts under keys like `levels:village`; rows with several kinds of noise are counted under each."""
    alike: Counter[tuple[Any, ...]] = Counter()
    first: dict[tuple[Any, ...], Answer] = {}
    for answer in answers:
        key = (
            answer.level,
            answer.score,
            answer.method,
            answer.noise,
            answer.warnings,
            answer.lon is None,
        )
        alike[key] += 1
        if key not in first:
            first[key] = answer
    counts: Counter[str] = Counter()
    for key, rows in alike.items():
        for name in _name_counts(first[key]):
            counts[name] += rows
    return counts


def _name_counts(answer: Answer) -> list[str]:
    """Under which keys one answer counts."""
    sure = ["sure"] if answer.settled and answer.score >= SURE else []
    return [
        f"levels:{answer.level}",
        f"rungs:{placed_of(answer).rung}",
        f"scores:{_find_band(answer)}",
        f"methods:{answer.method}",
        *(f"noise:{noise}" for noise in answer.noise or ("clean",)),
        *(f"warnings:{warning}" for warning in answer.warnings),
        *sure,
    ]


def _find_band(answer: Answer) -> str:
    return next(name for least, name in BANDS if answer.score >= least) if answer.settled else "open"


def sum_up(counts: Mapping[str, int]) -> dict[str, Any]:
    """Counts as a report tells them: a table a part, and the share that may be taken without a look."""
    tables: dict[str, dict[str, int]] = {part: {} for part in PARTS}
    for key, rows in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        part, _, name = key.partition(":")
        if part in tables:
            tables[part][name] = rows
    rows = sum(tables["levels"].values())
    share = round(counts.get("sure", 0) / rows, 4) if rows else 0.0
    return {**tables, "sure": counts.get("sure", 0), "sure_share": share}
