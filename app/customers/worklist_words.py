"""Why the matcher offers a place, in words: for the cards of the placement desk."""

REASONS: dict[str, tuple[str, str]] = {
    "exact": ("名称相符", "the name is the same"),
    "correction": ("同样写法已由人工核定", "the same wording was decided by hand"),
    "alias": ("别名相符", "an approved other name"),
    "former_name": ("旧地名相符", "a former name"),
    "suffix": ("名称相符，后缀不同", "the name fits, its ending differs"),
    "short_name": ("简称相符", "a shortened name"),
    "slip": ("同音或形近，可能写错字", "sounds or looks alike: perhaps a slip"),
    "town_slip": ("乡镇名可能写错字", "the town's name may hold a slip"),
    "wrong_town": ("村名相符，乡镇不符", "the village fits, the town does not"),
    "no_town": ("没有写乡镇，按村名", "no town is written: by the village's name"),
    "later": ("村名在后文出现", "the village stands further back"),
    "natural_village": ("自然村名相符", "the natural village's name is the same"),
    "former_county": ("旧县名相符", "a former county"),
    "county": ("只认到县区", "known down to the county only"),
    "town": ("只认到乡镇", "known down to the town only"),
    "ambiguous": ("有同名地点", "several places of this name"),
    "source_point": ("来源系统的坐标", "the point that the source system gave"),
    "likelier_datum": (
        "坐标像是火星/百度坐标，换算后的位置",
        "the point as if its datum were GCJ-02 or BD-09",
    ),
    "picked": ("手工选定", "chosen by hand"),
    "source": ("来源系统的坐标", "the point that the source system gave"),
    "outside": ("写的是外地", "it names a place elsewhere"),
}
OTHERWISE = ("地名相近", "a similar name")


def tell_reason(reason: str) -> tuple[str, str]:
    """The words of a reason in Chinese and English; a provider's reason names the provider."""
    if reason.startswith("provider:"):
        key = reason.removeprefix("provider:")
        return (f"地图服务 {key} 的结果", f"answered by the map service {key}")
    return REASONS.get(reason, OTHERWISE)
