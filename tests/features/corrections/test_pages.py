"""Correcting and revoking in the browser, with the effect at each level shown first."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.districts import World, only
from tests.factories.rows import NOW
from tests.factories.sheet_site import REVIEW, SHEET, Site, build_site, open_sheet, send, states_of_june
from tests.support.filled_forms import form_fields
from tests.support.statements import counted_statements
from tracker.models.audit import AuditEntry
from tracker.models.ledger import Tally
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.verifying import verify_totals


@pytest.fixture
def site(app: Flask) -> Site:
    """June of 330203 accepted: a flow and a level."""
    made = build_site(app, only("enrolments", "members"))
    with made.database.session() as session:
        world = World.again(session)
        world.hand_in()
        world.sign()
        world.accept()
        try_fold(session, NOW)
        session.commit()
    return made


def ticks(page: str) -> list[str]:
    """Every report the page offers."""
    return re.findall(r'name="reports" value="([0-9]+)"', page)


def begin(site: Site, *, count: int = 1) -> Any:
    """The reporter's browser after beginning corrections."""
    client = site.browser(site.reporter)
    page = open_sheet(client, f"{SHEET}/correct")
    form = {"version": form_fields(page)["version"], "reports": ticks(page)[:count], "reason": "补报漏登人次"}
    answer = client.submit(f"{SHEET}/correct", form)
    assert (answer.status_code, answer.headers["Location"]) == (303, SHEET)
    return client


def test_walks_a_correction_from_the_sheet_to_the_total(site: Site) -> None:
    assert f'href="{SHEET}/correct"' in open_sheet(site.browser(site.reporter))
    client = begin(site)
    page = open_sheet(client)
    assert "更正 · 草稿，原数照常有效" in page
    assert (
        send(client, page, line__enrolments__value="17000", line__enrolments__cumulative="").status_code
        == 303
    )
    check = open_sheet(client, f"{SHEET}/check")
    effects = check[check.index('id="effects"') :]
    assert re.findall(r"38,720|38,120", effects[: effects.index("</table>")]) == ["38,720", "38,120"] * 2
    form = form_fields(check) | {"confirmed": ["y"]}
    assert client.submit(f"{SHEET}/submit", form).status_code == 303
    assert states_of_june(site) == ["accepted", "accepted", "submitted"]
    for who, verdict in ((site.approver, "sign"), (site.reviewer, "accept")):
        judge = site.browser(who)
        given = {"version": form_fields(open_sheet(judge, REVIEW))["version"]}
        assert judge.submit(f"{REVIEW}/{verdict}", given).status_code == 303
    assert states_of_june(site) == ["superseded", "accepted", "accepted"]
    with site.database.read_session() as session:
        wanted = select(Tally.m6).where(Tally.part == "amount", Tally.basis == "accepted", Tally.m5 == 21_120)
        assert set(session.scalars(wanted)) == {17_000}
        assert verify_totals(session) == []


def test_gives_a_correction_up(site: Site) -> None:
    client = begin(site)
    page = open_sheet(client, f"{SHEET}/correct")
    assert "放弃更正" in page
    drop = page[page.index(f"{SHEET}/drop") :]
    version = re.findall(r'name="version" value="([^"]*)"', drop)[0]
    assert client.submit(f"{SHEET}/drop", {"version": version}).status_code == 303
    assert states_of_june(site) == ["accepted", "accepted", "dropped"]
    assert client.submit(f"{SHEET}/drop", {"version": version}).status_code in (403, 409)


def test_a_correction_needs_a_report_and_a_reason(site: Site) -> None:
    client = site.browser(site.reporter)
    page = open_sheet(client, f"{SHEET}/correct")
    version = form_fields(page)["version"]
    nothing = client.submit(f"{SHEET}/correct", {"version": version, "reason": "漏登"})
    assert nothing.status_code == 422
    assert "请勾选要办理的报告" in nothing.text
    silent = client.submit(f"{SHEET}/correct", {"version": version, "reports": ticks(page), "reason": ""})
    assert silent.status_code == 422
    assert states_of_june(site) == ["accepted", "accepted"]


def test_a_second_correction_of_the_same_report_is_a_conflict(site: Site) -> None:
    client = site.browser(site.reporter)
    page = open_sheet(client, f"{SHEET}/correct")
    form = {"version": form_fields(page)["version"], "reports": ticks(page), "reason": "漏登"}
    begin(site)
    assert client.submit(f"{SHEET}/correct", form).status_code == 409


def test_shows_what_a_revocation_does_and_then_does_it(site: Site) -> None:
    client = site.browser(site.reviewer)
    assert f'href="{REVIEW}/revoke"' in open_sheet(client, REVIEW)
    page = open_sheet(client, f"{REVIEW}/revoke")
    effects = page[page.index('id="effects"') : page.index("</table>")]
    assert re.findall(r"38,720|21,120|300|不变", effects) == [
        *("38,720", "21,120") * 2,
        *("300", "不变") * 2,  # May's level is carried
    ]
    fields = form_fields(page)
    assert fields["answer_by"] == ["2018-07-06"]
    form = {
        "version": fields["version"],
        "reports": ticks(page),
        "reason": "花名册有误",
        "answer_by": "2018-07-06",
    }
    late = client.submit(f"{REVIEW}/revoke", form | {"answer_by": "2018-07-01"})
    assert late.status_code == 422
    assert client.submit(f"{REVIEW}/revoke", form).status_code == 303
    assert states_of_june(site) == ["revoked", "revoked", "draft", "draft"]
    sheet = open_sheet(site.browser(site.reporter))
    assert "已作废，7月6日 18:00 前重报" in sheet
    assert form_fields(sheet)["line-enrolments-value"] == ["17600"]
    with site.database.read_session() as session:
        assert verify_totals(session) == []
        actions = session.scalars(select(AuditEntry.action)).all()
        assert actions.count("report.revoked") == 2
    assert client.submit(f"{REVIEW}/revoke", form).status_code == 409


def test_reads_its_pages_within_their_budget(site: Site) -> None:
    begin(site)
    pages = {
        f"{SHEET}/correct": site.reporter,
        f"{REVIEW}/revoke": site.reviewer,
        f"{SHEET}/check": site.reporter,
    }
    for address, who in pages.items():
        client = site.browser(who)
        with counted_statements(site.database) as statements:
            assert client.get(address).status_code == 200
        assert len(statements) <= 17, "\n".join(statements)
