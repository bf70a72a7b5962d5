"""After every path a figure can take, totals are those of the entries, and each past seal still shows what it showed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from tests.factories.districts import MAY, TODAY, World, only
from tests.factories.imports import bring
from tests.factories.rows import NOW
from tracker.domain.identity import Role
from tracker.domain.periods import Month
from tracker.features.reports.typed_lines import TypedLine
from tracker.features.reviews.queries import list_queue
from tracker.features.reviews.together import Chosen, accept_together, seen_digest
from tracker.features.reviews.undoing import undo_together
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.proving import verify_history
from tracker.services.ledger.verifying import verify_totals
from tracker.services.programme_heads import Head, find_head
from tracker.services.progress_documents import as_document
from tracker.services.progress_table import load
from tracker.services.revising import correct, drop, revoke, undo, verdict_of
from tracker.services.standings import Doer, Remark, list_standings
from tracker.services.transitions import accept, send_back, withdraw

LATER = NOW + timedelta(minutes=1)
JUNE_END = Month(2018, 6)
Path = Callable[[World], object]


def by(world: World, role: Role, code: str = "330203") -> Doer:
    return Doer(world.person(role, "330200" if role is Role.REVIEWER else code), NOW)


def versions(world: World) -> dict[int, int]:
    return {one.revision_id: one.version_id for one in world.seen()}


def take_back(world: World) -> None:
    ids = [one.revision_id for one in world.seen()]
    withdraw(world.session, list_standings(world.session, ids), by(world, Role.REPORTER))


def give_back(world: World) -> None:
    remark = Remark("与花名册不符", (), TODAY + timedelta(days=3))
    send_back(world.session, world.seen(), by(world, Role.REVIEWER), remark)


def mend(world: World) -> None:
    world.save(enrolments=TypedLine(value="17500"))
    world.submit()
    world.sign()


def accept_and_undo(world: World) -> None:
    reviewer = by(world, Role.REVIEWER)
    undo(world.session, verdict_of(accept(world.session, world.seen(), reviewer)), reviewer)


def together(world: World) -> None:
    """Both districts' May, by the button for all."""
    for code in ("330203", "330205"):
        world.hand_in(code=code, period=MAY)
        world.sign(code=code, period=MAY)
    waiting = list_queue(world.session, head_of(world), seen_by=world.person(Role.REVIEWER, "330200"))
    chosen = [Chosen(one.unit.code, one.period.key, seen_digest(one.clean)) for one in waiting]
    outcome = accept_together(world.session, waiting, chosen, replace(by(world, Role.REVIEWER), now=LATER))
    assert outcome.accepted


def take_together_back(world: World) -> None:
    doer = replace(by(world, Role.REVIEWER), now=LATER)
    assert undo_together(world.session, head_of(world), LATER, doer).back


def bring_in(world: World) -> None:
    bring(
        world.session,
        "org_unit,indicator,period,value\n330205,enrolments,2018-03,900\n330205,members,2018-03,250",
    )


def bring_in_another(world: World) -> None:
    bring(world.session, "org_unit,indicator,period,value\n330205,enrolments,2018-03,950")


def begin_correction(world: World) -> None:
    correct(world.session, versions(world), by(world, Role.REPORTER), reason="漏登")


def give_up(world: World) -> None:
    drop(world.session, versions(world), by(world, Role.REPORTER))


def take_out(world: World) -> None:
    answer_by = TODAY + timedelta(days=3)
    revoke(world.session, versions(world), by(world, Role.REVIEWER), reason="重报", answer_by=answer_by)


WAY: tuple[Path, ...] = (
    World.hand_in, take_back, World.submit, World.sign, give_back, mend, accept_and_undo, World.accept,
    together, take_together_back, bring_in, bring_in_another, begin_correction, give_up, begin_correction,
    lambda world: world.save(enrolments=TypedLine(value="17700")), World.submit, World.sign, World.accept, take_out,
    World.submit,
)  # fmt: skip


def head_of(world: World) -> Head:
    head = find_head(world.session, "330200-2018")
    assert head is not None
    return head


def shown(world: World, seal: int | None = None) -> dict[str, object]:
    """The city's table by the end of June, now or as of a seal."""
    city = world.unit("330200")
    return as_document(load(world.session, head_of(world), city, cutoff=JUNE_END, as_of=seal))


def test_every_path_leaves_totals_right_and_the_past_as_it_was(session: Session) -> None:
    world = World(session, made=only("enrolments", "members", "coverage"))
    kept: dict[int, dict[str, object]] = {}
    for path in WAY:
        path(world)
        session.expire_all()
        seal = try_fold(session, NOW)
        assert verify_totals(session) == [], path
        if seal is not None:
            kept[seal] = shown(world)
    assert len(kept) >= len(WAY) - 6
    assert {seal: shown(world, seal) for seal in kept} == kept
    assert verify_history(session) == []
