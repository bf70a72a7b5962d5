"""Reading what a list has said over time: its versions, its counting rules, its rule sets of lights."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity
from tracker.domain.messages import NotFound
from tracker.features.programmes.files.plain import read_canonical
from tracker.models.account import Person
from tracker.models.audit import AuditEntry
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Alignment, Indicator, LightRuleSet, Programme, ProgrammeVersion
from tracker.services.programme_documents.document import Document
from tracker.services.programme_heads import Head
from tracker.services.stand_ins import StandIn, doubtful_id, find_stand_ins
from tracker.services.visibility import visible_programmes

EXPORTED = "programme.exported"


class VersionNotFound(NotFound):
    """The list has no version of that number."""


class ExportNotFound(NotFound):
    """This person has had no such export recorded."""


class Version(NamedTuple):
    """One version of a list; ``by`` is empty for an operator, ``stand_in``: in whose place."""

    number: int
    at: datetime
    by: str
    reason: str
    digest: str
    stand_in: StandIn | None = None


class RuleSet(NamedTuple):
    """One rule set of the lights, in tenths of a point."""

    number: int
    on_track_tenths: int
    lagging_tenths: int
    at: datetime


def list_versions(session: Session, programme_id: int) -> list[Version]:
    """The versions of a list, newest first."""
    wanted = (
        select(
            ProgrammeVersion.number, ProgrammeVersion.at, Person.name, ProgrammeVersion.reason, ProgrammeVersion.digest,
            doubtful_id(ProgrammeVersion.by_id, ProgrammeVersion.at).label("doubtful_id"),
        )
        .outerjoin(Person, Person.id == ProgrammeVersion.by_id)
        .where(ProgrammeVersion.programme_id == programme_id)
        .order_by(ProgrammeVersion.number.desc())
    )  # fmt: skip
    rows = session.execute(wanted).all()
    found = find_stand_ins(session, {(row.doubtful_id, row.at) for row in rows})
    return [
        Version(
            row.number, row.at, row.name or "", row.reason, row.digest, found.get((row.doubtful_id, row.at))
        )
        for row in rows
    ]


def get_version(session: Session, programme_id: int, number: int) -> Document:
    """What a list said in one version. Raises VersionNotFound."""
    wanted = select(ProgrammeVersion.document).where(
        ProgrammeVersion.programme_id == programme_id, ProgrammeVersion.number == number
    )
    text = session.scalar(wanted)
    if text is None:
        raise VersionNotFound("没有这一版")
    return read_canonical(text)


def list_rule_sets(session: Session, programme_id: int) -> list[RuleSet]:
    """The rule sets of the lights, newest first."""
    wanted = (
        select(
            LightRuleSet.number, LightRuleSet.on_track_tenths, LightRuleSet.lagging_tenths, LightRuleSet.at
        )
        .where(LightRuleSet.programme_id == programme_id)
        .order_by(LightRuleSet.number.desc())
    )
    return [RuleSet(*row) for row in session.execute(wanted)]


def unit_names(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Code → short name of org units."""
    if not codes:
        return {}
    rows = session.execute(select(OrgUnit.code, OrgUnit.short_name).where(OrgUnit.code.in_(sorted(codes))))
    return {row.code: row.short_name for row in rows}


class Upper(NamedTuple):
    """An indicator of a higher list that could be fed: ``330000-2018/enrolments``, and how it is called."""

    key: str
    name: str
    list_title: str


def list_uppers(
    session: Session, *, year: int, above: Collection[int], kind: str, seen_by: Identity
) -> list[Upper]:
    """Indicators of this kind in lists of the year by publishers ``above``, as far as this person sees them."""
    wanted = (
        select(Programme.key, Indicator.code, Indicator.name, Programme.title)
        .join(Programme, Programme.id == Indicator.programme_id)
        .where(
            Programme.year == year,
            Programme.publisher_id.in_(above),
            Programme.id.in_(visible_programmes(seen_by)),
            Indicator.kind == kind,
            Indicator.is_dropped.is_(False),
            ~select(Alignment.source_id).where(Alignment.source_id == Indicator.id).exists(),
        )
        .order_by(Programme.key, Indicator.pledge_id, Indicator.position)
        .limit(200)
    )
    return [Upper(f"{row[0]}/{row[1]}", row[2], row[3]) for row in session.execute(wanted)]


class Exported(NamedTuple):
    """A recorded export: the format, the digest of the list as it was, and the newest seal as exports print it."""

    ending: str
    digest: str
    seal: str | None


def get_export(session: Session, head: Head, entry: int, *, seen_by: Identity) -> Exported:
    """An export this person has had recorded for this list. Raises ExportNotFound."""
    after = session.scalar(
        select(AuditEntry.after).where(
            AuditEntry.id == entry,
            AuditEntry.action == EXPORTED,
            AuditEntry.actor_id == seen_by.person_id,
            AuditEntry.subject_kind == "programme",
            AuditEntry.subject_id == head.key,
        )
    )
    if after is None:
        raise ExportNotFound("没有找到这次导出")
    said = json.loads(after)
    return Exported(said["ending"], said["digest"], said.get("seal"))
