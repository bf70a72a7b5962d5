"""A period of very many units: the page shows the first and says how many more there are; numbers and files are whole."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.factories.districts import World, only
from tests.factories.rows import put_targets
from tests.factories.sheet_site import Site, build_site, open_sheet
from tests.features.periods.test_periods import PAGE
from tracker.features.periods import period_page, queries


def sheet_of(code: str) -> str:
    return f'href="/programmes/330200-2018/sheets/{code}/2018-06"'


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
    assert "\n另有 1 个单位没有列出。\n" in page
    assert page.count(FURTHER) == 1
    assert "2. 330205" not in page
    assert [sheet_of(code) in page for code in ("330203", "330205")] == [True, False]
    assert "未报 2 个：330203等。" in page


def test_what_lies_at_a_desk_is_listed_up_to_the_same_number(site: Site) -> None:
    with site.database.session() as session:
        world = World.again(session)
        for code in ("330203", "330205"):
            world.hand_in(code=code)
        session.commit()
    page = open_sheet(site.browser(site.reviewer), PAGE)
    reviews = [f'/reviews/{code}/2018-06"' in page for code in ("330203", "330205")]
    assert reviews == [True, False]
    assert page.count(FURTHER) == 1


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


@pytest.fixture
def wide(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """More units than a page is drawn of: the city with its two districts."""
    monkeypatch.setattr(queries, "MOST_UNITS", 3)
    return site


def test_very_many_units_are_looked_at_one_branch_at_a_time(wide: Site) -> None:
    client = wide.browser(wide.reviewer)
    page = open_sheet(client, PAGE)
    assert "这里共有 3 个单位，请先选一个地区。" in page
    assert re.findall(rf'href="{PAGE}\?at=(\d+)"', page) == ["330203", "330205"]
    assert page.count("1 个单位") == 2
    assert "还没报的单位" not in page
    assert "waiver-form" not in page
    branch = open_sheet(client, f"{PAGE}?at=330205")
    assert "应报 1 个单位，已报 0 个，还差 1 个。" in branch
    assert "330203" not in branch.split("<h1")[1]
    assert f'href="{PAGE}"' in branch
    assert "/close" not in branch, "closing is for all of them"


def test_the_unit_above_the_branches_is_not_forgotten(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_UNITS", 3)
    site = build_site(app, only("enrolments"))
    with site.database.session() as session:
        world = World.again(session)
        put_targets(session, world.indicators["enrolments"], {world.units["330200"]: 10}, is_own_level=True)
        session.commit()
    page = open_sheet(site.browser(site.reviewer), PAGE)
    assert sheet_of("330200") in page
    assert "已报 0 / 1 件" in page
    assert [sheet_of(code) in page for code in ("330203", "330205")] == [False, False]


def test_a_branch_s_forms_come_back_to_it(wide: Site) -> None:
    client = wide.browser(wide.reviewer)
    waiver = {"unit": "330205", "then": "waived", "reason": "只有一人"}
    done = client.submit(f"{PAGE}/signature?at=330205", waiver)
    assert (done.status_code, done.headers["Location"]) == (303, f"{PAGE}?at=330205")
    other = {"unit": "330203", "then": "waived", "reason": "只有一人"}
    assert client.submit(f"{PAGE}/signature?at=330205", other).status_code == 422


def test_closing_counts_all_branches(wide: Site) -> None:
    client = wide.browser(wide.reviewer)
    assert "要等一会儿" in open_sheet(client, PAGE)
    assert client.submit(f"{PAGE}/close").status_code == 303
    assert "应报 2 个单位，已报 0 个，未报 2 个" in open_sheet(client, PAGE)


def test_a_branch_out_of_sight_is_none(wide: Site) -> None:
    client = wide.browser(wide.reviewer)
    for code in ("330000", "330500", "999999"):
        assert client.get(f"{PAGE}?at={code}").status_code == 404
