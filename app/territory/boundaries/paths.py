"""Names that carry the whole way down to the village: 江苏省南通市海门区三厂街道中兴村."""

import re

_PATH = re.compile(
    r"(?:[一-鿿]{2,7}?(?:省|自治区)[一-鿿]{1,10}?(?:市|州|盟|地区)|[一-鿿]{2,4}?市)"
    r"[一-鿿]{1,8}?(?:区|县|市|旗)"
    r"([一-鿿]{1,8}?(?:街道|镇|乡|苏木))"
    r"([一-鿿]+?(?:村|社区|嘎查))"
)


def cut_path(name: str) -> tuple[str | None, str]:
    """Return (the town, the village) of a name that begins with its province or city; (None, name) if not."""
    found = _PATH.fullmatch(name)
    return (found[1], found[2]) if found else (None, name)
