"""Files of accounts: every fault at once by line, looked at first, written whole or not at all."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from tests.features.accounts.authenticators import go_by
from tests.features.people.conftest import Place
from tests.features.people.test_appointing import account_of, acts, decide, rows
from tests.support.strict_client import StrictClient
from tracker.domain.days import day_of
from tracker.features.people.import_plan import COLUMNS
from tracker.models.account import Account, Appointment
from tracker.models.audit import AuditEntry
from tracker.models.granting import AccountUpload, GrantRequest
from tracker.models.mail import OutgoingMail

IS_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
HEAD = "login,name,email,role,org_unit,department,until"
SOUND = [
    "zhao,赵一,zhao@example.cn,reporter,330203,,2036-12-31",
    "zhao,赵一,,approver,330205,,",
    "qian,钱二,,viewer,330200,,",
    "wang,王芳,,reporter,330203,,",
    "wang,王芳,,reviewer,330200,职工保障部,",
]
FAULTY = [
    "z,赵一,nobody,boss,999999,,later",
    "wang,王小芳,,reporter,330203,,",
    "sun,孙三,,reporter,330203,职工保障部,2018-01-31",
    "far,湖主管,,reporter,330203,,",
    "chief,周主管,,reporter,330203,,",
    "li,李强,,approver,330500,,",
    "zhou,周五,a@example.cn,reporter,330203,,",
    "wu,吴六,a@example.cn,reporter,330203,,",
    "zhou,周五,,reporter,330203,,",
]


WHOLE = "login,name,email,role,org_unit,department,duty,since,until,stands_in_for"
SPANS = [
    "zhao,赵一,,admin,330203,,security_admin,,,",
    "qian,钱二,,reporter,330203,,,2036-03-01,2036-12-31,",
    "sun,孙三,,reporter,330203,,,,{soon},wang",
]
"""An admin's duty, a first and a last day, and a stand-in with an end."""


def spans() -> list[str]:
    soon = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
    return [line.replace("{soon}", soon) for line in SPANS]


def csv(lines: list[str], head: str = HEAD) -> bytes:
    return "\n".join([head, *lines]).encode()


def xlsx(lines: list[str], head: str = HEAD) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (head, *lines):
        sheet.append(
            [date.fromisoformat(cell) if IS_DAY.fullmatch(cell) else cell for cell in line.split(",")]
        )
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def bring(browser: StrictClient, content: bytes) -> TestResponse:
    return browser.submit("/accounts/import", {"file": (io.BytesIO(content), "people.csv")})


def version_on(page: str) -> str:
    return page.partition('name="version" value="')[2].partition('"')[0]


@pytest.mark.parametrize("written", [csv, xlsx])
def test_shows_what_it_would_do_then_does_all_of_it(place: Place, written: object) -> None:
    assert callable(written)
    chief = place.browser("chief")
    looked_at = bring(chief, written(SOUND)).headers["Location"]
    page = chief.get(looked_at).text
    assert "开设 2 个账号，任职 4 项，其中 2 项须另一人确认；1 行与现状相同" in page
    assert rows(place, Account.login)[-1] == ("wang",)
    done = chief.submit(looked_at, {"version": version_on(page)})
    assert done.status_code == 303
    assert "开设 2 个账号，任命 2 项，待确认 2 项，寄出 1 个链接" in chief.get("/accounts").text
    assert [kind for _id, kind in rows(place, GrantRequest.id, GrantRequest.role)] == ["approver", "reviewer"]
    assert [to for _id, to in rows(place, OutgoingMail.id, OutgoingMail.recipient)] == ["zhao@example.cn"]
    assert acts(place, account_of(place, "zhao")) == ["account.added", "appointment.requested"]
    assert acts(place, account_of(place, "qian")) == ["account.added"]
    assert rows(place, Appointment.id, Appointment.origin)[-1][1] == "import"
    assert rows(place, AccountUpload.digest) == []
    assert chief.get(looked_at).status_code == 404


def test_names_every_fault_at_once_and_writes_nothing(place: Place) -> None:
    with place.database.read_session() as session:
        before = session.scalar(select(func.count()).select_from(AuditEntry))
    answer = bring(place.browser("chief"), csv(FAULTY))
    assert answer.status_code == 422
    for said in (
        "第 2 行，login", "没有“boss”这个角色", "第 2 行，email", "第 2 行，org_unit", "第 2 行，until", "第 3 行，name", "属于“王芳”",
        "第 4 行，department", "第 4 行，until", "第 5 行，login", "不在您的范围内", "第 6 行，login",
        "第 7 行，org_unit", "第 9 行，email", "第 10 行，role", "与前面一行重复",
    ):  # fmt: skip
        assert said in answer.text, said
    with place.database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == before
    assert rows(place, AccountUpload.digest) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件里没有内容"),
        (csv([]), "只有表头"),
        (csv(["a"], "login,boss"), "没有“boss”这一列"),
        (csv(["a,b,c,d,e"], "login,login,name,role,org_unit"), "出现了两次"),
        (b"\xd0\xcf\x11\xe0", "旧版"),
    ],
)
def test_says_what_is_wrong_with_the_whole_file(place: Place, content: bytes, said: str) -> None:
    answer = bring(place.browser("chief"), content)
    assert (answer.status_code, said in answer.text) == (422, True)


def test_asks_to_look_again_when_people_have_changed_since(place: Place) -> None:
    chief = place.browser("chief")
    looked_at = bring(chief, csv(SOUND)).headers["Location"]
    seen = version_on(chief.get(looked_at).text)
    form = {"name": "赵一", "login": "zhao", "email": "zhao@example.cn", "role": "viewer"}
    assert place.browser("second").submit("/accounts/new?unit=330203", form).status_code == 303
    stale = chief.submit(looked_at, {"version": seen})
    assert (stale.status_code, "还没有写入" in stale.text) == (409, True)
    assert chief.submit(looked_at, {"version": version_on(stale.text)}).status_code == 303


def test_belongs_to_who_brought_it(place: Place) -> None:
    looked_at = bring(place.browser("chief"), csv(SOUND)).headers["Location"]
    assert place.browser("second").get(looked_at).status_code == 404


@pytest.mark.parametrize("written", [csv, xlsx])
def test_takes_duties_days_and_stand_ins_and_changes_nothing_a_second_time(
    place: Place, written: object
) -> None:
    assert callable(written)
    chief = place.browser("chief")
    looked_at = bring(chief, written(spans(), WHOLE)).headers["Location"]
    page = chief.get(looked_at).text
    for said in ("管理员（安全管理）", "2036-03-01 起；至 2036-12-31", "填报人，代理王芳"):
        assert said in page, said
    assert chief.submit(looked_at, {"version": version_on(page)}).status_code == 303
    [(_id, duty)] = rows(place, GrantRequest.id, GrantRequest.duty)
    assert duty == "security_admin"
    columns = (Appointment.valid_from, Appointment.valid_to, Appointment.stands_in_for_id)
    held = rows(place, Appointment.id, *columns)[-2:]
    assert [day_of(held[0][1]), day_of(held[0][2])] == [date(2036, 3, 1), date(2037, 1, 1)]
    assert held[1][3] == place.people["wang"].person_id
    before = len(rows(place, AuditEntry.id))
    for _again in range(2):  # with one of them waiting for a second person, then with all of them held
        page = chief.get(bring(chief, written(spans(), WHOLE)).headers["Location"]).text
        assert "任职 0 项" in page
        assert "3 行与现状相同" in page
        decide(place, "second")
    assert len(rows(place, Appointment.id)) == len(place.people) + 3
    grants = ("appointment.granted", "appointment.requested", "account.added")
    later = [act for _id, act in rows(place, AuditEntry.id, AuditEntry.action)[before:] if act in grants]
    assert later == []


def test_names_every_fault_of_duties_days_and_stand_ins_at_once(place: Place) -> None:
    go_by(place.app, "mlps")
    with place.database.session() as session:
        session.execute(update(Appointment).where(Appointment.role == "admin").values(duty="system_admin"))
        session.commit()
    answer = bring(
        place.browser("chief"),
        csv(
            [
                "zhao,赵一,,admin,330203,,boss,,,",
                "qian,钱二,,admin,330203,,,,,",
                "sun,孙三,,admin,330203,,system_admin,,,",
                "sun,孙三,,admin,330205,,audit_admin,,,",
                "zhou,周五,,reporter,330203,,audit_admin,2018-01-01,,",
                "wu,吴六,,reporter,330203,,,soon,,wang",
                "shi,史七,,reporter,330203,,,,2036-12-31,nobody",
                "wang,王芳,,reporter,330203,,,2036-01-01,2036-12-31,li",
            ],
            WHOLE,
        ),
    )
    assert answer.status_code == 422
    text = answer.text
    for said in (
        "第 2 行，duty", "没有“boss”这项分工", "第 3 行，duty", "须选定一项分工", "第 5 行，duty", "不得兼任两项",
        "第 6 行，duty", "只有管理员才分工", "第 6 行，since", "不能从过去开始", "第 7 行，since", "现为“soon”",
        "第 7 行，until", "代理须写明最后一天", "第 8 行，stands_in_for", "没有登录名为“nobody”", "第 8 行，until",
        "第 9 行，since", "第 9 行，until", "是长期的", "第 9 行，stands_in_for", "是否代理与文件不同",
    ):  # fmt: skip
        assert said in text, said
    assert "第 4 行" not in text


def test_the_empty_table_has_every_column_and_nothing_else(place: Place) -> None:
    client = place.browser("chief")
    [address] = re.findall(r'href="(/static/[^"]*people\.csv)"', client.get("/accounts/import").text)
    with client.get(address) as blank:
        assert blank.data.decode("utf-8-sig") == ",".join(COLUMNS) + "\r\n"
