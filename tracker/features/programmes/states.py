"""What happens to a whole list after it is published: it runs, it ends, its units are ranked or not."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from tracker.domain.identity import Actor
from tracker.domain.messages import Conflict
from tracker.features.programmes.commands import StaleList, version_of
from tracker.features.programmes.queries import UnknownProgramme
from tracker.services.audit import Subject, record
from tracker.services.programme_documents.stored import StoredList, find_stored_list


class NotInThatState(Conflict):
    """The list is not where this step begins."""


class Step(NamedTuple):
    """One step of a list's life: from which state into which, and what the audit trail calls it."""

    before: str
    after: str
    action: str


STEPS: Final = {
    "run": Step("published", "running", "programme.started"),
    "close": Step("running", "closed", "programme.closed"),
}
"""All steps but publishing, which also fixes the list's first version."""


def move_programme(
    session: Session, key: str, step: str, *, actor: Actor, now: datetime, seen: str | None = None
) -> str:
    """Take a published list one step on; its title.

    Raises UnknownProgramme, NotInThatState, and StaleList when it is not as it was ``seen``.
    """
    stored = lock_list(session, key, seen=seen)
    taken, programme = STEPS[step], stored.programme
    if programme.state != taken.before:
        raise NotInThatState("{key} 现在不能办这一步，请看最新的状态", key=key)
    programme.state = taken.after
    session.flush()
    record(
        session,
        actor=actor,
        now=now,
        action=taken.action,
        subject=Subject("programme", key, programme.publisher_id),
        before={"state": taken.before},
        after={"state": taken.after, "digest": version_of(stored.document)},
    )
    return programme.title


def switch_ranking(
    session: Session, key: str, *, is_ranked: bool, actor: Actor, now: datetime, seen: int
) -> None:
    """Have the list's units ranked by progress, or not; nothing when it is so already.

    ``seen`` is the version of the list's own row. Raises UnknownProgramme and StaleList.
    """
    programme = lock_list(session, key).programme
    if programme.version_id != seen:
        raise StaleList("清单在您打开之后有人改过，请看最新的内容再办")
    if programme.is_ranked == is_ranked:
        return
    programme.is_ranked = is_ranked
    session.flush()
    record(
        session,
        actor=actor,
        now=now,
        action="programme.ranking_switched",
        subject=Subject("programme", key, programme.publisher_id),
        before={"is_ranked": not is_ranked},
        after={"is_ranked": is_ranked},
    )


def lock_list(session: Session, key: str, *, seen: str | None = None) -> StoredList:
    """The list with this key, kept from others meanwhile. Raises UnknownProgramme and StaleList."""
    stored = find_stored_list(session, key, is_locked=True)
    if stored is None:
        raise UnknownProgramme("没有编号为 {key} 的清单", key=key)
    if seen is not None and seen != version_of(stored.document):
        raise StaleList("清单在您打开之后有人改过，请看最新的内容再办")
    return stored
