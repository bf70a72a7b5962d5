"""What units told of a pledge beside its figures: texts, nodes reached, files, and the steps of its reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    String,
    and_,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from tracker.domain.attachments import Media
from tracker.domain.workflow import Action
from tracker.models.account import Person
from tracker.models.evidence import Evidence, EvidenceBlob
from tracker.models.ledger import Posting
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator
from tracker.models.report import Acceptance, Line, Report, Revision, ThreadEntry
from tracker.services.stand_ins import Act, StandIn, doubtful_id, find_stand_ins

MOST_STEPS = 8
MOST_FILES = 6


class Text(NamedTuple):
    """What a unit wrote beside the figures of its newest accepted report of a pledge."""

    unit: str
    code: str
    period: str
    problems: str
    next_steps: str


class Node(NamedTuple):
    """A milestone a unit reached, by its newest accepted word."""

    unit: str
    code: str
    period: str
    indicator: str
    done_on: date


class File(NamedTuple):
    """A file attached to an accepted report; ``stand_in``: in whose place it was brought."""

    id: int
    unit: str
    code: str
    period: str
    name: str
    media: Media
    by: str
    at: datetime
    stand_in: StandIn | None = None


class Step(NamedTuple):
    """One step in the thread of a pledge's reports; ``stand_in``: in whose place it was done."""

    unit: str
    code: str
    period: str
    action: Action
    person: str
    at: datetime
    text: str
    stand_in: StandIn | None = None


class Telling(NamedTuple):
    """Everything told of a pledge; ``texts`` by unit id, files and steps the newest first."""

    texts: dict[int, Text]
    nodes: list[Node]
    files: list[File]
    files_count: int
    steps: list[Step]


SILENCE = Telling({}, [], [], 0, [])


class About(NamedTuple):
    """Which pledge, told by which units, up to which month, as it counted under which seal; steps only for now."""

    pledge_id: int
    unit_ids: list[int]
    month: int
    seal: int
    with_steps: bool


def read_telling(session: Session, about: About) -> Telling:
    """All of it in one statement; in two where somebody may have acted in another's place."""
    if not about.unit_ids:
        return SILENCE
    parts = [_texts(about), _nodes(about), _files(about)] + ([_steps(about)] if about.with_steps else [])
    rows = session.execute(union_all(*parts)).all()
    stand_ins = find_stand_ins(session, {(row.doubtful_id, row.at) for row in rows})
    by_kind = {kind: [row for row in rows if row.kind == kind] for kind in ("text", "node", "file", "step")}
    texts = sorted(by_kind["text"], key=lambda row: (row.period, row.number))
    files = sorted(by_kind["file"], key=lambda row: row.number, reverse=True)
    steps = sorted(by_kind["step"], key=lambda row: (row.at, row.number), reverse=True)
    return Telling(
        texts={row.org_unit_id: Text(row.unit, row.code, row.period, row.text, row.more) for row in texts},
        nodes=_newest_nodes(sorted(by_kind["node"], key=lambda row: (row.period, row.number))),
        files=[_file(row, stand_ins) for row in files],
        files_count=files[0].total if files else 0,
        steps=[_step(row, stand_ins) for row in steps],
    )


def _newest_nodes(rows: list[Row[*tuple[Any, ...]]]) -> list[Node]:
    """Of each unit and indicator the last word, in the order of the dates."""
    newest = {
        (row.code, row.text): Node(
            row.unit, row.code, row.period, row.text, date.fromisoformat(row.more[:10])
        )
        for row in rows
    }
    return sorted(newest.values(), key=lambda node: (node.done_on, node.code))


def _file(row: Row[*tuple[Any, ...]], stand_ins: Mapping[Act, StandIn]) -> File:
    return File(
        row.number, row.unit, row.code, row.period, row.text, Media(row.more), row.person or "", row.at,
        stand_ins.get((row.doubtful_id, row.at)),
    )  # fmt: skip


def _step(row: Row[*tuple[Any, ...]], stand_ins: Mapping[Act, StandIn]) -> Step:
    return Step(
        row.unit, row.code, row.period, Action(row.more), row.person or "", row.at, row.text,
        stand_ins.get((row.doubtful_id, row.at)),
    )  # fmt: skip


def _row(kind: str, **columns: Any) -> tuple[Any, ...]:
    """The columns every part has: what it is about, and whatever it says of it."""
    named = {
        "number": cast(null(), BigInteger),
        "at": Revision.changed_at,
        "person": cast(null(), String),
        "text": cast(null(), String),
        "more": cast(null(), String),
        "total": cast(null(), BigInteger),
        "doubtful_id": cast(null(), BigInteger),
    }
    return (
        literal(kind).label("kind"),
        Report.org_unit_id.label("org_unit_id"),
        OrgUnit.code.label("code"),
        OrgUnit.short_name.label("unit"),
        Report.period.label("period"),
        *(column.label(name) for name, column in (named | columns).items()),
    )


_begun, _ended = aliased(Posting), aliased(Posting)


def _counting(about: About) -> tuple[ColumnElement[bool], ...]:
    """Reports of the pledge as they counted under the seal (Acceptance and its postings joined)."""
    return (
        Report.pledge_id == about.pledge_id,
        Report.org_unit_id.in_(about.unit_ids),
        Report.month <= about.month,
        _begun.seal <= about.seal,
        or_(Acceptance.ended_posting_id.is_(None), _ended.seal.is_(None), _ended.seal > about.seal),
    )


def _accepted(about: About, *columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(Report)
        .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
        .join(Revision, Revision.report_id == Report.id)
        .join(Acceptance, Acceptance.revision_id == Revision.id)
        .join(_begun, _begun.id == Acceptance.posting_id)
        .join(_ended, _ended.id == Acceptance.ended_posting_id, isouter=True)
        .where(*_counting(about))
    )


def _texts(about: About) -> Select[*tuple[Any, ...]]:
    columns = _row(
        "text", number=Revision.number, text=Revision.problems, more=Revision.next_steps,
    )  # fmt: skip
    return _accepted(about, *columns)


def _nodes(about: About) -> Select[*tuple[Any, ...]]:
    columns = _row(
        "node", number=Revision.number, text=Indicator.code,
        more=cast(Line.done_on, String),
    )  # fmt: skip
    return (
        _accepted(about, *columns)
        .join(Line, and_(Line.revision_id == Revision.id, Line.done_on.is_not(None)))
        .join(Indicator, Indicator.id == Line.indicator_id)
    )


def _files(about: About) -> Select[*tuple[Any, ...]]:
    columns = _row(
        "file", number=Evidence.id, at=Evidence.at, person=Person.name, text=Evidence.name,
        more=EvidenceBlob.media, total=func.count().over(), doubtful_id=doubtful_id(Evidence.by_id, Evidence.at),
    )  # fmt: skip
    newest = (
        _accepted(about, *columns)
        .join(Evidence, and_(Evidence.revision_id == Revision.id, Evidence.removed_at.is_(None)))
        .join(EvidenceBlob, EvidenceBlob.sha256 == Evidence.sha256)
        .join(Person, Person.id == Evidence.by_id)
        .order_by(Evidence.id.desc())
        .limit(MOST_FILES)
        .subquery()
    )
    return select(*newest.c)


def _steps(about: About) -> Select[*tuple[Any, ...]]:
    columns = _row(
        "step", number=ThreadEntry.id, at=ThreadEntry.at, person=Person.name, text=ThreadEntry.text,
        more=ThreadEntry.action, doubtful_id=doubtful_id(ThreadEntry.person_id, ThreadEntry.at),
    )  # fmt: skip
    newest = (
        select(*columns)
        .select_from(ThreadEntry)
        .join(Report, Report.id == ThreadEntry.report_id)
        .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
        .join(Person, Person.id == ThreadEntry.person_id, isouter=True)
        .where(Report.pledge_id == about.pledge_id, Report.org_unit_id.in_(about.unit_ids))
        .order_by(ThreadEntry.at.desc(), ThreadEntry.id.desc())
        .limit(MOST_STEPS)
        .subquery()
    )
    return select(*newest.c)
