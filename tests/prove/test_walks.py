"""Longer random walks through THE transition table, and more of them, than the suite takes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.factories.districts import World, only
from tests.services.test_random_walks import CODES, Step, Walker, scratch, steps
from tests.support.kept_results import kept_result
from tracker.db import SQLITE, Database
from tracker.domain.workflow import Action
from tracker.services import transitions

WALKS = {True: 60, False: 25}  # SQLite, PostgreSQL
LENGTH = (15, 40)


def test_totals_equal_the_accepted_lines_on_long_walks(database: Database, engine_name: str) -> None:
    count = WALKS[engine_name == SQLITE]
    with kept_result(f"walks-{engine_name}", walks=count, length=LENGTH) as noted:
        noted["steps_tried"] = 0

        @settings(
            max_examples=count,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
        )
        @given(walk=st.lists(steps, min_size=LENGTH[0], max_size=LENGTH[1]))
        def walked(walk: list[Step]) -> None:
            noted["steps_tried"] += len(walk)
            with scratch(database) as session:
                walker = begun(session)
                for step in walk:
                    if walker.take(step):
                        walker.prove()

        walked()


def begun(session: Session) -> Walker:
    """Three sheets signed, so that there is something to accept from the first step on."""
    walker = Walker(World(session, made=only(*CODES)))
    for sheet in ((0, 0), (0, 1), (1, 1)):
        for action in (Action.SAVE, Action.SUBMIT, Action.SIGN):
            walker.take(Step(action, *sheet, 31 - sheet[1]))
    return walker


PLANTED = ("end_acceptances", "begin_acceptances", "_supersede")
"""Parts of an acceptance that are left out one at a time."""


@pytest.mark.parametrize("part", PLANTED)
def test_a_walk_finds_an_acceptance_that_forgets_a_part(
    session: Session, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    walker = begun(session)
    monkeypatch.setattr(transitions, part, lambda *_: [])
    assert fault_of(walker) in {"AssertionError", "IntegrityError"}


def fault_of(walker: Walker) -> str:
    """What notices first on a walk that accepts a report and then its correction; "" when nothing does."""
    way = [Action.ACCEPT, Action.CORRECT, Action.SAVE, Action.SUBMIT, Action.SIGN, Action.ACCEPT]
    try:
        for at, action in enumerate(way):
            walker.take(Step(action, 0, 1, 31 - at))
            walker.prove()
    except (AssertionError, IntegrityError) as found:
        return type(found).__name__
    return ""


def test_the_same_walk_is_right_where_nothing_is_left_out(session: Session) -> None:
    assert fault_of(begun(session)) == ""
