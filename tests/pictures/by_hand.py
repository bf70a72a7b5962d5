"""Pages of the album that no link leads to: what is done, and by whom, until they stand there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from playwright.sync_api import Page

from tests.pictures.places import LIST, fill_sheet, write_draft


class Hand(NamedTuple):
    """The endpoint one stands on in the end; ``login`` is empty where nobody is signed in."""

    endpoint: str
    login: str
    address: str
    before: Callable[[Page], None] | None = None


def _check_targets(page: Page) -> None:
    page.locator("button[name=then][value=check]").click()
    page.wait_for_url("**/check*")


def _prose(page: Page) -> None:
    write_draft(page)
    page.locator("a[href*='/prose']").first.click()
    page.wait_for_url("**/prose*")


# fmt: off
BY_HAND: Final = (
    Hand("accounts.sign_in", "", "/login"),
    Hand("reports.check", "xiangshan-reporter", f"{LIST}/sheets/330225/2018-07", fill_sheet),
    Hand("corrections.show_revoke", "ningbo-reviewer", f"{LIST}/reviews/330203/2018-06/revoke"),
    Hand("bulletins.prose", "ningbo-reviewer", f"{LIST}/bulletins/2018-07/draft", _prose),
    Hand("targets.check", "ningbo-reviewer", f"{LIST}/targets", _check_targets),
)
# fmt: on
