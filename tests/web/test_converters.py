"""Every unit and list that a file can bring has its pages."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.exceptions import NotFound

from tests.support.databases import on_sqlite


@on_sqlite
@pytest.mark.parametrize("code", ["330200", "330100_mz", "_1", "Z", "x" * 32])
@pytest.mark.parametrize("ending", ["", "-second-list", "-" + "s" * 40])
def test_addresses_hold_every_code_and_key(app: Flask, code: str, ending: str) -> None:
    pages = app.url_map.bind("localhost")
    _endpoint, said = pages.match(f"/programmes/{code}-2024{ending}/sheets/{code}/2024-06")
    assert (said["key"], said["code"]) == (f"{code}-2024{ending}", code)


@on_sqlite
@pytest.mark.parametrize("key", ["330200", "3302.00-2018", "330200-18", "x" * 33 + "-2018", "330200-2018--a"])
def test_what_is_no_key_is_no_page(app: Flask, key: str) -> None:
    with pytest.raises(NotFound):
        app.url_map.bind("localhost").match(f"/programmes/{key}/list")
