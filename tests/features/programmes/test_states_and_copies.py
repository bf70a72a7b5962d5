"""A list's life step by step, and its copy for another year; by page and by command."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories.lists import NOW, case, import_list, import_text, import_tree
from tests.features.programmes.desks import Desk, resend, text_of
from tests.features.programmes.files.lists import EVERY_FIELD, PLAIN, with_indicator
from tests.support.filled_forms import form_fields
from tracker.domain.identity import OPERATOR
from tracker.features.programmes.copying import AlreadyThere, Copied, NotLater, copy_programme
from tracker.features.programmes.plan_curves import curve_of
from tracker.features.programmes.queries import UnknownProgramme, get_document
from tracker.features.programmes.states import NotInThatState, move_programme
from tracker.features.reports.commands.import_figures import import_figures
from tracker.features.reports.figure_files import rows_of
from tracker.services.ledger.folding import try_fold
from tracker.services.tables.reading import read_table

KEY = "330200-2018"
LIST = f"/programmes/{KEY}/list"


def copy(session: Session, key: str, year: int, slug: str = "") -> Copied:
    return copy_programme(session, key, year=year, slug=slug, actor=OPERATOR, now=NOW)


def bring(session: Session, key: str, text: str) -> None:
    """Import figures into a list as history, and fold them."""
    import_figures(
        session, key=key, rows=rows_of(read_table(text.encode())), file_digest="0" * 64, actor=OPERATOR, now=NOW,
        calendar_now=NOW, by=None, is_history=True,
    )  # fmt: skip
    try_fold(session, NOW)


def test_goes_through_its_life_by_page(app: Flask) -> None:
    desk = Desk(app, "ningbo-2018", publish=False)
    browser = desk.sign_in("reviewer", "330200")
    for step, consequence, state in (
        ("publish", "以后每次改动都要写理由", "已公布"),
        ("run", "全年照此执行", "进行中"),
        ("close", "结束不能撤回", "已结束"),
    ):
        path = f"{LIST}/state/{step}"
        assert consequence in browser.get(path).text
        assert resend(browser, path).status_code == 303
        assert state in text_of(browser.get(LIST).text)
        assert browser.get(path).status_code == 409, "it is not taken twice"
    assert desk.actions() == ["programme.published", "programme.started", "programme.closed"]
    assert desk.versions() == [(1, "公布")]
    assert browser.get(f"{LIST}/state/reopen").status_code == 404


@pytest.mark.parametrize("step", ["publish", "close"])
def test_takes_no_step_on_a_list_that_was_seen_otherwise(app: Flask, step: str) -> None:
    desk = Desk(app, "ningbo-2018", publish=step != "publish")
    browser = desk.sign_in("reviewer", "330200")
    if step == "close":
        resend(browser, f"{LIST}/state/run")
    seen = form_fields(browser.get(f"{LIST}/state/{step}").text)
    resend(browser, f"{LIST}/pledges/1", pledge__title="改了名", reason="改名", effective="1")
    assert browser.submit(f"{LIST}/state/{step}", seen).status_code == 409
    assert resend(browser, f"{LIST}/state/{step}").status_code == 303


def test_a_step_begins_where_the_one_before_ended(session: Session) -> None:
    import_tree(session)
    key = import_list(session, "ningbo-2018", publish=False)
    for step in ("run", "close"):
        with pytest.raises(NotInThatState):
            move_programme(session, key, step, actor=OPERATOR, now=NOW)
    with pytest.raises(UnknownProgramme):
        move_programme(session, "330200-2017", "run", actor=OPERATOR, now=NOW)


def test_copies_the_structure_and_leaves_what_holds_for_one_year(session: Session) -> None:
    import_tree(session)
    key = import_text(session, EVERY_FIELD).document.key
    copied = copy(session, key, 2019, "second-list")
    old, new = get_document(session, key), get_document(session, "330200-2019-second-list")
    assert new == copied.document
    assert new.title == "2019年服务职工实事（二）"
    assert (new.reporting, new.lights, new.elapsed) == (old.reporting, old.lights, old.elapsed)
    assert [one.code for one in new.indicators] == [one.code for one in old.indicators]
    assert [one.plan for one in new.indicators] == [one.plan for one in old.indicators]
    assert {
        (one.target, one.base, one.last_year, one.allocations, one.aligned) for one in new.indicators
    } == {(None, None, None, (), ())}


def test_carries_an_alignment_on_where_the_higher_list_of_the_new_year_has_it(session: Session) -> None:
    import_tree(session)
    higher = PLAIN.replace('"330200"', '"330000"')
    import_text(session, higher)
    import_text(session, with_indicator("aligned: [330000-2018/enrolments]"))
    left = copy(session, "330200-2018", 2019)
    assert [one.aligned for one in left.document.indicators] == [()]
    assert left.left == (("参保", "330000-2019/enrolments"),)
    import_text(session, higher.replace("year: 2018", "year: 2020"))
    carried = copy(session, "330200-2018", 2020)
    assert [one.aligned for one in carried.document.indicators] == [("330000-2020/enrolments",)]
    assert carried.left == ()
    import_text(session, higher.replace("year: 2018", "year: 2021").replace("measure: 人次", "measure: 人"))
    assert copy(session, "330200-2018", 2021).left == (("参保", "330000-2021/enrolments"),)


def test_says_on_the_page_which_alignments_and_results_were_left(app: Flask) -> None:
    desk = Desk(app)
    desk.bring(PLAIN.replace('"330200"', '"330000"'), publish=True)
    desk.bring(with_indicator("aligned: [330000-2018/enrolments]"), publish=True)
    browser = desk.sign_in("reviewer", "330200")
    said = text_of(browser.get(resend(browser, f"{LIST}/copy").location).text)
    assert "以下对应没有带过去：参保（330000-2019/enrolments）" in said
    assert "有 1 项指标的上年实绩还不完整，没有带入：参保" in said


def test_prefills_last_years_result_where_december_is_known(session: Session) -> None:
    import_tree(session)
    key = import_list(session, "huzhou-2024")
    bring(session, key, case("huzhou-2024-figures.csv").decode())
    copied = copy(session, key, 2025)
    results = {one.code: one.last_year for one in copied.document.indicators}
    known = {code: value for code, value in results.items() if value is not None}
    assert len(known) > 40
    assert 820 in known.values(), "a bare rate of 82 is 82.0"
    assert set(copied.unknown).isdisjoint(known)


def test_leaves_out_a_result_that_not_everybody_has_reported(session: Session) -> None:
    import_tree(session)
    key = import_list(session, "ningbo-2018")
    header = "org_unit,indicator,period,value,numerator,denominator,done_on,items_done,note\n"
    bring(session, key, header + "330203,enrolments,2018-12,5,,,,,\n330200,relief_funds,2018-12,7,,,,,\n")
    results = {one.code: one.last_year for one in copy(session, key, 2019).document.indicators}
    assert (results["enrolments"], results["relief_funds"], results["price_subsidy"]) == (None, 7, None)


def test_copies_into_a_later_year_only_and_only_once(session: Session) -> None:
    import_tree(session)
    key = import_list(session, "ningbo-2018")
    with pytest.raises(NotLater):
        copy(session, key, 2018)
    copy(session, key, 2019)
    with pytest.raises(AlreadyThere):
        copy(session, key, 2019)
    assert copy(session, key, 2019, "another").document.key == "330200-2019-another"


def test_copies_by_page(app: Flask) -> None:
    desk = Desk(app, "ningbo-2018")
    browser = desk.sign_in("reviewer", "330200")
    refused = resend(browser, f"{LIST}/copy", year="2018")
    assert (refused.status_code, 'id="year-error"' in refused.text) == (422, True)
    refused = resend(browser, f"{LIST}/copy", slug="第二份")
    assert (refused.status_code, 'id="slug-error"' in refused.text) == (422, True)
    done = resend(browser, f"{LIST}/copy")
    assert (done.status_code, done.location) == (303, "/programmes/330200-2019/list")
    assert "上年实绩还不完整，没有带入：参加职工医疗互助保障人次" in browser.get(done.location).text
    assert desk.actions() == ["programme.copied"]


@pytest.mark.parametrize(
    ("levels", "start", "curve"),
    [
        ([None, 10, 10, 5, 20, 30, 40, 50, 60, 70, 80, 100], 0, (0, 100, 100, 100, 200, 300, 400, 500, 600, 700, 800, 1000)),
        ([100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200, 300], 100, (0, 50, 100, 150, 200, 250, 300, 350, 400, 450, 500, 1000)),
        ([150, 120, *[100] * 10], 0, (1000,) * 12),
        ([None] * 12, 0, None),
        ([5] * 12, 5, None),
        ([], 0, None),
    ],
)  # fmt: skip
def test_a_curve_never_falls_and_ends_at_a_hundred(
    levels: list[int | None], start: int, curve: tuple[int, ...] | None
) -> None:
    assert curve_of(levels, start=start) == curve
