"""Whatever legal way reports go through the table, the totals are those of the accepted lines after each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.districts import JUNE, MAY, TODAY, World, only
from tests.factories.rows import NOW
from tracker.db import Database
from tracker.domain.identity import Role
from tracker.domain.messages import Faults, Refusal
from tracker.domain.periods import Period
from tracker.domain.workflow import Action, State
from tracker.features.reports.commands.handing_in import withdraw_sheet
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.ledger import MONTHS, Tally
from tracker.models.programme import Indicator
from tracker.models.report import Acceptance, Line, Report, Revision
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.verifying import verify_totals
from tracker.services.revising import Verdict, correct, drop, revoke, undo, verdict_of
from tracker.services.snapshots import verify_submissions
from tracker.services.standings import Doer, Remark, Seen
from tracker.services.transitions import accept, send_back, sign

CODES = ("enrolments", "members", "coverage", "opened", "hotline")
UNITS = ("330203", "330205")
PERIODS = (MAY, JUNE)
CITY = "330200"


class Step(NamedTuple):
    """One attempt: what, on which sheet, and a number from which values and the chosen reports follow."""

    action: Action
    unit: int
    period: int
    number: int


steps = st.builds(
    Step,
    st.sampled_from([*Action, Action.SUBMIT, Action.SIGN, Action.ACCEPT, Action.ACCEPT, Action.CORRECT]),
    st.integers(0, 1),
    st.integers(0, 1),
    st.integers(0, 31),
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),  # a failing walk is short enough to read as it is
)
@given(walk=st.lists(steps, min_size=6, max_size=18))
def test_totals_equal_the_accepted_lines_after_each_step(database: Database, walk: list[Step]) -> None:
    with scratch(database) as session:
        walker = Walker(World(session, made=only(*CODES)))
        for sheet in ((0, 0), (0, 1), (1, 1)):
            for action in (Action.SAVE, Action.SUBMIT, Action.SIGN):
                walker.take(Step(action, *sheet, 31 - sheet[1]))
        for step in walk:
            walker.take(step)
            walker.prove()


def test_the_walk_itself_reaches_every_action(session: Session) -> None:
    walker = Walker(World(session, made=only(*CODES)))
    way = [
        Action.SAVE, Action.SUBMIT, Action.WITHDRAW, Action.SUBMIT, Action.RETURN, Action.SAVE, Action.SUBMIT,
        Action.SIGN, Action.ACCEPT, Action.UNDO, Action.ACCEPT, Action.CORRECT, Action.DROP, Action.CORRECT,
        Action.SAVE, Action.SUBMIT, Action.SIGN, Action.ACCEPT, Action.UNDO, Action.ACCEPT, Action.REVOKE,
        Action.SUBMIT,
    ]  # fmt: skip
    for at, action in enumerate(way):
        assert walker.take(Step(action, 0, 1, 31 - at)), f"step {at}: {action}"
        walker.prove()


def test_the_proof_finds_a_total_that_is_not_the_lines(session: Session) -> None:
    """The harness bites: a line changed behind the ledger's back is found."""
    walker = Walker(World(session, made=only(*CODES)))
    for action in (Action.SAVE, Action.SUBMIT, Action.SIGN, Action.ACCEPT):
        walker.take(Step(action, 0, 1, 29))
    walker.prove()
    assert walker.published() == walker.expected()
    walker.forget_one_line()
    assert walker.published() != walker.expected()


class Walker:
    """Tries one act after the other; what the rules refuse leaves nothing behind."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.session = world.session
        self.verdict: Verdict | None = None
        for code in UNITS:  # before any savepoint that may be rolled back
            self._by(Role.REPORTER, code)
            self._by(Role.APPROVER, code)
        self._by(Role.REVIEWER, CITY)
        self._left_out: tuple[str, int] | None = None
        self._acts: Mapping[Action, Callable[[str, Period, int], object]] = {
            Action.SAVE: self._save,
            Action.SUBMIT: lambda code, period, _number: self.world.submit(code=code, period=period),
            Action.WITHDRAW: self._withdraw,
            Action.SIGN: lambda code, period, number: sign(
                self.session, self._seen(code, period, number, State.SUBMITTED), self._by(Role.APPROVER, code)
            ),
            Action.RETURN: self._return,
            Action.ACCEPT: self._accept,
            Action.UNDO: self._undo,
            Action.REVOKE: self._revoke,
            Action.CORRECT: lambda code, period, number: correct(
                self.session, self._versions(code, period, number, State.ACCEPTED),
                self._by(Role.REPORTER, code), reason="更正",
            ),
            Action.DROP: lambda code, period, number: drop(
                self.session, self._versions(code, period, number, State.DRAFT), self._by(Role.REPORTER, code)
            ),
        }  # fmt: skip

    def take(self, step: Step) -> bool:
        """Try it; whether the rules let it through."""
        act = self._acts.get(step.action)
        if act is None:
            return False
        try:
            with self.session.begin_nested():
                act(UNITS[step.unit], PERIODS[step.period], step.number)
        except (Refusal, Faults):
            return False
        finally:
            self.session.expire_all()
        return True

    def prove(self) -> None:
        """Fold, and hold totals, submissions and spans of counting against each other."""
        try_fold(self.session, NOW)
        assert verify_totals(self.session) == []
        assert list(verify_submissions(self.session)) == []
        assert self.published() == self.expected()
        counting = self.session.scalars(select(Revision.id).where(Revision.state == State.ACCEPTED)).all()
        open_spans = select(Acceptance.revision_id).where(Acceptance.ended_posting_id.is_(None))
        assert sorted(self.session.scalars(open_spans)) == sorted(counting)

    def published(self) -> dict[tuple[str, str], int]:
        """What the tally says of the city's accepted figures by the end of June, part by part."""
        wanted = (
            select(Indicator.code, Tally.part, *(getattr(Tally, month) for month in MONTHS[:6]))
            .join(Indicator, Indicator.id == Tally.indicator_id)
            .where(
                Tally.basis == "accepted",
                Tally.org_unit_id == self.world.units[CITY],
                Tally.parent_id == self.world.units["330000"],
                Tally.part.in_(["amount", "numerator", "denominator", "done", "judged_on_track"]),
            )
        )
        found = {(row[0], row[1]): sum(row[2:]) for row in self.session.execute(wanted)}
        return {key: amount for key, amount in found.items() if amount}

    def expected(self) -> dict[tuple[str, str], int]:
        """The same straight from the accepted lines: flows added up, levels the last known one of each unit."""
        wanted = (
            select(
                Indicator.code, Report.org_unit_id, Line.value, Line.numerator, Line.denominator, Line.done_on,
                Line.judgement, Line.is_unknown,
            )
            .join(Line, Line.indicator_id == Indicator.id)
            .join(Revision, Revision.id == Line.revision_id)
            .join(Report, Report.id == Revision.report_id)
            .where(Revision.state == State.ACCEPTED)
            .order_by(Report.month)
        )  # fmt: skip
        flows: dict[tuple[str, str], int] = {}
        levels: dict[tuple[str, str, int], int] = {}
        for row in self.session.execute(wanted):
            if (row.code, row.org_unit_id) == self._left_out or row.is_unknown:
                continue
            if row.code == "enrolments":
                flows[row.code, "amount"] = flows.get((row.code, "amount"), 0) + row.value
                continue
            for part, amount in _level(row).items():
                levels[row.code, part, row.org_unit_id] = amount
        for (code, part, _unit), amount in levels.items():
            flows[code, part] = flows.get((code, part), 0) + amount
        return {key: amount for key, amount in flows.items() if amount}

    def forget_one_line(self) -> None:
        """Leave one unit's flow out of what is expected."""
        self._left_out = ("enrolments", self.world.units[UNITS[0]])

    def _by(self, role: Role, code: str) -> Doer:
        return Doer(self.world.person(role, code), NOW)

    def _revisions(self, code: str, period: Period, number: int, state: State) -> list[Revision]:
        """The sheet's revisions in this state, some of them as the number's bits say, at least one."""
        wanted = (
            select(Revision)
            .join(Report)
            .where(
                Report.org_unit_id == self.world.units[code],
                Report.period == period.key,
                Revision.state == state,
            )
            .order_by(Revision.id)
        )
        found = list(self.session.scalars(wanted))
        return [one for at, one in enumerate(found) if number >> at & 1] or found[:1]

    def _versions(self, code: str, period: Period, number: int, state: State) -> dict[int, int]:
        return {one.id: one.version_id for one in self._revisions(code, period, number, state)}

    def _seen(self, code: str, period: Period, number: int, state: State) -> list[Seen]:
        chosen = self._versions(code, period, number, state)
        return [one for one in self.world.seen(code, period) if one.revision_id in chosen]

    def _save(self, code: str, period: Period, number: int) -> None:
        self.world.save_lines(_typed(number), code=code, period=period)

    def _withdraw(self, code: str, period: Period, _number: int) -> None:
        withdraw_sheet(
            self.session, self.world.sheet(code, period), self._by(Role.REPORTER, code), today=TODAY
        )

    def _return(self, code: str, period: Period, number: int) -> None:
        state, role, at = (State.SUBMITTED, Role.APPROVER, code)
        if not self._versions(code, period, number, state):
            state, role, at = (State.SIGNED, Role.REVIEWER, CITY)
        remark = Remark("请核对", (), TODAY + timedelta(days=3))
        send_back(self.session, self._seen(code, period, number, state), self._by(role, at), remark)

    def _accept(self, code: str, period: Period, number: int) -> None:
        seen = self._seen(code, period, number, State.SIGNED)
        self.verdict = verdict_of(accept(self.session, seen, self._by(Role.REVIEWER, CITY)))

    def _undo(self, _code: str, _period: Period, _number: int) -> None:
        undo(self.session, self.verdict or Verdict({}, ""), self._by(Role.REVIEWER, CITY))

    def _revoke(self, code: str, period: Period, number: int) -> None:
        versions = self._versions(code, period, number, State.ACCEPTED)
        by = self._by(Role.REVIEWER, CITY)
        revoke(self.session, versions, by, reason="重报", answer_by=TODAY + timedelta(days=3))


def _typed(number: int) -> dict[str, TypedLine]:
    """An answer to each kind, different for each number, with its explanation; some of them 不详."""
    unknown = TypedLine(is_unknown=True, note="还在核对")
    return {
        "enrolments": unknown if number % 7 == 3 else TypedLine(value=str(100 + number), note="说明"),
        "members": unknown if number % 5 == 2 else TypedLine(value=str(300 + number), note="说明"),
        "coverage": TypedLine(numerator=str(50 + number), denominator="100", note="说明"),
        "opened": TypedLine(done_on="2018-05-20", note="说明") if number % 2 else TypedLine(is_not_done=True),
        "hotline": TypedLine(judgement="on_track" if number % 3 else "lagging", note="全年不间断受理。"),
    }


def _level(row: Any) -> dict[str, int]:
    """What a level's line holds, by part of the ledger."""
    code, value = row.code, row.value
    if code == "coverage":
        return {"numerator": row.numerator, "denominator": row.denominator}
    if code == "opened":
        return {"done": int(row.done_on is not None)}
    if code == "hotline":
        return {"judged_on_track": int(row.judgement == "on_track")}
    return {"amount": value}


@contextmanager
def scratch(database: Database) -> Iterator[Session]:
    """A session whose work is gone afterwards."""
    with database.write.connect() as connection:
        outer = connection.begin()
        with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()
