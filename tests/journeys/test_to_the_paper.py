"""From a province's total to the scanned sheet behind it in three clicks, and back to the same place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from tests.factories.files import picture
from tests.factories.people import make_person, signed_in_client
from tests.factories.rows import (
    NOW,
    Nested,
    act,
    align,
    move,
    plant_indicator,
    plant_list,
    plant_tree,
    put_line,
    put_targets,
)
from tests.support.browsers import PATIENCE_MS
from tests.support.serving import serving
from tracker.db import Database
from tracker.domain.workflow import State
from tracker.models.evidence import Evidence, EvidenceBlob
from tracker.models.programme import Indicator
from tracker.models.report import Acceptance
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.posting import post

SHEET = picture()
TREE: Nested = {"330000": {"330200": {"330203": {}, "330205": {}}, "330500": {}}}
START = "/programmes/330000-2018?cutoff=2018-06"


def plant(session: Session) -> int:
    """A city's list that feeds the province's, two districts' reports with a scanned sheet each; who looks."""
    units = plant_tree(session, TREE)
    of_city = plant_list(session, units["330200"], key="330200-2018")
    of_province = plant_list(session, units["330000"], key="330000-2018")
    counted = plant_indicator(session, of_city, "enrolments")
    fed = plant_indicator(session, of_province, "enrolments")
    align(session, counted, fed)
    put_targets(session, fed, {units["330000"]: 300, units["330200"]: 200})
    put_targets(session, counted, {units["330203"]: 100, units["330205"]: 100})
    reporter = make_person(session, "reporter", units["330203"])
    viewer = make_person(session, "viewer", units["330000"])
    digest = hashlib.sha256(SHEET).hexdigest()
    session.add(EvidenceBlob(sha256=digest, media="jpg", size=len(SHEET), preview=None, at=NOW))
    session.flush()
    for code, value in (("330203", 60), ("330205", 70)):
        accept_with_sheet(session, counted, units[code], value, digest=digest, by=reporter.person_id)
    try_fold(session, NOW)
    session.commit()
    return viewer.account_id


def accept_with_sheet(
    session: Session, indicator: Indicator, unit: int, value: int, *, digest: str, by: int
) -> None:
    """June of a district, accepted, with a picture of the signed paper."""
    revision = put_line(session, indicator, unit, 6, value=value)
    session.add(
        Evidence(
            revision_id=revision.id, indicator_id=indicator.id, sha256=digest, received_sha256=digest,
            name="盖章扫描件.jpg", by_id=by, at=NOW,
        )
    )  # fmt: skip
    session.flush()
    move(session, revision, State.ACCEPTED)
    posting = post(session, act("accept", indicator.programme_id), {unit})
    session.add(Acceptance(revision_id=revision.id, posting_id=posting))
    session.flush()


@contextmanager
def looking(app: Flask, browser: Browser, address: str, account: int) -> Iterator[Page]:
    """A browser signed in to an account."""
    cookie = signed_in_client(app, account).get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    context = browser.new_context(
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": 1440, "height": 500},
        accept_downloads=True,
    )
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
    yield context.new_page()
    context.close()


def test_three_clicks_from_the_total_to_the_scanned_sheet_and_back(
    app: Flask, fresh_database: Database, browser: Browser
) -> None:
    with fresh_database.session() as session:
        account = plant(session)
    app.extensions["evidence_store"].keep(SHEET)
    with serving(app) as address, looking(app, browser, address, account) as page:
        clicks = 0
        page.goto(f"{address}{START}")
        total = page.locator("#pledge-1 a.percent")
        total.scroll_into_view_if_needed()
        place = page.evaluate("scrollY")

        total.click()
        clicks += 1
        expect(page.locator(".source-figure")).to_have_text("130人次")
        city = page.url
        page.get_by_role("link", name="报告与佐证").first.click()
        clicks += 1
        expect(page.locator("main")).to_contain_text("盖章扫描件.jpg")
        reports = page.url
        with page.expect_download() as told:
            page.get_by_role("link", name="盖章扫描件.jpg").first.click()
        clicks += 1
        assert told.value.path().read_bytes() == SHEET
        assert clicks == 3

        assert page.url == reports
        page.go_back()
        expect(page).to_have_url(city)
        page.go_back()
        expect(page).to_have_url(f"{address}{START}")
        expect(page.locator("#pledge-1")).to_be_visible()
        page.wait_for_function(f"Math.abs(scrollY - {place}) < 40")

        total.click()
        expect(page.locator(".source-figure")).to_be_visible()
        page.wait_for_load_state("load")  # the scripts are there too
        page.get_by_role("link", name="回到总览").click()
        expect(page).to_have_url(f"{address}{START}")
        page.wait_for_function(f"Math.abs(scrollY - {place}) < 40")
