"""Edited prose: untouched numbers keep their links, typed ones are held to the figure they speak of."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.factories.ningbo import KEY, bring_in, plant_ningbo
from tests.factories.ningbo import NOW as SEALED_AT
from tracker.domain.periods import Period
from tracker.features.bulletins.document import Document, Occasion, build_document
from tracker.features.bulletins.narrative import Section, plain_text
from tracker.features.bulletins.relinking import (
    contradictions_in,
    edited_sections,
    length_of,
    refreshed_prose,
    relink_section,
)
from tracker.services.ledger.folding import try_fold
from tracker.services.programme_heads import find_head
from tracker.services.progress_table import newest_seal

HALF = Period.parse("2018-H1")
SENTENCE = "参加职工医疗互助保障人次：152万人次，完成全年目标150万人次的101.3%，超额完成。"


def written(session: Session) -> Document:
    head = find_head(session, KEY)
    assert head is not None
    return build_document(
        session, head, Occasion(HALF, HALF.end, 1, "杨立群"), seal=newest_seal(session) or 0
    )


@pytest.fixture
def document(session: Session) -> Document:
    plant_ningbo(session)
    return written(session)


def section(document: Document, heading: str) -> Section:
    found: Section = next(one for one in document["prose"] if (one["heading"] or "").endswith(heading))
    return found


def text_of(one: Section) -> str:
    return "\n".join(plain_text(paragraph) for paragraph in one["paragraphs"])


def edited(document: Document, old: str, new: str, heading: str = "各项进展") -> list[dict[str, Any]]:
    """All pieces of a section after words in it were replaced."""
    before = text_of(section(document, heading))
    assert old in before, before
    after = relink_section(document, section(document, heading), before.replace(old, new, 1))
    assert text_of(after) == before.replace(old, new, 1)
    return [piece for paragraph in after["paragraphs"] for piece in paragraph]


def place(piece: dict[str, Any], kind: str = "figure") -> tuple[str, str]:
    return piece[kind]["indicator"], piece[kind]["field"]


def test_what_is_left_as_it_was_stays_as_it_was(document: Document) -> None:
    for one in document["prose"]:
        assert relink_section(document, one, text_of(one)) == one


def test_words_around_a_number_may_change(document: Document) -> None:
    pieces = edited(document, "超额完成", "提前半年超额完成，受到职工欢迎")
    assert {place(piece): piece["text"] for piece in pieces if "figure" in piece} == {
        place(piece): piece["text"]
        for paragraph in section(document, "各项进展")["paragraphs"]
        for piece in paragraph
        if "figure" in piece
    }
    assert not any("contradicts" in piece for piece in pieces)


@pytest.mark.parametrize("typed", ["155万人次", "149万人次"])
def test_a_typed_number_that_contradicts_is_marked(document: Document, typed: str) -> None:
    """Held against the figure whose place it took, also where it comes nearer to the one beside it."""
    pieces = edited(document, "152万人次", typed)
    wrong = [piece for piece in pieces if "contradicts" in piece]
    assert [
        (piece["text"], place(piece, "contradicts"), piece["contradicts"]["printed"]) for piece in wrong
    ] == [(typed, ("enrolments", "actual"), "152万人次")]


@pytest.mark.parametrize(
    ("old", "new", "text", "field"),
    [
        ("152万人次", "1,520,000人次", "1,520,000人次", "actual"),
        ("152万人次", "0.0152亿人次", "0.0152亿人次", "actual"),
        ("150万人次", "1500000 人次", "1500000 人次", "target"),
        ("超额完成", "完成率101.3%，超额完成", "101.3%", "completion_percent"),
    ],
)
def test_the_same_number_in_other_words_is_linked(
    document: Document, old: str, new: str, text: str, field: str
) -> None:
    pieces = edited(document, old, new)
    assert (text, ("enrolments", field)) in [
        (piece["text"], place(piece)) for piece in pieces if "figure" in piece
    ]
    assert not any("contradicts" in piece for piece in pieces)


def test_a_wrong_percent_is_marked(document: Document) -> None:
    pieces = edited(document, "101.3%", "103.1%")
    assert [piece["text"] for piece in pieces if "contradicts" in piece] == ["103.1%"]


@pytest.mark.parametrize("harmless", ["2018年", "6月", "第3次", "5个区县", "12351热线"])
def test_numbers_that_speak_of_no_figure_are_words(document: Document, harmless: str) -> None:
    pieces = edited(document, "超额完成", f"超额完成（{harmless}）")
    assert not any("contradicts" in piece for piece in pieces)


def test_a_new_paragraph_is_linked_by_the_names_in_it(document: Document) -> None:
    one = section(document, "各项进展")
    added = relink_section(document, one, text_of(one) + "\n" + f"其中，{SENTENCE}")
    linked = {place(piece) for piece in added["paragraphs"][-1] if "figure" in piece}
    assert linked >= {
        ("enrolments", "actual"),
        ("enrolments", "target"),
        ("enrolments", "completion_percent"),
    }


def test_a_paragraph_taken_out_is_gone(document: Document) -> None:
    one = section(document, "各项进展")
    rest = relink_section(document, one, "\n".join(text_of(one).splitlines()[1:]))
    assert rest["paragraphs"] == one["paragraphs"][1:]


def test_moved_paragraphs_keep_their_links(document: Document) -> None:
    one = section(document, "各项进展")
    lines = text_of(one).splitlines()
    moved = relink_section(document, one, "\n\n".join(reversed(lines)))
    assert moved["paragraphs"] == list(reversed(one["paragraphs"]))


def test_any_typing_keeps_the_text_and_never_invents_a_link(document: Document) -> None:
    """Random deletions and insertions over all sections: the words are exactly those typed."""
    chance = random.Random(7)
    links = {
        (piece["text"], place(piece))
        for one in document["prose"]
        for paragraph in one["paragraphs"]
        for piece in paragraph
        if "figure" in piece
    }
    for _round in range(60):
        one = chance.choice(document["prose"])
        line = chance.choice(text_of(one).splitlines())
        at = chance.randrange(len(line))
        typed = line[:at] + chance.choice(["", "9", "万", "。", "约"]) + line[at + chance.randrange(3) :]
        after = relink_section(document, one, typed)
        assert text_of(after) == typed.strip()
        for piece in (piece for paragraph in after["paragraphs"] for piece in paragraph if "figure" in piece):
            assert (piece["text"], place(piece)) in links, typed


def test_counts_letters_and_lists_contradictions(document: Document) -> None:
    assert length_of(document) > 200
    assert contradictions_in(document) == []
    one = section(document, "各项进展")
    changed = relink_section(document, one, text_of(one).replace("152万人次", "155万人次", 1))
    document["prose"] = [changed if other is one else other for other in document["prose"]]
    assert [(wrong.typed, wrong.printed, wrong.name) for wrong in contradictions_in(document)] == [
        ("155万人次", "152万人次", "参加职工医疗互助保障人次")
    ]


def test_edited_words_follow_new_figures(session: Session, document: Document) -> None:
    generated = document["prose"]
    one = section(document, "各项进展")
    changed = relink_section(document, one, text_of(one).replace("超额完成", "提前超额完成", 1))
    document["prose"] = [changed if other is one else other for other in generated]
    bring_in(
        session,
        "org_unit,indicator,period,value,numerator,denominator,done_on,items_done,note\n"
        "330203,enrolments,2018-06,27600,,,,,\n",
    )
    try_fold(session, SEALED_AT)
    fresh = written(session)
    own = edited_sections(document["prose"], generated)
    assert [each["heading"] for each in own] == [one["heading"]]
    told = refreshed_prose(own, fresh)
    kept = next(each for each in told if each["heading"] == one["heading"])
    assert "提前超额完成" in text_of(kept)
    assert "153万人次" in text_of(kept)
    assert "152万人次" not in text_of(kept)
    assert [each for each in told if each is not kept] == [
        each for each in fresh["prose"] if each["heading"] != one["heading"]
    ]
