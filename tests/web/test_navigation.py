"""The bar shows each role its own places, and badges where something waits."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.people import MadePerson, signed_in_client
from tests.factories.rows import move, put_line
from tests.support.databases import on_sqlite
from tests.support.strict_client import StrictClient
from tracker.db import Database
from tracker.domain.workflow import State
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator
from tracker.web.navigation import ENTRIES

pytestmark = on_sqlite


def test_leaves_out_what_no_feature_serves_or_the_role_may_not_see(
    planted_app: Flask, people: dict[str, MadePerson]
) -> None:
    admin = signed_in_client(planted_app, people["admin"].account_id)
    bar = re.search(r'<nav class="nav".*?</nav>', admin.get("/").text, re.DOTALL)
    assert bar is not None
    assert "工作台" in bar[0]
    assert "填报" not in bar[0]


def test_marks_the_page_one_is_on(reviewer: StrictClient) -> None:
    assert re.search(r'<a href="/" aria-current="page">工作台', reviewer.get("/").text)


def test_shows_how_many_sheets_wait(planted_app: Flask, reviewer: StrictClient) -> None:
    assert '<span class="count">1</span>' not in reviewer.get("/").text
    database: Database = planted_app.extensions["database"]
    with database.session() as session:
        indicator = session.scalars(select(Indicator)).one()
        unit = session.scalars(select(OrgUnit.id).where(OrgUnit.code == "330203")).one()
        move(session, put_line(session, indicator, unit, 6, value=7), State.SIGNED)
        session.commit()
    assert '<span class="count">1</span>' in reviewer.get("/").text


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.endpoint)
def test_has_a_drawing_for_every_entry(reviewer: StrictClient, entry: object) -> None:
    assert f'id="i-{entry.icon}"' in reviewer.get("/").text  # type: ignore[attr-defined]


def test_names_who_is_there(reviewer: StrictClient, people: dict[str, MadePerson]) -> None:
    page = reviewer.get("/").text
    assert people["reviewer"].name in page
    assert "330200总工会 · 审核人" in page
