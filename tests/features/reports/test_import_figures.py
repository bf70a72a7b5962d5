"""Imported figures are accepted, counted once, corrected, assigned and accounted for; nothing is half done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from tests.factories.imports import (
    KEY,
    Planted,
    bring,
    entry_sum,
    plant_all_kinds,
    rows,
    tally_of,
)
from tests.factories.rows import NOW, align, plant_indicator, plant_list, put_line, put_targets
from tracker.domain.identity import OPERATOR
from tracker.domain.messages import Faults
from tracker.features.reports.commands import import_figures as importing
from tracker.features.reports.commands.import_figures import (
    AnswerablePerson,
    UnknownProgramme,
    import_figures,
)
from tracker.features.reports.figure_files import FigureRow
from tracker.models.account import Person
from tracker.models.audit import AuditEntry
from tracker.models.bulletin import Bulletin, BulletinIssue
from tracker.models.ledger import Posting
from tracker.models.programme import Target
from tracker.models.report import Acceptance, Line, Report, Revision, RevisionAuthor, Submission
from tracker.services.clock import CHINA
from tracker.services.ledger.verifying import verify_totals
from tracker.services.snapshots import content_digest, snapshot_of, verify_submissions

JANUARY = "org_unit,indicator,period,value\n330203,enrolments,2018-01,100\n330203,funds,2018-01,1.25"


@pytest.fixture
def planted(session: Session) -> Planted:
    return plant_all_kinds(session)


def count(session: Session, model: type) -> int:
    return session.scalars(select(func.count()).select_from(model)).one()


def faults_of(session: Session, text: str, **options: object) -> list[str]:
    with pytest.raises(Faults) as refused:
        bring(session, text, **options)  # type: ignore[arg-type]
    return [str(fault) for fault in refused.value.faults]


def test_counts_figures_at_every_level(session: Session, planted: Planted) -> None:
    text = """org_unit,indicator,period,value
        330203,enrolments,2018-01,100
        330203001,enrolments,2018-02,1.5万
        330205,enrolments,2018-02,7
        330200,enrolments,2018-03,1000"""
    assert bring(session, text)[:3] == (4, 0, 0)
    enrolments, units = planted.indicators["enrolments"], planted.units
    assert entry_sum(session, enrolments) == 16107
    city = tally_of(session, enrolments, units["330000"], units["330200"])
    assert city[:4] == [100, 15007, 1000, 0]
    assert tally_of(session, enrolments, units["330203"], units["330203"])[:3] == [100, 0, 0]
    assert tally_of(session, enrolments, units["330200"], units["330203"])[:3] == [100, 15000, 0]
    assert tally_of(session, enrolments, units["330200"], units["330200"])[:3] == [0, 0, 1000], "own level"
    assert verify_totals(session) == []


def test_accepts_without_actors_under_one_posting(session: Session, planted: Planted) -> None:
    bring(session, JANUARY)
    posting = session.scalars(select(Posting).where(Posting.action == "import")).one()
    revision = session.scalars(select(Revision)).one()
    submission = session.scalars(select(Submission)).one()
    acceptance = session.scalars(select(Acceptance)).one()
    assert (revision.state, revision.origin, revision.number) == ("accepted", "import", 1)
    assert (revision.submitted_by_id, revision.signed_by_id, revision.accepted_by_id) == (None, None, None)
    assert (revision.accepted_at, revision.submission_number, submission.number) == (NOW, 1, 1)
    assert (acceptance.revision_id, acceptance.posting_id, acceptance.ended_posting_id) == (
        revision.id, posting.id, None,
    )  # fmt: skip
    assert posting.actor_id is None
    assert posting.content_digest == content_digest([submission.digest])
    assert snapshot_of(session, revision.id) == (submission.content, submission.digest)
    assert list(verify_submissions(session)) == []


def test_passes_over_what_is_accepted_already(session: Session, planted: Planted) -> None:
    bring(session, JANUARY)
    before = [count(session, model) for model in (Revision, Line, Posting, AuditEntry, Submission)]
    assert bring(session, JANUARY) == (0, 0, 2, (), ())
    assert [count(session, model) for model in (Revision, Line, Posting, AuditEntry, Submission)] == before


def test_corrects_what_differs_and_carries_the_rest_over(session: Session, planted: Planted) -> None:
    bring(session, JANUARY)
    again = "org_unit,indicator,period,value\n330203,enrolments,2018-01,90\n330203,enrolments,2018-02,5"
    assert bring(session, again)[:3] == (1, 1, 0)
    january = session.scalars(
        select(Revision).join(Report).where(Report.month == 1).order_by(Revision.number)
    ).all()
    assert [(one.number, one.state) for one in january] == [(1, "superseded"), (2, "accepted")]
    lines = session.scalars(
        select(Line.value).where(Line.revision_id == january[1].id).order_by(Line.value)
    ).all()
    assert lines == [90, 125]
    ended = session.scalars(select(Acceptance).where(Acceptance.revision_id == january[0].id)).one()
    posting = session.scalars(select(Posting.id).order_by(Posting.id.desc()).limit(1)).one()
    assert ended.ended_posting_id == posting
    units, enrolments = planted.units, planted.indicators["enrolments"]
    assert entry_sum(session, enrolments) == 95
    assert entry_sum(session, planted.indicators["funds"]) == 125
    assert tally_of(session, enrolments, units["330000"], units["330200"])[:3] == [90, 5, 0]
    assert verify_totals(session) == []
    assert list(verify_submissions(session)) == []


def test_a_second_indicator_of_the_pledge_joins_the_report(session: Session, planted: Planted) -> None:
    first, second = JANUARY.splitlines()[1:]
    bring(session, f"org_unit,indicator,period,value\n{first}")
    assert bring(session, f"org_unit,indicator,period,value\n{second}")[:3] == (1, 0, 0)
    assert count(session, Report) == 1
    assert entry_sum(session, planted.indicators["enrolments"]) == 100
    assert entry_sum(session, planted.indicators["enrolments"], "reported") == 1


def test_copied_lines_keep_their_authors(session: Session, planted: Planted) -> None:
    person = Person(name="王芳", created_at=NOW)
    session.add(person)
    bring(session, JANUARY)
    first = session.scalars(select(Revision)).one()
    session.add(RevisionAuthor(revision_id=first.id, person_id=person.id))
    bring(session, "org_unit,indicator,period,value\n330203,funds,2018-01,2")
    authors = session.execute(select(RevisionAuthor.revision_id, RevisionAuthor.person_id)).all()
    second = session.scalars(select(Revision.id).where(Revision.number == 2)).one()
    assert {tuple(row) for row in authors} == {(first.id, person.id), (second, person.id)}


def test_levels_out_of_order_carry_right(session: Session, planted: Planted) -> None:
    members, units = planted.indicators["members"], planted.units
    for month, level in ((6, 500), (2, 300), (9, 450), (4, 400)):
        bring(session, f"org_unit,indicator,period,value\n330203,members,2018-{month:02d},{level}")
    months = tally_of(session, members, units["330000"], units["330200"])
    levels = [sum(months[:month]) for month in range(1, 13)]
    assert levels == [0, 300, 300, 400, 400, 500, 500, 500, 450, 450, 450, 450]
    bring(session, "org_unit,indicator,period,value\n330203,members,2018-04,不详")
    months = tally_of(session, members, units["330000"], units["330200"])
    assert [sum(months[:month]) for month in range(1, 7)] == [0, 300, 300, 300, 300, 500]


def test_stores_each_kind_as_its_columns(session: Session, planted: Planted) -> None:
    text = """org_unit,indicator,period,value,numerator,denominator,done_on,items_done,note
        330203,coverage,2018-06,,850,1000,,,
        330205,coverage,2018-06,82.5%,,,,,
        330203,wages,2018-06,,110.5,100,,,
        330203,opened,2018-06,,,,2018-06-20,,
        330205,opened,2018-06,0,,,,,
        330203,sites,2018-06,,,,,菱湖镇；练市镇,
        330205,sites,2018-06,,,,,3个,
        330203,hotline,2018-06,lagging,,,,,人手不足
        330203,enrolments,2018-06,不详,,,,,原文缺字"""
    bring(session, text)
    wanted = select(Line, Report.org_unit_id).join(Revision, Revision.id == Line.revision_id).join(Report)
    codes = {indicator.id: code for code, indicator in planted.indicators.items()}
    names = {unit: code for code, unit in planted.units.items()}
    found = {(names[unit], codes[line.indicator_id]): line for line, unit in session.execute(wanted)}
    coverage = found["330203", "coverage"]
    assert (coverage.numerator, coverage.denominator, coverage.rate) == (850, 1000, None)
    assert found["330205", "coverage"].rate == 825
    assert (found["330203", "wages"].numerator, found["330203", "wages"].denominator) == (1105, 1000)
    assert str(found["330203", "opened"].done_on) == "2018-06-20"
    assert (found["330205", "opened"].value, found["330205", "opened"].done_on) == (0, None)
    assert (found["330203", "sites"].value, found["330203", "sites"].items_done) == (2, ["练市镇", "菱湖镇"])
    assert (found["330205", "sites"].value, found["330205", "sites"].items_done) == (3, None)
    assert (found["330203", "hotline"].judgement, found["330203", "hotline"].note) == ("lagging", "人手不足")
    assert found["330203", "enrolments"].is_unknown
    assert entry_sum(session, planted.indicators["enrolments"], "unknown") == 1
    assert entry_sum(session, planted.indicators["opened"], "done") == 1
    assert entry_sum(session, planted.indicators["sites"]) == 5
    assert entry_sum(session, planted.indicators["coverage"], "rated") == 1
    assert list(verify_submissions(session)) == []
    assert bring(session, text)[:3] == (0, 0, 9)


def test_an_unassigned_unit_becomes_assigned_without_a_number(session: Session, planted: Planted) -> None:
    enrolments = planted.indicators["enrolments"]
    put_targets(session, enrolments, {planted.units["330205"]: 9})
    text = """org_unit,indicator,period,value
        330203,enrolments,2018-01,1
        330203,enrolments,2018-02,1
        330205,enrolments,2018-01,1
        330200,enrolments,2018-01,1"""
    assert bring(session, text).assigned == (("330203", "enrolments"),)
    target = session.scalars(select(Target).where(Target.org_unit_id == planted.units["330203"])).one()
    assert (target.is_assigned, target.is_own_level, target.value, target.reason) == (
        True, False, None, "随导入数据承担",
    )  # fmt: skip
    city = tally_of(session, enrolments, planted.units["330000"], planted.units["330200"], "assigned")
    assert sum(city) == 3, (
        "330205 by its target, 330203 by its figure, the city's own level as it has reported"
    )
    assert bring(session, text) == (0, 0, 4, (), ())
    assert bring(session, text.replace("02,1", "02,2")).assigned == ()
    assert verify_totals(session) == []


def test_a_unit_above_a_newly_assigned_one_reports_no_more_itself(session: Session, planted: Planted) -> None:
    enrolments, units = planted.indicators["enrolments"], planted.units
    put_targets(session, enrolments, {units["330203"]: 9})
    bring(session, "org_unit,indicator,period,value\n330203001,enrolments,2018-01,5")
    assert sum(tally_of(session, enrolments, units["330203"], units["330203"], "assigned")) == 0
    assert sum(tally_of(session, enrolments, units["330200"], units["330203"], "assigned")) == 1


def test_feeds_the_higher_list_by_the_same_posting(session: Session, planted: Planted) -> None:
    province = plant_list(session, planted.units["330000"], key="330000-2018")
    fed = plant_indicator(session, province, "enrolments")
    align(session, planted.indicators["enrolments"], fed)
    bring(session, JANUARY)
    assert entry_sum(session, fed) == 100
    assert count(session, Posting) == 1
    with pytest.raises(Faults, match="330200-2018/enrolments"):
        import_figures(
            session, key="330000-2018", rows=rows(JANUARY), file_digest="", actor=OPERATOR, by=None, now=NOW,
            calendar_now=NOW.astimezone(CHINA), is_history=True,
        )  # fmt: skip


def test_refuses_open_periods_unless_they_are_history(session: Session, planted: Planted) -> None:
    both = "org_unit,indicator,period,value\n330203,enrolments,2018-01,1\n330205,enrolments,2018-01,1"
    (fault,) = faults_of(session, both, is_history=False)
    assert fault.startswith("第 2 行, period：报告期 2018-01 还没有关闭")


def test_lets_closed_periods_in_without_being_history(session: Session) -> None:
    plant_all_kinds(session, close_day=20)
    closing = NOW.astimezone(CHINA).replace(2018, 2, 21, 0, 0)
    (fault,) = faults_of(session, JANUARY, is_history=False, calendar_now=closing - timedelta(minutes=1))
    assert "2018-01" in fault
    assert bring(session, JANUARY, is_history=False, calendar_now=closing).new == 2


def test_does_not_overtake_a_revision_somebody_works_on(session: Session, planted: Planted) -> None:
    put_line(session, planted.indicators["enrolments"], planted.units["330203"], 1, value=5)
    (fault,) = faults_of(session, JANUARY)
    assert "330203 第 1 项实事 2018-01 的报告有第 1 版还没有办结" in fault


def test_gives_way_when_somebody_was_quicker(
    session: Session, planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_line(session, planted.indicators["enrolments"], planted.units["330203"], 1, value=5)
    monkeypatch.setattr(importing, "read_standing", lambda *_place, **_scope: {})
    with pytest.raises(importing.ReportsMovedOn):
        bring(session, JANUARY)


def test_tells_everything_wrong_at_once(session: Session, planted: Planted) -> None:
    text = """org_unit,indicator,period,value,cumulative,numerator,denominator,done_on,items_done,note
        999999,enrolments,2018-01,1,,,,,,
        330500,enrolments,2018-01,1,,,,,,
        330203,nothing,2018-01,1,,,,,,
        330203,enrolments,2018-Q1,1,,,,,,
        330203,enrolments,2017-01,1,,,,,,
        330203,enrolments,2018-1,1,,,,,,
        330203,enrolments,2018-02,近3万,,,,,,
        330203,enrolments,2018-03,-3,,,,,,
        330203,members,2018-03,,5,,,,,
        330203,coverage,2018-03,,,85,,,,
        330203,opened,2018-03,,,,,2018-04-01,,
        330203,sites,2018-03,,,,,,南浔镇,
        330203,sites,2018-04,,,,,,4,
        330203,hotline,2018-03,很好,,,,,,
        330205,enrolments,2018-01,5,,,,,,
        330205,enrolments,2018-01,5,,,,,,"""
    found = faults_of(session, text)
    assert [fault.partition("：")[0] for fault in found] == [
        "第 2 行, org_unit", "第 3 行, org_unit", "第 4 行, indicator", "第 5 行, period", "第 6 行, period",
        "第 7 行, period", "第 8 行, value", "第 9 行, note", "第 10 行, cumulative", "第 11 行, denominator",
        "第 12 行, done_on", "第 13 行, items_done", "第 14 行, items_done", "第 15 行, value", "第 17 行",
    ]  # fmt: skip
    assert "没有编码为 999999 的单位" in found[0]
    assert "330500 不在发布单位 330200总工会 之下" in found[1]
    assert "与第 16 行是同一单位、指标和报告期" in found[-1]
    assert count(session, Report) == 0


def test_holds_the_cumulative_against_what_came_before(session: Session, planted: Planted) -> None:
    bring(session, "org_unit,indicator,period,value\n330203,enrolments,2018-01,100")
    text = """org_unit,indicator,period,value,cumulative,note
        330203,enrolments,2018-04,,160,多报已核减
        330203,enrolments,2018-03,20,170,
        330203,enrolments,2018-02,,150,"""
    assert bring(session, text).new == 3
    units, enrolments = planted.units, planted.indicators["enrolments"]
    assert tally_of(session, enrolments, units["330200"], units["330203"])[:5] == [100, 50, 20, -10, 0]
    wrong = """org_unit,indicator,period,value,cumulative
        330203,enrolments,2018-05,10,175
        330203,enrolments,2018-06,,100"""
    found = faults_of(session, wrong)
    assert found[0] == "第 2 行, cumulative：累计 175 减去此前 160 是 15，与本期 10 不一致"
    assert found[1].startswith("第 3 行, note：本期为负")


def test_growth_without_last_years_part_needs_a_base(session: Session, planted: Planted) -> None:
    wages, city = planted.indicators["wages"], planted.units["330200"]
    text = "org_unit,indicator,period,numerator\n330203,wages,2018-06,110"
    assert "没有上年基数" in faults_of(session, text)[0]
    put_targets(session, wages, {planted.units["330203"]: 105}, base=1000)
    bring(session, text)
    assert sum(tally_of(session, wages, planted.units["330000"], city, "denominator")) == 1000


def test_records_who_answers_for_it(session: Session, planted: Planted) -> None:
    bring(session, JANUARY, by=AnswerablePerson(7, "王芳", "wangfang"))
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject_kind, entry.subject_id) == ("figures.imported", "programme", KEY)
    assert entry.actor_id is None
    assert entry.after is not None
    assert '"answered_by":{"id":7,"login":"wangfang","name":"王芳"}' in entry.after
    assert '"new":2' in entry.after
    assert f'"file":"{"0" * 64}"' in entry.after


def test_names_the_bulletins_it_overtakes(session: Session, planted: Planted) -> None:
    bring(session, JANUARY)
    person = Person(name="王芳", created_at=NOW)
    session.add(person)
    session.flush()
    for period, cutoff, state in (
        ("2018-Q1", "2018-03", "issued"), ("2018-H1", "2018-06", "issued"), ("2018", "2018-12", "draft"),
    ):  # fmt: skip
        bulletin = Bulletin(programme_id=planted.programme.id, period=period)
        session.add(bulletin)
        session.flush()
        issue = BulletinIssue(
            bulletin_id=bulletin.id, number=1, state=state, cutoff=cutoff, seal=1, document="{}", digest="0" * 64,
            drafted_by_id=person.id, drafted_at=NOW,
        )  # fmt: skip
        session.add(issue)
    april = "org_unit,indicator,period,value\n330203,enrolments,2018-04,100"
    assert bring(session, april).overtaken == (("2018-H1", 1),)
    assert bring(session, april).overtaken == (), "nothing was written"
    assert bring(session, JANUARY.replace("100", "90")).overtaken == (("2018-H1", 1), ("2018-Q1", 1))


def test_refuses_an_unknown_list(session: Session) -> None:
    with pytest.raises(UnknownProgramme):
        bring(session, JANUARY)


def test_asks_as_often_for_many_rows_as_for_few(session: Session, planted: Planted) -> None:
    def statements(months: int) -> int:
        asked: list[str] = []
        connection = session.connection()
        listen = (connection, "before_cursor_execute", lambda *call: asked.append(call[2]))
        event.listen(*listen)
        some = [
            FigureRow(line, unit, code, f"2018-{month:02d}", str(months))
            for line, (unit, code, month) in enumerate(
                (unit, code, month)
                for unit in ("330200", "330203", "330203001", "330205")
                for code in ("enrolments", "funds", "members", "cared")
                for month in range(1, months + 1)
            )
        ]
        bring(session, some)
        event.remove(*listen)
        return len(asked)

    bring(session, [FigureRow(2, "330203", "enrolments", "2018-12", "1")])
    assert statements(1) == pytest.approx(statements(11), abs=2)
