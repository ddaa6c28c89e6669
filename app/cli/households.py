"""getu households: link customers into households."""

from typing import Any

import typer

from app.cli.opening import bank
from app.cli.telling import AsJson, give
from app.customers.households.evidence import BANDS, REASONS

BAND_WORDS = {"sure": "有把握", "likely": "很可能", "possible": "待核实"}


def households(as_json: AsJson = False) -> None:
    """Link customers into households by address, roster and relation; confirmed and split ones stay."""
    with bank() as opened:
        counts = opened.tell("link_households", "家庭关联", {})
    give(counts, as_json=as_json, text=tell_households(counts))


def tell_households(counts: dict[str, Any]) -> str:
    """The summary as lines for people: every number with what it is a part of."""
    share = "—" if counts["member_share"] is None else f"{counts['member_share']:.1%}"
    lines = [
        f"客户 {counts['customers']:,}  已定位 {counts['placed']:,}",
        f"家庭 {counts['households']:,}（已确认 {counts['confirmed']:,}）",
        f"成员 {counts['members']:,} ÷ 已定位 {counts['placed']:,} = {share}",
    ]
    for name, least in BANDS:
        lines.append(
            f"  {BAND_WORDS[name]} ≥{least:.2f}  {counts['bands'][name]:,} ÷ {counts['households']:,}"
        )
    lines += [
        f"  {REASONS[code].zh}  {members:,} ÷ {counts['members']:,}"
        for code, members in counts["reasons"].items()
    ]
    run = counts["run"]
    lines.append(f"本次：未变 {run['same']:,}  写入 {run['written']:,}  撤去 {run['dropped']:,}")
    return "\n".join(lines)


def add_to(cli: typer.Typer) -> None:
    """Hang this command on the root."""
    cli.command()(households)
