"""Words of the search box, of measuring and of what may be asked about a place on the map."""

SEARCH_WORDS: dict[str, tuple[str, str]] = {
    "kind_outlet": ("网点", "Outlet"),
    "kind_position": ("坐标", "Position"),
    "kind_address": ("地址", "Address"),
    "search_turned": ("先写纬度，已对调", "latitude came first; turned"),
    "search_in_datum": ("按 {datum}", "as {datum}"),
    "search_unsure": ("把握 {share}", "sure by {share}"),
    "search_hint": (
        "村、镇、经理、支行、客户姓名、手机号或后四位、地址、坐标；可输拼音首字母，如 hcz",
        "Village, town, manager, branch, customer, phone or its last four digits, address, position; pinyin"
        " initials too, such as hcz",
    ),
}
"""Of the search box, with the page."""

TOOL_WORDS: dict[str, tuple[str, str]] = {
    "measure": ("测量", "Measure"),
    "measure_line": ("距离", "Distance"),
    "measure_area": ("面积", "Area"),
    "measure_undo": ("退一点", "Undo point"),
    "measure_clear": ("清除", "Clear"),
    "measure_end": ("结束", "End"),
    "measure_how": (
        "点击加点；键盘：方向键移动地图，空格在中心加点，退格退一点，Esc 结束",
        "Click adds a point; keys: arrows move the map, space adds its middle, backspace undoes, Esc ends",
    ),
    "measure_total": ("总长", "Length"),
    "measure_round": ("周长", "Perimeter"),
    "measure_points": ("{n} 点", "{n} points"),
    "measure_crossed": ("边线相交，面积不成立", "the edges cross: no area"),
    "square_metres": ("平方米", "m²"),
    "hectares": ("公顷", "ha"),
    "square_kilometres": ("平方公里", "km²"),
    "datum_pick": ("坐标系", "Datum"),
    "datum_cgcs2000": ("CGCS2000", "CGCS2000"),
    "datum_wgs84": ("WGS 84", "WGS 84"),
    "datum_gcj02": ("GCJ-02", "GCJ-02"),
    "datum_bd09": ("BD-09", "BD-09"),
    "datum_zone": ("3 度带 {meridian}°E", "3° zone {meridian}°E"),
    "place_menu": ("这里", "This place"),
    "place_copy": ("复制坐标", "Copy position"),
    "place_copied": ("已复制 {text}", "Copied {text}"),
    "place_nearest": ("最近网点", "Nearest outlet"),
    "place_ring": ("一公里内客户", "Customers within 1 km"),
    "place_who": ("谁负责这里", "Who is responsible"),
    "place_lend": ("信贷准入核对", "Lending check"),
    "place_no_grid": ("不在任何网格内，或不在您的范围内", "In no grid of your sight"),
    "place_nobody": ("暂无经理", "no manager"),
    "place_no_outlet": ("没有带位置的网点", "No outlet has a position"),
    "place_ring_told": ("一公里内客户 {n} 户", "{n} customers within 1 km"),
    "place_ring_more": (
        "另有 {n} 户只到村级，可能在内",
        "{n} more known by village only may be within",
    ),
    "place_lend_branch": ("先在筛选中选定支行", "Choose a branch in the filter first"),
    "place_lend_in": ("在辖区内，可以办理", "inside the ground: may lend"),
    "place_lend_out": ("在辖区外，不得办理", "outside the ground: may not"),
    "place_lend_edge": ("贴近边界，需要核实", "near the border: verify"),
    "place_lend_unknown": ("不能判断", "cannot tell"),
}
"""Of the tools that are brought after the first picture."""
