"""What the demo bank is made of, and in which order: ground, people, plan, customers, the faulty draft."""

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.access.signing_in import hash_password
from app.cli.opening import Bank
from app.cli.telling import console, say
from app.cli.users import store_user
from app.customers import intake
from app.db import fetch_one
from app.errors import NotFound
from app.models import AppUser, Branch, Household, Staff
from app.territory import own, plans
from app.territory.boundaries import ImportOptions
from demo.scheme import lay_scheme

DATA = Path(__file__).parent.parent / "data"
PLAN, DRAFT, SECOND = "V1", "V2", "V2B"
IN_FORCE_FROM = date(2026, 1, 1)
# The faulty shapes must not replace the units that are valid today.
DRAFT_FROM = date(2027, 1, 1)


@dataclass(frozen=True)
class SignIn:
    """A log-in of the demo; the passwords are printed and for the demo alone."""

    login: str
    password: str
    role: str
    zh: str


def let_invented_numbers_pass(bank: Bank) -> None:
    """The sources' identity numbers are not checked: the demo's are nobody's, by a wrong check sign."""
    with bank.transaction() as session:
        for code in ("core", "crm"):
            intake.store_source(session, code, {"check_numbers": False})


def build_bank(bank: Bank, *, scale: str, second_draft: bool = False) -> None:
    """All of the bank, each step skipped when it was done before; `second_draft` adds V2B beside V2."""
    import_file(bank, "organisation", "organisation/branches.csv", {"table": "branches"})
    import_file(bank, "organisation", "organisation/staff.csv", {"table": "staff"})
    # Next year's draft names the same units: loaded again behind it, the villages would take its place.
    if not has_plan(bank, PLAN):
        import_file(bank, "boundaries", "boundaries/haimen_frame.zip", {"kind": "frame"})
        import_file(bank, "boundaries", "boundaries/haimen_villages.zip", {"kind": "village"})
        import_file(bank, "boundaries", "boundaries/haimen_markets.zip", {"kind": "market"})
    import_file(bank, "gazetteer", "places/haimen_gazetteer.csv", {"code_source": "NBS 2023"})
    bring_into_force(bank)
    files = make_customers(bank, scale)
    let_invented_numbers_pass(bank)
    import_file(bank, "customers", files / "core.csv", {"source": "core"})
    import_file(bank, "customers", files / "crm.csv", {"source": "crm"})
    assign_all(bank)
    link_all(bank)
    lay_out_scheme(bank)
    lay_own_layers(bank)
    if second_draft:
        draft_from_force(bank)
    draft_next_year(bank)


# File in `data/own` and what it becomes on the map.
OWN_LAYERS = {
    "demo_roads": own.LayerWish(
        "demo_roads",
        "演示道路",
        "Demo roads",
        "虚构的道路，仅供演示",
        "Invented roads, for show",
        colour="brown",
        class_column="等级",
    ),
    "demo_water": own.LayerWish(
        "demo_water",
        "演示水系",
        "Demo water",
        "虚构的河湖，仅供演示",
        "Invented water, for show",
        colour="water",
    ),
    "demo_rivals": own.LayerWish(
        "demo_rivals",
        "演示他行网点",
        "Demo rivals",
        "虚构的他行网点，仅供演示",
        "Invented outlets of invented banks",
        meaning="competitors",
        class_column="银行",
    ),
}


def lay_own_layers(bank: Bank) -> None:
    """Invented roads, water and rivals' outlets as layers of the bank's own, unless they are there."""
    with bank.transaction() as session:
        there = {layer["key"] for layer in own.list_own_layers(session)}
        for name, wish in OWN_LAYERS.items():
            if wish.key not in there:
                path = DATA / "own" / f"{name}.geojson"
                options = ImportOptions(crs="EPSG:4326")
                report = own.load_own_layer(session, path, wish, options=options)
                say(f"  [green]✓[/] {wish.zh}: {report['features']} 项")


def has_plan(bank: Bank, code: str) -> bool:
    """Whether a plan was made by an earlier start."""
    with bank.transaction() as session:
        try:
            plans.find_plan(session, code)
        except NotFound:
            return False
    return True


def import_file(bank: Bank, kind: str, name: str | Path, options: dict[str, Any]) -> dict[str, Any]:
    """One file by the public story; says what came in."""
    path = DATA / name
    args = {"path": str(path), "file_name": path.name, **options}
    report = bank.tell(f"import_{kind}", path.name, args)
    if report.get("status") != "imported":
        raise NotFound(
            "demo_file", zh=f"演示文件 {path.name} 没有导入", en=f"{path.name} did not come in", report=report
        )
    count = report.get("features") or report.get("imported") or report.get("kept")
    left = len(report.get("rejected") or []) if "left_out" not in report else report["left_out"]
    again = " · 已有" if report.get("repeated") else ""
    say(f"  [green]✓[/] {path.name}: {count} 条" + (f"，剔除 {left} 行" if left else "") + again)
    return report


def bring_into_force(bank: Bank) -> None:
    """Plan V1 of all units: markets cut out of villages, duties given, checked, certified, in force."""
    with bank.transaction() as session:
        try:
            plan = plans.find_plan(session, PLAN)
        except NotFound:
            plan = plans.new_plan(session, plans.PlanDraft(PLAN, "2026 年网格规划", market_rule="cut"))
        if plan.status == "in_force":
            return
        with console.status("网格规划 V1 / plan V1"):
            plans.import_duties(session, DATA / "organisation/duties.csv", plan, valid_from=IN_FORCE_FROM)
            check = plans.check_plan(session, plan)
            certificate = plans.certify(session, plan, bank=bank.settings.bank_name)
            plans.publish(session, plan, valid_from=IN_FORCE_FROM, user_id=None)
            counts = plans.count_plan(session, plan)
    facts = f"{counts['grids']['total']} 个网格，{counts['managers']} 名经理，{certificate['number']}"
    say(f"  [green]✓[/] 规划 V1: {facts}")
    say(f"    检查: {check.counts or '无重叠、无空白'}")


def make_customers(bank: Bank, scale: str) -> Path:
    """The bank's customer files of this scale, generated once."""
    folder = bank.settings.files / f"demo-{scale}"
    if not (folder / "truth.json").is_file():
        say("  生成虚构客户 / inventing customers …")
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [sys.executable, "-m", "demo.customers", "--scale", scale, "--out", str(folder)],
            check=True,
            stdout=sys.stderr,
        )
    return folder


def assign_all(bank: Bank) -> None:
    """Give every customer a grid, unless the current run already knows these customers and this ground."""
    with bank.transaction() as session:
        if fetch_one(session, "customers/find_stale_run") is None:
            return
    counts = bank.tell("assign", "归格", {})
    sure = counts["assigned"] + counts["contested"]
    rest = f"区外 {counts['outside']:,}，未定位 {counts['unlocated']:,}"
    say(f"  [green]✓[/] 归格: {sure:,} / {counts['total']:,}（{rest}）")


def link_all(bank: Bank) -> None:
    """Customers who live together as households, once."""
    with bank.transaction() as session:
        if session.scalar(select(Household.id).limit(1)) is not None:
            return
    counts = bank.tell("link_households", "家庭关联", {})
    say(f"  [green]✓[/] 家庭关联: {counts['households']:,} 户，{counts['members']:,} 人")


def lay_out_scheme(bank: Bank) -> None:
    """Contact branches, targets, letters and problems beside the plan in force, once."""
    with bank.transaction() as session:
        laid = lay_scheme(session, PLAN, IN_FORCE_FROM)
    if laid:
        facts = f"联系支行 {laid['contacts']}，目标 {laid['targets']}，责任书 {laid['letters']}"
        say(f"  [green]✓[/] 责任体系: {facts}")


def draft_from_force(bank: Bank) -> None:
    """Draft V2B, a copy of the plan in force: without fault, ready to divide and to hand out."""
    with bank.transaction() as session:
        try:
            plans.find_plan(session, SECOND)
        except NotFound:
            plan = plans.new_plan(
                session, plans.PlanDraft(SECOND, "2027 年备选（沿用现行网格）", from_plan=PLAN)
            )
            plans.check_plan(session, plan)
            say("  [green]✓[/] 草案 V2B: 沿用现行网格，可拆分、分配")


def draft_next_year(bank: Bank) -> None:
    """Draft V2 from a file with known faults, checked: what the map shows as overlaps and gaps."""
    if not has_plan(bank, DRAFT):
        from_then_on = {"kind": "any", "valid_from": DRAFT_FROM.isoformat()}
        report = import_file(bank, "boundaries", "boundaries/draft_2027.zip", from_then_on)
        ids = (report["import_id"],)
        with bank.transaction() as session:
            draft = plans.PlanDraft(DRAFT, "2027 年网格规划（草案）", import_ids=ids, on=DRAFT_FROM)
            plans.new_plan(session, draft)
    with bank.transaction() as session:
        checked = plans.find_plan(session, DRAFT).checked_version
    if checked is None:
        found = bank.tell("check_plan", "检查草案", {"plan": DRAFT})
        say(f"  [green]✓[/] 草案 V2: {found['counts']}")


def add_people(bank: Bank) -> list[SignIn]:
    """A log-in of each role; passwords derive from the home, so two demos do not share them."""
    with bank.transaction() as session:
        manager, branch = _find_example(session)
        wanted = [
            ("head", "head", None, None, "总行网格办"),
            ("head2", "head", None, None, "总行复核"),
            ("branch", "branch_head", None, branch, "支行行长"),
            ("manager", "manager", manager, None, "客户经理"),
            ("analyst", "analyst", None, None, "数据分析员"),
        ]
        people = [SignIn(login, _password(bank, login), role, zh) for login, role, _, _, zh in wanted]
        for (login, role, staff, house, zh), person in zip(wanted, people, strict=True):
            if session.scalar(select(AppUser.id).where(AppUser.login == login)) is None:
                user = store_user(session, login, role, name="" if staff else zh, staff=staff, branch=house)
                user.password_hash = hash_password(person.password)
    return people


def _find_example(session: Any) -> tuple[str, str]:
    """A manager of a rural branch, and that branch: their maps are the ones the README shows."""
    row = session.execute(
        select(Staff.code, Branch.code)
        .join(Branch, Branch.id == Staff.branch_id)
        .where(Staff.kind == "manager", Branch.name.like("常乐%"))
        .order_by(Staff.code)
    ).first()
    return str(row[0]), str(row[1])


def _password(bank: Bank, login: str) -> str:
    return f"getu-{login}-{hashlib.sha256(str(bank.settings.home).encode()).hexdigest()[:4]}"
