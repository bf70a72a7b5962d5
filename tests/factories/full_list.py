"""A whole year's list as a city runs it: ten pledges, eleven districts, half a year of figures, some late."""

from __future__ import annotations

from typing import Final, NamedTuple

from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.factories.ningbo import DISTRICTS, NOW, bring_in
from tests.factories.rows import Nested, find_planted, plant_list, plant_tree, put_targets
from tests.support.replanting import replanted
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator, Pledge, Programme
from tracker.models.report import Report, Revision
from tracker.services.ledger.folding import try_fold

KEY: Final = "330200-2018"
CITIES: Final = {"330100": "杭州", "330300": "温州", "330500": "湖州"}
SILENT: Final = ("330213", "330225")
"""Districts that have not reported June."""

# fmt: off
TEN: Final = (
    # title, code, indicator, measure, target of a district, completion reached by June in percent, lead
    ("优化职工互助保障",     "enrolments", "参加医疗互助保障",   "人次", 136_000, 101, "职工保障部"),
    ("精准帮扶困难职工",     "relief",     "帮扶与补贴资金下拨", "元",   160_000,  49, "职工保障部"),
    ("助力职工就业创业",     "training",   "就业创业培训",       "人",     1_800,  60, "经济工作部"),
    ("产业工人素质提升",     "degrees",    "职工学历教育招生",   "人",       360,  55, "宣教部"),
    ("守护职工身心健康",     "screening",  "女职工“两癌”筛查",   "人",     4_500,  62, "女职工部"),
    ("建设户外劳动者服务站点", "stations", "新建、改造提升站点", "家",        30,  30, "基层工作部"),
    ("推进职工疗休养",       "outings",    "参加普惠性疗休养",   "人次",  10_900,  45, "职工保障部"),
    ("关爱新业态劳动者",     "members",    "新业态劳动者入会",   "人",     1_800,  56, "基层工作部"),
    ("丰富职工文化生活",     "shows",      "送文化进企业、进站点", "场",      40,  59, "宣教部"),
    ("构建和谐劳动关系",     "checks",     "劳动用工“体检”企业", "家",       100,  52, "法律工作部"),
)
# fmt: on
SPREAD: Final = (13, 2, -4, 17, 9, -14, 3, 19, -9, -17, 5)
"""By how many points the districts differ from the whole."""
SHARES: Final = (10, 20, 38, 58, 80, 100)
"""How far each month of the half-year has come, in percent of what June reached."""


class FullList(NamedTuple):
    """What was planted: unit ids by code, the programme's id, indicators by code."""

    units: dict[str, int]
    programme_id: int
    indicators: dict[str, Indicator]


def plant_full_list(session: Session) -> FullList:
    """Everything, sealed."""
    return replanted(session, "full list", lambda: _plant(session), lambda: _again(session))


def _plant(session: Session) -> FullList:
    districts: Nested = {code: {} for code in DISTRICTS}
    units = plant_tree(session, {"330000": {"330200": districts, **{code: {} for code in CITIES}}})
    _name_units(session)
    programme = plant_list(session, units["330200"], key=KEY)
    programme.title = "2018年服务职工十件实事"
    indicators = _plant_pledges(session, programme, TEN)
    for _title, code, _name, _measure, target, *_rest in TEN:
        put_targets(session, indicators[code], {units["330200"]: target * len(DISTRICTS)})
        put_targets(session, indicators[code], {units[district]: target for district in DISTRICTS})
    bring_in(session, figures_csv())
    _write_texts(session, units["330226"], indicators["stations"].pledge_id)
    try_fold(session, NOW)
    return FullList(units, programme.id, indicators)


def _again(session: Session) -> FullList:
    units, programme, indicators = find_planted(session, KEY)
    return FullList(units, programme.id, indicators)


def figures_csv() -> str:
    """Half a year of increments for each district and indicator; June is missing where nobody reported."""
    lines = ["org_unit,indicator,period,value,numerator,denominator,done_on,items_done,note"]
    for district, points in zip(DISTRICTS, SPREAD, strict=True):
        for _title, code, _name, _measure, target, percent, _lead in TEN:
            reached = target * max(percent + points, 6) // 100
            steps = [reached * share // 100 for share in SHARES]
            for month, (before, now) in enumerate(zip([0, *steps], steps, strict=False), 1):
                if month < 6 or district not in SILENT:
                    lines.append(f"{district},{code},2018-{month:02d},{now - before},,,,,")
    return "\n".join([*lines, ""])


def _name_units(session: Session) -> None:
    names = {code: (f"{row[0]}区总工会", row[0]) for code, row in DISTRICTS.items()}
    names |= {code: (f"{name}市总工会", name) for code, name in CITIES.items()}
    names |= {"330200": ("宁波市总工会", "宁波"), "330000": ("浙江省总工会", "浙江")}
    for code, (name, short) in names.items():
        session.execute(update(OrgUnit).where(OrgUnit.code == code).values(name=name, short_name=short))
    session.execute(update(OrgUnit).where(OrgUnit.code.in_(["330200", *CITIES])).values(level="city"))
    session.flush()


def _plant_pledges(
    session: Session, programme: Programme, made: tuple[tuple[str, str, str, str, int, int, str], ...]
) -> dict[str, Indicator]:
    found = {}
    for number, (title, code, name, measure, _target, _percent, lead) in enumerate(made, 1):
        pledge = Pledge(
            programme_id=programme.id, number=number, title=title, lead=lead, supporting=["办公室"]
        )
        session.add(pledge)
        session.flush()
        found[code] = Indicator(
            programme_id=programme.id, pledge_id=pledge.id, position=1, code=code, name=name, kind="flow",
            measure=measure, decimals=0, comparator=">=", counting_rule="以实际完成并登记为准",
        )  # fmt: skip
        session.add(found[code])
    session.flush()
    return found


def _write_texts(session: Session, unit: int, pledge_id: int) -> None:
    """What one district wrote beside its newest figures."""
    newest = (
        session.query(Report.id)
        .where(Report.org_unit_id == unit, Report.pledge_id == pledge_id)
        .order_by(Report.month.desc())
        .limit(1)
    )
    session.execute(
        update(Revision)
        .where(Revision.report_id == newest.scalar_subquery())
        .values(problems="站点选址与沿街商户协调较慢。", next_steps="七月起每周调度一次，九月底前补齐。")
    )
