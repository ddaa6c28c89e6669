"""What a customer file may carry: fields with the headings banks use, and the source systems.

A new source system is one entry of `SOURCES`; a new field one entry of `FIELDS` and its check.
"""

import unicodedata
from dataclasses import dataclass

from app.errors import NeedsAnswer


@dataclass(frozen=True)
class Field:
    """One field of a customer row and the headings that are read as it (folded: see `fold_heading`)."""

    key: str
    zh: str
    headings: tuple[str, ...]
    required: bool = False

    @property
    def term(self) -> str:
        """The field as people name it: the glossary's code, where the bare key would name anything."""
        return f"customer_{self.key}" if self.key in ("name", "kind") else self.key


@dataclass(frozen=True)
class Source:
    """A system that sends customers: its trust (1 most) and what its rows are unless they say so."""

    code: str
    zh: str
    en: str
    trust_rank: int
    standing: str


FIELDS: tuple[Field, ...] = (
    Field(
        "source_key",
        "客户号",
        ("客户号", "客户编号", "客户代码", "custno", "cifno", "customerid"),
        required=True,
    ),
    Field("name", "客户名称", ("客户名称", "客户姓名", "姓名", "名称", "户名", "name"), required=True),
    Field("kind", "客户类型", ("客户类型", "类型", "客户类别", "kind")),
    Field("id_card", "证件号码", ("证件号码", "身份证号", "身份证号码", "证件号", "idcard", "idno")),
    Field("phone", "手机号码", ("手机号码", "手机号", "手机", "联系电话", "电话", "phone", "mobile")),
    Field("address", "联系地址", ("联系地址", "地址", "住址", "家庭住址", "居住地址", "address")),
    Field("lon", "经度", ("经度", "lon", "lng", "longitude", "x")),
    Field("lat", "纬度", ("纬度", "lat", "latitude", "y")),
    Field("datum", "坐标系", ("坐标系", "坐标系统", "坐标类型", "datum", "crs")),
    Field("tier", "客户等级", ("客户等级", "等级", "客户层级", "tier")),
    Field("lead_level", "牵头层级", ("牵头层级", "牵头", "leadlevel")),
    Field("booking_branch_code", "开户机构", ("开户机构", "开户机构号", "机构号", "bookingbranch")),
    Field(
        "household_no", "家庭号", ("家庭号", "户主编号", "户号", "家庭编号", "户主编号/家庭号", "householdno")
    ),
    Field(
        "relation",
        "与户主关系",
        (
            "与户主关系",
            "户主关系",
            "与户主的关系",
            "家庭关系",
            "成员关系",
            "关系",
            "relation",
            "relationship",
        ),
    ),
    Field("deposit_yuan", "存款余额", ("存款余额", "存款", "deposit")),
    Field("loan_yuan", "贷款余额", ("贷款余额", "贷款", "loan")),
    Field("filed", "是否建档", ("是否建档", "建档", "filed")),
    Field("last_visit_on", "最近走访日期", ("最近走访日期", "最近走访", "走访日期", "lastvisit")),
    Field("standing", "存量/潜在", ("存量/潜在", "客户状态", "存量潜在", "standing")),
)

SOURCES: tuple[Source, ...] = (
    Source("core", "核心系统", "core banking system", 1, "existing"),
    Source("credit", "阳光信贷", "sunshine credit system", 2, "existing"),
    Source("crm", "省联社 CRM", "provincial CRM", 3, "prospect"),
    Source("roster", "整村授信名册", "village credit roster", 4, "prospect"),
)


def find_source(code: str) -> Source:
    """The source system of a code; raises NeedsAnswer naming those that exist."""
    for source in SOURCES:
        if source.code == code:
            return source
    raise NeedsAnswer(
        "unknown_source",
        zh=f"没有代码为“{code}”的来源系统，请从列表中选择",
        en=f"there is no source system {code!r}; choose one of the list",
        questions=[{"code": "source", "options": [s.code for s in SOURCES]}],
    )


def fold_heading(heading: str) -> str:
    """A heading as it is compared: half-width, lower case, no spaces, underscores or bracketed notes."""
    text = unicodedata.normalize("NFKC", heading).strip().lower()
    return text.split("(")[0].replace(" ", "").replace("_", "").replace("\ufeff", "")
