"""Accounts and appointments: at once or after a second person, never for oneself, never out of reach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.factories.people import identity_of, make_person, signed_in_client
from tests.features.people.conftest import Place
from tests.support.racing import race
from tracker.domain.days import day_of
from tracker.domain.identity import Duty
from tracker.features.people.deciding import confirm
from tracker.features.people.doing import Doer
from tracker.models.account import Account, Appointment, Person
from tracker.models.audit import AuditEntry
from tracker.models.granting import AccountLink, GrantRequest
from tracker.models.mail import OutgoingMail

NEW = {"name": "陈新", "login": "chen", "email": "Chen@Example.cn", "role": "reporter"}
NOW = datetime.now(UTC)


def rows(place: Place, *columns: Any) -> list[Any]:
    with place.database.read_session() as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(columns[0]))]


def acts(place: Place, subject: int) -> list[str]:
    with place.database.read_session() as session:
        wanted = select(AuditEntry.action).where(AuditEntry.subject_id == str(subject))
        kept = wanted.where(AuditEntry.action.not_in(("personal.viewed", "session.begun")))
        return list(session.scalars(kept.order_by(AuditEntry.id)))


def account_of(place: Place, login: str) -> int:
    with place.database.read_session() as session:
        return session.scalars(select(Account.id).where(Account.login == login)).one()


def appoint(place: Place, by: str, whom: str, unit: str, **form: str) -> int:
    path = f"/accounts/{account_of(place, whom)}/appoint?unit={unit}"
    return place.browser(by).submit(path, form).status_code


def open_request(place: Place) -> int:
    [(number,)] = rows(place, GrantRequest.id)
    return int(number)


def decide(place: Place, by: str, answer: str = "confirm") -> int:
    return place.browser(by).submit(f"/accounts/requests/{open_request(place)}/{answer}").status_code


def test_opens_an_account_for_a_reporter_at_once_and_writes_only_to_the_person(place: Place) -> None:
    chief = place.browser("chief")
    assert "330203总工会" in chief.get("/accounts/new?q=330203").text
    opened = chief.submit("/accounts/new?unit=330203", NEW)
    assert opened.status_code == 303
    page = chief.get(opened.headers["Location"]).text
    assert "未启用" in page
    [(recipient, body, state)] = rows(place, OutgoingMail.recipient, OutgoingMail.body, OutgoingMail.state)
    assert (recipient, state, "{link}" in body) == ("chen@example.cn", "waiting", True)
    assert rows(place, AccountLink.id, AccountLink.token_digest) == [(1, None)]
    assert acts(place, account_of(place, "chen")) == ["account.added"]
    with place.database.read_session() as session:
        told = session.scalars(select(AuditEntry.after).where(AuditEntry.action == "account.added")).one()
    assert "chen@example.cn" not in str(told)
    client = signed_in_client(place.app, account_of(place, "chen"))
    assert client.get("/").status_code == 200


def test_keeps_what_was_typed_and_names_everything_wrong_at_once(place: Place) -> None:
    bad = {
        **NEW,
        "login": "wang",
        "email": "nobody",
        "department": "",
        "until": "2018-01-31",
        "duty": "audit_admin",
    }
    answer = place.browser("chief").submit("/accounts/new?unit=330203", bad)
    assert answer.status_code == 422
    for said in ("陈新", "这个登录名已经有人使用", "完整的邮箱地址", "已经过去", "只有管理员才分工"):
        assert said in answer.text
    assert rows(place, Person.name)[0] != ("陈新",)


def test_lets_an_approver_wait_for_a_second_person(place: Place) -> None:
    assert (
        place.browser("chief").submit("/accounts/new?unit=330203", {**NEW, "role": "approver"}).status_code
        == 303
    )
    number = account_of(place, "chen")
    assert rows(place, OutgoingMail.id) == []
    assert signed_in_client(place.app, number).get("/").status_code == 302
    assert decide(place, "chief") == 403
    assert decide(place, "far") == 404
    assert decide(place, "reviewer") == 404  # of the city: it is not the unit's own reviewer
    assert "任命和重设等您确认" in place.browser("second").get("/").text
    assert "陈新" in place.browser("second").get("/accounts/requests").text
    assert decide(place, "second") == 303
    assert decide(place, "local") == 409
    chief, second = place.people["chief"].person_id, place.people["second"].person_id
    made = (Appointment.granted_by_id, Appointment.confirmed_by_id, Appointment.origin)
    assert (chief, second, "page") in rows(place, *made)
    assert acts(place, number) == ["account.added", "appointment.confirmed"]
    assert len(rows(place, OutgoingMail.id)) == 1
    assert signed_in_client(place.app, number).get("/").status_code == 200


def test_lets_a_reviewer_of_the_unit_confirm_or_refuse(place: Place) -> None:
    assert appoint(place, "chief", "wang", "330200", role="auditor") == 303
    assert appoint(place, "chief", "wang", "330200", role="auditor") == 422  # it waits already
    assert "王芳" in place.browser("reviewer").get("/").text
    assert decide(place, "reviewer", "refuse") == 303
    assert [state for _id, state in rows(place, GrantRequest.id, GrantRequest.state)] == ["refused"]
    assert acts(place, place.number("wang")) == ["appointment.requested", "grant.refused"]


def test_lets_only_who_asked_take_it_back(place: Place) -> None:
    appoint(place, "chief", "wang", "330203", role="approver")
    assert decide(place, "second", "withdraw") == 404
    assert decide(place, "chief", "withdraw") == 303
    assert decide(place, "second") == 409


def test_confirms_nothing_old(place: Place) -> None:
    appoint(place, "chief", "wang", "330203", role="approver")
    with place.database.session() as session:
        session.execute(update(GrantRequest).values(requested_at=NOW - timedelta(days=31)))
        session.commit()
    assert decide(place, "second") == 409


def test_confirms_for_one_of_sixteen_at_once(place: Place) -> None:
    appoint(place, "chief", "wang", "330203", role="approver")
    number = open_request(place)
    with place.database.read_session() as session:
        second = identity_of(session, place.people["second"])

    def act(session: Session) -> None:
        confirm(session, number, Doer(second, datetime.now(UTC), "race"))

    outcomes = race(place.database, *[act] * 16)
    assert sorted(outcomes) == ["", *["RequestMoved"] * 15]
    mine = place.people["wang"].person_id
    held = [role for person, role in rows(place, Appointment.person_id, Appointment.role) if person == mine]
    assert sorted(held) == ["approver", "reporter"]


@pytest.mark.parametrize(
    "columns",
    [
        {"granted_by_id": "wang", "confirmed_by_id": "second"},
        {"granted_by_id": "chief", "confirmed_by_id": "chief"},
        {"granted_by_id": "chief", "confirmed_by_id": "wang"},
        {"granted_by_id": "chief", "confirmed_by_id": None},
        {"granted_by_id": "chief", "confirmed_by_id": "second", "stands_in_for_id": "wang"},
        {"granted_by_id": "chief", "confirmed_by_id": "second", "stands_in_for_id": "li", "valid_to": None},
    ],
)
def test_the_database_itself_demands_three_people(place: Place, columns: dict[str, str | None]) -> None:
    values: dict[str, Any] = {
        name: place.people[login].person_id if login else None
        for name, login in columns.items()
        if name != "valid_to"
    }
    ends = None if "valid_to" in columns else NOW + timedelta(days=9)
    with place.database.session() as session:
        wang = place.people["wang"].person_id
        unit = session.scalars(select(Appointment.org_unit_id).where(Appointment.person_id == wang)).one()
        planted = Appointment(
            person_id=wang,
            org_unit_id=unit,
            role="approver",
            valid_from=NOW,
            valid_to=ends,
            origin="page",
            **values,
        )
        session.add(planted)
        with pytest.raises(IntegrityError):
            session.flush()


def test_appoints_nobody_out_of_reach_and_never_oneself(place: Place) -> None:
    assert appoint(place, "local", "wang", "330205", role="reporter") == 404
    assert appoint(place, "local", "reviewer", "330203", role="reporter") == 404
    assert appoint(place, "chief", "chief", "330203", role="reporter") == 403
    assert place.browser("local").get(f"/accounts/{place.number('reviewer')}").status_code == 404
    assert place.browser("chief").submit(f"/accounts/{place.number('chief')}/close").status_code == 403


def test_leaves_the_account_of_somebody_it_only_partly_reaches_alone(place: Place) -> None:
    assert appoint(place, "chief", "wang", "330205", role="reporter") == 303
    local, number = place.browser("local"), place.number("wang")
    assert "范围之外还有任职" in local.get(f"/accounts/{number}").text
    for act in ("close", "reset", "sessions/end"):
        assert local.submit(f"/accounts/{number}/{act}").status_code == 403
    assert local.submit(f"/accounts/{number}/address", {"email": "mine@example.cn"}).status_code == 403
    assert place.browser("chief").submit(f"/accounts/{number}/close").status_code == 303


def test_moves_somebody_at_once_even_while_the_new_office_waits(place: Place) -> None:
    li, browser = place.people["li"], place.browser("li")
    page = (
        place.browser("chief")
        .get(f"/accounts/{li.account_id}/appoint?unit=330205&leaves={li.appointment_id}")
        .text
    )
    assert "原任职" in page
    assert appoint(place, "chief", "li", "330205", role="approver", leaves=str(li.appointment_id)) == 303
    assert browser.get("/account").status_code == 302
    assert decide(place, "second") == 303
    assert browser.get("/account").status_code == 200
    assert acts(place, li.account_id) == ["appointment.moved", "appointment.confirmed"]


def test_binds_reviewers_to_lead_departments_alone(place: Place) -> None:
    chief, path = place.browser("chief"), f"/accounts/{place.number('wang')}/appoint?unit=330200"
    assert "职工保障部" in chief.get(path).text
    assert appoint(place, "chief", "wang", "330200", role="reporter", department="职工保障部") == 422
    assert appoint(place, "chief", "wang", "330200", role="reviewer", department="没有的部") == 422
    assert appoint(place, "chief", "wang", "330200", role="reviewer", department="职工保障部") == 303


def test_lets_a_stand_in_act_until_the_last_day_and_says_so_everywhere(place: Place) -> None:
    last = day_of(NOW) + timedelta(days=3)
    form = {"role": "approver", "stands_in_for": "li"}
    assert appoint(place, "chief", "wang", "330203", **form) == 422  # without an end
    assert appoint(place, "chief", "wang", "330203", **form, until=str(last + timedelta(days=400))) == 422
    assert appoint(place, "chief", "wang", "330205", **form, until=str(last)) == 422  # li is not there
    assert appoint(place, "chief", "wang", "330203", **form, until=str(last)) == 303
    assert decide(place, "second") == 303
    wang = place.browser("wang")
    number = rows(place, Appointment.id)[-1][0]
    assert "共 2 项任职" in wang.get("/").text
    assert wang.submit("/account/appointment", {"appointment": number}).status_code == 303
    assert "代理审批人" in wang.get("/").text
    with place.database.read_session() as session:
        labels = list(session.scalars(select(AuditEntry.actor_label).where(AuditEntry.actor_id.is_not(None))))
    assert "王芳（wang）" in labels
    wang.submit("/account/appointment", {"appointment": place.people["wang"].appointment_id})
    with place.database.read_session() as session:
        label = session.scalars(select(AuditEntry.actor_label).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert label == "王芳（wang，代理李强）"
    with time_machine.travel(datetime.combine(last, datetime.min.time(), UTC) + timedelta(hours=17)):
        fresh = place.browser("wang")
        assert "代理" not in fresh.get("/").text
        assert fresh.submit("/account/appointment", {"appointment": number}).status_code == 404


def test_ends_an_appointment_once(place: Place) -> None:
    wang, chief = place.people["wang"], place.browser("chief")
    path = f"/accounts/{wang.account_id}/appointments/{wang.appointment_id}/end"
    old = place.browser("wang")
    assert chief.submit(path).status_code == 303
    assert old.get("/account").status_code == 302
    assert chief.submit(path).status_code == 409
    assert "没有任职" in chief.get("/accounts?state=ended").text


def with_duty(place: Place, login: str, duty: Duty) -> None:
    with place.database.session() as session:
        mine = Appointment.person_id == place.people[login].person_id
        session.execute(update(Appointment).where(mine).values(duty=duty))
        session.commit()


def test_splits_the_admins_work_under_mlps(place: Place) -> None:
    place.app.config["POLICY"] = "mlps"
    statuses = {}
    for login, duty in (("chief", Duty.SYSTEM), ("second", Duty.SECURITY), ("local", Duty.AUDIT)):
        with_duty(place, login, duty)
        browser = place.browser(login)
        pages = ("/accounts", "/accounts/new", "/accounts/requests", "/auditing/entries")
        statuses[duty] = [browser.get(page).status_code for page in pages]
    assert statuses == {
        Duty.SYSTEM: [200, 200, 403, 403],
        Duty.SECURITY: [200, 403, 200, 403],
        Duty.AUDIT: [403, 403, 403, 200],
    }
    undivided = place.browser("far")  # an appointment of before: it covers nothing here
    assert [undivided.get(page).status_code for page in ("/", "/accounts", "/auditing/entries")] == [
        200,
        403,
        403,
    ]
    assert place.browser("chief").submit("/accounts/new?unit=330203", NEW).status_code == 303
    assert signed_in_client(place.app, account_of(place, "chen")).get("/").status_code == 302
    assert decide(place, "second") == 303
    assert signed_in_client(place.app, account_of(place, "chen")).get("/").status_code == 200


def test_lets_nobody_hold_two_duties_under_mlps(place: Place) -> None:
    place.app.config["POLICY"] = "mlps"
    with_duty(place, "second", Duty.SECURITY)
    with_duty(place, "local", Duty.AUDIT)
    refused = partial(appoint, place, "second", "local", "330205", role="admin")
    assert refused() == 422
    assert refused(duty="system_admin") == 422
    assert refused(duty="audit_admin") == 303
    place.app.config["POLICY"] = "asvs"
    assert appoint(place, "second", "local", "330200", role="admin", duty="system_admin") == 303


def test_says_when_nobody_else_could_confirm(place: Place) -> None:
    told = "现在没有第二个人能确认"
    path = f"/accounts/{account_of(place, 'wang')}"
    assert appoint(place, "chief", "wang", "330203", role="approver") == 303
    assert (
        told not in place.browser("chief").get(path).text
    )  # a second admin and the district's own are there
    others = [place.people[login].person_id for login in ("second", "local")]
    with place.database.session() as session:
        session.execute(update(Appointment).where(Appointment.person_id.in_(others)).values(valid_to=NOW))
        session.commit()
    assert told in place.browser("chief").get(path).text
    with place.database.session() as session:
        make_person(session, "reviewer", "330203", name="本级审核")
        session.commit()
    assert told not in place.browser("chief").get(path).text
