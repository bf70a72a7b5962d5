"""A bulletin says what the progress table says, in numbers and in words, and keeps saying it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.factories.ningbo import DISTRICTS, KEY, Ningbo, bring_in, plant_ningbo
from tests.factories.ningbo import NOW as SEALED_AT
from tracker.domain.periods import Month, Period
from tracker.features.bulletins.document import Document, Occasion, build_document
from tracker.features.bulletins.narrative import plain_text
from tracker.services.ledger.folding import try_fold
from tracker.services.programme_heads import Head, find_head
from tracker.services.progress_documents import as_document
from tracker.services.progress_table import load, newest_seal
from tracker.services.tree import get_unit

HALF = Period.parse("2018-H1")
HEADER = "org_unit,indicator,period,value,numerator,denominator,done_on,items_done,note\n"


@pytest.fixture
def ningbo(session: Session) -> Ningbo:
    return plant_ningbo(session)


def head_of(session: Session) -> Head:
    head = find_head(session, KEY)
    assert head is not None
    return head


def written(session: Session, *, seal: int | None = None, cutoff: Month | None = None) -> Document:
    occasion = Occasion(HALF, cutoff or HALF.end, 1, "杨立群")
    return build_document(session, head_of(session), occasion, seal=seal or newest_seal(session) or 0)


def prose_of(document: Document) -> str:
    return "\n".join(
        [section["heading"] or "" for section in document["prose"]]
        + [plain_text(paragraph) for section in document["prose"] for paragraph in section["paragraphs"]]
    )


def test_holds_the_figures_of_the_progress_table(session: Session, ningbo: Ningbo) -> None:
    document = written(session)
    head = head_of(session)
    table = load(session, head, get_unit(session, head.publisher_id), cutoff=Month(2018, 6))
    assert {name: document[name] for name in as_document(table)} == as_document(table)
    enrolments = document["pledges"][0]["indicators"][0]
    printed = (enrolments["actual"], enrolments["target"], enrolments["completion_percent"])
    assert printed == ("1520000", "1500000", "101.3")
    relief = document["pledges"][1]["indicators"][0]
    assert (relief["actual"], relief["completion_percent"]) == ("480000", None)


def test_tells_the_half_year_in_words(session: Session, ningbo: Ningbo) -> None:
    prose = prose_of(written(session))
    for words in (
        "152万人次",
        "150万人次",
        "101.3",
        "48万元",
        "39.5万元",
        "1.25万人",
        "39亿元",
        "2,219人",
        "数量不详",
        "已完成2件",
    ):
        assert words in prose, words
    assert "没有预警、滞后和未报的事项" in prose


def test_links_every_number_of_the_prose_to_its_figure(session: Session, ningbo: Ningbo) -> None:
    document = written(session)
    linked = {
        (piece["figure"]["indicator"], piece["figure"]["field"]): piece["text"]
        for section in document["prose"]
        for paragraph in section["paragraphs"]
        for piece in paragraph
        if "figure" in piece
    }
    assert linked["enrolments", "actual"] == "152万人次"
    assert linked["enrolments", "completion_percent"] == "101.3%"
    assert linked[None, "classes.done"] == "2"


def test_lists_the_districts(session: Session, ningbo: Ningbo) -> None:
    branches = {branch["at"]: branch for branch in written(session)["branches"]}
    assert set(DISTRICTS) < set(branches)
    haishu = {one["code"]: one for one in branches["330203"]["indicators"]}["enrolments"]
    assert (haishu["target"], haishu["actual"], haishu["completion_percent"]) == ("180000", "176000", "97.8")


def test_names_who_lags_and_who_is_late(session: Session) -> None:
    plant_ningbo(session, with_figures=False)
    bring_in(session, HEADER + "330203,enrolments,2018-06,900000,,,,,\n330205,enrolments,2018-06,9000,,,,,\n")
    try_fold(session, SEALED_AT)
    document = written(session, cutoff=Month(2018, 6))
    late = [unit["at"] for unit in document["problems"]["late_units"]]
    assert late == [*sorted(set(DISTRICTS) - {"330203", "330205"}), "330200"]
    silent = document["problems"]["pledges"][0]
    assert (silent["number"], silent["light"]) == (2, "not_reported")
    assert "有10家单位本期未报齐：北仑区总工会、" in prose_of(document)
    assert "宁波市总工会（本级）。" in prose_of(document)
    assert "后6个月平均每月完成9.85万人次" in prose_of(document)


def test_names_the_districts_behind_a_lagging_figure(session: Session) -> None:
    plant_ningbo(session, with_figures=False)
    rows = [
        f"{code},enrolments,2018-06,{50_000 if code == '330212' else 90_000},,,,,\n" for code in DISTRICTS
    ]
    bring_in(session, HEADER + "".join(rows[:6]))
    try_fold(session, SEALED_AT)
    document = written(session)
    assert "慢于序时进度" in prose_of(document)
    lagging = document["problems"]["pledges"][0]["indicators"][0]
    assert ("330212", "behind") in [(unit["at"], unit["light"]) for unit in lagging["units"]]


def test_stays_the_same_whatever_is_reported_later(session: Session, ningbo: Ningbo) -> None:
    seal = newest_seal(session)
    before = written(session, seal=seal)
    bring_in(session, HEADER + "330203,enrolments,2018-06,99999,,,,,\n")
    try_fold(session, SEALED_AT)
    assert written(session, seal=seal) == before
    after = written(session)
    assert after["pledges"][0]["indicators"][0]["actual"] == str(1_520_000 - 17_600 + 99_999)


def test_traces_each_figure_to_the_revisions_behind_it(session: Session, ningbo: Ningbo) -> None:
    sources = written(session)["imported"]
    enrolments = [one for one in sources if one["indicator"] == "enrolments"]
    assert len(enrolments) == 2 * len(DISTRICTS)
    assert sum(int(one["figure"]["value"]) for one in enrolments) == 1_520_000
    assert {one["seal"] for one in enrolments} == {newest_seal(session)}
    assert {one["accepted_by"] for one in enrolments} == {None}


def test_keeps_the_revision_that_counted_then(session: Session, ningbo: Ningbo) -> None:
    seal = newest_seal(session)

    def june(document: Document) -> list[tuple[str, int]]:
        return [
            (one["figure"]["value"], one["revision_number"])
            for one in document["imported"]
            if (one["at"], one["period"], one["indicator"]) == ("330203", "2018-06", "enrolments")
        ]

    bring_in(session, HEADER + "330203,enrolments,2018-06,99999,,,,,\n")
    assert june(written(session, seal=seal)) == [("17600", 1)]
    try_fold(session, SEALED_AT)
    assert june(written(session, seal=seal)) == [("17600", 1)]
    assert june(written(session)) == [("99999", 2)]
