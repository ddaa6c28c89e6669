"""All layers, bottom first, and which of them a viewer may see."""

from sqlalchemy.orm import Session

from app.db import Viewer
from app.maps.filtering import FILTER_FIELDS
from app.maps.layers.changes import since
from app.maps.layers.entry import CUSTOMER_ROLES, Layer, Tip, refuse_layer, viewer_of
from app.maps.layers.ground import tell_findings, tell_frame, tell_grids, tell_towns, tell_units
from app.maps.layers.late import LATE
from app.maps.layers.measures import MEASURES, note_rates, tell_rates
from app.maps.layers.own import bare_own, find_own
from app.maps.layers.people import tell_customers, tell_key_clients, tell_liaisons, tell_outlets
from app.maps.layers.states import STATES, tell_states

LAYERS: tuple[Layer, ...] = (
    Layer(
        key="frame",
        zh="辖区边界",
        en="Frame",
        why_zh="规划所覆盖的全部地面",
        why_en="All the ground the plan must cover",
        parts=("frame",),
        legend=tell_frame,
        listed=False,
    ),
    Layer(
        key="units",
        zh="村界底图",
        en="Villages around",
        why_zh="全部行政村和社区，作浅色底图",
        why_en="All villages and communities as a pale ground",
        parts=("units",),
        legend=tell_units,
        listed=False,
    ),
    Layer(
        key="grids",
        zh="网格",
        en="Grids",
        why_zh="按客户经理着色，相邻经理颜色不同",
        why_en="By manager; neighbours never share a colour",
        parts=("grids", "managers", "grid_names", "manager_names"),
        legend=tell_grids,
    ),
    Layer(
        key="states",
        zh="网格状态",
        en="Grids by state",
        why_zh="有经理、待签收、尚无经理、有争议；每个网格只属一类",
        why_en="Held, offered, vacant or contested; each grid is in one class",
        parts=("states",),
        legend=tell_states,
        shown=False,
        listed=False,
        late=True,
        tints=("state",),
        slot="tint",
        tips=(
            Tip(
                "states",
                "{name}·{state}",
                "{name} · {state}",
                words={"state": {key: words for key, (words, _) in STATES.items()}},
            ),
        ),
    ),
    Layer(
        key="coverage",
        zh="覆盖",
        en="Coverage",
        why_zh="每个网格的分子与分母之比；分母不足的不评",
        why_en="One number over another for each grid; not told where the lower one is too small",
        parts=("coverage",),
        legend=tell_rates,
        roles=CUSTOMER_ROLES,
        shown=False,
        listed=False,
        late=True,
        tints=tuple(measure.key for measure in MEASURES),
        slot="tint",
        tips=tuple(measure.tip() for measure in MEASURES),
        note=note_rates,
    ),
    Layer(
        key="towns",
        zh="乡镇、街道",
        en="Towns",
        why_zh="乡镇和街道的界线与名称",
        why_en="Borders and names of towns",
        parts=("towns", "town_names"),
        legend=tell_towns,
    ),
    Layer(
        key="outlets",
        zh="网点",
        en="Outlets",
        why_zh="总行、支行和网点的位置",
        why_en="Where the bank's houses stand",
        parts=("outlets",),
        legend=tell_outlets,
    ),
    Layer(
        key="key_clients",
        zh="重点客户",
        en="Key clients",
        why_zh="战略客户由总行牵头，重点客户由支行牵头；空心为只到村级",
        why_en="Strategic and key clients; hollow where only the village is known",
        parts=("key_clients",),
        legend=tell_key_clients,
        roles=CUSTOMER_ROLES,
        takes=frozenset(FILTER_FIELDS),
    ),
    Layer(
        key="customers",
        zh="客户分布",
        en="Customers",
        why_zh="13 级以下按网格合计，13 级起逐户；只到村级的仍合计",
        why_en="Totals a grid below zoom 13, then points; village-level answers stay totals",
        parts=("customer_counts", "customers"),
        legend=tell_customers,
        roles=CUSTOMER_ROLES,
        takes=frozenset(FILTER_FIELDS),
        max_zoom=16,
        shown=False,
    ),
    Layer(
        key="liaisons",
        zh="村级联络员",
        en="Liaisons",
        why_zh="有村级联络员的网格",
        why_en="Grids with a village liaison",
        parts=("liaisons",),
        legend=tell_liaisons,
        shown=False,
    ),
    Layer(
        key="findings",
        zh="问题项",
        en="Findings",
        why_zh="重叠、空白等地块问题",
        why_en="Overlaps, gaps and other faults of the ground",
        parts=("findings", "finding_labels"),
        legend=tell_findings,
        max_zoom=16,
    ),
    *LATE,
)


def list_layers(viewer: Viewer) -> tuple[Layer, ...]:
    """The layers a viewer may see, bottom first."""
    return tuple(layer for layer in LAYERS if viewer.db_role in layer.roles)


def find_layer(key: str, viewer: Viewer) -> Layer:
    """The layer of that key. Raises NotFound where there is none, or none for this viewer.

    An own layer of the bank is told by its key alone: whether there is one, its statement says.
    """
    own = bare_own(key)
    if own is not None:
        return own
    base, _, day = key.partition("@")
    for layer in list_layers(viewer):
        if layer.key == base and (not day or "since" in layer.given):
            return since(layer, day) if day else layer
    raise refuse_layer(key)


def tell_layer_of(session: Session, key: str) -> Layer:
    """The layer of that key with all its words, also one of the bank's own. Raises NotFound as above."""
    found = find_layer(key, viewer_of(session))
    return find_own(session, key) if found.own else found
