"""Bare rows for tests of the ledger: a small tree, a list, its targets and accepted lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tracker.domain.identity import OPERATOR
from tracker.domain.periods import Period, Rhythm
from tracker.domain.workflow import State
from tracker.models.org_unit import OrgPlace, OrgUnit, TreeEdition
from tracker.models.programme import Alignment, Indicator, LightRuleSet, Pledge, Programme
from tracker.models.report import Acceptance, Line, Report, Revision
from tracker.services.ledger.posting import Act, post
from tracker.services.targets import NewTarget, post_targets

NOW = datetime(2018, 7, 3, 2, 0, tzinfo=UTC)

Nested = Mapping[str, "Nested"]
"""A tree by code: ``{"330000": {"330200": {"330203": {}}}}``."""


def plant_tree(session: Session, tree: Nested) -> dict[str, int]:
    """Org units as nested codes, in edition 1; code → id."""
    session.add(TreeEdition(number=1, at=NOW))
    session.flush()
    ids: dict[str, int] = {}
    _plant(session, tree, parent_id=0, depth=0, first=1, ids=ids)
    session.flush()
    return ids


def _plant(
    session: Session, tree: Nested, *, parent_id: int, depth: int, first: int, ids: dict[str, int]
) -> int:
    """Plant the siblings from position ``first`` on; the next free position."""
    for code, below in tree.items():
        unit = OrgUnit(code=code, name=f"{code}总工会", short_name=code, level="county", kind="federation")
        session.add(unit)
        session.flush()
        ids[code] = unit.id
        following = _plant(session, below, parent_id=unit.id, depth=depth + 1, first=first + 1, ids=ids)
        session.add(
            OrgPlace(
                edition=1,
                org_unit_id=unit.id,
                parent_id=parent_id,
                depth=depth,
                pre=first,
                last=following - 1,
            )
        )
        first = following
    return first


def plant_list(
    session: Session, publisher_id: int, *, key: str = "330200-2018", own_level_counts: bool = True
) -> Programme:
    """A running programme of 2018 with monthly reports."""
    programme = Programme(
        publisher_id=publisher_id, year=2018, key=key, slug=key[11:], title="实事清单", state="running",
        reporting=Rhythm.MONTH, due_day=5, elapsed="months", own_level_counts=own_level_counts,
    )  # fmt: skip
    session.add(programme)
    session.flush()
    session.add(
        LightRuleSet(programme_id=programme.id, number=1, on_track_tenths=0, lagging_tenths=-100, at=NOW)
    )
    return programme


Planted = tuple[dict[str, int], Programme, dict[str, Indicator]]
"""Units by code, a list, its indicators by code."""


def find_planted(session: Session, key: str = "330200-2018") -> Planted:
    """What stands in a database that was planted before, in the order it was planted."""
    units = {
        row.code: row.id for row in session.execute(select(OrgUnit.code, OrgUnit.id).order_by(OrgUnit.id))
    }
    programme = session.scalars(select(Programme).where(Programme.key == key)).one()
    indicators = session.scalars(
        select(Indicator).where(Indicator.programme_id == programme.id).order_by(Indicator.id)
    )
    return units, programme, {one.code: one for one in indicators}


def plant_indicator(session: Session, programme: Programme, code: str, **columns: object) -> Indicator:
    """A pledge with one indicator: a flow of 人次 unless said otherwise."""
    pledge = Pledge(programme_id=programme.id, number=1, title=code, lead="职工保障部")
    session.add(pledge)
    session.flush()
    filled = {"kind": "flow", "measure": "人次", "decimals": 0, "comparator": ">=", "position": 1} | columns
    indicator = Indicator(programme_id=programme.id, pledge_id=pledge.id, code=code, name=code, **filled)
    session.add(indicator)
    session.flush()
    return indicator


def align(session: Session, source: Indicator, fed: Indicator) -> None:
    """Let ``source`` feed a higher list's indicator."""
    session.add(Alignment(source_id=source.id, programme_id=fed.programme_id, indicator_id=fed.id))
    session.flush()


def put_targets(
    session: Session,
    indicator: Indicator,
    targets: Mapping[int, int | None],
    *,
    base: int | None = None,
    is_own_level: bool = False,
    is_assigned: bool = True,
) -> None:
    """Give units targets and post their assignment."""
    versions = [
        NewTarget(
            indicator.id, unit, is_own_level=is_own_level, is_assigned=is_assigned, value=value, base=base
        )
        for unit, value in targets.items()
    ]
    wanted = select(OrgPlace.parent_id).where(OrgPlace.org_unit_id.in_(targets), OrgPlace.parent_id != 0)
    units = {*targets, *session.scalars(wanted)}
    post_targets(session, act("target", indicator.programme_id), units, targets=versions, reason="")


def act(action: str, programme_id: int) -> Act:
    """An act of the operator."""
    return Act(programme_id=programme_id, action=action, actor=OPERATOR, at=NOW)


def accept_line(session: Session, indicator: Indicator, unit: int, month: int, **columns: object) -> Revision:
    """An accepted line of a unit for a month of 2018, posted; a second one for the month replaces the first."""
    revision = put_line(session, indicator, unit, month, **columns)
    older = list(
        session.scalars(
            select(Revision.id).where(
                Revision.report_id == revision.report_id, Revision.state == State.ACCEPTED
            )
        )
    )
    session.execute(update(Revision).where(Revision.id.in_(older)).values(state=State.SUPERSEDED))
    move(session, revision, State.ACCEPTED)
    posting_id = post(session, act("accept", indicator.programme_id), {unit})
    ended = update(Acceptance).where(Acceptance.revision_id.in_(older))
    session.execute(ended.values(ended_posting_id=posting_id))
    session.add(Acceptance(revision_id=revision.id, posting_id=posting_id))
    session.flush()
    return revision


def put_line(session: Session, indicator: Indicator, unit: int, month: int, **columns: object) -> Revision:
    """A draft revision with one line, not posted."""
    period = Period(2018, Rhythm.MONTH, month).key
    wanted = select(Report).where(
        Report.pledge_id == indicator.pledge_id, Report.org_unit_id == unit, Report.period == period
    )
    report = session.scalar(wanted)
    if report is None:
        report = Report(
            programme_id=indicator.programme_id, pledge_id=indicator.pledge_id, org_unit_id=unit, period=period,
            month=month,
        )  # fmt: skip
        session.add(report)
        session.flush()
    earlier = session.scalars(select(Revision.number).where(Revision.report_id == report.id)).all()
    revision = Revision(
        report_id=report.id, number=max(earlier, default=0) + 1, state=State.DRAFT, origin="page", created_at=NOW,
        changed_at=NOW,
    )  # fmt: skip
    session.add(revision)
    session.flush()
    session.add(Line(revision_id=revision.id, indicator_id=indicator.id, **columns))
    session.flush()
    return revision


def move(session: Session, revision: Revision, state: State) -> None:
    """Put a revision into a state without asking anybody."""
    revision.state = state
    session.flush()


DONE_ON = date(2018, 6, 20)
