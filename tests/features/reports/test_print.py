"""The 填报表 on paper: A4, everything that is on the sheet, lines to sign on, a draft marked as one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.factories.districts import KINDS, PLAIN, World
from tests.factories.sheet_site import SHEET, Site, build_site, open_sheet
from tests.support.databases import on_sqlite
from tests.support.desks import at_desk
from tests.support.serving import serving
from tests.support.statements import counted_statements

A4_LANDSCAPE = (842, 595)
BOX = re.compile(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]")


class Paper(NamedTuple):
    """What a printer gets."""

    sizes: list[tuple[int, int]]
    words: str


@pytest.fixture
def site(app: Flask) -> Site:
    return build_site(app, KINDS)


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    with serving(site.app) as address:
        yield address


def report_june(site: Site, *, is_submitted: bool) -> None:
    """June is filled in plainly, and handed in and signed when asked for."""
    with site.database.session() as session:
        world = World.again(session)
        if is_submitted:
            world.hand_in()
            world.sign()
        else:
            world.save_lines(PLAIN)
        session.commit()


def printed(page: Page) -> Paper:
    """The page as it comes out of a printer."""
    page.wait_for_url("**/print")
    content = page.pdf(prefer_css_page_size=True)
    sizes = [(round(float(width)), round(float(height))) for width, height in BOX.findall(content)]
    page.emulate_media(media="print")
    return Paper(sizes, page.locator("body").inner_text())


@on_sqlite
def test_prints_a_draft_marked_as_one_on_a4(site: Site, address: str, browser: Browser) -> None:
    report_june(site, is_submitted=False)
    with at_desk(browser, address, "reporter-330203") as page:
        page.goto(f"{address}{SHEET}")
        page.get_by_role("link", name="打印").click()
        paper = printed(page)
    assert set(paper.sizes) == {A4_LANDSCAPE}
    assert len(paper.sizes) == 1
    assert "草稿" in paper.words
    assert "受理号" not in paper.words
    for words in (
        "填报人（签字）",
        "审批人（签字）",
        "日期",
        "330203总工会",
        "2018年6月",
        "17,600",
        "38,720",
    ):
        assert words in paper.words
    for row in (
        "参保人次",
        "会员总数",
        "动态保持户数",
        "覆盖率",
        "增幅",
        "挂牌运作",
        "站点名单",
        "热线全年受理",
    ):
        assert row in paper.words
    assert "返回月报表" not in paper.words
    assert "我的工作台" not in paper.words


@on_sqlite
def test_prints_number_digest_and_people_of_what_was_submitted(
    site: Site, address: str, browser: Browser
) -> None:
    report_june(site, is_submitted=True)
    with at_desk(browser, address, "reporter-330203") as page:
        page.goto(f"{address}{SHEET}/receipt")
        digest = page.locator(".digest").inner_text()
        page.get_by_role("link", name="打印填报表").click()
        paper = printed(page)
    assert set(paper.sizes) == {A4_LANDSCAPE}
    assert "草稿" not in paper.words
    for words in (
        "330203-201806-1",
        digest,
        "reporter-330203",
        "approver-330203",
        "甲站、乙站",
        "2018-05-20",
    ):
        assert words in paper.words


@on_sqlite
def test_a_long_form_repeats_its_head_on_every_page(site: Site, address: str, browser: Browser) -> None:
    report_june(site, is_submitted=False)
    with at_desk(browser, address, "reporter-330203") as page:
        page.goto(f"{address}{SHEET}/print")
        page.evaluate(
            "() => { const table = document.querySelector('.filing table');"
            " const body = table.tBodies[0]; for (let at = 0; at < 40; at += 1) table.append(body.cloneNode(true)); }"
        )
        assert len(printed(page).sizes) > 1


def test_tells_landscape_from_portrait(address: str, browser: Browser) -> None:
    with at_desk(browser, address, "reporter-330203") as page:
        page.goto(f"{address}{SHEET}")
        assert set(BOX.findall(page.pdf(prefer_css_page_size=True))) == {(b"594.95996", b"841.91998")}


def test_reads_the_page_in_fifteen_statements_at_most(site: Site) -> None:
    report_june(site, is_submitted=True)
    client = site.browser(site.reviewer)
    with counted_statements(site.database) as statements:
        open_sheet(client, f"{SHEET}/print")
    assert len(statements) <= 15, "\n".join(statements)
