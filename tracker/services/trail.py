"""Where a figure comes from: the accepted revisions behind it, as they counted under a seal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.figures import show_exact
from tracker.domain.identity import Place
from tracker.domain.kinds import Kind, target_decimals
from tracker.models.account import Person
from tracker.models.audit import AuditEntry
from tracker.models.ledger import Posting
from tracker.models.org_unit import OrgPlace, OrgTenure, OrgUnit
from tracker.models.programme import Alignment, Indicator, Programme
from tracker.models.report import Acceptance, Line, Report, Revision, Submission
from tracker.services.figures_of_lines import figure_of
from tracker.services.inheriting import NOTHING_INHERITED, read_inherited
from tracker.services.programme_heads import Head, ListedIndicator, list_promises
from tracker.services.stand_ins import Act, StandIn, find_stand_ins, may_stand_in
from tracker.services.tree import FIRST_EDITION, Unit, edition_under, name_in


class Source(NamedTuple):
    """One line of an accepted revision behind a figure. Imported ones have no submitter, signer or acceptor.

    ``figure`` holds what the line states (``value``, ``numerator``, ``denominator``, ``rate``, ``done_on``,
    ``items_done``, ``judgement``, ``unknown``) as exact strings. ``answered_by`` names who answers for an
    import, None where nobody was named. ``seal`` is the one that covers the acceptance. ``stand_ins``: by act,
    in whose place it was done.
    """

    indicator: str
    unit_code: str
    unit_name: str
    period: str
    month: int
    figure: Mapping[str, object]
    note: str
    revision_id: int
    revision_number: int
    origin: str
    submission_number: int | None
    submission_digest: str | None
    submitted_by: str | None
    submitted_at: datetime | None
    signed_by: str | None
    signed_at: datetime | None
    accepted_by: str | None
    accepted_at: datetime | None
    answered_by: str | None
    seal: int
    stand_ins: Mapping[str, StandIn] = {}

    def stand_in(self, act: str) -> StandIn | None:
        """In whose place it was ``submitted``, ``signed`` or ``accepted``."""
        return self.stand_ins.get(act)


ACTS = ("submitted", "signed", "accepted")
IMPORT = "import"
_begun, _ended = aliased(Posting), aliased(Posting)
_submitter, _signer, _acceptor = (aliased(Person) for _ in range(3))


def sources_of(session: Session, head: Head, node: Unit, *, month: int, seal: int) -> list[Source]:
    """The lines behind every figure at ``node`` up to ``month`` (1 to 12), as they counted under ``seal``.

    Of a level only the latest known line counts, and what came after it as 不详. Figures that other
    lists feed into an aligned indicator stand under that indicator. In the order of the list, of the
    tree and of time.
    """
    found = read_counting(session, head, node, month=month, seal=seal)
    accounts = session.scalars(import_accounts(found.imported)) if found.imported else ()
    return found.named(accounts)


class Counting(NamedTuple):
    """The same before it is known who answers for the imports among them: codes and rows of lines."""

    lines: Sequence[tuple[str, Row[*tuple[Any, ...]]]]
    stand_ins: Mapping[Act, StandIn] = {}

    @property
    def imported(self) -> set[int]:
        """The programmes into which some of them were imported."""
        return {row.programme_id for _code, row in self.lines if row.origin == IMPORT}

    @property
    def revision_ids(self) -> set[int]:
        """The revisions they stand in."""
        return {row.revision_id for _code, row in self.lines}

    def of(self, indicator: str) -> Counting:
        """Those behind one indicator's figure."""
        return Counting([one for one in self.lines if one[0] == indicator], self.stand_ins)

    def named(self, accounts: Iterable[str | None]) -> list[Source]:
        """The sources; ``accounts`` are what ``import_accounts`` finds."""
        answerable = _answerable(accounts)
        return [
            _source(code, row, answerable)._replace(stand_ins=_stood_in(row, self.stand_ins))
            for code, row in self.lines
        ]


def read_counting(session: Session, head: Head, node: Unit, *, month: int, seal: int) -> Counting:
    """What ``sources_of`` reads, for a caller that reads the accounts of imports together with other things."""
    order = _order(session, head)
    rows = session.execute(_lines(head, node, month=month, seal=seal)).all()
    named = [(code, row) for row in rows if (code := _code_of(row)) in order]
    is_followed = any(row.is_followed for _code, row in named)
    inherited = read_inherited(session, order.values(), node, seal=seal) if is_followed else NOTHING_INHERITED
    placed = [
        (code, row)
        for code, row in named
        if inherited.is_here(
            order[code].id, row.unit_id, head.year * 12 + row.month, otherwise=bool(row.is_here)
        )
    ]
    at = {code: number for number, code in enumerate(order)}
    placed.sort(key=lambda one: (at[one[0]], one[1].pre, one[1].month))
    counting = [one for _key, group in groupby(placed, _stream) for one in _counting(list(group))]
    doubtful = {act for _code, row in counting for name in ACTS if (act := _doubtful(row, name))}
    return Counting(counting, find_stand_ins(session, doubtful))


def _doubtful(row: Row[*tuple[Any, ...]], name: str) -> Act | None:
    """An act of somebody who stood in for another at that moment."""
    return _act(row, name) if getattr(row, f"may_have_{name}_for") else None


def _act(row: Row[*tuple[Any, ...]], name: str) -> Act:
    return getattr(row, f"{name}_by_id"), getattr(row, f"{name}_at")


def _stood_in(row: Row[*tuple[Any, ...]], found: Mapping[Act, StandIn]) -> dict[str, StandIn]:
    return {name: found[_act(row, name)] for name in ACTS if _act(row, name) in found} if found else {}


def import_accounts(programme_ids: set[int]) -> Select[str | None]:
    """What the audit trail keeps of the imports into these programmes: one document for each."""
    keys = select(Programme.key).where(Programme.id.in_(programme_ids))
    return select(AuditEntry.after).where(
        AuditEntry.action == "figures.imported",
        AuditEntry.subject_kind == "programme",
        AuditEntry.subject_id.in_(keys),
    )


def _order(session: Session, head: Head) -> dict[str, ListedIndicator]:
    """The list's indicators by code, in its order."""
    return {one.rule.code: one for promise in list_promises(session, head) for one in promise.indicators}


def _answerable(accounts: Iterable[str | None]) -> dict[int, str | None]:
    """Posting of an import → who answers for it."""
    read = [json.loads(account) for account in accounts if account is not None]
    return {one["posting"]: (one["answered_by"] or {}).get("name") for one in read}


def _fed_code(head: Head) -> Any:
    """The code of ours that a lower list's line counts under."""
    fed = aliased(Indicator)
    return (
        select(fed.code)
        .join(Alignment, Alignment.indicator_id == fed.id)
        .where(Alignment.programme_id == head.id, Alignment.source_id == Indicator.id)
        .correlate(Indicator)
        .scalar_subquery()
    )


def _is_fed(head: Head) -> Any:
    """Whether a line of ours is left to a lower list that feeds its indicator."""
    source, lower, top = aliased(Indicator), aliased(Programme), aliased(OrgPlace)
    return (
        select(Alignment.source_id)
        .join(source, source.id == Alignment.source_id)
        .join(lower, lower.id == source.programme_id)
        .join(top, and_(top.org_unit_id == lower.publisher_id, top.edition == OrgPlace.edition))
        .where(
            Alignment.programme_id == head.id,
            Alignment.indicator_id == Indicator.id,
            OrgPlace.pre.between(top.pre, top.last),
        )
        .correlate(Indicator, OrgPlace)
        .exists()
    )


def _lines(head: Head, node: Unit, *, month: int, seal: int) -> Select[*tuple[Any, ...]]:
    """Lines that count at the node by the tree, and those of units that have successors, who may hold them."""
    fed = select(Alignment.source_id).where(Alignment.programme_id == head.id)
    still_counts = or_(Acceptance.ended_posting_id.is_(None), _ended.seal.is_(None), _ended.seal > seal)
    place = node.place
    now_at, top = aliased(OrgPlace), aliased(OrgPlace)
    counted_by = _counted_by(head, month, newest=_newest(place, seal))
    is_alone = place.pre == place.last and place.edition == FIRST_EDITION  # later its parts may have gone
    here = Report.org_unit_id == node.id if is_alone else OrgPlace.pre.between(top.pre, top.last)
    return (
        select(
            Indicator.id.label("indicator_id"), Indicator.kind, Indicator.decimals,
            case((Indicator.programme_id == head.id, Indicator.code)).label("own_code"), Indicator.is_dropped,
            _fed_code(head).label("fed_code"), _is_fed(head).label("is_fed"),
            OrgUnit.code.label("unit_code"), name_in(OrgUnit.name, head.year * 12 + Report.month).label("unit_name"),
            now_at.pre, OrgUnit.id.label("unit_id"), case((here, 1), else_=0).label("is_here"),
            case((OrgUnit.successor_id.is_(None), 0), else_=1).label("is_followed"),
            Report.period, Report.month,
            Line.value, Line.numerator, Line.denominator, Line.rate, Line.done_on, Line.items_done,
            Line.judgement, Line.is_unknown, Line.note,
            Revision.id.label("revision_id"), Revision.number.label("revision_number"), Revision.origin,
            Submission.number.label("submission_number"), Submission.digest.label("submission_digest"),
            _submitter.name.label("submitted_by"), Revision.submitted_at,
            _signer.name.label("signed_by"), Revision.signed_at,
            _acceptor.name.label("accepted_by"), Revision.accepted_at,
            _begun.seal, _begun.id.label("posting_id"), _begun.programme_id,
            Revision.submitted_by_id, Revision.signed_by_id, Revision.accepted_by_id,
            may_stand_in(Revision.submitted_by_id, Revision.submitted_at).label("may_have_submitted_for"),
            may_stand_in(Revision.signed_by_id, Revision.signed_at).label("may_have_signed_for"),
            may_stand_in(Revision.accepted_by_id, Revision.accepted_at).label("may_have_accepted_for"),
        )
        .select_from(Acceptance)
        .join(_begun, _begun.id == Acceptance.posting_id)
        .join(_ended, _ended.id == Acceptance.ended_posting_id, isouter=True)
        .join(Revision, Revision.id == Acceptance.revision_id)
        .join(Report, Report.id == Revision.report_id)
        .join(Line, Line.revision_id == Revision.id)
        .join(Indicator, Indicator.id == Line.indicator_id)
        .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
        .join(now_at, and_(now_at.org_unit_id == OrgUnit.id, now_at.edition == place.edition))
        .join(OrgPlace, and_(OrgPlace.org_unit_id == OrgUnit.id, OrgPlace.edition == counted_by))
        .join(top, and_(top.org_unit_id == node.id, top.edition == OrgPlace.edition))
        .join(Submission, and_(Submission.revision_id == Revision.id,
                               Submission.number == Revision.submission_number), isouter=True)
        .join(_submitter, _submitter.id == Revision.submitted_by_id, isouter=True)
        .join(_signer, _signer.id == Revision.signed_by_id, isouter=True)
        .join(_acceptor, _acceptor.id == Revision.accepted_by_id, isouter=True)
        .where(
            or_(Indicator.programme_id == head.id, Indicator.id.in_(fed)),
            *_is_within(head, place),
            or_(here, OrgUnit.successor_id.is_not(None)),
            ~_has_ended(head, month, seal=seal),
            Report.month <= month,
            _begun.seal <= seal,
            still_counts,
        )
        .order_by(now_at.pre, Report.month, Indicator.id)
    )  # fmt: skip


_LEVELS = [kind.value for kind in Kind if kind.facts.is_level]


def _newest(place: Place, seal: int) -> Any:
    """The edition that stood under the seal: what was moved afterwards still counted where it was."""
    return literal(FIRST_EDITION) if place.edition == FIRST_EDITION else edition_under(seal)


def _counted_by(head: Head, month: int, *, newest: Any) -> Any:
    """The edition of the tree by which a line counts: of flows that of their month, of levels that of the cut-off."""
    at = head.year * 12 + case((Indicator.kind.in_(_LEVELS), month), else_=Report.month)
    former = (
        select(OrgTenure.edition)
        .where(
            OrgTenure.org_unit_id == Report.org_unit_id,
            OrgTenure.is_end.is_(False),
            OrgTenure.until > at,
            OrgTenure.edition < newest,
        )
        .order_by(OrgTenure.until)
        .limit(1)
        .correlate(Report, Indicator)
        .scalar_subquery()
    )
    return func.coalesce(former, newest)


def _has_ended(head: Head, month: int, *, seal: int) -> Any:
    """Whether a line is a level of a unit that had ended by the cut-off, as far as the seal knows."""
    return (
        select(OrgTenure.org_unit_id)
        .where(
            OrgTenure.org_unit_id == Report.org_unit_id,
            OrgTenure.is_end,
            OrgTenure.until <= head.year * 12 + month,
            Indicator.kind.in_(_LEVELS),
            ~_ends_later(seal),
        )
        .correlate(Report, Indicator, OrgUnit)
        .exists()
    )


def _ends_later(seal: int) -> Any:
    """Whether the end of a line's unit is not covered by the seal: its audit entry is about it, or names it as merged."""
    quoted = literal('%"') + func.replace(OrgUnit.code, "_", r"\_") + literal('"%')
    is_its_end = or_(
        and_(AuditEntry.action == "org_unit.closed", AuditEntry.org_unit_id == OrgUnit.id),
        and_(AuditEntry.action == "org_unit.merged", AuditEntry.before.like(quoted, escape="\\")),
    )
    return (
        exists().where(is_its_end, or_(AuditEntry.seal.is_(None), AuditEntry.seal > seal)).correlate(OrgUnit)
    )


def _is_within(head: Head, place: Place) -> tuple[Any, Any]:
    """Lists and units are named as the index of reports has them: an engine begins there, not at everything accepted.

    The units are those that stand there now and those that ever stood elsewhere; by which edition a line counts
    is asked of each of them.
    """
    lower = aliased(Indicator)
    feeding = (
        select(lower.programme_id)
        .join(Alignment, Alignment.source_id == lower.id)
        .where(Alignment.programme_id == head.id)
    )
    lists = feeding.union_all(select(literal(head.id)))
    inside = aliased(OrgPlace)
    standing = select(inside.org_unit_id).where(
        inside.edition == place.edition, inside.pre.between(place.pre, place.last)
    )
    if place.pre == place.last:
        standing = select(literal(place.org_unit_id))
    units = standing.union_all(select(OrgTenure.org_unit_id))
    return Report.programme_id.in_(lists), Report.org_unit_id.in_(units)


def _code_of(row: Row[*tuple[Any, ...]]) -> str | None:
    """Under which of our indicators a line counts; None for blank lines and for figures others feed instead."""
    if figure_of(Kind(row.kind), row) is None:
        return None
    fed_code: str | None = row.fed_code
    if fed_code is not None or row.is_fed or row.is_dropped:
        return fed_code
    own_code: str | None = row.own_code
    return own_code


def _stream(one: tuple[str, Row[*tuple[Any, ...]]]) -> tuple[str, int, int]:
    code, row = one
    return code, row.pre, row.indicator_id


def _counting(
    stream: Sequence[tuple[str, Row[*tuple[Any, ...]]]],
) -> Iterable[tuple[str, Row[*tuple[Any, ...]]]]:
    """Of a level, the latest known line and what follows it; of anything else, all."""
    if not Kind(stream[0][1].kind).facts.is_level:
        return stream
    known = [at for at, (_code, row) in enumerate(stream) if not row.is_unknown]
    return stream[known[-1] if known else 0 :]


def _source(code: str, row: Row[*tuple[Any, ...]], answerable: Mapping[int, str | None]) -> Source:
    return Source(
        indicator=code,
        unit_code=row.unit_code,
        unit_name=row.unit_name,
        period=row.period,
        month=row.month,
        figure=_figure(row),
        note=row.note,
        revision_id=row.revision_id,
        revision_number=row.revision_number,
        origin=row.origin,
        submission_number=row.submission_number,
        submission_digest=row.submission_digest,
        submitted_by=row.submitted_by,
        submitted_at=row.submitted_at if row.submitted_by else None,
        signed_by=row.signed_by,
        signed_at=row.signed_at if row.signed_by else None,
        accepted_by=row.accepted_by,
        accepted_at=row.accepted_at if row.accepted_by else None,
        answered_by=answerable.get(row.posting_id),
        seal=row.seal,
    )


def _figure(row: Row[*tuple[Any, ...]]) -> Mapping[str, object]:
    """What the line states; empty parts are left out."""
    if row.is_unknown:
        return {"unknown": True}
    places = target_decimals(Kind(row.kind), row.decimals)
    scaled = {"value": places, "rate": places, "numerator": row.decimals, "denominator": row.decimals}
    stated: dict[str, object] = {}
    for part, decimals in scaled.items():
        if getattr(row, part) is not None:
            stated[part] = show_exact(getattr(row, part), decimals)
    for part in ("done_on", "items_done", "judgement"):
        if getattr(row, part) is not None:
            stated[part] = getattr(row, part)
    return stated
