"""The words of the map's ways of colouring and of layers that are switched on later."""

LAYER_WORDS: dict[str, tuple[str, str]] = {
    "tints_whose": ("归属", "Whose it is"),
    "tints_rates": ("比率", "Rates"),
    "tint_manager": ("经理", "Manager"),
    "tint_branch": ("支行", "Branch"),
    "tint_state": ("网格状态", "State"),
    "tint_coverage": ("覆盖率（家庭）", "Coverage (households)"),
    "tint_customers": ("客户 ÷ 家庭", "Customers ÷ households"),
    "tint_penetration": ("渗透率", "Penetration"),
    "tint_placed": ("定位率", "Located"),
    "tint_visited": ("走访率（本月）", "Visited this month"),
    "tint_filed": ("建档率", "Filed"),
    "legend_note_manager": (
        "颜色只区分相邻经理，身份看名称与编码",
        "Colour parts neighbours; names identify",
    ),
    "legend_note_branch": (
        "颜色只区分相邻支行，身份看名称与编码",
        "Colour parts neighbours; names identify",
    ),
    "tint_village": ("村：客户 ÷ 家庭", "Village: customers ÷ households"),
    "tint_resident": ("村：客户 ÷ 人口", "Village: customers ÷ residents"),
    "tint_whitespace": ("网点空白", "White space"),
    "tint_rivalry": ("他行空白", "Far from rivals"),
    "base": ("底图", "Base map"),
    "base_none": ("不用底图", "None"),
    "base_is": ("底图：{name}", "Base map: {name}"),
    "base_wgs84": ("坐标 WGS 84 / CGCS2000", "in WGS 84 / CGCS2000"),
    "base_gcj02": ("原为 GCJ-02，已纠偏，误差不到 1 像素", "from GCJ-02, set right to within a pixel"),
    "base_away": ("底图暂时读不出来", "The base map cannot be read now"),
    "base_why": ("开启后网格着色变淡，透出底图", "Grids turn pale so that it shows through"),
    "tiles_away": (
        "地图数据暂时取不到，先显示概图，取到后自动换上",
        "Map data cannot be fetched now: an outline is shown until it comes",
    ),
    "left_out": ("离线副本不含：", "Not in this copy: "),
    "comma": ("、", ", "),
    # Own layers
    "own_layers": ("本行图层", "Own layers"),
    "own_none": (
        "还没有本行图层（道路、水系、他行网点……）",
        "No own layers yet (roads, water, rivals' outlets)",
    ),
    "own_add": ("添加图层", "Add a layer"),
}
