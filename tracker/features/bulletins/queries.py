"""Reading bulletins: issues with the names of who drafted and countersigned, and their stored files."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, Select, literal, or_, select, union_all
from sqlalchemy.exc import MultipleResultsFound
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Appointment, Identity, Role
from tracker.domain.messages import Message, NotFound, Refusal
from tracker.domain.periods import Period
from tracker.domain.permissions import RIGHTS, Permission
from tracker.features.bulletins.document import Document, printed_name, serial_of
from tracker.features.bulletins.manifest import Signed
from tracker.features.bulletins.narrative import Section
from tracker.models import account
from tracker.models.audit import AuditEntry
from tracker.models.bulletin import (
    Bulletin,
    BulletinAuthor,
    BulletinFile,
    BulletinIssue,
    BulletinManifest,
    BulletinPackage,
)
from tracker.models.programme import Programme
from tracker.services.programme_heads import Head, list_heads
from tracker.services.stand_ins import StandIn, doubtful_id, find_stand_ins
from tracker.services.tree import get_unit
from tracker.services.visibility import visible_programmes

LONGEST_LIST: Final = 200
EXPORTED: Final = "bulletin.exported"
"""The audit trail's word for a file that was handed out."""

ARCHIVE: Final = "zip"
"""The format word of the archive with the evidence, which is kept apart from the files."""

FROZEN_STATES: Final = ("issued", "superseded", "withdrawn")


class IssueNotFound(NotFound):
    """There is no such issue."""


class FormatNotCarried(Refusal):
    """The issue has no file of this format."""


class CannotSign(Refusal):
    """Nobody with this login may do this at the publisher."""


class Issue(NamedTuple):
    """One issue as stored. ``text`` is the canonical JSON that ``digest`` was taken of; lists leave it empty.

    ``drafted_for`` and ``countersigned_for``: in whose place that was done.
    """

    id: int
    programme_key: str
    programme_title: str
    period: str
    number: int
    state: str
    cutoff: str
    seal: int
    digest: str
    drafted_by_id: int
    drafted_by: str
    drafted_at: datetime
    countersigned_by: str | None
    issued_at: datetime | None
    version: int
    verify_at: str = ""
    text: str = ""
    drafted_for: StandIn | None = None
    countersigned_for: StandIn | None = None

    @property
    def serial(self) -> str:
        """``330200-2018/2018-H1/1``"""
        return serial_of(self.programme_key, self.period, self.number)

    def drafter(self, ahead: timedelta) -> str:
        """Who drafted it, as files name them by a calendar so far ahead of real time."""
        return printed_name(self.drafted_by, self.drafted_for, ahead)

    def countersigner(self, ahead: timedelta) -> str:
        """Who countersigned it, as files name them by a calendar so far ahead of real time."""
        return printed_name(self.countersigned_by or "", self.countersigned_for, ahead)

    @property
    def document(self) -> Document:
        """What it says."""
        document: Document = json.loads(self.text)
        return document


class Package(NamedTuple):
    """The archive of an issue with its evidence; its bytes lie in the evidence store under ``digest``."""

    issue_id: int
    name: str
    digest: str
    size: int
    evidence_count: int


class StoredFile(NamedTuple):
    """A file of an issue as it was made: never rebuilt."""

    issue_id: int
    format: str
    name: str
    digest: str
    content: bytes


_drafter, _countersigner = aliased(account.Person), aliased(account.Person)


def _issues(*more: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(
            BulletinIssue.id, Programme.key, Programme.title, Bulletin.period, BulletinIssue.number, BulletinIssue.state,
            BulletinIssue.cutoff, BulletinIssue.seal, BulletinIssue.digest, BulletinIssue.drafted_by_id,
            _drafter.name, BulletinIssue.drafted_at, _countersigner.name, BulletinIssue.issued_at,
            BulletinIssue.version_id, BulletinIssue.verify_at, *more,
            doubtful_id(BulletinIssue.drafted_by_id, BulletinIssue.drafted_at).label("may_have_drafted_for"),
            doubtful_id(BulletinIssue.countersigned_by_id, BulletinIssue.issued_at).label("may_have_signed_for"),
        )
        .join(Bulletin, Bulletin.id == BulletinIssue.bulletin_id)
        .join(Programme, Programme.id == Bulletin.programme_id)
        .join(_drafter, _drafter.id == BulletinIssue.drafted_by_id)
        .join(_countersigner, _countersigner.id == BulletinIssue.countersigned_by_id, isouter=True)
    )  # fmt: skip


def _read(session: Session, wanted: Select[*tuple[Any, ...]]) -> list[Issue]:
    rows = session.execute(wanted).all()
    drafted = [(row.may_have_drafted_for, row.drafted_at) for row in rows]
    signed = [(row.may_have_signed_for, row.issued_at) for row in rows]
    found = find_stand_ins(session, {*drafted, *signed})
    return [
        Issue(*row[:-2])._replace(drafted_for=found.get(drafting), countersigned_for=found.get(signing))
        for row, drafting, signing in zip(rows, drafted, signed, strict=True)
    ]


def _of(head: Head, period: Period) -> Select[*tuple[Any, ...]]:
    of_period = (Bulletin.programme_id == head.id, Bulletin.period == period.key)
    return _issues(BulletinIssue.document).where(*of_period)


def list_issues(session: Session, head: Head, *, with_drafts: bool) -> list[Issue]:
    """The issues of a list, the newest period and number first."""
    wanted = _issues().where(Bulletin.programme_id == head.id)
    if not with_drafts:
        wanted = wanted.where(BulletinIssue.state.in_(FROZEN_STATES))
    ordered = wanted.order_by(Bulletin.period.desc(), BulletinIssue.number.desc()).limit(LONGEST_LIST)
    return _read(session, ordered)


def find_draft(session: Session, head: Head, period: Period) -> Issue | None:
    """The one draft of a period's bulletin."""
    return _one(session, _of(head, period).where(BulletinIssue.state == "draft"))


def find_newest(session: Session, head: Head, period: Period) -> Issue | None:
    """The issue in force."""
    return _one(session, _of(head, period).where(BulletinIssue.state == "issued"))


def find_in_press(session: Session, head: Head, period: Period) -> Issue | None:
    """The issue of a period that is countersigned and waits for its files."""
    return _one(session, _of(head, period).where(BulletinIssue.state == "issuing"))


def get_issue(session: Session, head: Head, period: Period, number: int | None = None) -> Issue:
    """An issued one by its number, or the one in force; raises IssueNotFound."""
    if number is None:
        found = find_newest(session, head, period)
    else:
        frozen = BulletinIssue.state.in_(FROZEN_STATES)
        found = _one(session, _of(head, period).where(BulletinIssue.number == number, frozen))
    if found is None:
        raise IssueNotFound("没有找到这一期通报。")
    return found


def find_by_serial(session: Session, serial: str, *, states: Sequence[str] = FROZEN_STATES) -> Issue | None:
    """The issue a file says it is."""
    key, _, rest = serial.partition("/")
    period, _, number = rest.partition("/")
    if not number.isascii() or not number.isdecimal() or len(number) > 6:
        return None
    wanted = _issues(BulletinIssue.document).where(
        Programme.key == key, Bulletin.period == period, BulletinIssue.number == int(number)
    )
    return _one(session, wanted.where(BulletinIssue.state.in_(states)))


def find_by_file(session: Session, digest: str) -> tuple[Issue, str] | None:
    """The issue and format of the stored file, archive or manifest with this SHA-256."""
    tables = (
        (BulletinFile, BulletinFile.format),
        (BulletinPackage, literal("zip")),
        (BulletinManifest, literal("json")),
    )
    candidates = union_all(
        *(
            select(table.issue_id.label("issue_id"), style.label("format")).where(table.digest == digest)
            for table, style in tables
        )
    ).subquery()
    stored = session.execute(select(candidates).order_by(candidates.c.issue_id).limit(1)).one_or_none()
    if stored is None:
        return None
    issue = _one(session, _issues(BulletinIssue.document).where(BulletinIssue.id == stored.issue_id))
    return None if issue is None else (issue, stored.format)


def list_own_heads(session: Session, identity: Identity) -> list[Head]:
    """The published lists of the person's own unit, the newest first: whose bulletins it drafts and countersigns."""
    own = select(Programme.id).where(
        Programme.publisher_id == identity.place.org_unit_id, Programme.state != "draft"
    )
    return list_heads(session, own)


def list_visible_issues(
    session: Session, *, seen_by: Identity, drafts_of: Collection[int] = ()
) -> list[Issue]:
    """The issued ones of every list in sight, the newest first; before them what lists ``drafts_of`` have not issued yet."""
    is_frozen = BulletinIssue.state.in_(FROZEN_STATES)
    wanted = _issues().where(
        or_(is_frozen, Bulletin.programme_id.in_(sorted(drafts_of))),
        Bulletin.programme_id.in_(visible_programmes(seen_by)),
    )
    newest = (is_frozen, BulletinIssue.issued_at.desc(), BulletinIssue.id.desc())
    ordered = wanted.order_by(*newest).limit(LONGEST_LIST)
    return _read(session, ordered)


def get_exported_format(session: Session, issue: Issue, export_id: int, *, seen_by: Identity) -> str:
    """The format of an export this person has had recorded for this issue; raises IssueNotFound."""
    after = session.scalar(
        select(AuditEntry.after).where(
            AuditEntry.id == export_id,
            AuditEntry.action == EXPORTED,
            AuditEntry.actor_id == seen_by.person_id,
            AuditEntry.subject_kind == "bulletin",
            AuditEntry.subject_id == issue.serial,
        )
    )
    if after is None:
        raise IssueNotFound("没有找到这次导出。")
    return str(json.loads(after)["format"])


def _one(session: Session, wanted: Select[*tuple[Any, ...]]) -> Issue | None:
    found = _read(session, wanted)
    if len(found) > 1:
        raise MultipleResultsFound(f"{len(found)} issues where there can be one")
    return found[0] if found else None


def list_formats(session: Session, issue_id: int) -> list[str]:
    """The formats an issue carries."""
    wanted = select(BulletinFile.format).where(BulletinFile.issue_id == issue_id)
    return list(session.scalars(wanted.order_by(BulletinFile.format.desc())))


def list_files(session: Session, issue: Issue) -> list[StoredFile]:
    """All files of an issue with their bytes."""
    row = BulletinFile
    wanted = select(row.issue_id, row.format, row.name, row.digest, row.content).where(
        row.issue_id == issue.id
    )
    return [StoredFile(*found) for found in session.execute(wanted.order_by(row.format))]


def find_package(session: Session, issue_id: int) -> Package | None:
    """The archive of an issue, if it is made."""
    row = BulletinPackage
    wanted = select(row.issue_id, row.name, row.digest, row.size, row.evidence_count)
    found = session.execute(wanted.where(row.issue_id == issue_id)).one_or_none()
    return None if found is None else Package(*found)


def list_authors(session: Session, issue_id: int) -> list[int]:
    """The persons who wrote words of a draft."""
    row = BulletinAuthor
    return list(
        session.scalars(select(row.person_id).where(row.issue_id == issue_id).order_by(row.person_id))
    )


def get_generated_prose(session: Session, issue_id: int) -> list[Section]:
    """The sections of a draft as the figures told them."""
    text = session.scalar(select(BulletinIssue.generated).where(BulletinIssue.id == issue_id))
    sections: list[Section] = json.loads(text or "[]")
    return sections


def get_package(session: Session, issue: Issue) -> Package:
    """The archive of an issue; raises FormatNotCarried."""
    found = find_package(session, issue.id)
    if found is None:
        raise FormatNotCarried("第 {number} 期没有带佐证的压缩包。", number=issue.number)
    return found


def get_manifest(session: Session, issue: Issue) -> Signed:
    """The signed manifest of an issue; raises FormatNotCarried."""
    row = BulletinManifest
    wanted = select(row.content, row.signature, row.public_key).where(row.issue_id == issue.id)
    found = session.execute(wanted).one_or_none()
    if found is None:
        raise FormatNotCarried("第 {number} 期没有签名清单。", number=issue.number)
    return Signed(found.content.encode(), base64.b64decode(found.signature), found.public_key)


def get_file(session: Session, issue: Issue, style: str) -> StoredFile:
    """The issue's file of a format; raises FormatNotCarried, which names those it has."""
    row: Row[*tuple[Any, ...]] | None = session.execute(
        select(
            BulletinFile.issue_id, BulletinFile.format, BulletinFile.name, BulletinFile.digest,
            BulletinFile.content,
        ).where(BulletinFile.issue_id == issue.id, BulletinFile.format == style)
    ).one_or_none()  # fmt: skip
    if row is None:
        carried: Sequence[str] = list_formats(session, issue.id)
        raise FormatNotCarried(
            "第 {number} 期没有 {style} 文件，本期有：{carried}。",
            number=issue.number,
            style=style,
            carried="、".join(carried) or Message("无"),
        )
    return StoredFile(*row)


def get_signatory(
    session: Session, head: Head, login: str, permission: Permission, *, now: datetime
) -> Identity:
    """The person with this login under the appointment that lets them do this; raises CannotSign."""
    publisher = get_unit(session, head.publisher_id)
    roles = RIGHTS[permission].roles
    ends = account.Appointment.valid_to
    wanted = (
        select(
            account.Account.id.label("account_id"), account.Account.login, account.Person.id.label("person_id"),
            account.Person.name, account.Appointment.id, account.Appointment.role, account.Appointment.department,
        )
        .join(account.Person, account.Person.id == account.Account.person_id)
        .join(account.Appointment, account.Appointment.person_id == account.Person.id)
        .where(
            account.Account.login == login,
            account.Account.closed_at.is_(None),
            account.Appointment.org_unit_id == publisher.id,
            account.Appointment.role.in_(sorted(roles)),
            account.Appointment.valid_from <= now,
            or_(ends.is_(None), ends > now),
        )
        .order_by(account.Appointment.id)
        .limit(1)
    )  # fmt: skip
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise CannotSign(
            "{login} 不能{meaning}：需要在{publisher}任职（{roles}）。",
            login=login,
            meaning=RIGHTS[permission].meaning,
            publisher=publisher.name,
            roles="、".join(sorted(roles)),
        )
    appointment = Appointment(
        row.id, Role(row.role), publisher.id, publisher.code, publisher.name, row.department, publisher.place
    )
    return Identity(row.person_id, row.account_id, row.login, row.name, appointment)
