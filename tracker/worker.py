"""``flask worker``: the background loop; it folds what no request has sealed, does the work requests left to
it, and clears what has run out.

On SQLite every request seals its own work, so there the loop finds nothing to fold. Crash-only: it may be
killed at any moment and simply starts again.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tracker.db import Database
from tracker.domain.identity import Actor
from tracker.features.bulletins.issuing import (
    FILES_JOB,
    WRITERS,
    Press,
    get_issue_in_press,
    list_missing_styles,
    make_file,
    pack,
    release,
)
from tracker.features.bulletins.signing import Signer
from tracker.features.exports.making import make_long_table
from tracker.models.account import SignInAttempt, WebSession
from tracker.models.audit import IdempotentAnswer
from tracker.services import outbox
from tracker.services.account_links import LETTER as LINK_LETTER
from tracker.services.account_links import draw_token
from tracker.services.anchor_mail import find_unmailed, mail_newest_seal
from tracker.services.evidence_store import open_store
from tracker.services.jobs import Job, claim, fail, finish, has_work, step_done
from tracker.services.ledger.folding import has_open, try_fold
from tracker.services.postman import NotSent, Postman
from tracker.services.table_exports import TABLE_JOB, clear_files
from tracker.services.watching import BEAT, WORKER, beat
from tracker.web.logs import make_logger

IDLE_S: Final = 1.0
ANCHOR_LOOK: Final = timedelta(minutes=1)
CLEARING: Final = timedelta(hours=1)
ANSWERS_KEPT: Final = timedelta(days=7)
ATTEMPTS_KEPT: Final = timedelta(days=180)
SESSIONS_KEPT: Final = timedelta(days=180)
MAIL_KEPT: Final = timedelta(days=30)

log = make_logger("tracker.worker")
Clock = Callable[[], datetime]
Task = Callable[[Database, Job, Clock], None]
"""What does one kind of work, in short transactions of its own, and says when it is finished."""

Filler = Callable[[Session, outbox.Mail, datetime], Mapping[str, str] | None]
"""What only a letter's reader may know, drawn while it is sent and put into its braces; None: not to be sent any more."""


@dataclass(frozen=True, slots=True)
class Mailroom:
    """Who sends letters (None: nothing leaves), and by kind of letter what is filled in on the way."""

    postman: Postman | None
    fillers: Mapping[str, Filler] = field(default_factory=dict)
    anchors_to: tuple[str, ...] = ()
    """Who is told the newest seal, at most once an hour."""


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """后台进程：封存遗留的分录，生成通报文件等耗时工作，寄出邮件，清理过期的会话与幂等答复。例：flask worker"""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    tasks, mailroom = tasks_of(current_app.config), mailroom_of(current_app.config)
    database = current_app.extensions["database"]
    run(database, stop, clock=lambda: datetime.now(UTC), tasks=tasks, mailroom=mailroom)


def tasks_of(settings: Mapping[str, Any]) -> dict[str, Task]:
    """Kind of work → what does it."""
    press = Press(Signer.from_secret(settings["SIGNING_KEY"]), open_store(settings["EVIDENCE_URL"]))
    return {FILES_JOB: partial(make_bulletin_files, press=press), TABLE_JOB: make_long_table}


def mailroom_of(settings: Mapping[str, Any]) -> Mailroom:
    """Letters leave by ``MAIL_URL``; without it none does."""
    base = settings["BASE_URL"].rstrip("/")
    postman = Postman.from_url(settings["MAIL_URL"], home=urlsplit(base).hostname or "")
    letters = {LINK_LETTER: partial(fill_link, base=base)}
    return Mailroom(postman, letters, anchors_to=settings["ANCHOR_MAIL_TO"])


def fill_link(session: Session, mail: outbox.Mail, now: datetime, *, base: str) -> Mapping[str, str] | None:
    """A one-time link's address, by a token drawn just now."""
    token = draw_token(session, mail, now)
    return None if token is None else {"link": f"{base}/links/{token}"}


def run(
    database: Database,
    stop: threading.Event,
    *,
    clock: Clock,
    tasks: Mapping[str, Task] | None = None,
    mailroom: Mailroom | None = None,
) -> None:
    """Work until ``stop`` is set; a database that is away is waited for."""
    cleared = beaten = anchored = datetime.min.replace(tzinfo=UTC)
    while not stop.is_set():
        try:
            if clock() - beaten >= BEAT:
                beaten = clock()
                say_alive(database, beaten)
            while not stop.is_set() and do_one_job(database, tasks or {}, clock):
                pass
            while not stop.is_set() and mailroom and deliver_one(database, mailroom, clock):
                pass
            fold_leftovers(database, clock())
            if mailroom and clock() - anchored >= ANCHOR_LOOK:
                anchored = clock()
                mail_anchor(database, mailroom, anchored)
            if clock() - cleared >= CLEARING:
                cleared = clock()
                clear_expired(database, cleared)
        except OperationalError as away:
            log.warning("database away, trying again", exc_info=away)
        stop.wait(IDLE_S)


def do_one_job(database: Database, tasks: Mapping[str, Task], clock: Clock) -> bool:
    """Take the oldest piece of work and do it; False when there is none. What goes wrong is tried again later."""
    with database.read_session() as session:
        if not has_work(session, clock()):
            return False
    with database.session() as session:
        job = claim(session, clock())
        session.commit()
    if job is None:
        return False
    try:
        tasks[job.kind](database, job, clock)
    except Exception as refused:  # whatever it is: the row says so, and the loop lives on
        log.exception("job failed", exc_info=refused, job=job.id, kind=job.kind, attempt=job.attempts)
        with database.session() as session:
            fail(session, job, f"{type(refused).__name__}: {refused}", now=clock())
            session.commit()
        return False
    return True


def deliver_one(database: Database, mailroom: Mailroom, clock: Clock) -> bool:
    """Send the letter that is due longest; False when there is none. What does not leave is tried again later.

    It is put off before it is sent: one that dies in between sends it a second time, never not at all.
    """
    if mailroom.postman is None:
        return False
    with database.read_session() as session:
        if not outbox.has_mail(session, clock()):
            return False
    with database.session() as session:
        mail = outbox.take(session, clock())
        body = None if mail is None else _filled(session, mail, mailroom, clock())
        session.commit()
    if mail is not None and body is not None:
        _send(database, mail, body, postman=mailroom.postman, clock=clock)
    return mail is not None


def _filled(session: Session, mail: outbox.Mail, mailroom: Mailroom, now: datetime) -> str | None:
    """The letter's text; one that is not to be sent any more is dropped."""
    filler = mailroom.fillers.get(mail.kind)
    if filler is None:
        return mail.body
    values = filler(session, mail, now)
    if values is None:
        outbox.drop_unsent(session, mail.kind, [mail.about])
        return None
    body = mail.body
    for name, value in values.items():
        body = body.replace(f"{{{name}}}", value)
    return body


def _send(database: Database, mail: outbox.Mail, body: str, *, postman: Postman, clock: Clock) -> None:
    try:
        postman.send(recipient=mail.recipient, subject=mail.subject, body=body, now=clock())
    except NotSent as refused:
        log.warning("mail not sent", mail=mail.id, kind=mail.kind, attempt=mail.attempts, fault=str(refused))
        with database.session() as session:
            outbox.mark_failed(session, mail, str(refused), now=clock(), is_final=refused.is_final)
            session.commit()
        return
    with database.session() as session:
        outbox.mark_sent(session, mail, clock())
        session.commit()


def make_bulletin_files(database: Database, job: Job, clock: Clock, *, press: Press) -> None:
    """Make a countersigned bulletin's files one by one, then issue it."""
    with database.read_session() as session:
        head, issue = get_issue_in_press(session, job.subject)
        missing = list_missing_styles(session, issue)
    made = len(WRITERS) - len(missing)
    for at, style in enumerate(missing, made + 1):
        with database.session() as session:
            make_file(session, issue, style)
            step_done(session, job, at, now=clock())
            session.commit()
    with database.session() as session:
        pack(session, issue, press)
        step_done(session, job, len(WRITERS) + 1, now=clock())
        session.commit()
    with database.session() as session:
        release(session, head, issue, actor=Actor(**job.payload["actor"]), now=clock())
        finish(session, job, now=clock())
        session.commit()


def fold_leftovers(database: Database, now: datetime) -> int | None:
    """Seal what requests left open; looks on the read side first, so that an idle worker takes no lock."""
    with database.read_session() as session:
        if not has_open(session):
            return None
    with database.session() as session:
        number = try_fold(session, now)
        session.commit()
        return number


def say_alive(database: Database, now: datetime) -> None:
    """Leave word that the worker lives: ``/readyz`` and ``/metrics`` look for it."""
    with database.session() as session:
        beat(session, WORKER, now)
        session.commit()


def mail_anchor(database: Database, mailroom: Mailroom, now: datetime) -> bool:
    """Have the newest seal mailed when it moved and an hour has passed; whether a letter was written."""
    if mailroom.postman is None or not mailroom.anchors_to:
        return False
    with database.read_session() as session:
        if find_unmailed(session, now) is None:
            return False
    with database.session() as session:
        is_written = mail_newest_seal(session, mailroom.anchors_to, now=now)
        session.commit()
    return is_written


def clear_expired(database: Database, now: datetime) -> None:
    """Delete answers, attempts, sessions and files that nobody can ask for any more; history is not touched."""
    with database.session() as session:
        _clear(session, now)
        session.commit()


def _clear(session: Session, now: datetime) -> None:
    session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.at < now - ANSWERS_KEPT))
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - ATTEMPTS_KEPT))
    session.execute(delete(WebSession).where(WebSession.ends_at < now - SESSIONS_KEPT))
    clear_files(session, now)
    outbox.drop_overdue(session, now)
    outbox.clear_old(session, now - MAIL_KEPT)
