"""Revisions as the workflow moves them: where each stands, who has touched it, and who is above its unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import CTE, BindParameter, Integer, Row, and_, bindparam, cast, func, literal, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Identity
from tracker.domain.workflow import OPEN, State
from tracker.models.base import Key
from tracker.models.bulletin import Bulletin, BulletinIssue
from tracker.models.org_unit import OrgPlace, TreeEdition
from tracker.models.period import SignatureWaiver
from tracker.models.programme import Pledge, Programme
from tracker.models.report import Report, Revision, RevisionAuthor, Submission
from tracker.services.chunks import chunked
from tracker.services.tree import Step


class Standing(NamedTuple):
    """A revision as the workflow needs it; ``digest`` is that of what was last handed in.

    ``accepted_id`` and ``open_id``: the report's revision that counts and the one under way, this one
    included. ``contradicts``: the newest issued bulletin issue that prints its month. ``path``: the steps
    from the unit up to its root in tree ``edition``. ``is_author``: of whoever asked.
    """

    id: int
    report_id: int
    number: int
    state: State
    version_id: int
    submission_id: int | None
    digest: str | None
    programme_id: int
    publisher_id: int
    year: int
    org_unit_id: int
    lead: str
    pledge_id: int
    period: str
    month: int
    submitted_by_id: int | None
    signed_by_id: int | None
    accepted_by_id: int | None
    accepted_at: datetime | None
    accepted_id: int | None
    open_id: int | None
    is_waived: bool
    is_author: bool
    contradicts: int | None
    edition: int
    path: tuple[Step, ...] = ()

    @property
    def is_correction(self) -> bool:
        """Whether another revision of the report counts meanwhile."""
        return self.accepted_id not in (None, self.id)

    @property
    def judge_id(self) -> int:
        """The unit whose reviewers judge it: the superior; the publisher for its own level."""
        is_publisher = self.org_unit_id == self.publisher_id
        return self.publisher_id if is_publisher else self.path[0].parent_id


@dataclass(frozen=True, slots=True)
class Seen:
    """Which revision a verdict is about, and the version and content digest the person saw."""

    revision_id: int
    version_id: int
    digest: str


@dataclass(frozen=True, slots=True)
class Remark:
    """What a person says with an act: the reason, the lines it is pinned to, and until when to answer."""

    text: str = ""
    pinned: tuple[int, ...] = ()
    answer_by: datetime | None = None


NO_REMARK = Remark()


@dataclass(frozen=True, slots=True)
class Doer:
    """Who acts, when, and in which request."""

    identity: Identity
    now: datetime
    request_id: str = ""


def list_standings(
    session: Session, revision_ids: Iterable[int], *, person_id: int | None = None
) -> list[Standing]:
    """The revisions with these ids in id order, in one statement for each 900; ``person_id``: whose authorship is told."""
    found: dict[int, Standing] = {}
    paths: dict[int, list[Step]] = {}
    for part in chunked(sorted(set(revision_ids))):
        for row in session.execute(_STANDINGS, {"ids": part, "person_id": person_id}):
            if row.id not in found:
                found[row.id] = _standing(row)
            paths.setdefault(row.id, []).append(Step(row.step_unit_id, row.step_parent_id))
    return [one._replace(path=tuple(paths[one.id])) for one in found.values()]


def _standing(row: Row[*tuple[Any, ...]]) -> Standing:
    """All columns but the last two stand in the order of the fields."""
    return Standing(*row[:-2])._replace(
        state=State(row.state), is_waived=bool(row.is_waived), is_author=bool(row.is_author)
    )


def _ids() -> BindParameter[Any]:
    return bindparam("ids", expanding=True, type_=Key)


def _wanted() -> Any:
    """Made once: putting the statement together costs more than sending it."""
    current = and_(Submission.revision_id == Revision.id, Submission.number == Revision.submission_number)
    up = _way_up()
    return (
        select(
            Revision.id, Revision.report_id, Revision.number, Revision.state, Revision.version_id,
            Submission.id.label("submission_id"), Submission.digest, Report.programme_id, Programme.publisher_id,
            Programme.year, Report.org_unit_id, Pledge.lead, Report.pledge_id, Report.period, Report.month,
            Revision.submitted_by_id, Revision.signed_by_id, Revision.accepted_by_id, Revision.accepted_at,
            _sibling(State.ACCEPTED).label("accepted_id"), _sibling(*sorted(OPEN)).label("open_id"),
            _waiver().label("is_waived"), _authorship().label("is_author"),
            _issue().label("contradicts"), up.c.edition,
            up.c.org_unit_id.label("step_unit_id"), up.c.parent_id.label("step_parent_id"),
        )
        .join(Report, Report.id == Revision.report_id)
        .join(Programme, Programme.id == Report.programme_id)
        .join(Pledge, Pledge.id == Report.pledge_id)
        .join(up, up.c.start == Report.org_unit_id)
        .join(Submission, current, isouter=True)
        .where(Revision.id.in_(_ids()))
        .order_by(Revision.id, up.c.height)
    )  # fmt: skip


def _way_up() -> CTE:
    """The steps from the reports' units to their roots."""
    units = (
        select(Report.org_unit_id)
        .join(Revision, Revision.report_id == Report.id)
        .where(Revision.id.in_(_ids()))
    )
    newest = select(func.max(TreeEdition.number)).scalar_subquery()
    start = select(
        OrgPlace.org_unit_id.label("start"), OrgPlace.edition, OrgPlace.org_unit_id, OrgPlace.parent_id,
        literal(0).label("height"),
    ).where(OrgPlace.edition == newest, OrgPlace.org_unit_id.in_(units))  # fmt: skip
    up = start.cte("up", recursive=True)
    above = aliased(OrgPlace)
    return up.union_all(
        select(up.c.start, above.edition, above.org_unit_id, above.parent_id, up.c.height + 1).where(
            above.edition == up.c.edition, above.org_unit_id == up.c.parent_id
        )
    )


def _sibling(*states: State) -> Any:
    other = aliased(Revision)
    return (
        select(other.id)
        .where(other.report_id == Revision.report_id, other.state.in_(states))
        .scalar_subquery()
    )


def _waiver() -> Any:
    return (
        select(SignatureWaiver.is_waived)
        .where(
            SignatureWaiver.programme_id == Report.programme_id,
            SignatureWaiver.org_unit_id == Report.org_unit_id,
        )
        .order_by(SignatureWaiver.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _authorship() -> Any:
    """Of nobody where nobody is named: nothing equals NULL."""
    person_id = bindparam("person_id", type_=Key)
    return (
        select(RevisionAuthor.person_id)
        .where(RevisionAuthor.revision_id == Revision.id, RevisionAuthor.person_id == person_id)
        .exists()
    )


def _issue() -> Any:
    """The newest issued bulletin whose cut-off is not before the report's month."""
    year = cast(func.substr(BulletinIssue.cutoff, 1, 4), Integer)
    month = cast(func.substr(BulletinIssue.cutoff, 6, 2), Integer)
    return (
        select(func.max(BulletinIssue.id))
        .join(Bulletin, Bulletin.id == BulletinIssue.bulletin_id)
        .where(
            Bulletin.programme_id == Report.programme_id,
            BulletinIssue.state == "issued",
            year * 12 + month >= Programme.year * 12 + Report.month,
        )
        .scalar_subquery()
    )


_STANDINGS = _wanted()
