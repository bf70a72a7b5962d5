"""A period of very many units: the page shows the first and says how many more there are; numbers and files are whole."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories.districts import only
from tests.factories.sheet_site import Site, build_site, open_sheet
from tests.features.periods.test_periods import PAGE
from tracker.features.periods import period_page

FURTHER = "只列出前 1 项，另有 1 项，见表格文件。"


@pytest.fixture
def site(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Two units, neither of which has reported; one row of each list is shown, one unit named."""
    monkeypatch.setattr(period_page, "MOST_SHOWN", 1)
    monkeypatch.setattr(period_page, "MOST_NAMED", 1)
    return build_site(app, only("enrolments"))


def test_names_the_first_and_counts_all(site: Site) -> None:
    page = open_sheet(site.browser(site.reviewer), PAGE)
    assert "应报 2 个单位，已报 0 个，还差 2 个。" in page
    assert "还有 2 个单位未报齐：\n1. 330203 · 2018年6月 · 已报 0/1 件" in page
    assert f"\n{FURTHER}\n" in page
    assert page.count(FURTHER) == 2
    assert "2. 330205" not in page
    assert "未报 2 个：330203等。" in page


def test_a_closed_period_names_the_first_too(site: Site) -> None:
    client = site.browser(site.reviewer)
    assert client.submit(f"{PAGE}/close").status_code == 303
    assert "未报 2 个：330203等。" in open_sheet(client, PAGE)


def test_a_list_that_fits_says_nothing_of_more(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(period_page, "MOST_SHOWN", 2)
    monkeypatch.setattr(period_page, "MOST_NAMED", 2)
    page = open_sheet(site.browser(site.reviewer), PAGE)
    assert "另有" not in page
    assert "未报 2 个：330203、330205。" in page
