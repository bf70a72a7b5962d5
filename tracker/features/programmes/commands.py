"""Importing a list from a file and publishing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tracker.domain.canonical import digest_of
from tracker.domain.identity import Actor
from tracker.domain.messages import Conflict, Fault, Faults, Message, Refusal
from tracker.domain.periods import Month
from tracker.features.programmes import storing
from tracker.features.programmes.changes import DRAFT, change_faults
from tracker.features.programmes.files.schema import Reading
from tracker.features.programmes.posting_lists import Posted, post_list
from tracker.features.programmes.queries import get_stored_list
from tracker.features.programmes.speaking import (
    MOST_NAMES,
    Spoken,
    baseless,
    baseless_messages,
    complete,
    read_ways,
    spoken_messages,
)
from tracker.features.programmes.surroundings import Surroundings, look_around
from tracker.features.programmes.versions import unit_names
from tracker.models.programme import Programme
from tracker.services.audit import Subject, record
from tracker.services.ledger.posting import Act, post
from tracker.services.programme_documents.document import Document, differences, document_fields
from tracker.services.programme_documents.stored import StoredList, find_stored_list
from tracker.services.programme_documents.versions import add_version
from tracker.services.tree import find_units

PUBLISHED = "published"
CLOSED = "closed"
IMPORTED = "programme.imported"
EDITED = "programme.edited"
LONGEST_REASON = 400
PUBLISHING_REASON = "公布"


class ReasonRequired(Refusal):
    """A published list changes only with a reason."""


class ReasonTooLong(Refusal):
    """The reason does not fit."""


class EffectiveElsewhere(Refusal):
    """The month from which targets hold is not in the list's year."""


class AlreadyPublished(Conflict):
    """Only a draft can be published."""


class ListClosed(Conflict):
    """A list that has ended is not changed any more."""


class StaleList(Conflict):
    """Somebody has changed the list since this person saw it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTerms:
    """What is said along with a file: why, and from which month changed targets hold.

    ``seen``: the digest of the list as the person saw it, "" for none, None when nobody looked.
    ``action``: what the audit trail calls it.
    """

    reason: str = ""
    effective: Month | None = None
    seen: str | None = None
    action: str = IMPORTED


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What importing a file would do. ``changes``: place → (before, after), empty when nothing differs.

    ``document``: what the list will say. ``notes``: who loses targets below a unit, which the file leaves
    alone, and who lacks a base. ``state``: the stored list's, None for a new one.
    """

    document: Document
    notes: Sequence[Message]
    stored: StoredList | None
    around: Surroundings
    changes: Mapping[str, tuple[str | None, str | None]]
    reason: str
    effective_month: int
    state: str | None
    action: str


def version_of(document: Document | None) -> str:
    """What tells one state of a list from another: its digest, "" where there is no list."""
    return "" if document is None else digest_of(document_fields(document))


def plan_programme_import(
    session: Session, reading: Reading, terms: ImportTerms, *, is_locked: bool = True
) -> ImportPlan:
    """Hold a file against the database; ``is_locked`` False only looks and needs no reason.

    Raises Faults with everything wrong in the file, or everything the stored list forbids;
    StaleList, ListClosed, ReasonRequired, ReasonTooLong, EffectiveElsewhere.
    """
    around = look_around(session, reading)
    document = reading.require_sound()
    if around is None:
        raise Faults([Fault("publisher", Message("没有这个单位"))])
    stored = find_stored_list(session, document.key, is_locked=is_locked)
    if terms.seen is not None and terms.seen != version_of(stored.document if stored else None):
        raise StaleList("清单在您打开之后有人改过，请看最新的内容再办")
    spoken = Spoken(document)
    if stored is not None:
        spoken, around = _completed(session, document, stored, around)
    changes = differences(None if stored is None else stored.document, spoken.document)
    plan = ImportPlan(
        document=spoken.document,
        notes=_notes(session, spoken),
        stored=stored,
        around=around,
        changes=changes,
        reason=_checked_reason(terms.reason),
        effective_month=_effective_month(document, terms.effective),
        state=None if stored is None else stored.programme.state,
        action=terms.action,
    )
    if stored is not None and changes:
        _require_allowed(session, plan, stored)
        if is_locked:
            _require_reason(plan)
    return plan


def _completed(
    session: Session, document: Document, stored: StoredList, around: Surroundings
) -> tuple[Spoken, Surroundings]:
    """The document with what it does not speak of, and the units of that. Of a draft it says everything."""
    is_draft = stored.programme.state == DRAFT
    ways = {} if is_draft else read_ways(session, around.publisher, (document, stored.document))
    spoken = complete(document, stored.document, implied=stored.implied, ways=ways)
    codes = {entry.unit for text in spoken.document.indicators for entry in text.allocations}
    units = find_units(session, codes - around.units.keys())
    return spoken, around._replace(units={**units, **around.units})


def _notes(session: Session, spoken: Spoken) -> list[Message]:
    codes = {one.unit for one in spoken.taken} | {one.parent for one in spoken.left}
    codes |= {code for taken in spoken.taken for code in taken.below}
    codes |= {code for left in spoken.left for code in left.units}
    codes |= {code for units in baseless(spoken.document).values() for code in units[:MOST_NAMES]}
    names = unit_names(session, codes)
    return [*spoken_messages(spoken, names), *baseless_messages(spoken.document, names)]


def _checked_reason(reason: str) -> str:
    stripped = reason.strip()
    if len(stripped) > LONGEST_REASON:
        raise ReasonTooLong("理由超过 {longest} 个字", longest=LONGEST_REASON)
    return stripped


def _effective_month(document: Document, effective: Month | None) -> int:
    if effective is None:
        return 1
    if effective.year != document.year:
        raise EffectiveElsewhere(
            "生效月份 {month} 不在清单的年度 {year}", month=effective, year=document.year
        )
    return effective.month


def _require_allowed(session: Session, plan: ImportPlan, stored: StoredList) -> None:
    if plan.state == CLOSED:
        raise ListClosed("{key} 已经结束，不能再改", key=plan.document.key)
    faults = list(change_faults(session, stored, plan.document))
    if faults:
        raise Faults(faults)


def _require_reason(plan: ImportPlan) -> None:
    if plan.state != DRAFT and not plan.reason:
        raise ReasonRequired("清单已公布，改动要用 --reason 说明理由")


def import_programme(session: Session, plan: ImportPlan, *, actor: Actor, now: datetime) -> None:
    """Write what the plan says, with one audit entry; nothing at all when nothing differs.

    Targets change by new versions only; a published list also gets a version of its whole document.
    """
    if not plan.changes:
        return
    document, stored = plan.document, plan.stored
    flips = stored is not None and stored.document.own_level_counts != document.own_level_counts
    programme = storing.write_head(
        session, document, plan.around.publisher.id, None if stored is None else stored.programme
    )
    storing.write_lights(session, programme, document, now=now)
    indicators = storing.write_promises(session, programme, document, stored)
    fed, unfed = storing.write_alignments(session, document, indicators, plan.around)
    targets = storing.new_targets(
        document,
        indicators,
        plan.around,
        in_force={} if stored is None else stored.targets,
        effective_month=plan.effective_month,
    )
    act = Act(programme.id, "target", actor, now, content_digest=digest_of(document_fields(document)))
    post_list(
        session, act, plan.around.publisher,
        Posted(targets=targets, reason=plan.reason, fed=fed, unfed=unfed, flips_own_level=flips),
    )  # fmt: skip
    if programme.state != DRAFT:
        add_version(session, programme.id, document, reason=plan.reason, actor=actor, now=now)
    _record_import(session, plan, programme, actor=actor, now=now)


def _record_import(
    session: Session, plan: ImportPlan, programme: Programme, *, actor: Actor, now: datetime
) -> None:
    before = {place: pair[0] for place, pair in plan.changes.items()}
    after = {
        "changes": {place: pair[1] for place, pair in plan.changes.items()},
        "digest": digest_of(document_fields(plan.document)),
        "effective_month": plan.effective_month,
        "reason": plan.reason,
    }
    record(
        session,
        actor=actor,
        now=now,
        action=plan.action,
        subject=Subject("programme", programme.key, programme.publisher_id),
        before=None if plan.stored is None else before,
        after=after,
    )


def publish_programme(session: Session, key: str, *, actor: Actor, now: datetime) -> Document:
    """Make a draft public: its first version is written and its switches are fixed from here on.

    Raises UnknownProgramme and AlreadyPublished.
    """
    stored = get_stored_list(session, key)
    programme, document = stored.programme, stored.document
    if programme.state != DRAFT:
        raise AlreadyPublished("{key} 已经公布", key=key)
    programme.state = PUBLISHED
    session.flush()
    add_version(session, programme.id, document, reason=PUBLISHING_REASON, actor=actor, now=now)
    act = Act(programme.id, "publish", actor, now, content_digest=digest_of(document_fields(document)))
    post(session, act, {programme.publisher_id})
    record(
        session,
        actor=actor,
        now=now,
        action="programme.published",
        subject=Subject("programme", key, programme.publisher_id),
        before={"state": DRAFT},
        after={"state": PUBLISHED, "digest": act.content_digest},
    )
    return document
