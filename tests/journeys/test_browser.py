"""The browser the journeys use: Chinese, on Shanghai time, and cut off from other machines."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Error, Page

from tests.support.serving import serving

ASK = "[navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone].join(' ')"


def test_shows_a_page_of_this_machine_in_chinese(page: Page) -> None:
    app = Flask(__name__)
    app.add_url_rule("/", "page", lambda: "<title>十件实事</title>")
    with serving(app) as address:
        page.goto(f"{address}/")
        assert page.title() == "十件实事"
        assert page.evaluate(ASK) == "zh-CN Asia/Shanghai"


@pytest.mark.parametrize("address", ["http://192.0.2.1/", "http://example.org/"])
def test_reaches_no_other_machine(page: Page, address: str) -> None:
    with pytest.raises(Error, match="net::ERR_"):
        page.goto(address, timeout=5_000)
