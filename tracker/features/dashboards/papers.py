"""The papers behind a trail: in which list each report stands, its files, and what was said of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, String, and_, cast, literal, null, select, union_all
from sqlalchemy.orm import Session

from tracker.domain.workflow import Action
from tracker.models.account import Person
from tracker.models.base import Instant
from tracker.models.evidence import Evidence
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Pledge, Programme
from tracker.models.report import Report, Revision, ThreadEntry
from tracker.services.stand_ins import StandIn, doubtful_id, find_stand_ins
from tracker.services.trail import Counting, Source, import_accounts

MOST_SAID = 20


class Attachment(NamedTuple):
    """A file attached to a report."""

    id: int
    name: str


class Paper(NamedTuple):
    """Where a revision is found: the list's key, the pledge's number there, and its files."""

    key: str
    number: int
    files: tuple[Attachment, ...]


class Said(NamedTuple):
    """One step or remark about a report, with the list it stands in; ``stand_in``: in whose place it was done."""

    key: str
    unit: str
    code: str
    period: str
    action: Action
    person: str
    at: datetime
    text: str
    person_id: int | None = None
    stand_in: StandIn | None = None


class Behind(NamedTuple):
    """What lies behind a trail: papers by revision, what was said of their reports, the newest first, and its sources."""

    papers: dict[int, Paper]
    said: list[Said]
    sources: list[Source]


def read_behind(session: Session, found: Counting, *, with_said: bool) -> Behind:
    """All of it in one statement; ``with_said`` no where the page speaks of the past."""
    if not found.lines:
        return Behind({}, [], [])
    ids = sorted(found.revision_ids)
    parts = [_papers(ids)]
    parts += [_said(ids)] if with_said else []
    parts += [_accounts(found.imported)] if found.imported else []
    papers: dict[int, Paper] = {}
    said: list[Said] = []
    accounts: list[str | None] = []
    for row in session.execute(union_all(*parts)):
        if row.action == _ACCOUNT:
            accounts.append(row.text)
            continue
        if row.action is not None:
            text = row.text or ""
            said.append(
                Said(
                    row.key,
                    row.unit,
                    row.code,
                    row.period,
                    Action(row.action),
                    row.person or "",
                    row.at,
                    text,
                    row.doubtful_id,
                )
            )
            continue
        paper = papers.setdefault(row.revision_id, Paper(row.key, row.number, ()))
        if row.file is not None:
            papers[row.revision_id] = paper._replace(files=(*paper.files, Attachment(row.file, row.text)))
    said.sort(key=lambda one: one.at, reverse=True)
    return Behind(papers, _with_stand_ins(session, said), found.named(accounts))


def _with_stand_ins(session: Session, said: list[Said]) -> list[Said]:
    found = find_stand_ins(session, {(one.person_id, one.at) for one in said})
    return [one._replace(stand_in=found.get((one.person_id, one.at))) for one in said]


_ACCOUNT = "account"
"""Stands for an action in rows that tell of an import."""


def _accounts(programme_ids: set[int]) -> Select[*tuple[Any, ...]]:
    found = import_accounts(programme_ids).subquery()
    nothing, number = cast(null(), String), cast(null(), Integer)
    return select(
        number, nothing, number, number, found.c.after, nothing, nothing, nothing, literal(_ACCOUNT), nothing,
        cast(null(), Instant), number,
    )  # fmt: skip


def _papers(ids: list[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Revision.id.label("revision_id"),
            Programme.key.label("key"),
            Pledge.number.label("number"),
            Evidence.id.label("file"),
            Evidence.name.label("text"),
            OrgUnit.short_name.label("unit"),
            OrgUnit.code.label("code"),
            Report.period.label("period"),
            cast(null(), String).label("action"),
            cast(null(), String).label("person"),
            Revision.changed_at.label("at"),
            cast(null(), Integer).label("doubtful_id"),
        )
        .join(Report, Report.id == Revision.report_id)
        .join(Pledge, Pledge.id == Report.pledge_id)
        .join(Programme, Programme.id == Report.programme_id)
        .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
        .join(
            Evidence, and_(Evidence.revision_id == Revision.id, Evidence.removed_at.is_(None)), isouter=True
        )
        .where(Revision.id.in_(ids))
    )


def _said(ids: list[int]) -> Select[*tuple[Any, ...]]:
    reports = select(Revision.report_id).where(Revision.id.in_(ids))
    newest = (
        select(
            ThreadEntry.revision_id.label("revision_id"),
            Programme.key.label("key"),
            cast(null(), Integer).label("number"),
            ThreadEntry.id.label("file"),
            ThreadEntry.text.label("text"),
            OrgUnit.short_name.label("unit"),
            OrgUnit.code.label("code"),
            Report.period.label("period"),
            ThreadEntry.action.label("action"),
            Person.name.label("person"),
            ThreadEntry.at.label("at"),
            doubtful_id(ThreadEntry.person_id, ThreadEntry.at).label("doubtful_id"),
        )
        .join(Report, Report.id == ThreadEntry.report_id)
        .join(Programme, Programme.id == Report.programme_id)
        .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
        .join(Person, Person.id == ThreadEntry.person_id, isouter=True)
        .where(ThreadEntry.report_id.in_(reports))
        .order_by(ThreadEntry.at.desc(), ThreadEntry.id.desc())
        .limit(MOST_SAID)
        .subquery()
    )
    return select(*newest.c)
