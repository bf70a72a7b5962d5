"""Second appointments: a head of department who also looks on, a stand-in, and a request that waits for a second admin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from sqlalchemy import select

from tracker.cli.demonstration.people import SECOND_SEATS, add_people
from tracker.cli.demonstration.stage import Entry, Hour, Stage, entry, on
from tracker.domain.days import day_of
from tracker.domain.identity import Role
from tracker.features.accounts.passwords import Passwords
from tracker.features.people.commands import appoint
from tracker.features.people.doing import Doer
from tracker.features.people.queries import get_person
from tracker.features.people.wishes import Wish
from tracker.models.account import Account

STANDS_IN_FOR = timedelta(days=60)
"""From the real day on: appointments go by real time."""


def staffing(passwords: Mapping[str, str], hasher: Passwords) -> Iterator[Entry]:
    """Whatever is decided about people after their accounts are made."""
    yield entry(on(1, 8, 15, 0), add_people, SECOND_SEATS, passwords, hasher)
    yield entry(on(7, 31, 10, 0), _stand_in)
    yield entry(on(8, 7, 15, 0), _ask)


def _stand_in(stage: Stage, hour: Hour) -> None:
    """Ninghai's reporter takes the place of Xiangshan's for a while."""
    until = day_of(stage.hour(on(8, 8)).now + STANDS_IN_FOR)
    wish = Wish(
        role=Role.REPORTER, unit=stage.unit("330225"), until=until, stands_in_for="xiangshan-reporter"
    )
    _appoint(stage, hour, "ninghai-reporter", wish)


def _ask(stage: Stage, hour: Hour) -> None:
    """A second reviewer's place waits for the other admin's word."""
    _appoint(stage, hour, "ningbo-viewer", Wish(role=Role.REVIEWER, unit=stage.unit("330200")))


def _appoint(stage: Stage, hour: Hour, login: str, wish: Wish) -> None:
    admin = stage.identity("ningbo-admin", hour)
    account_id = stage.session.scalars(select(Account.id).where(Account.login == login)).one()
    someone = get_person(stage.session, account_id, seen_by=admin, now=hour.now)
    appoint(stage.session, someone, wish, Doer(admin, hour.now, ""))
