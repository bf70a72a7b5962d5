"""A sample is drawn from the accepted figures of a reach, kept as it was, and its figures are marked."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.factories.audited import Audited
from tests.factories.districts import JUNE, MAY, World, only
from tests.factories.rows import NOW
from tests.features.auditing.test_trail import entries_of, page_of
from tests.support.replanting import replanted
from tests.support.statements import counted_statements
from tracker.domain.identity import Role
from tracker.domain.sampling import Method, Risk, Verdict, lot
from tracker.features.auditing.population import read_population
from tracker.features.auditing.sampling_commands import Order, draw_sample, mark_figure
from tracker.features.auditing.sampling_queries import get_figure, get_sample
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.audit import AuditEntry
from tracker.models.auditing import AuditSample, FigureMark
from tracker.models.report import Line
from tracker.services.ledger.folding import try_fold
from tracker.services.programme_heads import Head, find_head
from tracker.services.standings import Doer

SAMPLES = "/auditing/programmes/330200-2018/samples"
BUDGET = 8
"""Who asks, the list or the sample, its figures; the bar."""
STILL = timedelta(0)


@pytest.fixture
def world(session: Session) -> World:
    """May and June of 330203 and June of 330205 stand accepted and sealed."""
    return replanted(session, "samples", lambda: plant(session), lambda: World.again(session))


def plant(session: Session) -> World:
    made = World(session, made=only("enrolments"))
    made.hand_in(period=MAY, enrolments=TypedLine(value="10000"))
    made.hand_in(enrolments=TypedLine(value="170000", note="属实"))
    made.hand_in(code="330205", enrolments=TypedLine(value="21120"))
    for code, period in (("330203", MAY), ("330203", JUNE), ("330205", JUNE)):
        made.sign(code=code, period=period)
        made.accept(code=code, period=period)
    try_fold(session, NOW)
    return made


def head_of(world: World) -> Head:
    head = find_head(world.session, "330200-2018")
    assert head is not None
    return head


def auditor(world: World, code: str = "330200") -> Doer:
    return Doer(world.person(Role.AUDITOR, code), NOW)


def draw_in(world: World, method: Method = Method.RANDOM, *, figures: int = 10, seed: str = "7") -> int:
    order = Order(None, method, figures, seed)
    return draw_sample(world.session, head_of(world), order, auditor(world), moved=STILL)


def keys_of(world: World, number: int) -> list[str]:
    found = world.session.execute(
        text("SELECT key FROM sampled_figure WHERE sample_id = :number ORDER BY position"), {"number": number}
    )
    return [row.key for row in found]


def test_draws_by_lots_a_reader_can_work_out(world: World) -> None:
    number = draw_in(world, figures=2)
    keys = ["330203/enrolments/2018-05/1", "330203/enrolments/2018-06/1", "330205/enrolments/2018-06/1"]
    assert keys_of(world, number) == sorted(keys, key=lambda key: lot("7", key))[:2]
    assert keys_of(world, draw_in(world, figures=2)) == keys_of(world, number)
    sample = get_sample(world.session, number, seen_by=auditor(world).identity)
    assert (sample.population, sample.figures, sample.seed, sample.seal) == (3, 2, "7", 1)


def test_draws_the_largest_and_tells_it_in_one_entry(world: World) -> None:
    number = draw_in(world, Method.SIZE, figures=1)
    assert keys_of(world, number) == ["330203/enrolments/2018-06/1"]
    told = world.session.scalars(select(AuditEntry).where(AuditEntry.action == "sample.drawn")).one()
    assert told.after is not None
    assert json.loads(told.after)["figures"] == ["330203/enrolments/2018-06/1"]
    assert json.loads(told.after)["population"] == 3


def risks_of(world: World, *, moved: timedelta = STILL) -> dict[str, set[Risk]]:
    found = read_population(world.session, head_of(world), None, seen_by=auditor(world).identity, moved=moved)
    return {one.candidate.key: set(one.candidate.risks) for one in found}


def test_names_what_is_risky_about_each_figure(world: World) -> None:
    risks = risks_of(world)
    assert risks["330203/enrolments/2018-05/1"] == {Risk.LATE}
    assert risks["330203/enrolments/2018-06/1"] == {Risk.EXACTLY_FULL}
    assert risks["330205/enrolments/2018-06/1"] == set()
    later = risks_of(world, moved=timedelta(days=3))
    assert later["330203/enrolments/2018-06/1"] == {Risk.EXACTLY_FULL, Risk.LATE, Risk.LAST_DAY_JUMP}


def test_sees_missing_evidence_imports_corrections_and_unsigned_reports(world: World) -> None:
    world.indicators["enrolments"].evidence = "required"
    world.session.flush()
    assert all(Risk.NO_EVIDENCE in found for found in risks_of(world).values())
    update = "UPDATE revision SET {} WHERE report_id = (SELECT id FROM report WHERE period = '2018-05')"
    world.session.execute(text(update.format("signed_by_id = NULL")))
    assert Risk.UNSIGNED in risks_of(world)["330203/enrolments/2018-05/1"]
    world.session.execute(text(update.format("origin = 'import'")))
    found = risks_of(world)["330203/enrolments/2018-05/1"]
    assert Risk.IMPORTED in found
    assert Risk.UNSIGNED not in found


def test_sees_who_judges_where_they_also_report(world: World) -> None:
    approver = world.person(Role.APPROVER, "330203")
    world.also(approver, Role.REPORTER, "330203")
    risks = risks_of(world)
    assert Risk.NEAR_MISS in risks["330203/enrolments/2018-06/1"]
    assert Risk.NEAR_MISS not in risks["330205/enrolments/2018-06/1"]


def test_draws_within_reach_alone(world: World) -> None:
    district = world.person(Role.AUDITOR, "330205")
    found = read_population(world.session, head_of(world), None, seen_by=district, moved=STILL)
    assert [one.candidate.key for one in found] == ["330205/enrolments/2018-06/1"]


@pytest.mark.parametrize("table", ["audit_sample", "sampled_figure", "figure_mark"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET id = id"])
def test_a_kept_sample_never_changes(world: World, table: str, statement: str) -> None:
    marked(world, draw_in(world))
    with pytest.raises(DBAPIError, match=r"never"):
        world.session.execute(text(statement.format(table)))


def marked(world: World, number: int, verdict: Verdict = Verdict.DOUBTFUL) -> None:
    doer = auditor(world)
    sample = get_sample(world.session, number, seen_by=doer.identity)
    figure = get_figure(world.session, sample, 1)
    mark_figure(world.session, sample, figure, doer, verdict=verdict, note="名册少 3 人")


def test_the_newest_mark_holds_and_changes_no_figure(world: World) -> None:
    number = draw_in(world)
    lines = world.session.execute(select(Line.revision_id, Line.value).order_by(Line.revision_id)).all()
    marked(world, number)
    marked(world, number, Verdict.VERIFIED)
    sample = get_sample(world.session, number, seen_by=auditor(world).identity)
    assert (sample.verified, sample.doubtful) == (1, 0)
    assert world.session.scalar(select(func.count()).select_from(FigureMark)) == 2
    told = world.session.scalars(select(AuditEntry).where(AuditEntry.action == "figure.marked")).all()
    assert [json.loads(entry.after or "")["verdict"] for entry in told] == ["doubtful", "verified"]
    assert [entry.before is None for entry in told] == [True, False]
    after = world.session.execute(select(Line.revision_id, Line.value).order_by(Line.revision_id)).all()
    assert lines == after


def test_an_auditor_draws_and_marks_on_pages(audited: Audited) -> None:
    client = audited.browser(audited.auditor)
    answer = client.submit(SAMPLES, {"period": "2018-05", "method": "random", "count": "5", "seed": "42"})
    assert answer.status_code == 303
    page = page_of(client, answer.location)
    for words in ("起始号 42", "21,120 人次", "待核", "330203/enrolments/2018-05/1", "SHA-256"):
        assert words in page
    doubtful = client.submit(f"{answer.location}/figures/1", {"verdict": "doubtful", "note": ""})
    assert doubtful.status_code == 422
    assert "存疑请写明理由" in doubtful.text
    assert (
        client.submit(
            f"{answer.location}/figures/1", {"verdict": "verified", "note": "与名册一致"}
        ).status_code
        == 303
    )
    assert "已核 1，存疑 0" in page_of(client, answer.location)
    assert "与名册一致" in page_of(client, answer.location)
    assert len(entries_of(audited, "figure.marked")) == 1


def test_a_figure_of_a_sample_opens_its_trail(audited: Audited) -> None:
    client = audited.browser(audited.auditor)
    answer = client.submit(SAMPLES, {"period": "2018-05", "method": "size", "count": "1"})
    found = re.search(r'href="(/programmes/[^"]+/trail[^"]+)"', client.get(answer.location).text)
    assert found is not None
    assert "21,120" in page_of(client, unescape(found[1]))


def test_throws_a_start_number_and_prints_it(audited: Audited) -> None:
    client = audited.browser(audited.auditor)
    answer = client.submit(SAMPLES, {"period": "", "method": "random", "count": "3"})
    with audited.site.database.read_session() as session:
        seed = session.scalars(select(AuditSample.seed)).one()
    assert seed.isdigit()
    assert f"起始号 {seed}" in page_of(client, answer.location)


def test_says_why_nothing_can_be_drawn_and_keeps_what_was_typed(audited: Audited) -> None:
    client = audited.browser(audited.auditor)
    empty = client.submit(SAMPLES, {"period": "2018-12", "method": "random", "count": "7", "seed": "99"})
    assert empty.status_code == 422
    assert "没有可抽的数据" in empty.text
    assert 'value="99"' in empty.text
    wrong = client.submit(SAMPLES, {"period": "", "method": "random", "count": "0", "seed": "x"})
    assert wrong.status_code == 422
    assert "起始号最多 12 位数字" in wrong.text
    assert entries_of(audited, "sample.drawn") == []


def test_others_reach_neither_sample_nor_marks(audited: Audited) -> None:
    place = audited.browser(audited.auditor).submit(SAMPLES, {"method": "size", "count": "1"}).location
    assert audited.browser(audited.elsewhere).get(place).status_code == 404
    assert audited.browser(audited.elsewhere).get(SAMPLES).status_code == 404
    for who in (audited.admin, audited.site.reviewer, audited.site.reporter):
        assert audited.browser(who).get(place).status_code == 403
        assert audited.browser(who).submit(f"{place}/figures/1", {"verdict": "verified"}).status_code == 403


def test_stays_within_its_budget(audited: Audited) -> None:
    client = audited.browser(audited.auditor)
    place = client.submit(SAMPLES, {"method": "size", "count": "5"}).location
    for address in (SAMPLES, place, "/auditing"):
        with counted_statements(audited.site.database) as sent:
            assert client.get(address).status_code == 200
        assert len(sent) <= BUDGET, "\n".join(sent)
