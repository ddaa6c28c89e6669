"""Classes whose truth is no single village: namesakes, slips between two, towns and counties alone."""

from bench import judge_noise as n
from bench.judge_land import Village, short_name
from bench.judge_noise import stem
from bench.judge_rows import Row, Writer, noise


def _equals(name: str, address: str, villages: list[Village], note: str = "") -> Row | None:
    codes = tuple(sorted({v.code for v in villages}))
    if not 1 < len(codes) <= 5:
        return None
    return Row(address, name, "ambiguous", codes[0], villages[0].name, villages[0].county, codes, note)


@noise
def namesakes(w: Writer) -> Row | None:
    """A name that stands in several towns, and no town."""
    village, keep = w.village(), w.dice.choice(("kv", "ckv", "pckv", "v"))
    same = [v for v in w.bank.pool(village, keep) if v.name == village.name]
    return _equals("namesakes", w.say(village, keep) + w.tail(village), same)


@noise
def namesakes_without_word(w: Writer) -> Row | None:
    """A town with village X and community X, and only X written."""
    village, keep = w.village(), w.dice.choice(("ktv", "pcktv", "tv"))
    same = [v for v in w.land.villages[village.town] if stem(v.name) == stem(village.name)]
    if not w.town_stands_once(village, keep):
        return None
    return _equals("namesakes_without_word", w.say(village, keep, v=stem(village.name)), same)


@noise
def namesakes_wrong_town(w: Writer) -> Row | None:
    """A name of two towns, given with a third that has nothing like it."""
    village, town = w.village(), w.dice.choice(w.bank.towns(w.village().county))
    if town[:6] != village.county or any(
        n.distance(v.name, village.name) <= 1 for v in w.land.villages[town]
    ):
        return None
    same = [v for v in w.bank.villages[village.county] if v.name == village.name]
    return _equals(
        "namesakes_wrong_town", w.say(village, "ktv", t=w.land.names[town]) + w.tail(village), same
    )


@noise
def slip_between_two(w: Writer) -> Row | None:
    """A slip that two villages of the town explain equally well: a letter replaced, or one left out."""
    village, keep, kind = w.village(), w.dice.choice(("ktv", "pcktv")), w.dice.choice(("other", "drop"))
    written = w.slips.slip(w.dice, village.name, kind)
    town = w.land.villages[village.town]
    if (
        not written
        or len(stem(village.name)) < 2
        or w.bank.exact[village.county][written]
        or w.bank.exact[village.county][stem(written)]
    ):
        return None
    if any(w.slips.explains(written, v.name) or n.distance(written, v.name) < 1 for v in town):
        return None
    word = village.name[len(stem(village.name)) :]
    near = [v for v in town if n.distance(written, v.name) == 1]
    if any(len(v.name) != len(village.name) or not v.name.endswith(word) for v in near):
        return None
    return _equals("slip_between_two", w.say(village, keep, v=written) + w.tail(village), near, written)


@noise
def namesakes_below(w: Writer) -> Row | None:
    """A natural village or compound that two villages of the town have, and neither village said."""
    if not w.bank.below:
        return None
    below = w.dice.choice(w.bank.below)
    same = [b.village for b in w.bank.below if b.name == below.name and b.village.town == below.village.town]
    if not w.town_stands_once(below.village, "kt"):
        return None
    return _equals(
        "namesakes_below", w.say(below.village, w.dice.choice(("kt", "pckt"))) + below.name + "12号", same
    )


@noise
def town_alone_misspelt(w: Writer) -> Row | None:
    """The town with a slip, and a road."""
    village, keep = w.village(), w.dice.choice(("pckt", "ckt", "kt"))
    written = w.town_slip(village, w.dice.choice(("homophone", "shape", "double")))
    tail = w.dice.choice(("", f"{w.dice.choice(n.ROADS)}{w.dice.randint(1, 300)}号"))
    if not written or not w.land.path(village.code)["k"] or w.bank.exact[village.county][short_name(written)]:
        return None
    if any(len(form) > 1 and form in tail for form in w.bank.exact[village.county]):
        return None
    town = w.land.names[village.town]
    return Row(
        w.say(village, keep, t=written) + tail,
        "town_alone_misspelt",
        "town",
        village.town,
        town,
        village.county,
        (village.town,),
        written,
    )


@noise
def town_alone(w: Writer) -> Row | None:
    """The town, with a road or an estate, no village."""
    village, keep = w.village(), w.dice.choice(("pckt", "ckt", "kt", "pkt"))
    tail = w.dice.choice(
        (
            "",
            "集镇",
            f"{w.dice.choice(n.ROADS)}{w.dice.randint(1, 300)}号",
            f"{w.dice.choice(n.ESTATES)}{w.dice.randint(1, 30)}幢",
            "镇区",
            "街上",
        )
    )
    if any(len(form) > 1 and form in tail for form in w.bank.exact[village.county]):
        return None
    if (
        any(
            stem(v.name) in (short_name(w.land.names[village.town]), w.land.names[village.town])
            for v in w.land.villages[village.town]
        )
        and tail
    ):
        return None
    return Row(
        w.say(village, keep) + tail,
        "town_alone",
        "town",
        village.town,
        w.land.names[village.town],
        village.county,
        (village.town,),
    )


@noise
def town_and_unknown_village(w: Writer) -> Row | None:
    """The town, and a village that neither it nor the county has."""
    village, other = w.village(), w.away(city=True)
    if other.kind == "virtual" or len(stem(other.name)) < 2 or not w.far(other.name, county=village.county):
        return None
    text = w.say(village, w.dice.choice(("pckt", "kt", "ckt"))) + other.name + n.rural_tail(w.dice)
    return Row(
        text,
        "town_and_unknown_village",
        "town",
        village.town,
        w.land.names[village.town],
        village.county,
        (village.town,),
        other.name,
    )


@noise
def county_alone(w: Writer) -> Row | None:
    """The county, with a road or nothing."""
    village, keep = w.village(), w.dice.choice(("pck", "ck", "k", "pk"))
    if not w.land.path(village.code)["k"]:
        return None
    tail = w.dice.choice(("", f"{w.dice.choice(n.ROADS)}{w.dice.randint(1, 300)}号", "城区", "政府宿舍"))
    if any(tail and tail[:2] in w.land.names[town] for town in w.bank.towns(village.county)):
        return None
    if any(len(form) > 1 and form in tail for form in w.bank.exact[village.county]):
        return None
    return Row(
        w.say(village, keep) + tail,
        "county_alone",
        "county",
        village.county,
        w.land.names[village.county],
        village.county,
        (village.county,),
    )


@noise
def upper_alone(w: Writer) -> Row | None:
    """Province and city, nothing else."""
    village = w.village()
    path = w.land.path(village.code)
    tail = w.dice.choice(("", f"{w.dice.choice(n.ROADS)}{w.dice.randint(1, 300)}号", n.mobile(w.dice)))
    if any(len(form) > 1 and form in tail for form in w.bank.known):
        return None
    return Row(path["p"] + path["c"] + tail, "upper_alone", "none") if path["k"] else None
