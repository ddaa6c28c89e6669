"""What a customer file may carry: fields with the headings banks use.

A new field is one entry of `FIELDS` and its check; what a source calls it is data (`sources`).
"""

import unicodedata
from dataclasses import dataclass

from app.errors import BadInput


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


def find_field(term: str) -> Field:
    """The field of a term (or of its key). Raises BadInput listing the terms."""
    for field in FIELDS:
        if term in (field.term, field.key):
            return field
    raise BadInput(
        "unknown_term",
        zh=f"没有字段“{term[:40]}”，可用：{'、'.join(f'{field.zh} {field.term}' for field in FIELDS)}",
        en=f"there is no field {term[:40]!r}; the fields are {', '.join(field.term for field in FIELDS)}",
        terms=[field.term for field in FIELDS],
    )


def fold_heading(heading: str) -> str:
    """A heading as it is compared: half-width, lower case, no spaces, underscores or bracketed notes."""
    text = unicodedata.normalize("NFKC", heading).strip().lower()
    return text.split("(")[0].replace(" ", "").replace("_", "").replace("\ufeff", "")
