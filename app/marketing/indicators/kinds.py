"""The five indicators 五项指标 (row B14): what each counts, of what, and which way is better."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Indicator:
    """`part` ÷ `whole`, columns of a month; `rising` says whether more is better.

    What a month gathers (`gathers`) grows from nought: a running month is no equal of a whole one.
    """

    key: str
    zh: str
    en: str
    part: str
    whole: str
    rising: bool
    why_zh: str
    why_en: str
    gathers: bool = False


INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        "visits",
        "走访",
        "Visits",
        "visited",
        "existing",
        rising=True,
        why_zh="当月见到面的存量客户 ÷ 网格内存量客户；同一客户当月只计一次。",
        why_en="Customers met this month ÷ customers in the grids; each counts once a month.",
        gathers=True,
    ),
    Indicator(
        "collected",
        "信息采集",
        "Information collected",
        "filed",
        "existing",
        rising=True,
        why_zh="已建档的存量客户 ÷ 网格内存量客户。",
        why_en="Customers on file ÷ customers in the grids.",
    ),
    Indicator(
        "coverage",
        "覆盖",
        "Coverage",
        "covered",
        "households",
        rising=True,
        why_zh="至少有一名存量客户的家庭 ÷ 网格总户数；户数不详的网格不计入。",
        why_en="Households with a customer ÷ households; grids of unknown households are left out.",
    ),
    Indicator(
        "loss",
        "流失",
        "Loss",
        "lost",
        "existing_before",
        rising=False,
        why_zh="当月销户、消失或转为潜在的客户 ÷ 月初存量客户；上月未结转则无此数。",
        why_en="Customers who left ÷ customers at the month's beginning; unknown unless that was closed.",
        gathers=True,
    ),
    Indicator(
        "results",
        "营销成效",
        "Results",
        "won",
        "prospects_before",
        rising=True,
        why_zh="当月转为存量的潜在客户 ÷ 月初潜在客户；上月未结转则无此数。",
        why_en="Prospects won ÷ prospects at the month's beginning; unknown unless that was closed.",
        gathers=True,
    ),
)
