"""Editing the words of a draft: numbers stay linked, what contradicts its figure is marked, nobody is overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from tracker.domain.canonical import canonical, digest
from tracker.domain.messages import Conflict
from tracker.domain.periods import Period
from tracker.domain.permissions import Permission
from tracker.features.bulletins.commands import Act, Doer, add_author, check_right, record_act
from tracker.features.bulletins.document import printed_name
from tracker.features.bulletins.narrative import Section, plain_text
from tracker.features.bulletins.queries import Issue, find_draft
from tracker.features.bulletins.relinking import relink_section
from tracker.features.bulletins.sheets import ahead_in
from tracker.models.bulletin import BulletinIssue
from tracker.services.programme_heads import Head
from tracker.services.stand_ins import stand_in_of


class ProseHasMoved(Conflict):
    """Somebody else drafted or edited it meanwhile; what was typed is shown beside what is there now."""


class Edited(NamedTuple):
    """What was typed: the version it began from, and one text a section, a paragraph a line."""

    version: int
    texts: Sequence[str]


def edit_prose(session: Session, head: Head, period: Period, edited: Edited, *, doer: Doer) -> Issue:
    """Give a draft new words; whoever edits last answers for all of it as its drafter.

    Raises:
        NotYours: not a reviewer of the publisher.
        ProseHasMoved: the draft is no longer the one the typing began from.
    """
    check_right(session, head, doer, Permission.DRAFT_BULLETIN)
    draft = find_draft(session, head, period)
    document = None if draft is None else draft.document
    if draft is None or document is None or len(edited.texts) != len(document["prose"]):
        raise ProseHasMoved("拟稿已经变动，请对照最新的拟稿再改。您写的内容还在下面。")
    sections = [
        relink_section(document, section, text)
        for section, text in zip(document["prose"], edited.texts, strict=True)
    ]
    if sections == document["prose"]:
        return draft
    stand_in = stand_in_of(session, doer.actor.appointment_id)
    document["prose"], document["drafted_by"] = (
        sections,
        printed_name(doer.identity.name, stand_in, ahead_in(document)),
    )
    written = _keep(session, draft, canonical(document), edited.version, doer=doer)
    written = written._replace(drafted_for=stand_in)
    add_author(session, draft.id, doer)
    _record(session, head, draft, written, doer=doer)
    return written


def _keep(session: Session, draft: Issue, text: str, version: int, *, doer: Doer) -> Issue:
    row = BulletinIssue
    kept = (
        update(row)
        .where(row.id == draft.id, row.state == "draft", row.version_id == version)
        .values(
            document=text,
            digest=digest(text),
            drafted_by_id=doer.identity.person_id,
            drafted_at=doer.now,
            version_id=version + 1,
        )
    )
    result: CursorResult[Any] = session.execute(kept, execution_options={"synchronize_session": False})  # type: ignore[assignment]
    if result.rowcount != 1:
        raise ProseHasMoved("拟稿刚刚被别人改动，请对照最新的拟稿再改。您写的内容还在下面。")
    return draft._replace(
        text=text,
        digest=digest(text),
        version=version + 1,
        drafted_by=doer.identity.name,
        drafted_by_id=doer.identity.person_id,
        drafted_at=doer.now,
    )


def _record(session: Session, head: Head, before: Issue, after: Issue, *, doer: Doer) -> None:
    """The words that changed, before and after, section by section."""
    pairs = zip(before.document["prose"], after.document["prose"], strict=True)
    changed = [(old, new) for old, new in pairs if old != new]
    act = Act("bulletin.edited", doer.actor, doer.now)
    told = {"digest": after.digest, "drafted_by": after.drafted_by}
    words = {
        "before": [_words(old) for old, _new in changed],
        "after": [_words(new) for _old, new in changed],
    }
    record_act(session, head, after, act, before=before, after=told | {"words": words})


def _words(section: Section) -> str:
    return "\n".join(plain_text(paragraph) for paragraph in section["paragraphs"])
