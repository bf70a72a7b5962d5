"""The list of people: those in reach, searched and filtered, page by page, in few statements."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from tests.factories.people import make_person
from tests.features.people.conftest import Place
from tests.support.statements import counted_statements
from tests.support.taken_tables import take
from tracker.features.people import tables
from tracker.models.account import Account, Appointment
from tracker.models.audit import AuditEntry

BUDGET_LIST, BUDGET_PERSON = 6, 12


def named(place: Place, query: str = "", by: str = "chief") -> list[str]:
    page = place.browser(by).get(f"/accounts{query}").text
    return re.findall(r'<th scope="row"><a href="/accounts/\d+">(\w+)</a>', page)


def test_shows_everybody_in_reach_in_the_trees_order(place: Place) -> None:
    assert named(place) == ["周主管", "吴主管", "孙审核", "郑主管", "王芳", "李强"]
    assert named(place, by="local") == ["郑主管", "王芳", "李强"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=wa", ["王芳"]),
        ("?q=李", ["李强"]),
        ("?q=%25", []),
        ("?role=admin", ["周主管", "吴主管", "郑主管"]),
        ("?unit=330203", ["郑主管", "王芳", "李强"]),
        ("?unit=330203&role=approver&state=active", ["李强"]),
        ("?state=closed", []),
        ("?state=new", []),
    ],
)
def test_finds_by_name_unit_role_and_state(place: Place, query: str, found: list[str]) -> None:
    assert named(place, query) == found


def test_finds_who_is_closed_and_who_holds_nothing_any_more(place: Place) -> None:
    with place.database.session() as session:
        now = datetime.now(UTC)
        session.execute(update(Account).where(Account.login == "wang").values(closed_at=now))
        mine = Appointment.person_id == place.people["li"].person_id
        session.execute(update(Appointment).where(mine).values(valid_to=now))
        session.commit()
    assert (named(place, "?state=closed"), named(place, "?state=ended")) == (["王芳"], ["李强"])
    assert "李强" in named(place)


def test_names_a_unit_that_is_not_in_reach(place: Place) -> None:
    refused = place.browser("local").get("/accounts?unit=330205")
    assert (refused.status_code, "您的范围内没有这个单位" in refused.text) == (422, True)


def test_turns_pages(place: Place) -> None:
    with place.database.session() as session:
        for number in range(60):
            make_person(session, "reporter", "330205", login=f"crowd{number:02}")
        session.commit()
    first, second = named(place), named(place, "?page=2")
    assert (len(first), len(second), set(first) & set(second)) == (50, 16, set())
    assert "第 51–66 条，共 66 条" in place.browser("chief").get("/accounts?page=2").text
    assert "没有符合条件的人" not in place.browser("chief").get("/accounts?page=99").text


def test_keeps_its_budgets(place: Place) -> None:
    chief = place.browser("chief")
    with counted_statements(place.database) as sent:
        chief.get("/accounts")
    assert len(sent) <= BUDGET_LIST, sent
    chief.get(f"/accounts/{place.number('wang')}")  # seals what planting the place left open
    with counted_statements(place.database) as sent:
        chief.get(f"/accounts/{place.number('wang')}")
    assert len(sent) <= BUDGET_PERSON, sent


def test_shows_of_a_persons_history_what_is_in_reach(place: Place) -> None:
    chief, path = place.browser("chief"), f"/accounts/{place.number('wang')}"
    assert chief.submit(f"{path}/appoint?unit=330205", {"role": "reporter"}).status_code == 303
    assert "周主管（chief）" in chief.get(path).text
    assert "周主管（chief）" not in place.browser("local").get(path).text


def test_writes_down_that_a_person_was_looked_at(place: Place) -> None:
    chief = place.browser("chief")
    chief.get(f"/accounts/{place.number('wang')}")
    with place.database.read_session() as session:
        seen = session.scalars(select(AuditEntry.subject_id).where(AuditEntry.action == "personal.viewed"))
        assert list(seen) == [str(place.number("wang"))]


def test_is_taken_away_as_filtered_with_the_columns_of_the_screen(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "ROWS_A_PIECE", 2)
    whole = take(place.browser("chief"), "/accounts", "people", "csv")
    assert whole.headings == ["姓名", "登录名", "任职", "状态", "最近登录"]
    assert whole.column("姓名") == named(place)
    assert whole.facts["行数"] == "6"
    assert "@" not in whole.content.decode("utf-8-sig")
    some = take(place.browser("local"), "/accounts?unit=330203&role=approver", "people")
    assert (some.column("姓名"), some.facts["筛选"]) == (
        ["李强"],
        "单位及以下（名称或代码）：330203；角色：审批人",
    )
    assert some.column("任职") == ["330203 · 审批人"]


def test_says_in_english_what_a_button_does_and_not_what_the_trail_tells(place: Place) -> None:
    page = place.browser("chief").get("/accounts?lang=en").text
    assert re.search(r"<h1[^>]*>People</h1>", page)
    assert ">Open an account</a>" in page
    browser = place.browser("chief")
    browser.get("/?lang=en")
    person = browser.get(re.findall(r'href="(/accounts/\d+)">王芳', page)[0]).text
    assert re.search(r"<button[^>]*>End</button>", person)
    unit = browser.get("/org-units/330203").text
    assert re.search(r'href="/org-units/330203/close"[^>]*>Close</a>', unit)
