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
from tracker.domain.periods import Period


class Line(NamedTuple):
    """One line of the table; ``expected`` holds ten statuses in the order of ``world.PRINCIPALS``."""

    endpoint: str
    method: str
    expected: str
    values: Mapping[str, Any] = {}
    form: Mapping[str, Any] = {}


HALF: Final = Period.parse("2018-H1")
ENROLMENTS: Final = {"key": KEY, "code": "enrolments"}
JUNE: Final = {"key": KEY, "code": "330203", "period": Period.parse("2018-06")}
PROOFS: Final = {**JUNE, "number": 1}
MONTH: Final = {"key": KEY, "period": Period.parse("2018-06")}
ISSUE: Final = {"key": KEY, "period": HALF, "number": 1}
HISTORY: Final = {"key": KEY, "code": "330203", "indicator": "enrolments"}
PLEDGES: Final = {"page": f"/programmes/{KEY}", "table": "pledges", "style": "csv"}
TRAIL: Final = {"page": "/auditing/entries", "table": "entries", "style": "csv"}

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
    Line("dashboards.trail", "GET",           "302 200 200 200 200 200 403 200 404 302", {"key": KEY, "indicator": "enrolments"}),
    Line("dashboards.trail", "GET",           "302 404 404 404 404 404 403 404 404 302", {"key": KEY, "indicator": "none"}),
    Line("dashboards.pledge", "GET",          "302 200 200 200 200 200 403 200 404 302", {"key": KEY, "number": 1}),
    Line("dashboards.pledge", "GET",          "302 404 404 404 404 404 403 404 404 302", {"key": KEY, "number": 99}),
    Line("dashboards.compare", "GET",         "302 200 200 200 200 200 403 200 404 302", {"key": KEY}),
    Line("dashboards.compare_lists", "GET",   "302 200 200 200 200 200 403 200 200 302", {"year": 2018}),
    Line("programmes.list_all", "GET",        "302 200 200 200 200 200 403 200 200 302"),
    Line("programmes.new_list", "GET",        "302 403 403 200 403 403 403 403 200 302"),
    Line("programmes.create_list", "POST",    "401 403 403 422 403 403 403 403 422 401"),
    Line("programmes.choose_file", "GET",     "302 403 403 200 403 403 403 403 200 302"),
    Line("programmes.upload_file", "POST",    "401 403 403 422 403 403 403 403 422 401"),
    Line("programmes.preview_import", "GET",  "302 403 403 404 403 403 403 403 404 302", {"fingerprint": "0" * 64}),
    Line("programmes.confirm_import", "POST", "401 403 403 404 403 403 403 403 404 401", {"fingerprint": "0" * 64}),
    Line("programmes.show", "GET",            "302 200 200 200 200 200 403 200 404 302", {"key": KEY}),
    Line("programmes.show", "GET",            "302 404 404 404 404 404 403 404 404 302", {"key": "330500-2018"}),
    Line("programmes.history", "GET",         "302 200 200 200 200 200 403 200 404 302", {"key": KEY}),
    Line("programmes.change_ranking", "POST", "401 403 403 422 403 403 403 403 404 401", {"key": KEY}),
    Line("programmes.export", "POST",         "401 403 403 422 422 422 403 403 404 401", {"key": KEY}),
    Line("programmes.export", "POST",         "401 403 403 303 303 303 403 403 404 401", {"key": KEY}, {"format": "yaml"}),
    Line("programmes.exported", "GET",        "302 403 403 404 404 404 403 403 404 302", {"key": KEY, "entry": 2**62}),
    Line("programmes.edit_head", "GET",       "302 403 403 200 403 403 403 403 404 302", {"key": KEY}),
    Line("programmes.save_head", "POST",      "401 403 403 422 403 403 403 403 404 401", {"key": KEY}),
    Line("programmes.add_pledge", "GET",      "302 403 403 200 403 403 403 403 404 302", {"key": KEY}),
    Line("programmes.create_pledge", "POST",  "401 403 403 422 403 403 403 403 404 401", {"key": KEY}),
    Line("programmes.edit_pledge", "GET",     "302 403 403 200 403 403 403 403 404 302", {"key": KEY, "number": 1}),
    Line("programmes.edit_pledge", "GET",     "302 403 403 404 403 403 403 403 404 302", {"key": KEY, "number": 9}),
    Line("programmes.save_pledge", "POST",    "401 403 403 422 403 403 403 403 404 401", {"key": KEY, "number": 1}),
    Line("programmes.save_pledge", "POST",    "401 403 403 404 403 403 403 403 404 401", {"key": KEY, "number": 9}),
    Line("programmes.drop_pledge", "POST",    "401 403 403 422 403 403 403 403 404 401", {"key": KEY, "number": 1}),
    Line("programmes.add_indicator", "GET",   "302 403 403 200 403 403 403 403 404 302", {"key": KEY, "number": 1}),
    Line("programmes.create_indicator", "POST", "401 403 403 422 403 403 403 403 404 401", {"key": KEY, "number": 1}),
    Line("programmes.edit_indicator", "GET",  "302 403 403 200 403 403 403 403 404 302", ENROLMENTS),
    Line("programmes.save_indicator", "POST", "401 403 403 422 403 403 403 403 404 401", ENROLMENTS),
    Line("programmes.choose_kind", "GET",     "302 403 403 200 403 403 403 403 404 302", ENROLMENTS),
    Line("programmes.drop_indicator", "POST", "401 403 403 422 403 403 403 403 404 401", ENROLMENTS),
    Line("programmes.edit_order", "GET",      "302 403 403 200 403 403 403 403 404 302", {"key": KEY}),
    Line("programmes.save_order", "POST",     "401 403 403 409 403 403 403 403 404 401", {"key": KEY}),
    Line("programmes.confirm_step", "GET",    "302 403 403 200 403 403 403 403 404 302", {"key": KEY, "step": "close"}),
    Line("programmes.confirm_step", "GET",    "302 403 403 409 403 403 403 403 404 302", {"key": KEY, "step": "publish"}),
    Line("programmes.take_step", "POST",      "401 403 403 422 403 403 403 403 404 401", {"key": KEY, "step": "close"}),
    Line("programmes.take_step", "POST",      "401 403 403 422 403 403 403 403 404 401", {"key": KEY, "step": "publish"}),
    Line("programmes.choose_copy", "GET",     "302 403 403 200 403 403 403 403 404 302", {"key": KEY}),
    Line("programmes.copy", "POST",           "401 403 403 422 403 403 403 403 404 401", {"key": KEY}),
    Line("dashboards.overview", "GET",        "302 200 200 200 200 200 403 200 404 302", {"key": KEY}),
    Line("dashboards.overview", "GET",        "302 200 200 200 200 200 403 404 404 302", {"key": KEY, "at": "330203"}),
    Line("dashboards.overview", "GET",        "302 404 404 404 404 404 403 404 404 302", {"key": "330500-2018"}),
    Line("targets.index", "GET",              "302 302 302 302 302 302 403 302 302 302"),
    Line("targets.matrix", "GET",             "302 200 200 200 200 200 403 200 404 302", {"key": KEY}),
    Line("targets.matrix", "GET",             "302 200 200 200 200 200 403 404 404 302", {"key": KEY, "at": "330203"}),
    Line("targets.matrix", "GET",             "302 404 404 404 404 404 403 404 404 302", {"key": KEY, "at": "330502"}),
    Line("targets.save", "POST",              "401 403 409 409 403 403 403 403 404 401", {"key": KEY}),
    Line("targets.save", "POST",              "401 403 409 403 403 403 403 403 404 401", {"key": KEY, "at": "330203"}),
    Line("targets.save", "POST",              "401 403 404 404 403 403 403 403 404 401", {"key": KEY, "at": "330502"}),
    Line("targets.check", "GET",              "302 403 200 200 403 403 403 403 404 302", {"key": KEY}),
    Line("targets.issue", "POST",             "401 403 422 422 403 403 403 403 404 401", {"key": KEY}),
    Line("targets.unit", "GET",               "302 200 200 200 200 200 403 404 404 302", {"key": KEY, "code": "330203"}),
    Line("targets.confirm", "POST",           "401 409 409 403 403 403 403 404 403 401", {"key": KEY, "code": "330203"}),
    Line("targets.ask", "POST",               "401 409 409 403 403 403 403 404 403 401", {"key": KEY, "code": "330203"}),
    Line("targets.decline", "POST",           "401 403 409 409 403 403 403 403 404 401", {"key": KEY, "code": "330203"}),
    Line("targets.history", "GET",            "302 200 200 200 200 200 403 404 404 302", HISTORY),
    Line("targets.history", "GET",            "302 404 404 404 404 404 403 404 404 302", {**HISTORY, "indicator": "none"}),
    Line("exports.ask", "POST",               "401 422 422 422 422 422 422 422 422 401"),
    Line("exports.ask", "POST",               "401 303 303 303 303 303 403 303 404 401", {}, PLEDGES),
    Line("exports.ask", "POST",               "401 403 403 403 403 303 403 403 403 401", {}, TRAIL),
    Line("exports.ask", "POST",               "401 404 404 404 404 404 404 404 404 401", {}, {**PLEDGES, "table": "none"}),
    Line("exports.show", "GET",               "302 404 404 404 404 404 404 404 404 302", {"number": 2**62}),
    Line("exports.download", "GET",           "302 404 404 404 404 404 404 404 404 302", {"number": 2**62}),
    Line("bulletins.index", "GET",            "302 200 200 200 200 200 403 200 200 302"),
    Line("bulletins.listing", "GET",          "302 200 200 200 200 200 403 200 404 302", {"key": KEY}),
    Line("bulletins.draft", "GET",            "302 404 404 200 200 404 403 404 404 302", {"key": KEY, "period": HALF}),
    Line("bulletins.write_draft", "POST",     "401 403 403 422 403 403 403 403 404 401", {"key": KEY, "period": HALF}),
    Line("bulletins.prose", "GET",            "302 403 403 404 403 403 403 403 404 302", {"key": KEY, "period": HALF}),
    Line("bulletins.write_prose", "POST",     "401 403 403 404 403 403 403 403 404 401", {"key": KEY, "period": HALF}),
    Line("bulletins.countersign", "POST",     "401 403 403 422 422 403 403 403 404 401", {"key": KEY, "period": HALF}),
    Line("bulletins.press_again", "POST",     "401 403 403 404 404 403 403 403 404 401", {"key": KEY, "period": HALF}),
    Line("bulletins.issue", "GET",            "302 200 200 200 200 200 403 200 404 302", ISSUE),
    Line("bulletins.issue", "GET",            "302 404 404 404 404 404 403 404 404 302", {**ISSUE, "number": 2}),
    Line("bulletins.export", "POST",          "401 403 403 422 422 422 403 403 404 401", ISSUE),
    Line("bulletins.export", "POST",          "401 403 403 303 303 303 403 403 404 401", ISSUE, {"format": "xlsx"}),
    Line("bulletins.exported", "GET",         "302 403 403 404 404 404 403 403 404 302", {**ISSUE, "entry": 2**62}),
    Line("bulletins.verify", "GET",           "200 200 200 200 200 200 200 200 200 200"),
    Line("bulletins.public_key", "GET",       "200 200 200 200 200 200 200 200 200 200"),
    Line("bulletins.verify_upload", "POST",   "422 422 422 422 422 422 422 422 422 422"),
    Line("reports.index", "GET",              "302 302 302 302 302 302 403 302 302 302"),
    Line("reports.sheet", "GET",              "302 200 200 200 200 200 403 404 404 302", JUNE),
    Line("reports.sheet", "GET",              "302 404 404 200 200 200 403 404 404 302", {**JUNE, "code": "330200"}),
    Line("reports.sheet", "GET",              "302 404 404 404 404 404 403 404 404 302", {**JUNE, "period": HALF}),
    Line("reports.save", "POST",              "401 422 403 403 403 403 403 404 403 401", JUNE),
    Line("reports.save", "POST",              "401 404 403 403 403 403 403 404 403 401", {**JUNE, "code": "330200"}),
    Line("reports.save", "POST",              "401 404 403 403 403 403 403 404 403 401", {**JUNE, "period": HALF}),
    Line("reports.check", "GET",              "302 200 403 403 403 403 403 404 403 302", JUNE),
    Line("reports.submit", "POST",            "401 422 403 403 403 403 403 404 403 401", JUNE),
    Line("reports.receipt", "GET",            "302 302 302 302 302 302 403 404 404 302", JUNE),
    Line("reports.printed", "GET",            "302 200 200 200 200 200 403 404 404 302", JUNE),
    Line("reports.printed", "GET",            "302 404 404 404 404 404 403 404 404 302", {**JUNE, "period": HALF}),
    Line("reports.take_back", "POST",         "401 409 403 403 403 403 403 404 403 401", JUNE),
    Line("evidence.folder", "GET",            "302 200 200 200 200 200 403 404 404 302", PROOFS),
    Line("evidence.folder", "GET",            "302 404 404 404 404 404 403 404 404 302", {**PROOFS, "number": 99}),
    Line("evidence.upload", "POST",           "401 422 403 403 403 403 403 404 403 401", PROOFS),
    Line("evidence.upload", "POST",           "401 404 403 403 403 403 403 404 403 401", {**PROOFS, "number": 99}),
    Line("evidence.download", "GET",          "302 404 404 404 404 404 403 404 404 302", {**PROOFS, "evidence_id": 2**62}),
    Line("evidence.preview", "GET",           "302 404 404 404 404 404 403 404 404 302", {**PROOFS, "evidence_id": 2**62}),
    Line("evidence.remove", "POST",           "401 404 403 403 403 403 403 404 403 401", {**PROOFS, "evidence_id": 2**62}),
    Line("reviews.index", "GET",              "302 403 302 302 403 403 403 403 302 302"),
    Line("reviews.handover", "GET",           "302 403 200 200 403 403 403 403 200 302"),
    Line("reviews.begin_handover", "POST",    "401 403 422 422 403 403 403 403 422 401"),
    Line("reviews.finish_handover", "POST",   "401 403 404 404 403 403 403 403 404 401", {"handover_id": 2**62}),
    Line("reviews.queue", "GET",              "302 403 200 200 403 403 403 403 404 302", {"key": KEY}),
    Line("reviews.review", "GET",             "302 403 200 200 403 403 403 403 404 302", JUNE),
    Line("reviews.sign_off", "POST",          "401 403 422 403 403 403 403 403 403 401", JUNE),
    Line("reviews.accept_all", "POST",        "401 403 403 422 403 403 403 403 404 401", JUNE),
    Line("reviews.send_back", "POST",         "401 403 422 422 403 403 403 403 404 401", JUNE),
    Line("reviews.accept_clean", "POST",      "401 403 403 409 403 403 403 403 404 401", {"key": KEY}),
    Line("reviews.take_all_back", "POST",     "401 403 403 422 403 403 403 403 404 401", {"key": KEY}),
    Line("reviews.say", "POST",               "401 404 422 422 404 404 403 404 404 401", JUNE),
    Line("reviews.take_back", "POST",         "401 403 403 422 403 403 403 403 404 401", JUNE),
    Line("corrections.show", "GET",           "302 200 403 403 403 403 403 404 403 302", JUNE),
    Line("corrections.begin", "POST",         "401 422 403 403 403 403 403 404 403 401", JUNE),
    Line("corrections.give_up", "POST",       "401 422 403 403 403 403 403 404 403 401", JUNE),
    Line("corrections.show_revoke", "GET",    "302 403 403 200 403 403 403 403 404 302", JUNE),
    Line("corrections.take_out", "POST",      "401 403 403 422 403 403 403 403 404 401", JUNE),
    Line("corrections.show", "GET",           "302 404 403 403 403 403 403 404 403 302", {**JUNE, "period": HALF}),
    Line("threads.show", "GET",               "302 200 200 200 200 200 403 404 404 302", JUNE),
    Line("threads.show", "GET",               "302 404 404 404 404 404 403 404 404 302", {**JUNE, "period": HALF}),
    Line("threads.reply", "POST",             "401 422 422 422 422 422 403 404 404 401", JUNE),
    Line("reminders.send", "POST",            "401 403 403 422 403 403 403 403 404 401", MONTH),
    Line("reminders.send", "POST",            "401 403 403 404 403 403 403 403 404 401", {**MONTH, "period": HALF}),
    Line("reminders.withdraw", "POST",        "401 403 403 422 403 403 403 403 404 401", {"key": KEY}),
    Line("reminders.open_notice", "POST",     "401 404 404 403 403 403 403 404 403 401", {"notice_id": 2**62}),
    Line("auditing.index", "GET",             "302 403 403 403 403 200 302 403 403 302"),
    Line("auditing.entries", "GET",           "302 403 403 403 403 200 200 403 403 302"),
    Line("auditing.entry", "GET",             "302 403 403 403 403 404 404 403 403 302", {"number": 2**62}),
    Line("auditing.subject", "GET",           "302 403 403 403 403 200 200 403 403 302", {"kind": "bulletin", "subject": f"{KEY}/2018-H1/1"}),
    Line("auditing.subject", "GET",           "302 403 403 403 403 404 404 403 403 302", {"kind": "report", "subject": "none"}),
    Line("auditing.listing", "GET",           "302 403 403 403 403 200 403 403 403 302", {"name": "imports"}),
    Line("auditing.listing", "GET",           "302 403 403 403 403 404 403 403 403 302", {"name": "none"}),
    Line("auditing.samples", "GET",           "302 403 403 403 403 200 403 403 403 302", {"key": KEY}),
    Line("auditing.samples", "GET",           "302 403 403 403 403 404 403 403 403 302", {"key": "330500-2018"}),
    Line("auditing.draw", "POST",             "401 403 403 403 403 422 403 403 403 401", {"key": KEY}),
    Line("auditing.sample", "GET",            "302 403 403 403 403 404 403 403 403 302", {"number": 2**62}),
    Line("auditing.mark", "POST",             "401 403 403 403 403 404 403 403 403 401", {"number": 2**62, "position": 1}),
    Line("auditing.findings", "GET",          "302 200 200 403 403 200 403 200 403 302"),
    Line("auditing.new_finding", "GET",       "302 403 403 403 403 200 403 403 403 302"),
    Line("auditing.begin_finding", "POST",    "401 403 403 403 403 422 403 403 403 401"),
    Line("auditing.finding", "GET",           "302 200 200 403 403 200 403 404 403 302", {"number": 1}),
    Line("auditing.finding", "GET",           "302 404 404 403 403 404 403 404 403 302", {"number": 2**62}),
    Line("auditing.answer", "POST",           "401 422 422 403 403 403 403 404 403 401", {"number": 1}),
    Line("auditing.judge", "POST",            "401 403 403 403 403 422 403 403 403 401", {"number": 1}),
    Line("periods.current", "GET",            "302 403 403 302 403 403 403 403 404 302", {"key": KEY}),
    Line("periods.show", "GET",               "302 403 403 200 403 403 403 403 404 302", MONTH),
    Line("periods.show", "GET",               "302 403 403 404 403 403 403 403 404 302", {**MONTH, "period": HALF}),
    Line("periods.close", "POST",             "401 403 403 422 403 403 403 403 404 401", MONTH, {"unknown": "1"}),
    Line("periods.reopen", "POST",            "401 403 403 422 403 403 403 403 404 401", MONTH),
    Line("periods.waive", "POST",             "401 403 403 422 403 403 403 403 404 401", MONTH),
)
# fmt: on
