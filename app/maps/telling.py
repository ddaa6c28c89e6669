"""What a layer that is switched on brings along: its legend, its style, what is said under the mouse."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.maps.facts import Facts
from app.maps.layers import Class, Layer
from app.maps.layers.entry import Tip, Words
from app.maps.style import make_late
from app.maps.words import Lang

Json = dict[str, Any]


def tell_layer(session: Session, layer: Layer, *, facts: Facts, lang: Lang, base: str = "") -> Json:
    """A layer for the page: name, explanation, legend with class counts, note of sums, style, tips.

    `facts` are those of the session's viewer; numbers are counted now, as he may see them.
    """
    lines = layer.legend(session, facts.ground)
    notes = layer.note(session, facts.ground) if layer.note else {}
    return {
        "key": layer.base,
        "name": pick((layer.zh, layer.en), lang),
        "why": pick((layer.why_zh, layer.why_en), lang),
        "notes": {key: pick(words, lang) for key, words in notes.items()},
        "total": sum(line.number for line in lines if line.counts) if not layer.tints else None,
        "legend": [tell_line(line, lang) for line in lines],
        "tints": list(layer.tints),
        "slot": layer.slot,
        "style": make_late(layer, facts.look(lang), base=base, version=facts.version),
        "tips": [tell_tip(tip, lang) for tip in layer.tips],
    }


def tell_line(line: Class, lang: Lang) -> Json:
    """A line of a legend."""
    return {
        "key": line.key,
        "text": pick((line.zh, line.en), lang),
        "symbol": line.symbol,
        "colour": line.colour,
        "number": line.number,
        "tint": line.tint,
    }


def tell_tip(tip: Tip, lang: Lang) -> Json:
    """What is said of a thing under the mouse."""
    words = {name: tell_words(values, lang) for name, values in tip.words.items()}
    return {"part": tip.part, "tint": tip.tint, "text": pick((tip.zh, tip.en), lang), "words": words}


def tell_words(words: Mapping[str, Words], lang: Lang) -> dict[str, str]:
    """Words of values in a language."""
    return {key: pick(pair, lang) for key, pair in words.items()}


def pick(words: Words, lang: Lang) -> str:
    """The words of a language."""
    return words[0 if lang == "zh" else 1]
