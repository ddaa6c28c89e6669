"""Classes of rows with a second village's name where no village is meant: roads, hamlets, firms, schools."""

from bench import judge_noise as n
from bench.judge_land import Village
from bench.judge_noise import stem
from bench.judge_rows import Row, Writer, noise

PLACES = ("小学", "卫生院", "农贸市场", "加油站", "中学宿舍", "敬老院", "供销社", "水库", "粮站", "信用社")


def _other(w: Writer, village: Village, *, same_town: bool) -> Village | None:
    """Another village with a name of two letters or more, in the same town or in another of the county."""
    found = w.dice.choice(w.bank.villages[village.county])
    fits = (found.town == village.town) == same_town and found.code != village.code
    core = stem(found.name)
    if not fits or len(core) < 2 or core == found.name or w.holds_path(found):
        return None
    return found if core not in village.name and stem(village.name) not in core else None


@noise
def road_like_village(w: Writer) -> Row | None:
    """The village, then a road that bears another village's name."""
    if not (found := w.plain(("pcktv", "ktv", "cktv"))):
        return None
    village, keep = found
    if not (other := _other(w, village, same_town=w.dice.random() < 0.5)):
        return None
    road = stem(other.name) + w.dice.choice(("路", "街", "大道", "巷", "中路"))
    return w.row(
        "road_like_village",
        village,
        f"{w.say(village, keep)}{road}{w.dice.randint(1, 200)}号",
        note=other.name,
    )


@noise
def hamlet_like_village(w: Writer) -> Row | None:
    """The village, then a hamlet that bears the name of a village of another town."""
    if not (found := w.plain(("pcktv", "ktv", "cktv"))):
        return None
    village, keep = found
    if not (other := _other(w, village, same_town=False)):
        return None
    text = w.say(village, keep) + stem(other.name) + f"{w.dice.randint(1, 99)}号"
    return w.row("hamlet_like_village", village, text, note=other.name)


@noise
def firm_like_village(w: Writer) -> Row | None:
    """A firm that bears another village's name, then the address."""
    if not (found := w.plain(("pcktv", "ktv", "cktv"))):
        return None
    village, keep = found
    if not (other := _other(w, village, same_town=w.dice.random() < 0.5)):
        return None
    firm = stem(other.name) + w.dice.choice(("五金厂", "建材有限公司", "农机合作社", "小卖部", "养殖场"))
    mark = w.dice.choice((" ", "，", "(", "，地址："))
    return w.row(
        "firm_like_village", village, firm + mark + w.say(village, keep) + w.tail(village), note=other.name
    )


@noise
def road_of_town_like_village(w: Writer) -> Row | None:
    """The town and a road or school with a village's name: the town, or that village but never surely."""
    village, keep = w.village(), w.dice.choice(("kt", "pckt"))
    core = stem(village.name)
    if (
        len(core) < 2
        or core == village.name
        or core[-1] in "路街巷道村区园苑邨里"
        or not w.honest(village, "ktv", core)
    ):
        return None
    road = w.dice.choice(("路", "街", "东路", "大道"))
    tail = f"{road}{w.dice.randint(1, 200)}号" if w.dice.random() < 0.6 else w.dice.choice(PLACES)
    if w.bank.exact[village.county][core + tail[:1]]:
        return None
    text = w.say(village, keep) + core + tail
    town = w.land.names[village.town]
    return Row(
        text, "road_of_town_like_village", "unsure", village.code, town, village.county, (village.code,)
    )


@noise
def old_and_new_county(w: Writer) -> Row | None:
    """The former county and the present one, one behind the other."""
    if not (found := w.plain(("pcktv", "cktv", "ktv"))):
        return None
    village, keep = found
    if not (former := w.bank.former.get(village.county)):
        return None
    both = former[0] + w.land.path(village.code)["k"]
    return w.row("old_and_new_county", village, w.say(village, keep, k=both) + w.tail(village))


@noise
def person_behind(w: Writer) -> Row | None:
    """The address, then a person and a telephone in a sentence."""
    who = w.dice.choice(n.PEOPLE)
    forms = (f"{who}家", f" 找{who}", f"，{who}转", f"（{who}代收）", f" {n.mobile(w.dice)} {who}")
    return w.simple(
        "person_behind", ("pcktv", "ktv", "tv"), lambda text, tail: text + tail + w.dice.choice(forms)
    )
