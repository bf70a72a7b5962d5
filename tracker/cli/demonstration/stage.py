"""What every act of the demonstration stands on: the database, its calendar, and who does something there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.identity import OPERATOR, Identity, Role
from tracker.features.bulletins.issuing import Press
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.account import Account, Person
from tracker.models.audit import Setting
from tracker.services.audit import Subject, record
from tracker.services.clock import CHINA, OFFSET
from tracker.services.ledger.folding import try_fold
from tracker.services.programme_heads import Head, find_head
from tracker.services.sessions import list_appointments
from tracker.services.standings import Doer
from tracker.services.tree import Unit, find_unit

FILES: Final = Path(__file__).parent
NINGBO: Final = "330200-2018"
CITY: Final = "330200"
OFFICE_OPENS: Final = time(9, 0)


class Missing(LookupError):
    """The story names something the data files do not hold."""


class Hour(NamedTuple):
    """One moment twice: ``today`` by the demonstration's calendar, ``now`` as it is stored."""

    today: datetime
    now: datetime


Figures = Mapping[tuple[str, str], Mapping[str, TypedLine]]
"""(Unit, period) → indicator → what its reporter types."""


@dataclass(frozen=True, slots=True)
class Stage:
    """An open database. ``moved``: calendar time minus real time; ``press`` prints bulletins and keeps evidence."""

    session: Session
    moved: timedelta
    press: Press | None = None
    figures: Figures = field(default_factory=dict)

    def hour(self, today: datetime) -> Hour:
        """When something of that calendar moment is stored as done."""
        return Hour(today, today - self.moved)

    def head(self, key: str) -> Head:
        """A list by its key."""
        found = find_head(self.session, key)
        if found is None:
            raise Missing(key)
        return found

    def unit(self, code: str) -> Unit:
        """A unit by its code."""
        found = find_unit(self.session, code)
        if found is None:
            raise Missing(code)
        return found

    def printer(self) -> Press:
        """What bulletins are printed with and evidence is kept in."""
        if self.press is None:
            raise Missing("press")
        return self.press

    def identity(self, login: str, hour: Hour, role: Role | None = None) -> Identity:
        """Who acts: under their first appointment of that hour, or their first with this role."""
        wanted = select(Account.id, Account.person_id, Person.name)
        row = self.session.execute(
            wanted.join(Person, Person.id == Account.person_id).where(Account.login == login)
        ).one()
        held = list_appointments(self.session, row.person_id, hour.now)
        appointment = next(one for one in held if role in (None, one.role))
        return Identity(row.person_id, row.id, login, row.name, appointment)

    def doer(self, login: str, hour: Hour, role: Role | None = None) -> Doer:
        """The same as commands on reports take it."""
        return Doer(self.identity(login, hour, role), hour.now)


class Entry(NamedTuple):
    """One act of a story and its calendar moment."""

    when: datetime
    act: Callable[..., object]
    arguments: tuple[Any, ...]


def on(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of 2018 in Shanghai."""
    return datetime(2018, month, day, hour, minute, tzinfo=CHINA)


def entry(when: datetime, act: Callable[..., object], *arguments: object) -> Entry:
    """``act(stage, hour, *arguments)`` at that moment."""
    return Entry(when, act, arguments)


def play(stage: Stage, diary: Iterable[Entry]) -> None:
    """Everything in the order of its time; at the end of each day what was done is sealed."""
    ordered = sorted(diary, key=lambda one: one.when)
    for _day, entries in groupby(ordered, key=lambda one: one.when.date()):
        hour = stage.hour(ordered[0].when)
        for one in entries:
            hour = stage.hour(one.when)
            one.act(stage, hour, *one.arguments)
        stage.session.flush()
        try_fold(stage.session, hour.now)


def offset_to(today: date | None, now: datetime) -> timedelta:
    """How far the calendar stands from real time where it shows nine in the morning of that day; None: not at all."""
    if today is None:
        return timedelta(0)
    return timedelta(seconds=int((datetime.combine(today, OFFICE_OPENS, CHINA) - now).total_seconds()))


def set_clock(session: Session, moved: timedelta, now: datetime) -> None:
    """Store how far the calendar is moved, where it is."""
    if not moved:
        return
    seconds = int(moved.total_seconds())
    session.add(Setting(name=OFFSET, value=str(seconds)))
    subject = Subject("setting", OFFSET)
    record(session, actor=OPERATOR, now=now, action="clock.set", subject=subject, after={"seconds": seconds})
