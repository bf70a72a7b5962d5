"""A reviewer in a browser: last year's list is copied, a target set, the list published; and how its pages look."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_half_year import signed_in
from tests.support.databases import on_postgresql, on_sqlite
from tests.support.demonstration import Demonstration
from tests.support.looking import Faults, examine_everywhere
from tracker.features.programmes.queries import get_document

OLD, NEW = "/programmes/330200-2018/list", "/programmes/330200-2019/list"
PAGES = (
    OLD, f"{OLD}/head", f"{OLD}/pledges/1", f"{OLD}/indicators/enrolments", f"{OLD}/order", f"{OLD}/copy", f"{OLD}/history",
    f"{OLD}/state/run", f"{OLD}/pledges/new", f"{OLD}/pledges/new?kind=stock", "/programmes/import", "/programmes/new?kind=ratio",
)  # fmt: skip


@on_postgresql
def test_copies_last_years_list_sets_a_target_and_publishes(
    demonstration: Demonstration, browser: Browser
) -> None:
    address = demonstration.address
    with signed_in(browser, address, "ningbo-reviewer") as page:
        page.goto(f"{address}{OLD}")
        page.get_by_role("link", name="复制到下一年").click()
        page.get_by_role("button", name="建草稿").click()
        expect(page).to_have_url(f"{address}{NEW}")
        page.get_by_role("link", name="参加职工医疗互助保障人次").click()
        page.locator("#indicator-target").fill("155万")
        page.get_by_role("button", name="保存").click()
        expect(page.locator("main")).to_contain_text("1,550,000 人次")
        page.get_by_role("link", name="公布").click()
        expect(page.locator("main")).to_contain_text("公布不能撤回")
        page.get_by_role("button", name="确认公布").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("已公布")
        page.wait_for_load_state("networkidle")
    with demonstration.database.read_session() as session:
        assert get_document(session, "330200-2019").indicators[0].target == 1_550_000


@on_sqlite
def test_its_pages_are_accessible_keep_the_policy_and_fit(
    demonstration: Demonstration, browser: Browser
) -> None:
    with signed_in(browser, demonstration.address, "ningbo-reviewer") as page:
        found = looked_at(page, demonstration.address, PAGES)
    assert not found


def looked_at(page: Page, address: str, paths: Sequence[str]) -> dict[str, dict[int, Faults]]:
    """Path → what is wrong with it, for those with which something is."""
    wrong = {}
    for path in paths:
        page.goto(f"{address}{path}")
        if faults := examine_everywhere(page, []):
            wrong[path] = faults
    return wrong
