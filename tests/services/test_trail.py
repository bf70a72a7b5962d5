"""The trail names the revisions, people and times behind each figure, as they counted under a seal."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.people import MadePerson, make_person
from tests.factories.rows import (
    NOW,
    Nested,
    act,
    align,
    move,
    plant_indicator,
    plant_list,
    plant_tree,
    put_line,
)
from tracker.domain.workflow import State
from tracker.models.programme import Indicator
from tracker.models.report import Acceptance, Submission
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.posting import post
from tracker.services.programme_heads import Head, find_head
from tracker.services.trail import Source, sources_of
from tracker.services.tree import get_unit

TREE: Nested = {"330000": {"330200": {"330203": {}, "330205": {}}}}


class World:
    """A city with two districts, and three people who handle their reports."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.units = plant_tree(session, TREE)
        self.programme = plant_list(session, self.units["330200"])
        self.people: dict[str, MadePerson] = {
            role: make_person(session, role, self.units["330203"], name=role)
            for role in ("reporter", "approver", "reviewer")
        }

    def indicator(self, code: str, **columns: object) -> Indicator:
        return plant_indicator(self.session, self.programme, code, **columns)

    def accept(self, indicator: Indicator, unit: str, month: int, **columns: object) -> int:
        """A line handed in, signed and accepted by the three; its revision's id."""
        revision = put_line(self.session, indicator, self.units[unit], month, **columns)
        revision.submission_number = 1
        for step, role in (("submitted", "reporter"), ("signed", "approver"), ("accepted", "reviewer")):
            setattr(revision, f"{step}_by_id", self.people[role].person_id)
            setattr(revision, f"{step}_at", NOW)
        self.session.add(
            Submission(revision_id=revision.id, number=1, content="{}", digest="ab" * 32, by_id=None, at=NOW)
        )
        move(self.session, revision, State.ACCEPTED)
        posting = post(self.session, act("accept", indicator.programme_id), {self.units[unit]})
        self.session.add(Acceptance(revision_id=revision.id, posting_id=posting))
        self.session.flush()
        return revision.id

    def revoke(self, revision_id: int, unit: str) -> None:
        posting = post(self.session, act("revoke", self.programme.id), {self.units[unit]})
        span = self.session.scalars(select(Acceptance).where(Acceptance.revision_id == revision_id)).one()
        span.ended_posting_id = posting
        self.session.flush()

    def seal(self) -> int:
        make_person(self.session, "viewer", self.units["330200"])
        number = try_fold(self.session, NOW)
        assert number is not None
        return number

    def trail(
        self, seal: int, *, at: str = "330200", month: int = 12, key: str = "330200-2018"
    ) -> list[Source]:
        head: Head | None = find_head(self.session, key)
        assert head is not None
        return sources_of(self.session, head, get_unit(self.session, self.units[at]), month=month, seal=seal)


@pytest.fixture
def world(session: Session) -> World:
    return World(session)


def test_names_people_times_and_what_was_handed_in(world: World) -> None:
    world.accept(world.indicator("a"), "330203", 5, value=40, note="五月")
    (source,) = world.trail(world.seal())
    assert (source.indicator, source.unit_code, source.period) == ("a", "330203", "2018-05")
    assert (dict(source.figure), source.note) == ({"value": "40"}, "五月")
    assert (source.submitted_by, source.signed_by, source.accepted_by) == ("reporter", "approver", "reviewer")
    assert (source.submitted_at, source.signed_at, source.accepted_at) == (NOW, NOW, NOW)
    assert (source.submission_number, source.submission_digest) == (1, "ab" * 32)
    assert (source.revision_number, source.origin, source.answered_by, source.seal) == (1, "page", None, 1)


def test_counts_only_what_the_seal_covers(world: World) -> None:
    indicator = world.indicator("a")
    revision = world.accept(indicator, "330203", 5, value=40)
    first = world.seal()
    world.revoke(revision, "330203")
    world.accept(indicator, "330205", 5, value=7)
    assert [source.revision_id for source in world.trail(first)] == [revision]
    second = world.seal()
    assert [source.unit_code for source in world.trail(second)] == ["330205"]
    assert [source.unit_code for source in world.trail(first)] == ["330203"]


def test_keeps_to_the_node_and_the_cutoff(world: World) -> None:
    indicator = world.indicator("a")
    for unit, month in (("330203", 5), ("330205", 5), ("330203", 6)):
        world.accept(indicator, unit, month, value=1)
    seal = world.seal()
    assert [source.period for source in world.trail(seal, at="330203")] == ["2018-05", "2018-06"]
    assert [source.unit_code for source in world.trail(seal, month=5)] == ["330203", "330205"]


def test_of_a_level_the_last_known_counts(world: World) -> None:
    indicator = world.indicator("level", kind="stock")
    world.accept(indicator, "330203", 4, value=1)
    world.accept(indicator, "330203", 5, value=2)
    world.accept(indicator, "330203", 6, is_unknown=True)
    seal = world.seal()
    assert [dict(source.figure) for source in world.trail(seal)] == [{"value": "2"}, {"unknown": True}]


def test_states_each_kind_exactly(world: World) -> None:
    lines: dict[str, tuple[dict[str, object], dict[str, object]]] = {
        "rate": ({"kind": "ratio", "decimals": 0}, {"numerator": 41, "denominator": 50}),
        "bare": ({"kind": "ratio", "decimals": 2}, {"rate": 8205}),
        "told": ({"kind": "narrative"}, {"judgement": "done"}),
        "money": ({"decimals": 2}, {"value": 12345}),
        "list": ({"kind": "checklist"}, {"value": 2, "items_done": ["甲", "乙"]}),
    }
    for code, (columns, line) in lines.items():
        world.accept(world.indicator(code, **columns), "330203", 6, **line)
    stated = {source.indicator: dict(source.figure) for source in world.trail(world.seal())}
    assert stated == {
        "rate": {"numerator": "41", "denominator": "50"},
        "bare": {"rate": "82.05"},
        "told": {"judgement": "done"},
        "money": {"value": "123.45"},
        "list": {"value": "2", "items_done": ["甲", "乙"]},
    }


def test_leaves_blank_lines_out(world: World) -> None:
    world.accept(world.indicator("a"), "330203", 6, note="只有备注")
    assert world.trail(world.seal()) == []


def test_shows_what_other_lists_feed_into_an_aligned_indicator(world: World) -> None:
    city = world.indicator("city")
    province = plant_list(world.session, world.units["330000"], key="330000-2018")
    fed = plant_indicator(world.session, province, "province")
    align(world.session, city, fed)
    world.accept(city, "330203", 6, value=40)
    seal = world.seal()
    (source,) = world.trail(seal, at="330000", key="330000-2018")
    assert (source.indicator, source.unit_code, dict(source.figure)) == (
        "province",
        "330203",
        {"value": "40"},
    )
    assert [source.indicator for source in world.trail(seal)] == ["city"]
