"""How faults of the ground look: hatched, bare, boxed with their area."""

from app.maps.paint.kit import FAULT, Json, Look, fill, label, line
from app.maps.words import WORDS


def paint_findings(look: Look) -> list[Json]:
    """Overlaps hatched with a dashed edge, gaps white with a red edge, what only needs a look in amber."""
    hatched = ["in", ["get", "kind"], ["literal", ["overlap", "duplicate", "sliver"]]]
    bare = ["in", ["get", "kind"], ["literal", ["gap", "outside", "invalid"]]]
    nested = ["==", ["get", "kind"], "nested"]
    dashed = line("findings", FAULT, 1.6, **{"line-dasharray": [3, 2]})
    return [
        {**fill("findings", "#ffffff", **{"fill-opacity": 0.55}), "filter": hatched},
        {**fill("findings", FAULT), "filter": hatched, "paint": {"fill-pattern": "hatch"}},
        {**dashed, "filter": hatched},
        {**fill("findings", "#ffffff"), "filter": bare},
        {**line("findings", FAULT, 2.4), "filter": bare},
        {**line("findings", "#8a5200", 1.6, **{"line-dasharray": [1, 2]}), "filter": nested},
    ]


KINDS = {
    "overlap": ("重叠", "Overlap"),
    "gap": ("空白", "Gap"),
    "sliver": ("碎片", "Sliver"),
    "nested": ("套叠", "Nested"),
    "duplicate": ("重复", "Duplicate"),
    "invalid": ("无效图形", "Invalid"),
    "outside": ("越界", "Outside"),
}


def name_findings(look: Look) -> list[Json]:
    """A box with kind and area beside each fault that must be mended."""
    word = 0 if look.lang == "zh" else 1
    kinds = [part for kind, words in KINDS.items() for part in (kind, words[word])]
    hectares = [
        "number-format",
        ["/", ["get", "area_m2"], 10000],
        {"max-fraction-digits": 1, "min-fraction-digits": 1},
    ]
    unit = " " + WORDS["hectares"][word]
    text = ["concat", ["match", ["get", "kind"], *kinds, ""], " ", hectares, unit]
    boxed = {
        "icon-image": "fault-box",
        "icon-text-fit": "both",
        "icon-text-fit-padding": [3, 8, 3, 8],
        "text-offset": [0, -2.2],
    }
    boxes = label("finding_labels", text, size=12, colour=FAULT, layout=boxed)
    boxes["paint"] = {"text-color": FAULT}
    minor = ["in", ["get", "kind"], ["literal", ["nested", "sliver"]]]
    return [{**boxes, "filter": ["!", minor]}, {**boxes, "filter": minor, "minzoom": 12}]
