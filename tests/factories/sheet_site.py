"""The application over a small world of sheets, seen through the browsers of those who fill and judge them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.factories.districts import KINDS, MAY, TODAY, Made, World
from tests.factories.people import signed_in_client
from tests.factories.rows import put_targets
from tests.support.filled_forms import form_fields
from tests.support.replanting import replanted
from tests.support.strict_client import StrictClient
from tracker.db import Database
from tracker.domain.identity import Identity, Role
from tracker.domain.periods import SHANGHAI
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.audit import Setting
from tracker.models.programme import Indicator
from tracker.models.report import Report, Revision

MAY_LINE = TypedLine(value="21120")
SHEET = "/programmes/330200-2018/sheets/330203/2018-06"
REVIEW = "/programmes/330200-2018/reviews/330203/2018-06"


class Site(NamedTuple):
    """The application over a world of two indicators, and who can sign in."""

    app: Flask
    database: Database
    reporter: Identity
    approver: Identity
    reviewer: Identity
    neighbour: Identity

    def browser(self, who: Identity) -> StrictClient:
        """A browser signed in as this person."""
        return signed_in_client(self.app, who.account_id)


def build_site(app: Flask, made: tuple[Made, ...] = KINDS) -> Site:
    """A site on 3 July 2018 with this list, where May of 330203 is accepted."""
    database: Database = app.extensions["database"]
    with database.session() as session:
        people = replanted(session, ("site", repr(made)), lambda: _plant(session, made))
        moved = TODAY - datetime.now(SHANGHAI)
        session.add(Setting(name="clock_offset_seconds", value=str(int(moved.total_seconds()))))
        session.commit()
    return Site(app, database, *people)


def _plant(session: Session, made: tuple[Made, ...]) -> tuple[Identity, ...]:
    world = World(session, made=made)
    world.hand_in(period=MAY, enrolments=MAY_LINE)
    world.sign(period=MAY)
    world.accept(period=MAY)
    return (
        world.person(Role.REPORTER, "330203"),
        world.person(Role.APPROVER, "330203"),
        world.person(Role.REVIEWER, "330200"),
        world.person(Role.REPORTER, "330205"),
    )


def add_claims(world: World) -> Indicator:
    """A second indicator of the first pledge, asked of 330203 from now on."""
    first = world.indicators["enrolments"]
    claims = Indicator(
        programme_id=first.programme_id, pledge_id=first.pledge_id, code="claims", name="理赔人次",
        kind="flow", measure="人次", decimals=0, comparator=">=", position=2,
    )  # fmt: skip
    world.session.add(claims)
    world.session.flush()
    put_targets(world.session, claims, {world.units["330203"]: 2_000})
    return claims


def send(client: StrictClient, page: str, **changed: Any) -> TestResponse:
    """Send a page's form with some fields changed."""
    fields: dict[str, Any] = form_fields(page)
    fields |= {name.replace("__", "-"): value for name, value in changed.items()}
    return client.submit(SHEET, fields)


def open_sheet(client: StrictClient, address: str = SHEET) -> str:
    """A page that answers 200."""
    response = client.get(address)
    assert response.status_code == 200
    return response.text


def fill(site: Site, **changed: Any) -> StrictClient:
    """The reporter's browser after saving these fields."""
    client = site.browser(site.reporter)
    assert send(client, open_sheet(client), **changed).status_code == 303
    return client


GOOD = {
    "line__enrolments__value": "1.76万",
    "line__hotline__judgement": "on_track",
    "line__hotline__note": "全年不间断受理。",
}


def count_rows(site: Site, model: Any) -> int:
    """How many rows there are."""
    with site.database.read_session() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def states_of_june(site: Site) -> list[str]:
    """The states of June's revisions."""
    with site.database.read_session() as session:
        of_june = select(Revision.state).join(Report).where(Report.period == "2018-06")
        return list(session.scalars(of_june.order_by(Revision.id)))
