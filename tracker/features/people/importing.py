"""Files of accounts: kept between looking and confirming, then written whole or not at all."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.orm import Session

from tracker.domain.messages import Conflict
from tracker.features.people.commands import add_newcomer, appoint
from tracker.features.people.doing import Doer
from tracker.features.people.import_plan import Plan, Planned, plan_import
from tracker.features.people.queries import get_person
from tracker.models.granting import AccountUpload
from tracker.services import audit
from tracker.services.uploads import Upload, drop, get, keep


class StalePlan(Conflict):
    """The file would not do any more what it was looked at for."""


class Written(NamedTuple):
    """What an import did: accounts opened, appointments begun or asked for, links sent."""

    opened: int
    granted: int
    pending: int
    linked: int


def keep_file(session: Session, content: bytes, name: str, plan: Plan, doer: Doer) -> str:
    """Keep a sound file for who brought it, for a day; its digest."""
    person_id = doer.identity.person_id
    fingerprint = keep(session, AccountUpload, content, name, person_id=person_id, now=doer.now)
    subject = audit.Subject("account", str(doer.identity.account_id), doer.identity.place.org_unit_id)
    after = {"file": fingerprint, "rows": len(plan.rows)}
    audit.record(
        session, actor=doer.actor, now=doer.now, action="accounts.uploaded", subject=subject, after=after
    )
    return fingerprint


def get_file(session: Session, fingerprint: str, doer: Doer) -> Upload:
    """The file this person brought. Raises UploadNotFound."""
    return get(session, AccountUpload, fingerprint, person_id=doer.identity.person_id, now=doer.now)


def write_file(session: Session, kept: Upload, doer: Doer, *, seen: str) -> Written:
    """Write what was looked at (``seen``: the plan's version), every line or none. Raises StalePlan, Faults."""
    plan = plan_import(session, kept.content, doer)
    if plan.version != seen:
        raise StalePlan("您核对之后，人员有了变化，还没有写入；请再核对一遍。")
    opened: dict[str, int] = {}
    results = [_write(session, row, doer, opened, source=kept.digest) for row in plan.rows]
    drop(session, AccountUpload, kept.digest, person_id=doer.identity.person_id)
    pending = sum(is_pending for is_pending, _linked in results)
    linked = sum(is_linked for _pending, is_linked in results)
    return Written(len(opened), len(results) - pending, pending, linked)


def _write(
    session: Session, row: Planned, doer: Doer, opened: dict[str, int], *, source: str
) -> tuple[bool, bool]:
    if row.is_newcomer:
        done = add_newcomer(session, row.new, row.wish, doer, origin="import", source=source)
        opened[row.new.login] = done.account_id
        return done.is_pending, done.is_linked
    account_id = opened.get(row.new.login)
    someone = row.someone or get_person(session, account_id or 0, seen_by=doer.identity, now=doer.now)
    done = appoint(session, someone, row.wish, doer, origin="import")
    return done.is_pending, done.is_linked
