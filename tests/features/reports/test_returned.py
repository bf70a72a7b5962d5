"""A returned sheet: what was named is open, the rest is for looking at until somebody asks for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests.factories.districts import World, only
from tests.factories.rows import NOW
from tests.factories.sheet_site import GOOD, SHEET, Site, add_claims, build_site, fill, open_sheet, send
from tests.support.filled_forms import form_fields
from tracker.domain.identity import Role
from tracker.models.period import SignatureWaiver
from tracker.services.standings import Remark
from tracker.services.transitions import Doer, send_back


@pytest.fixture
def site(app: Flask) -> Site:
    """June was handed in and returned by the approver for the enrolments alone."""
    made = build_site(app, only("enrolments", "hotline"))
    with made.database.session() as session:
        claims = add_claims(World.again(session))
        session.commit()
    client = fill(made, **GOOD, line__claims__value="125")
    form = form_fields(open_sheet(client, f"{SHEET}/check")) | {"confirmed": "y"}
    assert client.submit(f"{SHEET}/submit", form).status_code == 303
    with made.database.session() as session:
        world = World.again(session)
        pinned = (world.indicators["enrolments"].id,)
        assert claims.id not in pinned
        remark = Remark("请按花名册填写。", pinned, NOW + timedelta(days=9))
        send_back(session, world.seen()[:1], Doer(made.approver, NOW), remark)
        session.commit()
    return made


def test_only_the_named_row_is_open(site: Site) -> None:
    page = open_sheet(site.browser(site.reporter))
    fields = form_fields(page)
    assert fields["line-enrolments-value"] == ["17,600"]
    assert "line-claims-value" not in fields
    assert page.count("is-named") == 1
    assert "退回意见：" in page


def test_mending_it_leaves_the_rows_alone_that_were_not_named(site: Site) -> None:
    client = site.browser(site.reporter)
    mended = {"line__enrolments__value": "17500", "line__enrolments__cumulative": ""}
    assert send(client, open_sheet(client), **mended).status_code == 303
    fields = form_fields(open_sheet(client, f"{SHEET}?all=1"))
    assert (fields["line-enrolments-value"], fields["line-claims-value"]) == (["17,500"], ["125"])


def test_the_others_open_when_asked_for_and_keep_what_was_typed(site: Site) -> None:
    client = site.browser(site.reporter)
    page = open_sheet(client, f"{SHEET}?all=1")
    refused = send(client, page, line__claims__value="约130")
    assert refused.status_code == 422
    assert form_fields(refused.text)["line-claims-value"] == ["约130"]
    assert send(client, page, line__claims__value="130", line__claims__cumulative="").status_code == 303
    assert form_fields(open_sheet(client, f"{SHEET}?all=1"))["line-claims-value"] == ["130"]


def test_a_unit_whose_signature_is_waived_is_told_who_judges_instead(site: Site) -> None:
    client = site.browser(site.reporter)
    assert "approver-330203（审批人）" in open_sheet(client, f"{SHEET}/check")
    with site.database.session() as session:
        world = World.again(session)
        by = world.person(Role.REVIEWER, "330200")
        row = SignatureWaiver(
            programme_id=world.programme.id, org_unit_id=world.units["330203"], is_waived=True, reason="试点",
            by_id=by.person_id, at=NOW,
        )  # fmt: skip
        session.add(row)
        session.commit()
    page = open_sheet(client, f"{SHEET}/check")
    assert "approver-330203（审批人）" not in page
    assert "提交给上级工会审核" in page
    assert "7月12日 10:00 截止" in page, "the day the return asks for"
