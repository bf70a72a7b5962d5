"""Every page of lists and of targets as it really is, in every state it can be in: accessible, within the policy, fitting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, template_rendered
from playwright.sync_api import Browser, FilePayload, Page
from sqlalchemy import update

from tests.architecture.copies import ROOT
from tests.factories.decomposition import KEY, MATRIX, TODAY, Decomposition, board_of, plant_decomposition
from tests.factories.people import PASSWORD
from tests.features.targets.test_pages import UNIT, divide, issue, page_of
from tests.support.browsers import PATIENCE_MS
from tests.support.databases import on_sqlite
from tests.support.filled_forms import form_fields
from tests.support.looking import SHOTS, SIZES, examine_everywhere
from tests.support.serving import serving
from tracker.domain.identity import OPERATOR, Identity
from tracker.features.programmes.files.formats import write_file
from tracker.features.programmes.queries import get_document
from tracker.models.allocation import TargetNotice
from tracker.services.programme_documents.versions import add_version_as_stored

pytestmark = on_sqlite
LIST = f"/programmes/{KEY}/list"
OTHER = f"{MATRIX}/330204"
REVIEWER = (
    "/", "/programmes", LIST, f"{LIST}/head", f"{LIST}/pledges/1", f"{LIST}/pledges/new", f"{LIST}/pledges/1/indicators/new",
    f"{LIST}/indicators/rate", f"{LIST}/indicators/training", f"{LIST}/order", f"{LIST}/copy",
    f"{LIST}/history?from=1&to=2", "/programmes/import", "/programmes/new", "/programmes/new?kind=ratio",
    MATRIX, f"{MATRIX}/check", UNIT, OTHER, f"{UNIT}/history/flow-1",
)  # fmt: skip
APPROVER = ("/", UNIT, f"{MATRIX}?at=330203", LIST, f"/programmes/{KEY}")
VIEWER = (MATRIX, OTHER)


@pytest.fixture
def world(app: Flask) -> Decomposition:
    """A running list: issued, one unit asks for an adjustment, one is overdue, a draft waits."""
    made = plant_decomposition(app, rows=30, state="published")
    with made.database.session() as session:
        add_version_as_stored(session, board_of(session).head.id, reason="公布", actor=OPERATOR, now=TODAY)
        session.commit()
    client = divide(made)
    issue(client, reason="年初分解")
    unit = made.browser(made.reporter)
    version = form_fields(page_of(unit, UNIT))["version"][0]
    assert (
        unit.submit(f"{UNIT}/ask", {"version": version, "reason": "两家企业外迁，希望减到 2 万"}).status_code
        == 303
    )
    with made.database.session() as session:
        late = update(TargetNotice).where(TargetNotice.org_unit_id == made.units["330204"])
        session.execute(late.values(answer_by=TODAY - timedelta(days=2)))
        session.commit()
    cell = form_fields(page_of(client)) | {"scope": ["all"], "then": ["stay"]}
    cell[made.cell("flow-1", "330203")] = ["1"]
    cell[made.cell("flow-2", "330205")] = ["不承担"]
    assert client.submit(MATRIX, cell).status_code == 303
    return made


@contextmanager
def signed_in(browser: Browser, address: str, who: Identity) -> Iterator[tuple[Page, list[str]]]:
    context = browser.new_context(locale="zh-CN", viewport=SIZES[0])
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{address}/login")
    page.get_by_label("账号").fill(who.login)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_load_state("load")
    yield page, said
    context.close()


class Walk:
    """Pages looked at so far, and what was wrong with them."""

    def __init__(self, page: Page, said: list[str], who: str) -> None:
        self.page, self._said, self._who = page, said, who
        self.wrong: dict[str, Any] = {}

    def look(self, name: str) -> None:
        """Examine the page that is open."""
        assert self.page.locator("h1").count() == 1, name
        said = [line for line in self._said if "422" not in line]
        self._said.clear()
        kept = re.sub(r"[^\w-]+", "-", f"lists-{self._who}-{name}").strip("-")
        if wrong := examine_everywhere(self.page, said, SHOTS / kept):
            self.wrong[name] = wrong

    def visit(self, address: str, *paths: str) -> None:
        """Go to each page and examine it."""
        for path in paths:
            answer = self.page.goto(f"{address}{path}", wait_until="load")
            assert answer is not None
            assert answer.status == 200, path
            self.look(path)


def bring(walk: Walk, address: str, content: bytes, name: str) -> None:
    """A file through the page of imports, and what it answers."""
    walk.page.goto(f"{address}/programmes/import")
    file = FilePayload(name="2018.yaml", mimeType="text/yaml", buffer=content)
    walk.page.locator("input[type=file]").set_input_files(file)
    walk.page.get_by_role("button", name="上传并核对").click()
    walk.page.wait_for_load_state("load")
    walk.look(name)


def test_pages_of_lists_and_targets_are_accessible_keep_the_policy_and_fit(
    browser: Browser, world: Decomposition
) -> None:
    rendered: set[str] = set()

    def note(_sender: object, *, template: Any, **_more: object) -> None:
        rendered.add(template.name)

    with world.database.read_session() as session:
        listed = write_file(get_document(session, KEY), ".yaml")
    changed = listed.replace("第1件".encode(), "改名".encode())
    wrong: dict[str, Any] = {}
    with serving(world.app) as address, template_rendered.connected_to(note, world.app):
        with signed_in(browser, address, world.reviewer) as (page, said):
            walk = Walk(page, said, "reviewer")
            walk.visit(address, f"{LIST}/state/run", *REVIEWER)
            bring(walk, address, changed, "preview")
            bring(walk, address, listed.replace(b"due_day: 5", b"due_day: 50\ncolour: red"), "upload-faults")
            page.goto(f"{address}{MATRIX}/check")
            page.get_by_role("button", name="下达给").click()
            page.wait_for_load_state("load")
            walk.look("check-refused")
            wrong |= walk.wrong
        for who, paths in ((world.approver, APPROVER), (world.viewer, VIEWER)):
            with signed_in(browser, address, who) as (page, said):
                walk = Walk(page, said, who.role)
                walk.visit(address, *paths)
                wrong |= walk.wrong
    assert wrong == {}
    wanted = {
        str(file.relative_to(ROOT / "templates"))
        for folder in ("programmes", "targets")
        for file in (ROOT / "templates" / folder).glob("[!_]*.html")
    }
    assert wanted <= rendered
