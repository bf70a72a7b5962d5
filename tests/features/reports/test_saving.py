"""Saving a sheet keeps what was typed, says everything that is wrong at once, and never overwrites unseen."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.districts import MAY, PLAIN, TODAY, World, only
from tests.factories.rows import NOW
from tracker.domain.editing import PeriodClosed, PeriodNotBegun
from tracker.domain.identity import Role
from tracker.domain.messages import Faults
from tracker.domain.periods import SHANGHAI, Period
from tracker.features.reports.commands.saving import (
    NO_NEWS,
    NothingToFill,
    StaleSheet,
    save_sheet,
    with_no_news,
    with_reading,
)
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.audit import AuditEntry
from tracker.models.report import Line, Report, Revision, RevisionAuthor
from tracker.services.sheets import Sheet
from tracker.services.snapshots import LineContent, Texts
from tracker.services.transitions import Doer


@pytest.fixture
def world(session: Session) -> World:
    return World(session)


def stored(world: World, code: str) -> LineContent:
    """The line of the June sheet of 330203."""
    return next(row.line for row in world.sheet().rows if row.listed.rule.code == code)


def test_keeps_a_line_of_every_kind(world: World) -> None:
    assert world.save_lines(PLAIN) == 8
    assert stored(world, "enrolments") == LineContent(value=17_600)
    assert stored(world, "members") == LineContent(value=300)
    assert stored(world, "households") == LineContent(value=410)
    assert stored(world, "coverage") == LineContent(numerator=86, denominator=100)
    assert stored(world, "growth") == LineContent(numerator=1_120)
    assert stored(world, "opened") == LineContent(done_on=date(2018, 5, 20))
    assert stored(world, "sites") == LineContent(value=2, items_done=("甲站", "乙站"))
    assert stored(world, "hotline") == LineContent(judgement="on_track", note="全年不间断受理。")


def test_creates_a_report_with_its_first_draft_only_where_something_was_typed(
    session: Session, world: World
) -> None:
    world.save(enrolments=TypedLine(value="1.76万"))
    revision = session.scalars(select(Revision)).one()
    assert (revision.number, revision.state, revision.origin) == (1, "draft", "page")
    assert session.scalars(select(Report.period)).one() == "2018-06"


def test_saving_again_changes_the_line_and_the_version(session: Session, world: World) -> None:
    world.save(enrolments=TypedLine(value="17600"))
    before = session.scalars(select(Revision.version_id)).one()
    world.save(enrolments=TypedLine(value="17601"))
    session.expire_all()
    assert session.scalars(select(Line.value)).one() == 17_601
    assert session.scalars(select(Revision.version_id)).one() == before + 1


def test_saving_nothing_new_writes_nothing(session: Session, world: World) -> None:
    world.save(enrolments=TypedLine(value="17600"))
    entries = session.scalars(select(AuditEntry.id)).all()
    assert world.save(enrolments=TypedLine(value="17,600", cumulative="17600")) == 0
    assert session.scalars(select(AuditEntry.id)).all() == entries


def test_leaves_one_audit_entry_for_each_report_saved(session: Session, world: World) -> None:
    world.save(enrolments=TypedLine(value="17600"), members=TypedLine(value="300"))
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == ["report.saved", "report.saved"]
    assert entries[0].after == '{"lines":{"enrolments":{"value":17600}}}'
    assert entries[0].before == '{"lines":{"enrolments":{}}}'


def test_everyone_who_saves_is_an_author(session: Session, world: World) -> None:
    first, second = world.person(Role.REPORTER, "330203"), world.person(Role.REPORTER, "330203", name="李四")
    world.save(enrolments=TypedLine(value="1"), by=first)
    world.save(enrolments=TypedLine(value="2"), by=second)
    world.save(enrolments=TypedLine(value="3"), by=first)
    authors = set(session.scalars(select(RevisionAuthor.person_id)))
    assert authors == {first.person_id, second.person_id}


def test_a_blank_line_leaves_no_row_and_a_cleared_one_loses_it(session: Session, world: World) -> None:
    world.save(enrolments=TypedLine(value="17600"))
    world.save(enrolments=TypedLine())
    assert session.scalars(select(Line)).all() == []


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        (TypedLine(cumulative="38720"), 17_600),
        (TypedLine(value="17600", cumulative="38720"), 17_600),
        (TypedLine(value="17600"), 17_600),
        (TypedLine(cumulative="21000"), -120),
    ],
)
def test_takes_the_increment_or_the_total_and_computes_the_other(
    session: Session, typed: TypedLine, value: int
) -> None:
    world = World(session, made=only("enrolments"))
    world.hand_in(period=MAY, enrolments=TypedLine(value="21120"))
    world.save(enrolments=typed)
    assert stored(world, "enrolments").value == value


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        (TypedLine(value="18000", cumulative="38720"), 18_000),
        (TypedLine(value="17600", cumulative="39000"), 17_880),
        (TypedLine(value="", cumulative="38720"), None),
    ],
)
def test_of_increment_and_total_the_changed_one_counts(
    session: Session, typed: TypedLine, value: int | None
) -> None:
    world = World(session, made=only("enrolments"))
    world.hand_in(period=MAY, enrolments=TypedLine(value="21120"))
    world.save(enrolments=TypedLine(value="17600"))
    world.save(enrolments=typed)
    assert stored(world, "enrolments").value == value


def test_refuses_increment_and_total_that_disagree(world: World) -> None:
    with pytest.raises(Faults) as refused:
        world.save(enrolments=TypedLine(value="100", cumulative="200"))
    assert [fault.place for fault in refused.value.faults] == ["line-enrolments-cumulative"]


def test_unknown_by_word_or_by_tick_is_an_answer_without_a_number(world: World) -> None:
    world.save(enrolments=TypedLine(value="不详"), members=TypedLine(is_unknown=True))
    assert stored(world, "enrolments") == LineContent(is_unknown=True)
    assert stored(world, "members") == LineContent(is_unknown=True)


def test_zero_is_a_figure_and_not_a_blank(world: World) -> None:
    world.save(enrolments=TypedLine(value="0"), opened=TypedLine(is_not_done=True))
    assert stored(world, "enrolments").value == 0
    assert stored(world, "opened").value == 0


def test_says_everything_that_is_wrong_at_once_and_keeps_nothing(session: Session, world: World) -> None:
    with pytest.raises(Faults) as refused:
        world.save(
            enrolments=TypedLine(value="1.5"),
            members=TypedLine(value="约300"),
            households=TypedLine(value="-1"),
            coverage=TypedLine(numerator="86", denominator="100", rate="86"),
            growth=TypedLine(denominator="5"),
            opened=TypedLine(done_on="2018-07-01"),
            sites=TypedLine(items=("丁站",), item_count="4"),
            hotline=TypedLine(judgement="splendid"),
        )
    places = [fault.place.removeprefix("line-") for fault in refused.value.faults]
    assert places == [
        "enrolments-value", "members-value", "households-value", "coverage-rate", "growth-numerator",
        "opened-done_on", "sites-items", "sites-item_count", "sites-item_count", "hotline-judgement",
    ]  # fmt: skip
    assert session.scalars(select(Report)).all() == []


@pytest.mark.parametrize(
    ("code", "typed", "column"),
    [
        ("enrolments", TypedLine(value="9" * 16), "value"),
        ("coverage", TypedLine(numerator="86"), "denominator"),
        ("opened", TypedLine(done_on="2018-06-31"), "done_on"),
        ("opened", TypedLine(done_on="2017-06-01"), "done_on"),
        ("opened", TypedLine(done_on="2018-06-01", is_not_done=True), "done_on"),
        ("sites", TypedLine(items=("甲站",), item_count="2"), "item_count"),
        ("members", TypedLine(value="3", is_unknown=True), "value"),
        ("hotline", TypedLine(judgement="done", note="长" * 2_001), "note"),
    ],
)
def test_places_each_fault_at_its_field(world: World, code: str, typed: TypedLine, column: str) -> None:
    with pytest.raises(Faults) as refused:
        world.save_lines({code: typed})
    assert [fault.place for fault in refused.value.faults] == [f"line-{code}-{column}"]


def test_a_bare_rate_and_a_count_of_items_may_stand_alone(world: World) -> None:
    world.save(coverage=TypedLine(rate="86.5%"), sites=TypedLine(item_count="2"))
    assert stored(world, "coverage") == LineContent(rate=865)
    assert stored(world, "sites") == LineContent(value=2)


def test_no_news_fills_empty_flows_with_zero_and_nothing_else(world: World) -> None:
    sheet = world.sheet()
    entry = world.entry(sheet, {"enrolments": TypedLine(), "members": TypedLine()})
    filled = with_no_news(sheet, entry)
    assert [(line.value, line.note) for line in filled.lines.values()] == [("0", NO_NEWS), ("", "")]


def test_offers_the_other_reading_of_a_slip_and_takes_no_other(session: Session) -> None:
    world = World(session, made=only("enrolments"))
    world.hand_in(period=MAY, enrolments=TypedLine(value="21120"))
    world.save(enrolments=TypedLine(value="2"))
    sheet = world.sheet()
    entry = world.entry(sheet, {"enrolments": TypedLine(value="2")})
    chosen = with_reading(sheet, entry, "enrolments=20000")
    assert [line.value for line in chosen.lines.values()] == ["20000"]
    assert with_reading(sheet, entry, "enrolments=99") == entry


def test_refuses_to_overwrite_what_the_person_did_not_see(session: Session, world: World) -> None:
    old = world.sheet()
    world.save(enrolments=TypedLine(value="17600"))
    with pytest.raises(StaleSheet) as refused:
        _save(world, old, value="17000")
    assert refused.value.pledges == {world.indicators["enrolments"].pledge_id}
    between = world.sheet()
    world.save(enrolments=TypedLine(value="17700"))
    with pytest.raises(StaleSheet):
        _save(world, between, value="17000")


def test_refuses_a_report_that_was_handed_in_meanwhile(session: Session) -> None:
    world = World(session, made=only("enrolments"))
    world.save(enrolments=TypedLine(value="17600"))
    drawn = world.sheet()
    world.submit()
    with pytest.raises(StaleSheet):
        _save(world, drawn, value="17000")


def test_finds_a_sheet_read_before_the_other_saved_stale_by_its_guarded_update(
    session: Session, world: World
) -> None:
    world.save(enrolments=TypedLine(value="17600"))
    drawn = world.sheet()
    world.save(enrolments=TypedLine(value="17700"))
    entry = world.entry(drawn, {"enrolments": TypedLine(value="17000")})
    with pytest.raises(StaleSheet):
        save_sheet(session, drawn, entry, _doer(world), today=TODAY)


def test_finds_a_report_created_meanwhile_by_its_unique_key(session: Session, world: World) -> None:
    drawn = world.sheet()
    world.save(enrolments=TypedLine(value="17600"))
    entry = world.entry(drawn, {"enrolments": TypedLine(value="17000")})
    with pytest.raises(StaleSheet):
        save_sheet(session, drawn, entry, _doer(world), today=TODAY)


def test_refuses_a_sheet_that_is_handed_in_whole(session: Session) -> None:
    world = World(session, made=only("enrolments"))
    world.hand_in()
    with pytest.raises(NothingToFill):
        world.save(enrolments=TypedLine(value="1"))


def test_refuses_a_period_that_has_not_begun_and_names_its_day(world: World) -> None:
    sheet = world.sheet(period=Period.parse("2018-08"))
    with pytest.raises(PeriodNotBegun, match="8月1日"):
        save_sheet(
            world.session,
            sheet,
            world.entry(sheet, {"enrolments": TypedLine(value="1")}),
            _doer(world),
            today=TODAY,
        )


def test_refuses_a_closed_period_from_the_end_of_its_day(session: Session) -> None:
    world = World(session, close_day=10)
    sheet = world.sheet()
    entry = world.entry(sheet, {"enrolments": TypedLine(value="1")})
    last = datetime(2018, 7, 10, 23, 59, tzinfo=SHANGHAI)
    assert save_sheet(session, sheet, entry, _doer(world), today=last) == 1
    sheet = world.sheet()
    entry = world.entry(sheet, {"enrolments": TypedLine(value="2")})
    with pytest.raises(PeriodClosed):
        save_sheet(session, sheet, entry, _doer(world), today=datetime(2018, 7, 11, 0, 0, tzinfo=SHANGHAI))


def test_carries_the_texts_of_the_last_period_over_until_they_are_changed(session: Session) -> None:
    world = World(session, made=only("enrolments"))
    pledge = world.indicators["enrolments"].pledge_id
    sheet = world.sheet(period=MAY)
    entry = world.entry(
        sheet, {"enrolments": TypedLine(value="1")}, {pledge: Texts("扩面", "进度慢", "加快")}
    )
    save_sheet(session, sheet, entry, _doer(world), today=TODAY)
    june = world.sheet()
    assert june.reports[0].texts == Texts("扩面", "进度慢", "加快")
    save_sheet(
        session, june, world.entry(june, {}, {pledge: Texts("扩面", "", "")}), _doer(world), today=TODAY
    )
    assert world.sheet().reports[0].texts == Texts("扩面", "", "")


def _doer(world: World) -> Doer:
    return Doer(world.person(Role.REPORTER, "330203"), NOW)


def _save(world: World, drawn: Sheet, *, value: str) -> None:
    """Save what was typed on an old page into the sheet as it is now."""
    entry = world.entry(drawn, {"enrolments": TypedLine(value=value)})
    save_sheet(world.session, world.sheet(), entry, _doer(world), today=TODAY)
