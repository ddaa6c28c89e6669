"""The terms: code name, Chinese, English, and the column headings that files use for them.

Headings are the ones seen in banks' spreadsheets, in land-survey layers (XZQDM, ZLDWMC) and in shapefiles
whose field names were cut after ten bytes.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One word of the bank; `words` are accepted column headings, the most exact first, blanks between."""

    code: str
    zh: str
    en: str
    words: str = ""

    @property
    def headings(self) -> tuple[str, ...]:
        """The accepted headings; the Chinese word and the code name are always among them."""
        return tuple(dict.fromkeys((*self.words.split(), self.zh, self.code)))


TERMS: tuple[Term, ...] = (
    # The bank's houses and people
    Term("head_office", "总行", "head office", "总行 总部 总社"),
    Term("branch", "支行", "branch"),
    Term("outlet", "网点", "outlet", "网点 分理处 分社 储蓄所"),
    Term("branch_type", "支行类型", "branch type", "支行类型 网点类型 机构类型 branch_type"),
    Term("urban", "城市", "urban", "城市 城区 城市支行 urban"),
    Term("rural", "农村", "rural", "农村 乡村 农村支行 rural"),
    Term("suburban", "城郊", "suburban", "城郊 城乡 近郊 城乡结合 城郊支行 suburban"),
    Term("customer_manager", "客户经理", "customer manager"),
    Term("branch_head", "支行行长", "branch head", "支行行长 行长 支行负责人 branch_head"),
    Term("manager", "客户经理", "manager", "客户经理 管户经理 网格长 manager"),
    Term("department", "部门", "department", "部门 总行部门 department"),
    Term("liaison", "村级联络员", "village liaison", "村级联络员 联络员 村联络员 liaison"),
    Term(
        "terminal_administrator",
        "终端管理员",
        "terminal administrator",
        "终端管理员 机具管理员 助农终端管理员 terminal_administrator",
    ),
    Term("duty", "责任", "duty"),
    Term("primary", "主责", "primary", "主责 主办 第一责任人 primary"),
    Term("backup", "协办", "backup", "协办 备岗 第二责任人 backup"),
    Term("provincial_union", "省联社", "provincial union"),
    # Ground
    Term("grid", "网格", "grid"),
    Term("unit", "单元", "unit"),
    Term("frame", "辖区边界", "frame", "辖区边界 辖区 县界 区界 frame"),
    Term("plan", "网格规划", "plan"),
    Term("county", "县区", "county", "县 区 县级市 county"),
    Term("town", "乡镇", "township", "乡镇 镇 乡 乡镇级 镇级 镇界 乡镇街道 town township"),
    Term("village", "行政村", "village", "行政村 村 村委会 村民委员会 建制村 村级 admin_village village"),
    Term("natural_village", "自然村", "natural village", "自然村 自然村组 natural_village"),
    Term(
        "community",
        "社区",
        "community",
        "社区 居委会 居委 居民委员会 社区居委会 社区居民委员会 城市社区 community",
    ),
    Term("street", "街道", "street", "街道 街区 街道办 街道办事处 street"),
    Term("district", "商圈", "business district", "商圈 商业区 商业街 business_district district"),
    Term("market", "市场", "market", "市场 专业市场 农贸市场 批发市场 market"),
    Term("park", "园区", "park", "园区 工业园区 产业园 开发区 park"),
    Term("compound", "小区", "compound", "小区 住宅小区 楼盘 compound"),
    Term("overlap", "重叠", "overlap"),
    Term("gap", "空白", "gap"),
    Term("sliver", "碎片", "sliver"),
    Term("nested", "套叠", "nested"),
    Term("duplicate", "重复", "duplicate"),
    Term("invalid", "无效图形", "invalid shape"),
    Term("outside", "越界", "outside the frame"),
    Term("multipart", "多块", "in several parts"),
    Term("no_customers", "无客户", "without customers"),
    Term("no_primary", "无主责", "without a primary"),
    Term("two_primaries", "双主责", "two primaries"),
    Term("precedence", "优先次序", "precedence"),
    Term("allotment", "网格分配", "allotment"),
    Term("offer", "分给", "offer"),
    Term("staffing_change", "人员变动", "staffing change"),
    Term("leave", "休假", "leave"),
    Term("departure", "离岗", "departure"),
    Term("branch_merge", "支行合并", "merger of branches"),
    Term("vacant", "无主责", "vacant"),
    Term("bill", "变动账单", "bill of a change"),
    Term("contested", "争议", "contested"),
    Term("coverage", "覆盖率", "coverage"),
    Term("coverage_certificate", "全覆盖证明", "coverage certificate"),
    Term("finding", "问题项", "finding"),
    Term("must_fix", "必须处理", "must be mended"),
    Term("confirm", "需要确认", "to be confirmed"),
    Term("harmless", "可以忽略", "harmless"),
    # Customers
    Term("customer", "存量客户", "customer"),
    Term("existing", "存量", "existing", "存量 存量客户 existing"),
    Term("prospect", "潜在客户", "prospect", "潜在客户 潜客 潜在 目标客户 prospect"),
    Term("household", "家庭", "household", "家庭 农户 household"),
    Term("household_head", "户主", "head of the household"),
    Term("confidence", "把握", "confidence"),
    Term("merchant", "商户", "merchant", "商户 个体工商户 个体户 merchant"),
    Term("person", "个人", "person", "个人 自然人 个人客户 person"),
    Term("firm", "企业", "firm", "企业 公司 对公 企业客户 对公客户 firm"),
    Term("placement", "定位", "placement"),
    Term("placement_rung", "定位精度", "placement rung"),
    Term("assignment", "归格", "assignment"),
    Term("reconciliation", "信息校对", "reconciliation"),
    Term("roster", "整村授信名册", "roster"),
    Term("credit_line", "授信", "credit line"),
    Term("in_use", "用信", "in use"),
    Term("lending_area_check", "跨区贷款核验", "lending-area check"),
    Term("lending_exception", "跨区例外", "lending exception"),
    Term("edge_width", "边界宽度", "edge width"),
    # Marketing
    Term("tag", "标签", "tag"),
    Term("association", "协会", "association"),
    Term("key_client", "重点客户", "key client"),
    Term("strategic_client", "战略客户", "strategic client"),
    Term("visit_due", "待走访", "visit due"),
    Term("lead_level", "牵头层级", "lead level", "牵头层级 牵头级别 lead_level"),
    Term("push_list", "推送清单", "push list"),
    Term("batch", "批次", "batch"),
    Term("opportunity", "商机", "opportunity"),
    Term("referral", "转介", "referral"),
    Term("revenue_share", "业绩分成", "revenue share"),
    Term("visit", "走访", "visit"),
    Term("sweep", "扫楼扫街", "sweep"),
    Term("responsibility_letter", "责任书", "responsibility letter"),
    Term("pk_board", "业绩PK", "PK board"),
    Term("red_list", "红榜", "red list"),
    Term("blue_list", "蓝榜", "blue list"),
    Term("alert", "预警", "alert"),
    # Maps
    Term("strategy_map", "战略地图", "strategy map"),
    Term("wall_map", "上墙地图", "wall map"),
    Term("planning_directory", "规划目录", "planning directory"),
    Term("layer", "图层", "layer"),
    # Fields of files about ground
    Term(
        "unit_code",
        "单元代码",
        "unit code",
        "单元代码 行政村代码 行政村编码 村代码 村编码 村级代码 村级编码 社区代码 社区编码 村居代码 村居编码 "
        "村社区代码 村社区编码 村委会代码 居委会代码 区划代码 区划编码 行政区划代码 行政区代码 行政代码 "
        "统计代码 统计区划代码 统计用区划代码 街道代码 市场代码 市场编号 商圈代码 商圈编号 园区代码 小区代码 "
        "网格代码 网格编号 网格编码 坐落单位代码 权属单位代码 地名代码 unit_code village_code village_id "
        "cun_code CUNDM CUN_DM CUNBM XZCDM XZCBM XZCDH SQDM SQBM CJDM XZQDM XZQHDM QHDM ZLDWDM QSDWDM "
        "VILLCODE VILLAGEID VILL_CODE VILL_ID PAC ADCODE AD_CODE ADM_CODE GEO_CODE GB_CODE 代码 编码 编号 "
        "code DM BM BH id_code",
    ),
    Term(
        "unit_name",
        "单元名称",
        "unit name",
        "单元名称 行政村名称 行政村名 村名称 村名 村庄名称 社区名称 社区名 村居名称 村居名 村社区名称 "
        "村委会名称 居委会名称 行政村 村社区 村居 街道名称 市场名称 园区名称 商圈名称 小区名称 网格名称 "
        "行政区名称 坐落单位名称 权属单位名称 地名 unit_name village_name cun_name CUNMC CUN_MC CUNMING "
        "XZCMC SQMC CJMC XZQMC XZQHMC ZLDWMC QSDWMC VILLNAME VILL_NAME VILLNAMEZH 名称 name MC name_zh "
        "namezh name_chn name_cn village 村庄 村 社区",
    ),
    Term(
        "unit_kind",
        "单元类型",
        "unit kind",
        "单元类型 类型 类别 单元类别 区域类型 网格类型 村居类型 村居类别 行政区类型 unit_kind unit_type kind "
        "type category LX LB",
    ),
    Term(
        "official_name",
        "标准名称",
        "official name",
        "标准名称 官方名称 法定名称 全称 official_name full_name QC",
    ),
    Term(
        "former_names",
        "曾用名",
        "former names",
        "曾用名 曾用名称 原名 原名称 旧名 旧称 former_names former_name old_name CYM",
    ),
    Term("aliases", "别名", "aliases", "别名 俗称 简称 aliases alias"),
    Term(
        "town_code",
        "乡镇代码",
        "town code",
        "乡镇代码 镇代码 乡镇编码 镇编码 所属乡镇代码 乡镇街道代码 镇街代码 镇街编码 town_code XZDM XIANGDM "
        "XZJDDM ZJDM TOWNCODE TOWN_ID TOWN_DM",
    ),
    Term(
        "town_name",
        "乡镇名称",
        "town name",
        "乡镇名称 所属乡镇 所在乡镇 乡镇街道名称 乡镇街道 所属镇街 镇街名称 镇街 所属镇 所在镇 乡镇 "
        "乡镇名 镇名称 镇名 镇 乡 town_name XZMC XIANGMC XZJDMC ZJMC TOWNNAME town township TOWN_MC",
    ),
    Term(
        "county_code",
        "县区代码",
        "county code",
        "县区代码 区县代码 县代码 县级代码 county_code XDM QXDM XIANDM",
    ),
    Term(
        "county_name",
        "县区名称",
        "county name",
        "县区名称 区县名称 县区名 区县 县名 县名称 所属县区 county_name county QXMC XMC XIANMC",
    ),
    Term("households", "户数", "households", "户数 总户数 家庭户数 户籍户数 农户数 households HS ZHS hushu"),
    Term(
        "residents",
        "人口",
        "residents",
        "人口 常住人口 人口数 总人口 人口总数 户籍人口 residents population RK RKS ZRK CZRK renkou",
    ),
    Term("year", "年份", "year", "年份 年度 数据年份 数据年度 统计年份 year NF ND"),
    Term("code_source", "代码来源", "source of the code", "代码来源 编码来源 代码体系 code_source code_src"),
    Term("synthetic", "模拟数据", "synthetic", "模拟数据 模拟 示意 合成 synthetic SYN"),
    Term("place_code", "地名代码", "place code", "地名代码 代码 编码 区划代码 code place_code"),
    Term("place_name", "地名", "place name", "地名 名称 地名名称 name place_name"),
    Term("place_kind", "地名类型", "place kind", "地名类型 类型 kind place_kind"),
    Term("level", "级别", "level", "级别 层级 level JB"),
    Term(
        "parent_code",
        "上级代码",
        "parent code",
        "上级代码 上级编码 上级机构号 上级机构 父级代码 parent_code",
    ),
    Term("full_path", "完整路径", "full path", "完整路径 全路径 full_path"),
    Term("lon", "经度", "longitude", "经度 lon lng longitude x JD"),
    Term("lat", "纬度", "latitude", "纬度 lat latitude y WD"),
    Term("coord_source", "坐标来源", "source of the point", "坐标来源 坐标系 coord_source"),
    # Fields of files about the bank
    Term(
        "branch_code",
        "机构号",
        "branch code",
        "机构号 支行编号 支行代码 机构代码 机构编号 网点编号 所属机构号 所属支行 归属支行 支行号 "
        "编号 代码 code branch branch_code",
    ),
    Term("branch_name", "机构名称", "branch name", "机构名称 支行名称 网点名称 名称 支行 name branch_name"),
    Term("branch_kind", "机构层级", "branch kind", "机构层级 机构级别 机构性质 层级 kind branch_kind"),
    Term("address", "地址", "address", "地址 详细地址 住址 家庭住址 联系地址 经营地址 address"),
    Term("staff_code", "工号", "staff number", "工号 员工号 员工编号 人员编号 柜员号 编号 code staff_code"),
    Term("staff_name", "姓名", "staff name", "姓名 员工姓名 人员姓名 name staff_name"),
    Term("staff_kind", "岗位", "post", "岗位 职务 角色 人员类型 kind post staff_kind"),
    Term("phone", "联系电话", "telephone", "联系电话 电话 手机 手机号 手机号码 联系方式 phone mobile"),
    Term("active", "在岗", "active", "在岗 在职 是否在岗 是否在职 active"),
    Term("grid_code", "网格编号", "grid code", "网格编号 网格代码 网格编码 网格号 grid_code"),
    Term("grid_name", "网格名称", "grid name", "网格名称 网格名 grid_name"),
    Term(
        "primary_code",
        "主责工号",
        "number of the primary",
        "主责工号 客户经理工号 主办工号 主责客户经理工号 网格长工号 primary_code manager_code",
    ),
    Term(
        "backup_code",
        "协办工号",
        "number of the backup",
        "协办工号 备岗工号 协办客户经理工号 备份工号 backup_code",
    ),
    Term(
        "liaison_code",
        "联络员编号",
        "number of the liaison",
        "联络员编号 联络员工号 村级联络员编号 liaison_code",
    ),
    Term(
        "terminal_code",
        "终端管理员编号",
        "number of the terminal administrator",
        "终端管理员编号 终端管理员工号 terminal_code",
    ),
    Term("valid_from", "生效日期", "valid from", "生效日期 开始日期 起始日期 任职日期 valid_from"),
    Term("reason", "原因", "reason", "原因 说明 调整原因 reason"),
    Term("measure", "指标", "measure", "指标 指标名称 任务 任务名称 考核指标 measure"),
    Term("target", "目标值", "target", "目标值 目标 任务数 计划数 目标数 target"),
    # Fields of files about customers
    Term(
        "source_key",
        "客户号",
        "customer number",
        "客户号 客户编号 客户代码 cust_no customer_no source_key",
    ),
    Term(
        "customer_name",
        "客户名称",
        "customer name",
        "客户名称 客户姓名 姓名 户主姓名 企业名称 商户名称 name",
    ),
    Term("customer_kind", "客户类型", "customer kind", "客户类型 客户类别 客户性质 customer_kind"),
    Term("standing", "客户状态", "standing", "客户状态 存量潜在 客户分类 standing"),
    Term("id_card", "证件号码", "identity number", "证件号码 身份证号 身份证号码 统一社会信用代码 id_card"),
    Term("household_no", "户号", "household number", "户号 家庭编号 户编号 household_no"),
    Term(
        "relation",
        "与户主关系",
        "relation to the head",
        "与户主关系 户主关系 与户主的关系 家庭关系 成员关系 关系 relation relationship",
    ),
    Term("tier", "客户等级", "tier", "客户等级 客户层级 重点级别 tier"),
    Term(
        "booking_branch_code",
        "开户机构",
        "booking branch",
        "开户机构 开户机构号 归属机构 管户机构 booking_branch",
    ),
    Term("deposit_yuan", "存款余额", "deposits, yuan", "存款余额 存款余额元 存款 deposit_yuan"),
    Term("loan_yuan", "贷款余额", "loans, yuan", "贷款余额 贷款余额元 贷款 loan_yuan"),
    Term("filed", "已建档", "filed", "已建档 建档 是否建档 filed"),
    Term("last_visit_on", "最近走访", "last visit", "最近走访 最近走访日期 上次走访 last_visit_on"),
)

_BY_CODE = {term.code: term for term in TERMS}


def find_term(code: str) -> Term:
    """The term of a code name; KeyError for a code that is no word of the bank."""
    return _BY_CODE[code]


def write_label(code: str, locale: str = "zh") -> str:
    """The Chinese (`zh`) or English (`en`) word of a term."""
    term = find_term(code)
    return term.zh if locale == "zh" else term.en
