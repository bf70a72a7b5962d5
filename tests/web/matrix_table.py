"""Who gets which answer, typed here a second time, independently of the table of rights.

One line for each endpoint × method × relation: address values, then the expected status for
anonymous, reporter, approver, reviewer, viewer, auditor, admin, another district's reporter, another
city's reviewer, and a person whose appointment has ended. An unsafe request is sent with valid tokens
and otherwise empty (or with ``form``), so 422 means: the door and the rows let this person through.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from tests.web.world import KEY


class Line(NamedTuple):
    """One line of the table; ``expected`` holds ten statuses in the order of ``world.PRINCIPALS``."""

    endpoint: str
    method: str
    expected: str
    values: Mapping[str, Any] = {}
    form: Mapping[str, Any] = {}


# fmt: off
TABLE: Final = (
    #                                          anon rep app rev vie aud adm dist city ended
    Line("static", "GET",                     "200 200 200 200 200 200 200 200 200 200", {"filename": "img/mark.svg"}),
    Line("static", "GET",                     "404 404 404 404 404 404 404 404 404 404", {"filename": "img/none.svg"}),
    Line("health.alive", "GET",               "200 200 200 200 200 200 200 200 200 200"),
    Line("health.ready", "GET",               "200 200 200 200 200 200 200 200 200 200"),
    Line("accounts.sign_in", "GET",           "200 302 302 302 302 302 302 302 302 200"),
    Line("accounts.check_sign_in", "POST",    "422 422 422 422 422 422 422 422 422 422"),
    Line("accounts.sign_out", "POST",         "401 303 303 303 303 303 303 303 303 401"),
    Line("accounts.desk", "GET",              "302 200 200 200 200 200 200 200 200 302"),
    Line("accounts.own_account", "GET",       "302 200 200 200 200 200 200 200 200 302"),
    Line("accounts.switch_appointment", "POST", "401 422 422 422 422 422 422 422 422 401"),
    Line("accounts.switch_appointment", "POST", "401 404 404 404 404 404 404 404 404 401", {}, {"appointment": 2**62}),
    Line("accounts.end_session", "POST",      "401 404 404 404 404 404 404 404 404 401", {"session_id": 2**62}),
    Line("accounts.change_password", "POST",  "401 422 422 422 422 422 422 422 422 401"),
    Line("programmes.list_all", "GET",        "302 200 200 200 200 200 403 200 200 302"),
    Line("dashboards.overview", "GET",        "302 200 200 200 200 200 403 200 404 302", {"key": KEY}),
    Line("dashboards.overview", "GET",        "302 200 200 200 200 200 403 404 404 302", {"key": KEY, "at": "330203"}),
    Line("dashboards.overview", "GET",        "302 404 404 404 404 404 403 404 404 302", {"key": "330500-2018"}),
)
# fmt: on
