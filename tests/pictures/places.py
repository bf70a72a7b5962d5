"""Where each picture is taken: by whom, on which page, of which part of it, and what is done there before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from playwright.sync_api import Page, expect

LIST: Final = "/programmes/330200-2018"


class Place(NamedTuple):
    """One picture: ``docs/img/<language>/<name>.png``; ``parts`` are selectors, none means the window."""

    name: str
    login: str
    address: str
    parts: tuple[str, ...] = ()
    most: int = 900
    width: int = 1280
    height: int = 900
    before: Callable[[Page], None] | None = None


def _slip(page: Page) -> None:
    """7 typed where thousands were reported before: both readings are offered."""
    _type(page, "enrolments", "7")
    page.locator(".save-bar [value=stay]").click()
    expect(page.locator("#pledge-3 .note").first).to_be_visible()


def fill_sheet(page: Page) -> None:
    """Everything answered, on to the last look."""
    figures = {"enrolments": "6420", "screenings": "170", "stations": "1", "retreats": "398", "gig_members": "70",
               "shows": "1", "checkups": "2"}  # fmt: skip
    for code, value in figures.items():
        _type(page, code, value)
    page.locator(".save-bar [value=check]").click()
    page.wait_for_url("**/check")


def _type(page: Page, code: str, value: str) -> None:
    page.wait_for_load_state("load")
    field = page.locator(f"[name=line-{code}-value]")
    field.fill(value)
    field.press("Tab")


def write_draft(page: Page) -> None:
    """July's paper, written by the program."""
    if page.locator(".paper").count() == 0:
        page.locator("main form button[type=submit]").first.click()
    expect(page.locator(".paper")).to_be_visible()


def _stations(page: Page) -> None:
    page.locator("#pledge-6 a").first.click()
    page.wait_for_load_state("load")


def _fenghua(page: Page) -> None:
    page.get_by_role("link", name="奉化审批人（样例）").click()
    page.wait_for_load_state("load")


# fmt: off
PLACES: Final = (
    Place("overview",   "ningbo-viewer",   LIST,                                  (), 860, height=860),
    Place("review",     "yuyao-approver",  f"{LIST}/reviews/330281/2018-07",      (), 800, height=800),
    Place("bulletin",   "ningbo-reviewer", f"{LIST}/bulletins/2018-H1/2?fig=screenings", (), 800, height=800),

    Place("reporter-desk",     "fenghua-reporter",   "/", (".page-head", ".columns"), 700),
    Place("reporter-slip",     "xiangshan-reporter", f"{LIST}/sheets/330225/2018-07", ("#sheet thead", "#pledge-3"), width=1440, before=_slip),
    Place("reporter-check",    "xiangshan-reporter", f"{LIST}/sheets/330225/2018-07", (".page",), 900, before=fill_sheet),
    Place("sheet",             "xiangshan-reporter", f"{LIST}/sheets/330225/2018-07", (), width=1440),
    Place("reporter-receipt",  "haishu-reporter",    f"{LIST}/sheets/330203/2018-07/receipt", (".page-title", ".stack")),
    Place("reporter-returned", "fenghua-reporter",   f"{LIST}/sheets/330213/2018-07", ("tbody:has(.is-named)",), width=1440),
    Place("reporter-evidence", "jiangbei-reporter",  f"{LIST}/sheets/330205/2018-06/evidence/6?line=stations", (".page-title", ".page .card")),
    Place("reporter-correct",  "haishu-reporter",    f"{LIST}/sheets/330203/2018-07/correct", (".page-title", ".stack")),

    Place("approver-desk",   "yuyao-approver", "/", (".page-head", ".columns"), 700),
    Place("approver-phone",  "yuyao-approver", f"{LIST}/reviews/330281/2018-07", (), width=375, height=812),

    Place("reviewer-queue",   "ningbo-reviewer", f"{LIST}/reviews", (".page-head", ".page > .card")),
    Place("reviewer-review",  "ningbo-reviewer", f"{LIST}/reviews/330206/2018-07", (), 800, height=800),
    Place("reviewer-return",  "ningbo-reviewer", f"{LIST}/reviews/330206/2018-07?return=1", ("dialog#return",)),
    Place("reviewer-period",  "ningbo-reviewer", f"{LIST}/periods/2018-07", (".page-title", "[aria-labelledby=missing]")),
    Place("reviewer-targets", "ningbo-reviewer", f"{LIST}/targets", (".page-head", "#matrix"), 800),
    Place("reviewer-draft",   "ningbo-reviewer", f"{LIST}/bulletins/2018-07/draft", (), 800, height=800, before=write_draft),

    Place("viewer-desk",   "ningbo-viewer",    "/", (".page-head", ".columns"), 700),
    Place("viewer-matrix", "ningbo-viewer",    LIST, ("[aria-labelledby=matrix]",)),
    Place("viewer-pledge", "ningbo-viewer",    LIST, (".page",), 900, before=_stations),
    Place("viewer-trail",  "ningbo-viewer",    f"{LIST}/trail?indicator=stations", (".page",), 900),
    Place("viewer-compare", "zhejiang-viewer", "/programmes/330000-2018/compare", (".page",), 900),

    Place("auditor-desk",    "ningbo-auditor", "/auditing", (".page-head", ".columns"), 800),
    Place("auditor-sample",  "ningbo-auditor", "/auditing/samples/1", (".page-title", "[aria-labelledby=how]", "#figure-1")),
    Place("auditor-finding", "ningbo-auditor", "/auditing/findings/1", (".page-title", "[aria-labelledby=thread]")),
    Place("auditor-entries", "ningbo-auditor", "/auditing/subjects/org_unit/330282", (".page",), 800),

    Place("admin-people",   "ningbo-admin",  "/accounts", (".page",), 800),
    Place("admin-requests", "ningbo-admin2", "/accounts/requests", (".page-head", ".page > .card")),
    Place("admin-person",   "ningbo-admin2", "/accounts", (".page-head", ".columns"), 800, before=_fenghua),
    Place("admin-unit",     "ningbo-admin",  "/org-units/330282", (".page",), 700),
)
# fmt: on
