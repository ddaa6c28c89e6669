"""Classes of noise around names that are spelt right: levels left out, scripts, marks, what stands about."""

from bench import judge_noise as n
from bench.judge_land import short_name
from bench.judge_noise import stem
from bench.judge_rows import ANY, CLASSES, Row, Writer, noise

FULL = ("pcktv",)


def _levels(name: str, keeps: tuple[str, ...]) -> None:
    CLASSES[name] = lambda w: w.simple(name, keeps)


for _name, _keeps in {
    "full": FULL,
    "no_province": ("cktv",),
    "no_city": ("pktv",),
    "from_county": ("ktv",),
    "no_county": ("pctv", "ctv"),
    "no_county_nor_city": ("ptv",),
    "no_town": ("kv", "ckv", "pckv", "pkv"),
    "from_town": ("tv",),
    "village_alone": ("v",),
    "village_and_city": ("cv", "pcv", "pv"),
}.items():
    _levels(_name, _keeps)


@noise
def short_levels(w: Writer) -> Row | None:
    """Jiangsu Nantong Qidong Huilong: no word for what each level is."""
    village, keep = w.village(), w.dice.choice(ANY[:5])
    path = {k: short_name(v) for k, v in w.land.path(village.code).items()}
    written = stem(village.name) if w.dice.random() < 0.3 else village.name
    if not w.honest(village, keep, written):
        return None
    return w.row("short_levels", village, w.say(village, keep, **path, v=written) + w.tail(village))


@noise
def short_town(w: Writer) -> Row | None:
    """Only the town without its word."""
    if not (found := w.plain(("ktv", "cktv", "tv"))):
        return None
    village, keep = found
    return w.row(
        "short_town",
        village,
        w.say(village, keep, t=short_name(w.land.names[village.town])) + w.tail(village),
    )


@noise
def traditional(w: Writer) -> Row | None:
    """All in traditional script."""
    return w.simple("traditional", ANY, lambda text, tail: n.traditional(text + tail))


@noise
def mixed_script(w: Writer) -> Row | None:
    """Half in traditional script."""
    return w.simple("mixed_script", ANY, lambda text, tail: n.mixed_script(w.dice, text + tail))


@noise
def full_width(w: Writer) -> Row | None:
    """Full-width digits and marks."""
    return w.simple(
        "full_width",
        ANY,
        lambda text, tail: n.full_width(text + " " + tail + w.dice.choice(("", "(A)", "-1"))),
    )


@noise
def separators(w: Writer) -> Row | None:
    """A mark between the levels."""
    if not (found := w.plain(ANY)):
        return None
    village, keep = found
    mark = w.dice.choice((" ", "-", "/", ",", "，", "、", "\t", "|", "　", "--", ">", "·", "_", ";", "。"))
    parts = [w.say(village, level) for level in keep]
    return w.row("separators", village, mark.join([p for p in parts if p] + [w.tail(village)]))


@noise
def mixed_marks(w: Writer) -> Row | None:
    """Several marks anywhere, within names too."""
    return w.simple(
        "mixed_marks", ANY, lambda text, tail: n.scattered(w.dice, text + tail, " -/,，.·　\t", 0.15)
    )


@noise
def zero_width(w: Writer) -> Row | None:
    """Characters nobody sees."""
    return w.simple(
        "zero_width",
        ANY,
        lambda text, tail: n.scattered(
            w.dice, text + tail, "\u200b\u200c\u200d\ufeff\u00ad\u2060\u00a0", 0.3
        ),
    )


@noise
def scanned(w: Writer) -> Row | None:
    """Read from paper: stray marks, O for 0."""
    return w.simple("scanned", ANY, lambda text, tail: n.scanned(w.dice, text + tail))


@noise
def something_behind(w: Writer) -> Row | None:
    """Telephone, identity card, remark."""
    if not (found := w.plain(ANY)):
        return None
    village, keep = found
    return w.row(
        "something_behind", village, w.say(village, keep) + w.tail(village) + n.behind(w.dice, village.county)
    )


@noise
def something_before(w: Writer) -> Row | None:
    """Label, name, post code in front."""
    return w.simple("something_before", ANY, lambda text, tail: n.before(w.dice) + text + tail)


@noise
def firm_before(w: Writer) -> Row | None:
    """A firm in front, now and then with the county's name in its own."""
    if not (found := w.plain(("pcktv", "cktv", "ktv", "tv"))):
        return None
    village, keep = found
    county = short_name(w.land.names[village.county])
    firm = w.dice.choice(("", county, w.land.names[village.county])) + w.dice.choice(n.FIRMS)
    text = w.say(village, keep) + w.tail(village)
    return w.row(
        "firm_before",
        village,
        w.dice.choice((f"{firm} {text}", f"{firm}({text})", f"{firm}，地址{text}", f"{firm}{text}")),
    )


@noise
def firm_behind(w: Writer) -> Row | None:
    """A firm behind."""
    return w.simple(
        "firm_behind",
        ANY,
        lambda text, tail: text + tail + w.dice.choice(("", " ", "（")) + w.dice.choice(n.FIRMS),
    )


@noise
def remark_inside(w: Writer) -> Row | None:
    """A remark in brackets between two levels."""
    if not (found := w.plain(("cktv", "ktv", "pcktv"))):
        return None
    village, keep = found
    parts = [w.say(village, level) for level in keep]
    at = w.dice.randrange(1, len(parts) + 1)
    parts.insert(
        at,
        w.dice.choice(
            ("（原）", "(新)", "（农业户）", "【城区】", "(老宅)", "（集体户）", "(户籍)", "（省内）")
        ),
    )
    return w.row("remark_inside", village, "".join(parts) + w.tail(village))


@noise
def repeated(w: Writer) -> Row | None:
    """Province and city, county, town, village or all of it twice."""
    if not (found := w.plain(("pcktv", "cktv", "ktv"))):
        return None
    village, keep = found
    text, levels = w.say(village, keep), w.land.path(village.code) | {"v": village.name}
    upper = levels["p"] + levels["c"]
    forms = (
        upper + text,
        upper + upper + text,
        "中国" + text,
        levels["k"] + text,
        text.replace(levels["t"], levels["t"] * 2, 1),
        text + levels["v"],
        text + text,
        f"{text} {text}",
    )
    return w.row("repeated", village, w.dice.choice(forms) + w.tail(village))


@noise
def reversed_order(w: Writer) -> Row | None:
    """Village first, as a form in English has it."""
    if not (found := w.plain(("pcktv", "cktv", "ktv"))):
        return None
    village, keep = found
    mark = w.dice.choice((",", "，", " ", ", "))
    return w.row(
        "reversed_order",
        village,
        mark.join([p for p in (w.say(village, level) for level in reversed(keep)) if p]),
    )


@noise
def cut_off(w: Writer) -> Row | None:
    """A field too short: the village's word is gone."""
    village, keep = w.village(), w.dice.choice(("pcktv", "cktv"))
    core = stem(village.name)
    others = w.others(village, keep)
    if len(core) < 2 or core == village.name or any(v.name.startswith(core) for v in others):
        return None
    return w.row("cut_off", village, w.say(village, keep, v=core))


@noise
def below_full(w: Writer) -> Row | None:
    """A natural village, compound or market of the gazetteer behind its village."""
    if not w.bank.below or not (below := w.dice.choice(w.bank.below)):
        return None
    v, keep = below.village, w.dice.choice(ANY[:5])
    tail = (
        n.rural_tail(w.dice)
        if below.level == "natural_village"
        else f"{w.dice.randint(1, 30)}幢{w.dice.randint(1, 4)}单元{w.dice.randint(101, 1804)}室"
    )
    return (
        w.row("below_full", v, w.say(v, keep) + below.name + tail, note="below " + below.code)
        if w.honest(v, keep, v.name)
        else None
    )


@noise
def below_without_village(w: Writer) -> Row | None:
    """County or town and the place below; its name stands once there."""
    if not w.bank.below or not (below := w.dice.choice(w.bank.below)):
        return None
    v, keep = below.village, w.dice.choice(("kt", "ckt", "k", "t", "pck"))
    same = [b for b in w.bank.below if b.name == below.name and b.village.county == v.county]
    if len(same) > 1 or w.bank.exact[v.county][below.name] > 1 or not w.town_stands_once(v, keep):
        return None
    tail = (
        n.rural_tail(w.dice)
        if below.level == "natural_village"
        else f"{w.dice.randint(1, 30)}幢{w.dice.randint(1, 4)}单元{w.dice.randint(101, 1804)}室"
    )
    return w.row("below_without_village", v, w.say(v, keep) + below.name + tail, note="below " + below.code)


@noise
def hamlet_unlisted(w: Writer) -> Row | None:
    """A hamlet that no gazetteer has, behind its village."""
    name = f"{w.dice.choice('顾陆施倪茅沙龚樊')}家{w.dice.choice('埭圩宅湾岗塘')}"
    row = w.simple("hamlet_unlisted", ANY, lambda text, tail: f"{text}{name}{w.dice.randint(1, 90)}号")
    return row if row and not w.bank.exact[row.county][name] else None


@noise
def dialect_tail(w: Writer) -> Row | None:
    """Embankments, houses and teams as the coast and the farms count them."""
    number = n.number(w.dice, 30)
    forms = (
        f"{number}圩",
        f"{number}埭",
        f"老{number}队",
        f"{number}生产队",
        f"第{number}生产小组",
        f"{number}小队",
        f"{number}屯",
        f"东宅{number}号",
        f"{number}甲",
        f"前进{number}组",
        f"{number}社",
    )
    return w.simple("dialect_tail", ANY, lambda text, tail: text + w.dice.choice(forms))


@noise
def team_farm(w: Writer) -> Row | None:
    """Virtual quarters: farms and zones named with a team."""
    virtual = [v for c in w.bank.targets for v in w.bank.villages[c] if v.kind == "virtual"]
    if not virtual:
        return None
    village, keep = w.dice.choice(virtual), w.dice.choice(("pcktv", "ktv", "kv"))
    if not w.honest(village, keep, village.name):
        return None
    return w.row("team_farm", village, w.say(village, keep) + f"{w.dice.randint(1, 9)}队")


@noise
def several_same(w: Writer) -> Row | None:
    """The same village twice: long, then short."""
    if not (found := w.plain(("pcktv", "cktv", "ktv"))):
        return None
    village, keep = found
    mark = w.dice.choice(("；", ";", "、", " / ", "，", " 或 ", "\n"))
    return w.row(
        "several_same",
        village,
        w.say(village, keep) + w.tail(village) + mark + w.say(village, "tv") + w.tail(village),
    )


@noise
def several_two(w: Writer) -> Row | None:
    """Two villages of the bank as equals: the first or both handed back, never surely."""
    if not (pair := _pair(w)):
        return None
    one, other, codes = pair
    text = one + w.dice.choice(("；", ";", " / ", "或", "、", " 和 ")) + other
    return Row(text, "several_two", "several", codes[0], "", codes[0][:6], codes, "either, never surely")


@noise
def several_now(w: Writer) -> Row | None:
    """Two villages of the bank, the second said to be where the customer lives now."""
    if not (pair := _pair(w)):
        return None
    one, other, codes = pair
    text = (
        w.dice.choice(("户籍：", "", "原住", "户口"))
        + one
        + w.dice.choice(("，现住", "（现住", "；现居住于", " 现住址：", "，现在住"))
        + other
    )
    return Row(text, "several_now", "village", codes[1], "", codes[1][:6], codes[1:], "lives there now")


def _pair(w: Writer) -> tuple[str, str, tuple[str, str]] | None:
    found, other = w.plain(("pcktv", "ktv")), w.plain(("ktv", "pcktv"))
    if not found or not other or found[0].code == other[0].code:
        return None
    texts = [w.say(*one) + w.tail(one[0]) for one in (found, other)]
    return texts[0], texts[1], (found[0].code, other[0].code)


@noise
def village_in_brackets(w: Writer) -> Row | None:
    """The village in brackets, behind a road and number or right behind the town."""
    if not (found := w.plain(("pcktv", "cktv", "ktv"))):
        return None
    village, keep = found
    road = f"{w.dice.choice(n.ROADS)}{w.dice.randint(1, 200)}号" if w.dice.random() < 0.5 else ""
    if any(len(form) > 1 and form in road for form in w.bank.exact[village.county]):
        return None
    return w.row(
        "village_in_brackets",
        village,
        f"{w.say(village, keep[:-1])}{road}（{village.name}）{w.tail(village)}",
    )


@noise
def road_before_village(w: Writer) -> Row | None:
    """Road and number, then the village."""
    if not (found := w.plain(("pcktv", "cktv", "ktv"))):
        return None
    village, keep = found
    road = f"{w.dice.choice(n.ROADS)}{w.dice.randint(1, 200)}号"
    if any(len(form) > 1 and form in road for form in w.bank.exact[village.county]):
        return None
    return w.row(
        "road_before_village", village, w.say(village, keep[:-1]) + road + village.name + w.tail(village)
    )


@noise
def code_given(w: Writer) -> Row | None:
    """The official code, alone or beside the name."""
    village = w.village()
    forms = (village.code, f"{village.code} {w.tail(village)}", f"{w.say(village, 'ktv')}({village.code})")
    return w.row("code_given", village, w.dice.choice(forms))
