"""Classes of rows that lie outside the bank, up to those made to look as if they lay within."""

from bench import judge_noise as n
from bench.judge_land import Village, short_name
from bench.judge_noise import stem
from bench.judge_rows import ABROAD, GARBAGE, Row, Writer, noise


@noise
def outside_full(w: Writer) -> Row | None:
    """Anywhere in the country, all levels or without the province."""
    v = w.away()
    return w.outside(
        "outside_full", w.say(v, w.dice.choice(("pcktv", "cktv", "pktv"))) + n.rural_tail(w.dice), v
    )


@noise
def outside_short(w: Writer) -> Row | None:
    """Another county, no words for the levels."""
    v = w.away(city=True)
    path = {k: short_name(x) for k, x in w.land.path(v.code).items()}
    return w.outside("outside_short", w.say(v, "pcktv", **path) + n.rural_tail(w.dice), v)


@noise
def outside_spoilt(w: Writer) -> Row | None:
    """Another county in traditional script, with marks, in full width, behind a name."""
    v = w.away()
    text = w.say(v, w.dice.choice(("pcktv", "cktv"))) + n.rural_tail(w.dice)
    text = w.dice.choice(
        (
            n.traditional(text),
            n.scattered(w.dice, text, " -,", 0.12),
            n.before(w.dice) + text + n.behind(w.dice, v.county),
        )
    )
    return w.outside("outside_spoilt", text, v)


@noise
def outside_road(w: Writer) -> Row | None:
    """A road of another county."""
    v = w.away()
    return (
        w.outside("outside_road", w.say(v, w.dice.choice(("pck", "ck"))) + n.urban_tail(w.dice), v)
        if w.land.path(v.code)["k"]
        else None
    )


def _namesake_town(w: Writer) -> Village | None:
    """A village of a town elsewhere that has the name of one of ours."""
    name = w.land.names[w.village().town]
    towns = [t for t in w.land.towns_called[name] if t[:6] not in w.bank.villages and w.land.villages[t]]
    return w.dice.choice(w.land.villages[w.dice.choice(towns)]) if towns else None


@noise
def outside_namesake_town(w: Writer) -> Row | None:
    """Our town's name, another county's."""
    if not (v := _namesake_town(w)) or w.land.names[v.county] in {w.land.names[c] for c in w.bank.loaded}:
        return None
    city = w.land.names[v.code[:4]] if w.dice.random() < 0.5 else w.land.path(v.code)["c"]
    text = w.say(v, w.dice.choice(("pcktv", "cktv", "ktv", "pckt")), c=city)
    return w.outside("outside_namesake_town", text + n.rural_tail(w.dice), v)


@noise
def outside_namesake_short(w: Writer) -> Row | None:
    """The same without the words for the levels."""
    if (
        not (v := _namesake_town(w))
        or any(v.code[:4] == c[:4] for c in w.bank.loaded)
        or not w.land.path(v.code)["c"]
    ):
        return None
    path = {k: short_name(x) for k, x in w.land.path(v.code).items()}
    if path["k"] in {short_name(w.land.names[c]) for c in w.bank.loaded}:
        return None
    return w.outside(
        "outside_namesake_short", w.say(v, w.dice.choice(("pcktv", "cktv")), **path) + n.rural_tail(w.dice), v
    )


@noise
def outside_misspelt(w: Writer) -> Row | None:
    """Anywhere in another city, a slip in the county's name."""
    v = w.away(city=True)
    made = w.county_slip(v.county, w.dice.choice(("homophone", "shape", "drop", "double")))
    if not made or not w.land.path(v.code)["c"]:
        return None
    return w.outside(
        "outside_misspelt", w.say(v, w.dice.choice(("pcktv", "cktv")), k=made) + n.rural_tail(w.dice), v, made
    )


@noise
def outside_namesake_our_village(w: Writer) -> Row | None:
    """Our town's name and our village's name, another county named above."""
    ours, other = w.village(), _namesake_town(w)
    if (
        not other
        or w.land.names[other.town] != w.land.names[ours.town]
        or w.land.names[other.county] in {w.land.names[c] for c in w.bank.loaded}
    ):
        return None
    return w.outside(
        "outside_namesake_our_village",
        w.say(other, w.dice.choice(("pcktv", "cktv")), v=ours.name) + n.rural_tail(w.dice),
        other,
    )


@noise
def outside_namesake_county_misspelt(w: Writer) -> Row | None:
    """Our town's name below a misspelt county of another city."""
    if not (v := _namesake_town(w)) or any(v.code[:4] == c[:4] for c in w.bank.loaded):
        return None
    made = w.county_slip(v.county, w.dice.choice(("homophone", "shape", "drop", "double")))
    ours = [short_name(w.land.names[c]) for c in w.bank.loaded]
    if (
        not made
        or any(n.distance(short_name(made), own) <= 1 for own in ours)
        or not w.land.path(v.code)["c"]
    ):
        return None
    return w.outside(
        "outside_namesake_county_misspelt",
        w.say(v, w.dice.choice(("pcktv", "cktv")), k=made) + n.rural_tail(w.dice),
        v,
        made,
    )


@noise
def outside_namesake_city_only(w: Writer) -> Row | None:
    """Our town's name below another city or province, no county."""
    v = _namesake_town(w)
    if not v or not w.land.path(v.code)["c"] or any(v.code[:4] == c[:4] for c in w.bank.loaded):
        return None
    keeps = ("pctv", "ctv") if any(v.code[:2] == c[:2] for c in w.bank.loaded) else ("pctv", "ctv", "ptv")
    return w.outside("outside_namesake_city_only", w.say(v, w.dice.choice(keeps)) + n.rural_tail(w.dice), v)


@noise
def outside_our_village(w: Writer) -> Row | None:
    """Our village's name in another county and town."""
    ours, v = w.village(), w.away()
    if not w.land.path(v.code)["k"] or w.land.names[v.county] in {w.land.names[c] for c in w.bank.loaded}:
        return None
    return w.outside(
        "outside_our_village",
        w.say(v, w.dice.choice(("pcktv", "cktv", "pckv", "ktv")), v=ours.name) + n.rural_tail(w.dice),
        v,
    )


@noise
def outside_namesake_county(w: Writer) -> Row | None:
    """The district of the same name in another city."""
    ours = w.village()
    same = [
        c
        for c in w.foreign
        if w.land.names[c] == w.land.names[ours.county] and c[:4] != ours.county[:4] and w.land.of_county(c)
    ]
    if not same:
        return None
    v = w.dice.choice(w.land.of_county(w.dice.choice(same)))
    return (
        w.outside(
            "outside_namesake_county", w.say(v, w.dice.choice(("pcktv", "cktv"))) + n.rural_tail(w.dice), v
        )
        if w.land.path(v.code)["c"]
        else None
    )


@noise
def outside_next_county(w: Writer) -> Row | None:
    """Another county of the same city, by its county's name only."""
    ours = w.village()
    near = [c for c in w.foreign if c[:4] == ours.county[:4] and w.land.names[c] != w.land.names[ours.county]]
    found = w.land.of_county(w.dice.choice(near)) if near else []
    if not found or not w.land.path((v := w.dice.choice(found)).code)["k"]:
        return None
    return w.outside(
        "outside_next_county", w.say(v, w.dice.choice(("ktv", "cktv"))) + n.rural_tail(w.dice), v
    )


@noise
def outside_old_county(w: Writer) -> Row | None:
    """Another county by the rank it had."""
    v = w.away(city=True)
    name = w.land.names[v.county]
    old = short_name(name) + "县" if name[-1] in "市区" and len(short_name(name)) > 1 else ""
    if not old or old in w.land.county_words or not w.land.path(v.code)["c"]:
        return None
    return w.outside(
        "outside_old_county", w.say(v, w.dice.choice(("pcktv", "cktv")), k=old) + n.rural_tail(w.dice), v
    )


@noise
def outside_unknown_village(w: Writer) -> Row | None:
    """A village alone, or with its town, that nothing of ours is like."""
    v, county = w.away(city=True), w.bank.home or w.bank.targets[0]
    town = short_name(w.land.names[v.town])
    if (len(w.bank.loaded) > 1 and not w.bank.home) or len(stem(v.name)) < 2:
        return None
    if (
        not w.far(v.name, county=county)
        or not w.far(town, county=county)
        or stem(v.name) in w.land.county_words
    ):
        return None
    return w.outside(
        "outside_unknown_village", w.say(v, w.dice.choice(("v", "tv"))) + n.rural_tail(w.dice), v
    )


@noise
def outside_abroad(w: Writer) -> Row | None:
    """Other countries, Hong Kong, Macao, Taiwan."""
    return Row(w.dice.choice(ABROAD), "outside_abroad", "none")


@noise
def military_box(w: Writer) -> Row | None:
    """A unit or a box in the county: the county at most."""
    village, box = w.village(), w.dice.randint(31000, 96999)
    tail = w.dice.choice(
        (
            f"{box}部队",
            f"{box}部队{w.dice.randint(10, 99)}分队",
            f"邮政信箱{w.dice.randint(1, 200)}号",
            f"{w.dice.randint(1, 99)}信箱{w.dice.randint(1, 20)}分箱",
            f"武警{box}部队",
        )
    )
    return Row(
        w.say(village, w.dice.choice(("pck", "ck", "k", "pc", ""))) + tail,
        "military_box",
        "none",
        note="county at most",
    )


@noise
def garbage(w: Writer) -> Row | None:
    """What is no address."""
    return Row(w.dice.choice(GARBAGE), "garbage", "none")


@noise
def neighbour_loaded(w: Writer) -> Row | None:
    """A loaded county that is not the bank's own: its village is right, the prior must not swallow it."""
    others = [c for c in w.bank.loaded if c not in w.bank.targets and w.bank.villages[c]]
    if not others or not w.bank.home:
        return None
    v = w.dice.choice(w.bank.villages[w.dice.choice(others)])
    if (
        not w.honest(v, "ktv", v.name)
        or w.land.names[v.county] == w.land.names[w.bank.home]
        or not w.land.path(v.code)["k"]
    ):
        return None
    if sum(o.name == v.name for o in w.land.villages[v.town]) > 1:
        return None
    return w.row("neighbour_loaded", v, w.say(v, w.dice.choice(("pcktv", "cktv"))) + n.rural_tail(w.dice))
