"""The half-year of 2018 that everything is measured by: a city, its units, its list and its public figures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.factories.rows import find_planted, plant_list, plant_tree, put_targets
from tests.support.replanting import replanted
from tracker.domain.identity import OPERATOR
from tracker.features.reports.commands.import_figures import AnswerablePerson, import_figures
from tracker.features.reports.figure_files import read_figure_file
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator, Pledge, Programme
from tracker.services.ledger.folding import try_fold

KEY: Final = "330200-2018"
NOW: Final = datetime(2018, 7, 16, 6, 8, tzinfo=UTC)

# fmt: off
DISTRICTS: Final = {
    # code: (short name, target, first half, of which June)
    "330203": ("海曙", 180_000, 176_000, 17_600), "330205": ("江北", 90_000, 89_000, 8_900),
    "330211": ("镇海", 90_000, 104_000, 10_400), "330206": ("北仑", 160_000, 168_000, 16_800),
    "330212": ("鄞州", 250_000, 263_000, 26_300), "330213": ("奉化", 100_000, 87_000, 8_700),
    "330281": ("余姚", 160_000, 152_000, 15_200), "330282": ("慈溪", 190_000, 214_000, 21_400),
    "330226": ("宁海", 90_000, 76_000, 7_600), "330225": ("象山", 70_000, 65_000, 6_500),
    "3302Z1": ("市直", 120_000, 126_000, 12_600),
}
PLEDGES: Final = {
    # number: (title, {code: (name, kind, measure, public figure)})
    1: ("优化职工互助保障", {"enrolments": ("参加职工医疗互助保障人次", "flow", "人次", "")}),
    2: ("精准帮扶困难职工", {"relief_funds": ("下拨困难职工专项帮扶资金", "flow", "元", "48万"),
                          "price_subsidy": ("发放全国级建档困难职工半年度物价补贴", "flow", "元", "39.5万")}),
    3: ("助力职工就业创业", {"job_training": ("就业创业培训职工", "flow", "人", "1.25万"),
                          "jobs_offered": ("提供就业岗位", "flow", "个", "1.5万"),
                          "loan_workers": ("“蓝领通”贷款职工", "flow", "人", "2.5万"),
                          "loan_amount": ("“蓝领通”发放贷款", "flow", "元", "39亿")}),
    4: ("实施产业工人素质提升工程", {"centre_opened": ("职工发展中心正式挂牌运作", "milestone", "项", ""),
                                "degree_students": ("职工学历教育招生", "flow", "人", "2219"),
                                "public_courses": ("公益乐学培训", "flow", "场次", "不详")}),
}
# fmt: on


class Ningbo(NamedTuple):
    """What was planted: unit ids by code, the programme's id, indicators by code."""

    units: dict[str, int]
    programme_id: int
    indicators: dict[str, Indicator]


def plant_ningbo(session: Session, *, with_figures: bool = True) -> Ningbo:
    """Everything, sealed; ``with_figures`` False leaves the reporting to the test."""
    return replanted(
        session,
        ("ningbo", with_figures),
        lambda: _plant(session, with_figures=with_figures),
        lambda: _again(session),
    )


def _plant(session: Session, *, with_figures: bool) -> Ningbo:
    units = plant_tree(session, {"330000": {"330200": {code: {} for code in DISTRICTS}}})
    _name_units(session)
    programme = plant_list(session, units["330200"], key=KEY)
    programme.title = "2018年服务职工十件实事"
    indicators = _plant_pledges(session, programme)
    enrolments = {units[code]: target for code, (_name, target, _half, _june) in DISTRICTS.items()}
    put_targets(session, indicators["enrolments"], {units["330200"]: 1_500_000, **enrolments})
    put_targets(session, indicators["centre_opened"], {units["330200"]: 1})
    for code, indicator in indicators.items():
        if code not in ("enrolments", "centre_opened"):
            put_targets(session, indicator, {units["330200"]: None})
    if with_figures:
        bring_in(session, figures_csv())
    try_fold(session, NOW)
    return Ningbo(units, programme.id, indicators)


def _again(session: Session) -> Ningbo:
    units, programme, indicators = find_planted(session, KEY)
    return Ningbo(units, programme.id, indicators)


def bring_in(session: Session, text: str, *, by: AnswerablePerson | None = None) -> None:
    """Import a figures file as history."""
    read = read_figure_file(text.encode())
    import_figures(
        session, key=KEY, rows=read.rows, file_digest=read.digest, actor=OPERATOR, by=by, now=NOW,
        calendar_now=NOW, is_history=True,
    )  # fmt: skip


def figures_csv() -> str:
    """The public figures; enrolments as what was reached by May and what June added."""
    lines = ["org_unit,indicator,period,value,numerator,denominator,done_on,items_done,note"]
    for code, (_name, _target, half, june) in DISTRICTS.items():
        lines += [f"{code},enrolments,2018-05,{half - june},,,,,", f"{code},enrolments,2018-06,{june},,,,,"]
    for _title, indicators in PLEDGES.values():
        for code, (_name, _kind, _measure, figure) in indicators.items():
            if figure:
                lines.append(f"330200,{code},2018-06,{figure},,,,,")
    return "\n".join([*lines, "330200,centre_opened,2018-06,,,,2018-06-20,,", ""])


def _name_units(session: Session) -> None:
    names = {code: (f"{row[0]}区总工会", row[0]) for code, row in DISTRICTS.items()}
    for code, (name, short) in (names | {"330200": ("宁波市总工会", "宁波")}).items():
        named = update(OrgUnit).where(OrgUnit.code == code).values(name=name, short_name=short)
        session.execute(named)
    session.flush()


def _plant_pledges(session: Session, programme: Programme) -> dict[str, Indicator]:
    found = {}
    for number, (title, indicators) in PLEDGES.items():
        pledge = Pledge(programme_id=programme.id, number=number, title=title, lead="职工保障部")
        session.add(pledge)
        session.flush()
        for at, (code, (name, kind, measure, _figure)) in enumerate(indicators.items()):
            found[code] = Indicator(
                programme_id=programme.id, pledge_id=pledge.id, position=at, code=code, name=name, kind=kind,
                measure=measure, decimals=0, comparator=">=",
            )  # fmt: skip
            session.add(found[code])
    session.flush()
    return found
