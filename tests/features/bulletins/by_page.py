"""Issuing a bulletin by its pages, as the people concerned do it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flask import Flask
from werkzeug.test import TestResponse

from tests.factories.ningbo import KEY
from tests.support.strict_client import StrictClient
from tracker.worker import do_one_job, tasks_of

BASE = f"/programmes/{KEY}/bulletins"
DRAFT, ISSUE, FIRST = f"{BASE}/2018-H1/draft", f"{BASE}/2018-H1/issue", f"{BASE}/2018-H1/1"
HEADER = "org_unit,indicator,period,value,numerator,denominator,done_on,items_done,note\n"

Browsers = dict[str, StrictClient]


def draft(browsers: Browsers, **fields: str) -> TestResponse:
    return browsers["drafter"].submit(DRAFT, {"cutoff": "2018-06", **fields})


def seen(browser: StrictClient) -> dict[str, str]:
    """What the countersigner's form carries."""
    page = browser.get(DRAFT).text
    fields = {}
    for name in ("version", "digest"):
        found = re.search(rf'name="{name}"[^>]*value="([^"]+)"', page)
        assert found is not None, page
        fields[name] = found[1]
    return fields


def countersign(browsers: Browsers, **fields: str) -> TestResponse:
    draft(browsers, **fields)
    return browsers["signer"].submit(ISSUE, seen(browsers["signer"]))


def press(app: Flask) -> None:
    """What the background process does next."""
    assert do_one_job(app.extensions["database"], tasks_of(app.config), lambda: datetime.now(UTC))


def issue(app: Flask, browsers: Browsers, **fields: str) -> TestResponse:
    response = countersign(browsers, **fields)
    press(app)
    return response
