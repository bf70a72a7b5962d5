"""A late unit is reminded by one button, once a day, sees it with one thing to do, and it goes when it reports."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from tests.factories.districts import only
from tests.factories.rows import NOW
from tests.factories.sheet_site import SHEET, Site, build_site, fill, open_sheet
from tests.support.filled_forms import form_fields
from tests.support.strict_client import StrictClient
from tracker.models.audit import AuditEntry
from tracker.models.notice import Notice
from tracker.services.ledger.folding import try_fold

OVERVIEW = "/programmes/330200-2018?cutoff=2018-06"
SEND = "/programmes/330200-2018/reminders/2018-06"
WITHDRAW = "/programmes/330200-2018/reminders/withdraw"


@pytest.fixture
def site(app: Flask) -> Site:
    """330203 and 330205 owe June on 3 July; May of 330203 is accepted."""
    made = build_site(app, only("enrolments"))
    with made.database.session() as session:
        try_fold(session, NOW)
        session.commit()
    return made


def remind(site: Site, *codes: str) -> TestResponse:
    fields = {f"units-{at}": code for at, code in enumerate(codes)} | {"back": OVERVIEW}
    return site.browser(site.reviewer).submit(SEND, fields)


def notices(site: Site) -> list[Notice]:
    with site.database.read_session() as session:
        return list(session.scalars(select(Notice).order_by(Notice.id)))


def audited(site: Site, action: str) -> list[AuditEntry]:
    with site.database.read_session() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def desk(client: StrictClient) -> str:
    return open_sheet(client, "/")


def test_the_overview_offers_one_button_for_each_and_one_for_all(site: Site) -> None:
    page = open_sheet(site.browser(site.reviewer), OVERVIEW)
    assert "一键催报" in page
    late = page[page.index('id="late"') :]
    assert late.count(f'action="{SEND}"') == 3
    assert late.count('value="330205"') == 2


def test_reminds_all_with_one_audit_entry_and_goes_back_to_the_same_place(site: Site) -> None:
    answer = remind(site, "330203", "330205")
    assert (answer.status_code, answer.headers["Location"]) == (303, OVERVIEW)
    told = [(one.period, one.withdrawn_at, one.read_at) for one in notices(site)]
    assert told == [("2018-06", None, None)] * 2
    assert "还有 1 件没有报：第1件实事" in notices(site)[0].text
    assert "7月5日 18:00" in notices(site)[0].text
    entries = audited(site, "unit.reminded")
    assert len(entries) == 1
    assert '"units":["330203","330205"]' in (entries[0].after or "")


def test_reminds_once_a_day_and_says_when_it_did(site: Site) -> None:
    remind(site, "330203")
    client = site.browser(site.reviewer)
    client.submit(SEND, {"units-0": "330203", "back": OVERVIEW})
    page = open_sheet(client, OVERVIEW)
    assert len(notices(site)) == 1
    assert re.search(r"330203今天已催报过（\d+月\d+日 \d\d:\d\d），明天可以再催", page)
    assert len(audited(site, "unit.reminded")) == 1
    assert "对方未看" in page


def test_another_day_it_may_be_reminded_again(site: Site) -> None:
    remind(site, "330203")
    with site.database.session() as session:
        first = notices(site)[0].day
        session.execute(update(Notice).values(day=first.replace(day=1)))
        session.commit()
    remind(site, "330203")
    assert len(notices(site)) == 2


def test_the_unit_s_people_see_it_with_the_one_thing_to_do(site: Site) -> None:
    remind(site, "330203")
    client = site.browser(site.reporter)
    page = desk(client)
    assert "上级催报" in page
    assert 'href="/#reminders"' in page
    [notice] = notices(site)
    answer = client.submit(f"/notices/{notice.id}", {})
    assert answer.headers["Location"].endswith(SHEET)
    assert notices(site)[0].read_at is not None
    assert "上级催报" in desk(site.browser(site.approver)) or "已看" in desk(site.browser(site.approver))
    assert "reminders" not in desk(site.browser(site.neighbour))
    assert "对方已看" in open_sheet(site.browser(site.reviewer), OVERVIEW)


def test_it_vanishes_when_the_sheet_is_handed_in_and_stays_with_who_has_to_sign(site: Site) -> None:
    remind(site, "330203")
    client = fill(site, line__enrolments__value="17600")
    assert 'id="reminders"' in desk(client)
    checked = open_sheet(client, f"{SHEET}/check")
    fields = form_fields(checked) | {"confirmed": "y"}
    assert client.submit(f"{SHEET}/submit", fields).status_code == 303
    assert 'id="reminders"' not in desk(client)
    assert "去审批" in desk(site.browser(site.approver))


def test_is_taken_back_until_it_is_read(site: Site) -> None:
    client = site.browser(site.reviewer)
    client.submit(SEND, {"units-0": "330203", "back": OVERVIEW})
    page = open_sheet(client, OVERVIEW)
    assert "data-seconds" in page
    [notice] = notices(site)
    assert client.submit(WITHDRAW, {"version": str(notice.id)}).status_code == 303
    assert notices(site)[0].withdrawn_at is not None
    assert 'id="reminders"' not in desk(site.browser(site.reporter))
    assert site.browser(site.reporter).submit(f"/notices/{notice.id}", {}).status_code == 404
    remind(site, "330203")
    again = notices(site)[1]
    site.browser(site.reporter).submit(f"/notices/{again.id}", {})
    assert client.submit(WITHDRAW, {"version": str(again.id)}).status_code == 409
    assert len(audited(site, "reminder.withdrawn")) == 1


def test_only_units_directly_below_are_reminded_and_only_of_what_they_owe(site: Site) -> None:
    assert remind(site, "330500").status_code == 404
    assert remind(site, "330203", "999999").status_code == 404
    assert remind(site).status_code == 422
    ahead = site.browser(site.reviewer).submit(SEND.replace("06", "08"), {"units-0": "330203"})
    assert ahead.status_code == 409
    may = site.browser(site.reviewer).submit(SEND.replace("2018-06", "2018-05"), {"units-0": "330203"})
    assert may.status_code == 422
    assert notices(site) == []


def test_nobody_is_sent_elsewhere_by_the_way_back(site: Site) -> None:
    client = site.browser(site.reviewer)
    answer = client.submit(SEND, {"units-0": "330203", "back": "https://example.org/"})
    assert answer.headers["Location"] == "/"


def test_comes_back_to_the_same_page_when_a_reminder_is_taken_back(site: Site) -> None:
    remind(site, "330205")
    client = site.browser(site.reviewer)
    withdraw = {"version": str(notices(site)[0].id)}
    answer = client.submit(f"{WITHDRAW}?back=/programmes/330200-2018?basis%3Dprovisional", withdraw)
    assert answer.location == "/programmes/330200-2018?basis=provisional"
