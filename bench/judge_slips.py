"""Classes of noise in the names themselves: slips, other words for a level, former names, wrong levels."""

import re
from functools import partial

from bench import judge_noise as n
from bench.judge_land import short_name
from bench.judge_noise import stem
from bench.judge_rows import ANY, CITIES, CLASSES, Row, Writer, noise


def village_slip(w: Writer, kind: str) -> Row | None:
    """A slip in the village's name that neither spells nor explains another."""
    return w.slipped(f"village_{kind}", kind)


@noise
def town_rank(w: Writer) -> Row | None:
    """Township for town and the other way round; the office's full name."""
    village, keep = w.village(), w.dice.choice(ANY)
    name = w.land.names[village.town]
    core = short_name(name)
    if name[len(core) :] not in ("镇", "乡", "街道") or not w.honest(village, keep, village.name):
        return None
    ranks = ["镇", "乡", "街道", "街道办事处", "街道办", "公社", "镇人民政府"]
    written = core + w.dice.choice([r for r in ranks if r != name[len(core) :]])
    if (
        len(w.land.towns_called.get(written, ()))
        or sum(short_name(w.land.names[t]) == core for t in w.bank.towns(village.county)) > 1
    ):
        return None
    return w.row(
        "town_rank", village, w.say(village, keep, t=written) + w.tail(village), note=f"{name} > {written}"
    )


@noise
def village_word(w: Writer) -> Row | None:
    """The word for village as people say it, or none."""
    village, keep = w.village(), w.dice.choice(ANY)
    core = stem(village.name)
    rural = ("大队", "行政村", "村委", "村委会", "村民委员会", "生产大队", "村村民委员会", "", "中心村")
    town = ("居委会", "居委", "社区居委会", "社居委", "居民委员会", "居民区", "", "社区居民委员会")
    written = core + w.dice.choice(town if village.kind == "community" else rural)
    if village.name.endswith("生活区"):
        core = written = village.name.removesuffix("生活区")
    if core == village.name or not (w.honest(village, keep, written) and w.honest(village, keep, core)):
        return None
    return w.row("village_word", village, w.say(village, keep, v=written) + w.tail(village), note=written)


@noise
def village_now_community(w: Writer) -> Row | None:
    """A community written as the village it was, or the other way round, the name being no other's."""
    village, keep = w.village(), w.dice.choice(ANY)
    core = stem(village.name)
    written = core + ("村" if village.kind == "community" else "社区")
    if (
        core == village.name
        or written == village.name
        or not (w.honest(village, keep, written) and w.honest(village, keep, core))
    ):
        return None
    return w.row(
        "village_now_community", village, w.say(village, keep, v=written) + w.tail(village), note=written
    )


@noise
def scanned_slip(w: Writer) -> Row | None:
    """Read from paper, one character of the village for another that looks like it."""
    row = w.slipped("scanned_slip", "shape")
    return Row(n.scanned(w.dice, row.address), *_rest(row)) if row else None


def _rest(row: Row) -> tuple[str, str, str, str, str, tuple[str, ...], str]:
    return row.noise, row.level, row.code, row.name, row.county, row.alts, row.note


@noise
def old_county(w: Writer) -> Row | None:
    """The county by its former name."""
    village, keep = w.village(), w.dice.choice(("pcktv", "cktv", "ktv", "kv"))
    if not (former := w.bank.former.get(village.county)) or not w.honest(village, keep, village.name):
        return None
    return w.row(
        "old_county",
        village,
        w.say(village, keep, k=w.dice.choice(former)) + w.tail(village),
        note="old_name",
    )


@noise
def old_city(w: Writer) -> Row | None:
    """The city as the prefecture it was, or by its old name."""
    village = w.village()
    name = w.land.path(village.code)["c"]
    old = CITIES.get(name) or (
        short_name(name) + w.dice.choice(("地区", "专区", "行署")) if name.endswith("市") else ""
    )
    keep = w.dice.choice(("pcktv", "cktv"))
    return (
        w.row("old_city", village, w.say(village, keep, c=old) + w.tail(village), note=old) if old else None
    )


@noise
def old_town(w: Writer) -> Row | None:
    """A former town that the gazetteer lists."""
    village, keep = w.village(), w.dice.choice(ANY)
    if not (former := w.bank.former.get(village.town)) or not w.honest(village, keep, village.name):
        return None
    return w.row(
        "old_town", village, w.say(village, keep, t=w.dice.choice(former)) + w.tail(village), note="old_name"
    )


def town_slip(w: Writer, kind: str) -> Row | None:
    """A slip in the town's name; the village stands once in the county, or the slip is of the ear or eye."""
    village, keep = w.village(), w.dice.choice(("pcktv", "cktv", "ktv", "tv"))
    written = w.town_slip(village, kind)
    if not written or not w.honest(village, keep.replace("t", ""), village.name):
        return None
    return w.row(f"town_{kind}", village, w.say(village, keep, t=written) + w.tail(village), note=written)


def county_slip(w: Writer, kind: str) -> Row | None:
    """A slip in the county's name; town and village stand as they should."""
    village, keep = w.village(), w.dice.choice(("pcktv", "cktv", "ktv"))
    written = w.county_slip(village.county, kind)
    if not written or not w.honest(village, "tv", village.name) or not w.town_stands_once(village, "tv"):
        return None
    return w.row(f"county_{kind}", village, w.say(village, keep, k=written) + w.tail(village), note=written)


@noise
def town_and_village_slip(w: Writer) -> Row | None:
    """One slip in each."""
    village, keep = w.village(), w.dice.choice(("pcktv", "ktv"))
    kinds = w.dice.choices(("homophone", "shape", "drop", "double"), k=2)
    town, written = w.town_slip(village, kinds[0]), w.slips.slip(w.dice, village.name, kinds[1])
    if not town or not written or written == village.name or not w.tells(village, "kv", written):
        return None
    return w.row(
        "town_and_village_slip",
        village,
        w.say(village, keep, t=town, v=written) + w.tail(village),
        note=f"{town} {village.name} > {written}",
    )


@noise
def two_slips(w: Writer) -> Row | None:
    """Two slips in a long village name."""
    village, keep = w.village(), w.dice.choice(ANY[:5])
    written = w.slips.slip(w.dice, village.name, w.dice.choice(("homophone", "shape", "near_sound")))
    written = (
        w.slips.slip(w.dice, written, w.dice.choice(("homophone", "shape", "double"))) if written else None
    )
    if (
        len(stem(village.name)) < 4
        or not written
        or n.distance(written, village.name) != 2
        or not w.tells(village, keep, written)
    ):
        return None
    return w.row(
        "two_slips",
        village,
        w.say(village, keep, v=written) + w.tail(village),
        note=f"{village.name} > {written}",
    )


@noise
def wrong_town(w: Writer) -> Row | None:
    """Another town of the county, which has no village of a similar name."""
    village, keep = w.village(), w.dice.choice(("ktv", "cktv", "pcktv"))
    town = w.dice.choice(w.bank.towns(village.county))
    near = [v for v in w.land.villages[town] if n.distance(v.name, village.name) <= 1]
    core = short_name(w.land.names[town])
    if (
        town == village.town
        or near
        or core in village.name
        or not w.honest(village, "kv", village.name)
        or not w.honest(village, "kv", stem(village.name))
    ):
        return None
    return w.row(
        "wrong_town", village, w.say(village, keep, t=w.land.names[town]) + w.tail(village), note="wrong_town"
    )


@noise
def wrong_upper(w: Writer) -> Row | None:
    """Another province or city above a county whose name stands once in the country."""
    village = w.village()
    if w.land.named_counties[w.land.names[village.county]] > 1 or not w.land.path(village.code)["c"]:
        return None
    other = w.land.path(w.away(city=True).code)
    over = w.dice.choice(({"p": other["p"]}, {"c": other["c"]}))
    return (
        w.row("wrong_upper", village, w.say(village, "pcktv", **over) + w.tail(village), note="wrong upper")
        if other["c"]
        else None
    )


@noise
def hard_combination(w: Writer) -> Row | None:
    """A slip in the village, an old or short name above, marks, script and what stands around."""
    village, keep = w.village(), w.dice.choice(("pcktv", "cktv", "ktv"))
    written = w.slips.slip(w.dice, village.name, w.dice.choice(("homophone", "shape", "drop", "double")))
    if not written or written == village.name or not w.tells(village, keep, written):
        return None
    over = {"v": written}
    if (former := w.bank.former.get(village.county)) and w.dice.random() < 0.4:
        over["k"] = former[0]
    text = w.say(village, keep, **over) + w.tail(village)
    for spoil, share in (
        (lambda t: n.scattered(w.dice, t, " -,", 0.1), 0.5),
        (lambda t: n.mixed_script(w.dice, t), 0.4),
        (n.full_width, 0.3),
    ):
        text = spoil(text) if w.dice.random() < share else text
    text = n.before(w.dice) + text if w.dice.random() < 0.3 else text
    return w.row(
        "hard_combination",
        village,
        text + (n.behind(w.dice, village.county) if w.dice.random() < 0.5 else ""),
        note=f"{village.name} > {written}",
    )


@noise
def hard_without_slip(w: Writer) -> Row | None:
    """Old county name, traditional script, marks, full width, something before and behind: all at once."""
    if not (found := w.plain(("pcktv", "cktv", "ktv", "tv"))):
        return None
    village, keep = found
    over = {"k": w.dice.choice(w.bank.former.get(village.county) or [w.land.path(village.code)["k"]])}
    text = w.say(village, keep, **over) + w.tail(village)
    text = n.mixed_script(w.dice, n.scattered(w.dice, text, " -,", 0.1))
    return w.row(
        "hard_without_slip", village, n.before(w.dice) + n.full_width(text) + n.behind(w.dice, village.county)
    )


def _digits(chinese: str) -> str:
    """A number below a hundred in digits; what is none stays."""
    if not re.fullmatch("[一二三四五六七八九]?十?[一二三四五六七八九]?", chinese) or (
        len(chinese) > 1 and "十" not in chinese
    ):
        return chinese
    tens, ten, ones = chinese.rpartition("十")
    value = (int("0一二三四五六七八九".index(tens)) if tens else 1) * 10 if ten else 0
    return str(value + ("0一二三四五六七八九".index(ones) if ones else 0))


@noise
def digits_in_name(w: Writer) -> Row | None:
    """Village No. 1 for Village No. One."""
    village, keep = w.village(), w.dice.choice(ANY)
    written = re.sub("[一二三四五六七八九十]+", lambda found: _digits(found[0]), village.name)
    if written == village.name or not w.honest(village, keep, village.name):
        return None
    return w.row(
        "digits_in_name", village, w.say(village, keep, v=written) + w.tail(village), note=village.name
    )


@noise
def zone_short(w: Writer) -> Row | None:
    """A zone that carries the county's name, without it."""
    village, keep = w.village(), w.dice.choice(("pcktv", "ktv", "cktv"))
    name, path = w.land.names[village.town], w.land.path(village.code)
    written = name
    for above in (
        path["c"],
        path["k"],
        short_name(path["c"]) if path["c"] else "",
        short_name(path["k"]) if path["k"] else "",
    ):
        written = written.removeprefix(above)
    if (
        written == name
        or len(written) < 3
        or written in ("街道", "农场", "林场")
        or not w.honest(village, keep, village.name)
    ):
        return None
    same = [t for t in w.bank.towns(village.county) if w.land.names[t].endswith(written)]
    return (
        w.row("zone_short", village, w.say(village, keep, t=written) + w.tail(village), note=name)
        if len(same) == 1
        else None
    )


@noise
def pseudo_city(w: Writer) -> Row | None:
    """The list's own words where a county lies in no city."""
    if not (found := w.plain(("pcktv", "cktv"))) or w.land.path(found[0].code)["c"]:
        return None
    village, keep = found
    return w.row(
        "pseudo_city", village, w.say(village, keep, c=w.land.names[village.code[:4]]) + w.tail(village)
    )


@noise
def wrong_town_like_village(w: Writer) -> Row | None:
    """The town has a village of nearly this name, another town has the name itself: either, never surely."""
    village, keep = w.village(), w.dice.choice(("ktv", "pcktv"))
    town = w.dice.choice(w.bank.towns(village.county))
    near = [
        v
        for v in w.land.villages[town]
        if n.distance(v.name, village.name) == 1 and v.name[-1] == village.name[-1]
    ]
    if (
        town == village.town
        or len(near) != 1
        or not w.honest(village, "kv", village.name)
        or len(stem(village.name)) < 2
    ):
        return None
    text = w.say(village, keep, t=w.land.names[town]) + w.tail(village)
    codes = (village.code, near[0].code)
    return Row(
        text,
        "wrong_town_like_village",
        "several",
        village.code,
        village.name,
        village.county,
        codes,
        near[0].name,
    )


@noise
def wrong_county(w: Writer) -> Row | None:
    """Another loaded county above our town and village, which stand once among all that is loaded."""
    village = w.village()
    near = [
        c for c in w.bank.loaded if c != village.county and w.land.names[c] != w.land.names[village.county]
    ]
    if not near or len(w.land.towns_called[w.land.names[village.town]]) > 1:
        return None
    county = w.dice.choice([c for c in near if c[:4] == village.code[:4]] or near)
    if any(v.name == village.name or stem(v.name) == stem(village.name) for v in w.bank.villages[county]):
        return None
    text = w.say(village, "ktv", k=w.land.names[county]) + w.tail(village)
    return Row(text, "wrong_county", "unsure", village.code, village.name, village.county, (village.code,))


@noise
def path_in_name(w: Writer) -> Row | None:
    """A village into whose name the list wrote county and town: the address says each once."""
    found = [v for c in w.bank.targets for v in w.bank.villages[c] if w.holds_path(v)]
    if not found:
        return None
    village, keep = w.dice.choice(found), w.dice.choice(("pck", "ck", "k"))
    path, bare = w.land.path(village.code), village.name
    for level in "pckt":
        bare = bare.removeprefix(path[level]) if path[level] else bare
        town = path["t"].removeprefix(path["c"]).removeprefix(path["k"])
    bare = bare.removeprefix(town)
    same = [v for v in w.land.villages[village.town] if v.name.endswith(bare) or stem(v.name) == stem(bare)]
    if len(stem(bare)) < 2 or len(same) > 1:
        return None
    return w.row(
        "path_in_name", village, w.say(village, keep) + town + bare + w.tail(village), note=village.name
    )


for _kind in n.SLIPS:
    CLASSES[f"village_{_kind}"] = partial(village_slip, kind=_kind)
for _kind in ("homophone", "near_sound", "shape", "drop", "double", "swap", "insert"):
    CLASSES[f"town_{_kind}"] = partial(town_slip, kind=_kind)
for _kind in ("homophone", "shape", "drop", "swap", "double"):
    CLASSES[f"county_{_kind}"] = partial(county_slip, kind=_kind)
