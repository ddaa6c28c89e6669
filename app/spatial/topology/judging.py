"""Which steps of a round made something worse: the check of the layer before and after them compared."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from app.spatial.topology.edges import as_shapes
from app.spatial.topology.faults import Fault
from app.spatial.topology.measures import lay_flat

_BESIDE = 1e-6
_SLACK_M2, _SLACK_M = 0.5, 0.05
_CLASS = {"overlap": "double", "nested": "double", "duplicate": "double"}


_MAKES = {"gap": "double", "overlap": "gap", "nested": "gap", "duplicate": "gap"}
"""What can go wrong when a fault is ended: ground given may be claimed twice, ground taken left over."""


def judge_steps(steps: Mapping[int, Fault], before: Sequence[Fault], after: Sequence[Fault]) -> set[int]:
    """The steps (number -> the fault it ends) that failed: their fault is still there, or beside their
    ground a fault stands that they made, or more faults came than went.

    A fault that was hidden by the one that was ended (ground beyond the frame that was also claimed twice) is
    nobody's doing.
    """
    if not steps:
        return set()
    old, new = {_key(fault) for fault in before}, {_key(fault) for fault in after}
    gone = [fault for fault in before if _key(fault) not in new]
    fresh = [fault for fault in after if _key(fault) not in old]
    numbers = list(steps)
    tree = shapely.STRtree([steps[k].geom for k in numbers])
    bad = {k for k in numbers if _key(steps[k]) in new}
    balance = Counter(numbers[at] for _, at in _near(tree, gone))
    remnant = _are_remnants(fresh, before)
    for f, at in _near(tree, fresh):
        made = _MAKES.get(steps[numbers[at]].of) == _CLASS.get(fresh[f].of, fresh[f].of)
        if made and not remnant[f]:
            bad.add(numbers[at])
        balance[numbers[at]] -= made or remnant[f]
    return bad | {k for k in numbers if balance[k] < 0}


def _key(fault: Fault) -> tuple[object, ...]:
    return fault.of, fault.members, round(fault.area_m2, 2), *np.round(fault.geom.bounds, 7).tolist()


def _near(tree: shapely.STRtree, faults: Sequence[Fault]) -> list[tuple[int, int]]:
    if not faults:
        return []
    found = tree.query(as_shapes([f.geom for f in faults]), predicate="dwithin", distance=_BESIDE)
    return [(int(f), int(at)) for f, at in found.T]


def _are_remnants(fresh: Sequence[Fault], before: Sequence[Fault]) -> list[bool]:
    """Whether each fault lies wholly on ground that was as faulty before."""
    if not fresh:
        return []
    tree = shapely.STRtree([fault.geom for fault in before])
    return [_is_remnant(fault, [before[k] for k in tree.query(fault.geom)]) for fault in fresh]


def _is_remnant(fault: Fault, around: Sequence[Fault]) -> bool:
    same = [f.geom for f in around if _CLASS.get(f.of, f.of) == _CLASS.get(fault.of, fault.of)]
    rest = lay_flat(as_shapes([shapely.difference(fault.geom, shapely.union_all(same))]))
    return bool(rest.area_m2()[0] < _SLACK_M2 or rest.width_m()[0] < _SLACK_M)
