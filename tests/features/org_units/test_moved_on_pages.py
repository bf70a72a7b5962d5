"""What pages of a list say of units that were moved, closed or merged in the middle of a year: rows add up to totals."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import Flask

from tests.factories.rows import NOW, put_targets
from tests.features.org_units.test_pages import Site
from tests.features.org_units.trees import Province
from tests.features.programmes.desks import text_of
from tests.support.taken_tables import take
from tracker.domain.periods import Month, Period
from tracker.features.bulletins.csv_writer import write_csv
from tracker.features.bulletins.document import Occasion, build_document
from tracker.features.bulletins.sheets import Frame
from tracker.features.org_units.units import NewName, rename_unit
from tracker.features.targets.queries import load_board
from tracker.models.programme import Indicator
from tracker.services.ledger.folding import try_fold
from tracker.services.programme_heads import find_head
from tracker.services.progress_table import newest_seal
from tracker.services.tree import get_unit

LIST = "/programmes/330000-2018"


class Moved(Site):
    """The province's list after the first district (20 in June) went to the other city from July on, where it did 30."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        with self.database.session() as session:
            province = Province(session, standing=self.province)
            whole = session.get_one(Indicator, self.indicators["330000"])
            self.seal_before = newest_seal(session) or 0
            province.move("330203", "330500", "2018-07")
            name = NewName(
                name="新城总工会", short_name="新城", since=date(2018, 7, 1), reason="批复", version=1
            )
            rename_unit(session, province.facts("330203"), name, today=NOW.date(), doer=province.doer)
            province.accept(whole, "330203", 7, 30)
            try_fold(session, NOW)
            session.commit()
        self.viewer = self.sign_in("viewer", "330000")

    def trail(self, at: str, **asked: str) -> str:
        more = "".join(f"&{name}={value}" for name, value in asked.items())
        return text_of(self.viewer.get(f"{LIST}/trail?indicator=enrolments&at={at}{more}").text)

    def overview(self, at: str, **asked: str) -> str:
        more = "".join(f"&{name}={value}" for name, value in asked.items())
        return text_of(self.viewer.get(f"{LIST}?at={at}{more}").text)


@pytest.fixture
def moved(app: Flask) -> Moved:
    return Moved(app)


def test_the_old_superiors_rows_add_up_with_what_was_left_behind(moved: Moved) -> None:
    page = moved.trail("330200")
    for said in ("330205 4人次", "330203 已移出，计入1–6月的数 20人次 — —", "合计 24人次 相符"):
        assert said in page, said
    assert "合计里还有：330203（已移出，计入1–6月的数）" in moved.overview("330200")


def test_the_new_superior_reads_what_counts_there_and_the_units_own_year(moved: Moved) -> None:
    page = moved.trail("330500")
    told = "新城 7月起计入这里；它今年累计 50人次，完成率和亮灯按它的全年目标算 30人次 25.0% 滞后"
    for said in (told, "合计 30人次 相符"):
        assert said in page, said
    assert "新城 7月划入" in moved.overview("330500")
    assert "合计里还有" not in moved.overview("330500")


@pytest.mark.parametrize("asked", ["cutoff", "as_of"])
def test_before_the_move_the_unit_is_an_ordinary_part_of_its_old_superior(moved: Moved, asked: str) -> None:
    """By the month that is looked at, and by the moment whose figures are looked at."""
    at = {"cutoff": "2018-06"} if asked == "cutoff" else {"as_of": str(moved.seal_before)}
    page = moved.trail("330200", **at)
    for said in ("20人次 10.0% 滞后", "4人次 4.4% 滞后", "合计 24人次 相符"):
        assert said in page, said
    assert "计入" not in page
    assert "还没有已通过的报告" in moved.trail("330500", **at)


def test_the_parts_as_a_file_say_which_months_count(moved: Moved) -> None:
    auditor = moved.sign_in("auditor", "330000")
    taken = take(auditor, f"{LIST}/trail?indicator=enrolments&at=330200", "trail", "csv")
    assert ["330203", "20"] in [row[:2] for row in taken.rows]
    assert "已移出，计入1–6月的数" in [row[-1] for row in taken.rows]


def test_a_bulletin_prints_what_was_left_behind_so_that_its_rows_add_up(moved: Moved) -> None:
    with moved.database.session() as session:
        head = find_head(session, "330200-2018")
        assert head is not None
        occasion = Occasion(Period.parse("2018-07"), Month(2018, 7), 1, "样例")
        document = build_document(session, head, occasion, seal=newest_seal(session) or 0)
    [former] = document["former"]
    assert (former["name"], former["until"], former["closed"]) == ("330203总工会", 6, False)
    amounts = [one["actual"] for branch in [*document["branches"], former] for one in branch["indicators"]]
    assert sorted(amounts) == ["20", "4"]
    [whole] = [one["actual"] for pledge in document["pledges"] for one in pledge["indicators"]]
    assert whole == "24"
    lines = write_csv(document, Frame("7f" * 32, NOW, "样例", NOW)).decode("utf-8-sig")
    assert "330203,330203总工会（已移出，1–6月）" in lines


def test_a_closed_units_figures_stay_in_a_row_of_their_own(moved: Moved) -> None:
    with moved.database.session() as session:
        Province(session, standing=moved.province).close("330205", "2018-07")
        try_fold(session, NOW)
        session.commit()
    page = moved.trail("330200")
    for said in ("330205 已撤销，计入1–6月的数 4人次", "330203 已移出", "合计 24人次 相符"):
        assert said in page, said


def test_the_target_matrix_divides_nothing_over_a_closed_unit_and_keeps_its_history(app: Flask) -> None:
    site = Site(app)
    with site.database.session() as session:
        province = Province(session, standing=site.province)
        whole = session.get_one(Indicator, site.indicators["330200"])
        put_targets(session, whole, {site.ids["330200"]: 400, site.ids["330206"]: 10})
        province.close("330205", "2018-07")
        merged = (whole,)
        province.merge("330206", into="330203", effective="2018-07", summed=merged)
        try_fold(session, NOW)
        session.commit()
    reviewer = site.sign_in("reviewer", "330200")
    page = reviewer.get("/programmes/330200-2018/targets")
    text = text_of(page.text)
    assert "330205 最后一天是 2018-06-30，目标已收回，不再参加分解 目标沿革： enrolments" in text
    assert "330206 最后一天是 2018-06-30，目标已收回" in text
    columns = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page.text)
    assert not [one for one in columns if "330205" in one or "330206" in one], "nothing can be typed for them"
    assert 'value="210"' in page.text, "the successor's target is both"
    history = reviewer.get("/programmes/330200-2018/targets/330205/history/enrolments")
    assert history.status_code == 200
    assert "90" in text_of(history.text)
    with site.database.session() as session:
        head = find_head(session, "330200-2018")
        assert head is not None
        board = load_board(session, head, get_unit(session, site.ids["330200"]))
        [row] = board.rows
        places = {place.column for place in board.start.cells if place.indicator_id == row.id}
        assert not places & {"330205", "330206"}
        assert sum(board.start.at(row.id, column.key).value or 0 for column in board.columns) == 210


def test_both_superiors_matrices_say_which_unit_went_where_and_from_when(moved: Moved) -> None:
    def notes(at: str) -> str:
        return text_of(moved.viewer.get(f"{LIST}/targets?at={at}").text)

    with moved.database.session() as session:  # a town with targets that moved with its district is not named
        whole = session.get_one(Indicator, moved.indicators["330000"])
        put_targets(session, whole, {moved.ids["330203001"]: 7, moved.ids["330200"]: 300})
        session.commit()
    away, came = "新城自2018年7月起划归330500，分给它的目标不再计入", "新城自2018年7月起由330200划入"
    assert away in notes("330200")
    assert came in notes("330500")
    assert "划" not in notes("330203"), "the district's own matrix is as it was"
    facts = take(moved.viewer, f"{LIST}/targets?at=330200", "matrix", "csv").facts
    assert away in str(facts)
    with moved.database.session() as session:
        Province(session, standing=moved.province).move("330203", "330200", "2018-09")
        session.commit()
    back = "新城自2018年9月起由330500划入"
    assert all(said in notes("330200") for said in (away, back))
    assert all(said in notes("330500") for said in (came, "新城自2018年9月起划归330200"))
