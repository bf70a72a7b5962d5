"""Two at once: one wins, the other is told, and the sums hold."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.decomposition import DISTRICTS, Decomposition, board_of, doer
from tests.features.targets.typing_in import divided, put, typed
from tracker.domain.messages import Conflict
from tracker.features.targets.commands import Terms, issue_targets, save_draft
from tracker.models.programme import Target
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.verifying import verify_totals
from tracker.web.current import real_now


def race(world: Decomposition, *acts: Callable[[Session], object]) -> list[str]:
    """Run these acts at once, each in its own transaction; ``won`` or the name of the refusal, sorted."""
    together = threading.Barrier(len(acts))
    told: list[str] = []

    def run(act: Callable[[Session], object]) -> None:
        with world.database.session() as session:
            together.wait()
            try:
                act(session)
                session.commit()
            except Conflict as refusal:
                session.rollback()
                told.append(type(refusal).__name__)
            else:
                told.append("won")

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


def test_of_two_who_save_at_once_one_wins(world: Decomposition) -> None:
    with world.database.read_session() as session:
        seen = board_of(session)

    def save(value: int) -> Callable[[Session], object]:
        content = put(seen, {("flow-1", "330203"): typed(value)}, world)
        return lambda session: save_draft(session, seen, content, doer(world.reviewer))

    assert race(world, *(save(value) for value in range(1, 5))) == ["StaleDraft"] * 3 + ["won"]
    with world.database.read_session() as session:
        assert board_of(session).number == 1


def test_of_two_who_issue_at_once_one_wins_and_the_sums_hold(world: Decomposition) -> None:
    with world.database.session() as session:
        seen = divided(session, world, "flow-1")
        session.commit()

    def act(session: Session) -> object:
        return issue_targets(session, seen, Terms(seen.token, "", 1), doer(world.reviewer))

    assert race(world, act, act, act) == ["StaleDraft", "StaleDraft", "won"]
    with world.database.session() as session:
        flow = world.indicators["flow-1"]
        wanted = select(func.count()).select_from(Target).where(Target.indicator_id == flow)
        assert session.scalar(wanted) == 1 + len(DISTRICTS)
        try_fold(session, real_now())
        assert verify_totals(session) == []


def test_of_saving_and_issuing_at_once_one_wins(world: Decomposition) -> None:
    with world.database.session() as session:
        seen = divided(session, world, "flow-1")
        session.commit()
    content = put(seen, {("flow-2", "330203"): typed(7)}, world)
    told = race(
        world,
        lambda session: save_draft(session, seen, content, doer(world.second)),
        lambda session: issue_targets(session, seen, Terms(seen.token, "", 1), doer(world.reviewer)),
    )
    assert told == ["StaleDraft", "won"]
