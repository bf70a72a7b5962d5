"""Saving the working copy of a matrix and issuing it as target versions; each act one audit entry."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.domain.canonical import digest_of
from tracker.domain.identity import Identity, actor_of
from tracker.domain.messages import Conflict, Fault, Faults, Forbidden, Message
from tracker.domain.target_notices import OVERTAKEN, NoticeState
from tracker.features.targets.below import Below, find_below
from tracker.features.targets.complete_parts import differing_parts, parts_message, parts_of
from tracker.features.targets.content import OWN, WHOLE, Cell, Content, Difference, Place, spell
from tracker.features.targets.queries import Board, load_board, may_decompose
from tracker.features.targets.sharing import unbalanced
from tracker.models.allocation import AllocationDraft, TargetNotice
from tracker.models.programme import Target
from tracker.services.audit import Subject, record
from tracker.services.ledger.posting import Act
from tracker.services.programme_documents.versions import LONGEST_REASON as LONGEST_VERSION_REASON
from tracker.services.programme_documents.versions import add_version_as_stored, lock_programme
from tracker.services.targets import NewTarget, post_targets
from tracker.services.transitions import Doer
from tracker.services.tree import paths_up

KEPT_STATES: Final = 50
"""So many saved states stay, for telling apart who changed what; issued ones stay for good."""

LONGEST_REASON: Final = 400


class StaleDraft(Conflict):
    """The working copy was saved, or targets were issued, since the page was drawn."""


class NotDecomposing(Forbidden):
    """The unit's targets are divided by others."""


class ListNotOpen(Conflict):
    """The list's state forbids the act: drafts are not issued, closed lists not changed."""


class NothingToIssue(Conflict):
    """The working copy says what was issued already."""


class Terms(NamedTuple):
    """What an issue is given along. ``token``: what the person saw (``Board.token``).

    ``answer_by``: by when the units are to confirm; None names no day.
    """

    token: str
    reason: str
    effective_month: int
    answer_by: datetime | None = None


class Issued(NamedTuple):
    """What an issue did: its posting, how many versions it made, and the units that got a notice."""

    posting_id: int
    versions: int
    units: tuple[str, ...]


def save_draft(session: Session, board: Board, content: Content, doer: Doer) -> int:
    """Keep ``content`` as the next state of the working copy; its number, the present one when nothing differs.

    Raises StaleDraft when somebody saved since ``board`` was read, NotDecomposing and ListNotOpen.
    """
    check_may_change(board, doer.identity)
    changes = list(content.differences(board.content))
    weights = _changed_weights(board, content)
    if not changes and not weights:
        return board.number
    number = _append(session, board, content, doer)
    _drop_old(session, board, number)
    codes = {row.id: row.listed.rule.code for row in board.rows}
    record(
        session,
        actor=actor_of(doer.identity, doer.request_id),
        now=doer.now,
        action="targets.drafted",
        subject=_subject(board),
        before=_told(codes, ((one.place, one.before) for one in changes)) | {"number": board.number},
        after=_told(codes, ((one.place, one.after) for one in changes))
        | {"number": number, "weights": weights},
    )
    return number


def restart_draft(session: Session, board: Board, doer: Doer) -> int:
    """Put the working copy back to what is issued; weights stay. Raises like ``save_draft``."""
    return save_draft(session, board, Content(board.start.cells, board.content.weights), doer)


def check_may_change(board: Board, identity: Identity) -> None:
    """Raise NotDecomposing or ListNotOpen where this identity may not change the working copy."""
    if not may_decompose(identity, board):
        raise NotDecomposing("这张分解表由本单位负责分解的人编制，您只能查看。")
    if board.head.state == "closed":
        raise ListNotOpen("这份清单已经结束，目标不能再改。")


def _changed_weights(board: Board, content: Content) -> dict[str, int | None]:
    before = board.content.weights
    return {key: weight for key, weight in content.weights.items() if weight != before.get(key)}


def _append(
    session: Session, board: Board, content: Content, doer: Doer, *, posting_id: int | None = None
) -> int:
    """Add the next state; whoever is second at the same moment finds the number taken."""
    issued = select(func.max(Target.id)).where(Target.posting_id == posting_id)
    seen = board.newest_target if posting_id is None else session.scalars(issued).one()
    saved = AllocationDraft(
        programme_id=board.head.id, org_unit_id=board.at.id, number=board.number + 1, content=spell(content),
        targets_seen=seen, posting_id=posting_id, saved_at=doer.now,
        saved_by_id=doer.identity.person_id,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(saved)
    except IntegrityError as taken:
        raise _stale() from taken
    return saved.number


def _stale() -> StaleDraft:
    return StaleDraft("这张表在您打开之后有人改过。您填的都还在，请看过对方填的数再保存。")


def _drop_old(session: Session, board: Board, number: int) -> None:
    old = delete(AllocationDraft).where(
        AllocationDraft.programme_id == board.head.id,
        AllocationDraft.org_unit_id == board.at.id,
        AllocationDraft.number <= number - KEPT_STATES,
        AllocationDraft.posting_id.is_(None),
    )
    session.execute(old)


def coming_changes(board: Board) -> list[Difference]:
    """What issuing the working copy would change of the targets in force."""
    return [
        Difference(place, before, after)
        for place, after in board.content.cells.items()
        if (before := board.in_force.get(place, Cell())).stated != after.stated
        and (place.column != WHOLE or before.value != after.value)
    ]


def needs_reason(board: Board, changes: Collection[Difference]) -> bool:
    """Whether the issue has to be explained: a row falls short or is padded, or an issued target is changed."""
    rows = {one.place.indicator_id for one in changes}
    is_uneven = any(row.id in rows for row, _ in unbalanced(board, board.content))
    return is_uneven or any(one.before.is_assigned for one in changes)


def issue_targets(session: Session, board: Board, terms: Terms, doer: Doer) -> Issued:
    """Make the working copy the targets in force, from a month on, and send each changed child a notice.

    Raises NotDecomposing, ListNotOpen, StaleDraft (also for the second of two who issue at once),
    NothingToIssue, and Faults at ``reason`` and ``effective_month``, or without a place where complete
    parts in a column that is to change do not add up.
    """
    check_may_change(board, doer.identity)
    if board.head.state == "draft":
        raise ListNotOpen("清单公布之后才能下达目标。")
    lock_programme(session, board.head.id)
    board = load_board(session, board.head, board.at)
    if terms.token != board.token:
        raise _stale()
    changes = coming_changes(board)
    if not changes:
        raise NothingToIssue("没有要下达的改动：分解表与已下达的目标一致。")
    _check_terms(board, terms, changes)
    below = find_below(session, board, changes)
    posting_id = _post(session, board, changes, below, terms, doer)
    overtaken, notified = _notify(session, board, posting_id, changes, terms, doer)
    number = _append(session, board, board.content, doer, posting_id=posting_id)
    version = add_version_as_stored(
        session,
        board.head.id,
        reason=_version_reason(board, changes, terms.reason.strip()),
        actor=actor_of(doer.identity, doer.request_id),
        now=doer.now,
    )
    codes = {row.id: row.listed.rule.code for row in board.rows}
    record(
        session,
        actor=actor_of(doer.identity, doer.request_id),
        now=doer.now,
        action="targets.issued",
        subject=_subject(board),
        before=_told(codes, ((one.place, one.before) for one in changes)),
        after=_told(codes, ((one.place, one.after) for one in changes))
        | {
            "posting_id": posting_id,
            "draft": number,
            "version": version,
            "taken_back_below": [[codes[one.place.indicator_id], one.unit.code] for one in below],
            "effective_month": terms.effective_month,
            "reason": terms.reason,
            "answer_by": None if terms.answer_by is None else terms.answer_by.isoformat(),
            "notified": notified,
            "overtaken_notices": overtaken,
        },
    )
    return Issued(posting_id, len(changes), tuple(notified))


def _check_terms(board: Board, terms: Terms, changes: Sequence[Difference]) -> None:
    faults = []
    if needs_reason(board, changes) and not terms.reason.strip():
        message = Message("有缺口、层层加码或改动已下达的目标，请写明理由")
        faults.append(Fault("reason", message))
    if len(terms.reason) > LONGEST_REASON:
        faults.append(Fault("reason", Message("请不要超过 {length} 个字", {"length": LONGEST_REASON})))
    if not 1 <= terms.effective_month <= 12:
        faults.append(Fault("effective_month", Message("请选 1 月到 12 月中的一个月")))
    faults += _parts_faults(board, changes)
    if faults:
        raise Faults(faults)


def _parts_faults(board: Board, changes: Collection[Difference]) -> Iterator[Fault]:
    """Complete parts that would not add up any more, as no file of a list could say it either."""
    touched = {one.place for one in changes}
    names = {column.key: column.name for column in board.columns} | {WHOLE: board.at.short_name}
    for found in differing_parts(board, board.content):
        rows = [found.row, *parts_of(board, found.row)]
        if any(Place(row.id, found.column) in touched for row in rows):
            yield Fault(
                "", Message("{unit}：{told}", {"unit": names[found.column], "told": parts_message(found)})
            )


def _units_in_play(session: Session, board: Board, below: Sequence[Below]) -> set[int]:
    """The columns' units, and all from those below up to the publisher: a child's target decides who reports."""
    units = {column.org_unit_id for column in board.columns} | {board.head.publisher_id}
    starts = {board.at.id} | {one.unit.id for one in below}
    for path in paths_up(session, board.at.place.edition, starts).values():
        for step in path:
            units.add(step.org_unit_id)
            if step.org_unit_id == board.head.publisher_id:
                break
    return units


def _post(
    session: Session,
    board: Board,
    changes: Sequence[Difference],
    below: Sequence[Below],
    terms: Terms,
    doer: Doer,
) -> int:
    ids = {column.key: column.org_unit_id for column in board.columns} | {WHOLE: board.at.id}
    targets = [
        NewTarget(
            one.place.indicator_id, ids[one.place.column], one.place.column == OWN, *one.after.stated,
            effective_month=terms.effective_month,
        )
        for one in changes
    ] + [
        NewTarget(
            *one.place, is_assigned=False, value=None, base=None, effective_month=terms.effective_month
        )
        for one in below
    ]  # fmt: skip
    stated = [[*one.place, *one.after.stated] for one in changes]
    stated += [[*one.place, False, None, None] for one in below]
    act = Act(
        board.head.id,
        "target",
        actor_of(doer.identity, doer.request_id),
        doer.now,
        content_digest=digest_of(stated),
    )
    units = _units_in_play(session, board, below)
    return post_targets(session, act, units, targets=targets, reason=terms.reason.strip())


def _version_reason(board: Board, changes: Collection[Difference], reason: str) -> str:
    """Who gave targets to whom, and why, cut to what a version holds."""
    touched = {one.place.column for one in changes}
    own = str(Message("{unit}本级", {"unit": board.at.short_name}))
    names = [own if column.is_own_level else column.name for column in board.columns if column.key in touched]
    names = [*(["本清单目标"] if WHOLE in touched else []), *names]
    said = {"issuer": board.at.short_name, "units": "、".join(names)}
    told = str(Message("{issuer}下达目标：{units}", said))
    room = LONGEST_VERSION_REASON - len(reason) - 1
    told = told if len(told) <= room else told[: max(0, room - 1)] + "…"
    return (f"{told}。{reason}" if reason else told)[:LONGEST_VERSION_REASON]


def _notify(
    session: Session, board: Board, posting_id: int, changes: Sequence[Difference], terms: Terms, doer: Doer
) -> tuple[list[int], list[str]]:
    """Close what the changed children have not settled yet, and send each a new notice."""
    changed = {one.place.column for one in changes}
    units = {
        column.org_unit_id: column.key
        for column in board.columns
        if not column.is_own_level and column.key in changed
    }
    mine = (TargetNotice.programme_id == board.head.id, TargetNotice.org_unit_id.in_(units))
    overtaken: list[int] = []
    for state, following in OVERTAKEN.items():
        closed = update(TargetNotice).where(*mine, TargetNotice.state == state)
        values: dict[str, Any] = {"state": following, "version_id": TargetNotice.version_id + 1}
        if state is NoticeState.ASKED:
            values |= {
                "decided_at": doer.now,
                "decided_by_id": doer.identity.person_id,
                "decision": terms.reason.strip(),
            }
        overtaken += session.scalars(closed.values(**values).returning(TargetNotice.id)).all()
    for unit_id in units:
        session.add(
            TargetNotice(
                programme_id=board.head.id, issuer_id=board.at.id, org_unit_id=unit_id, posting_id=posting_id,
                state=NoticeState.ISSUED, issued_at=doer.now, issued_by_id=doer.identity.person_id,
                issue_reason=terms.reason.strip(), answer_by=terms.answer_by,
            )
        )  # fmt: skip
    session.flush()
    return sorted(overtaken), sorted(units.values())


def _subject(board: Board) -> Subject:
    return Subject("targets", board.head.key, board.at.id)


def _told(codes: dict[int, str], cells: Iterable[tuple[Place, Cell]]) -> dict[str, Any]:
    """Cells as the audit trail keeps them: by the indicator's code and the column."""
    return {"cells": {f"{codes[place.indicator_id]}/{place.column}": list(cell) for place, cell in cells}}
