"""``flask accounts add``: accounts and further appointments, every fault at once, passwords shown once."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from tests.factories.rows import plant_tree
from tests.support.strict_client import StrictClient
from tracker.db import Database
from tracker.models.account import Account, Appointment, Person
from tracker.models.audit import AuditEntry

PLACE = ["--name", "王芳", "--role", "reporter", "--org", "330203"]


@pytest.fixture
def planted(app: Flask, fresh_database: Database) -> Flask:
    with fresh_database.session() as session:
        plant_tree(session, {"330200": {"330203": {}}})
        session.commit()
    return app


def add(app: Flask, *arguments: str, typed: str | None = None) -> Result:
    return app.test_cli_runner().invoke(args=["accounts", "add", *arguments], input=typed)


def test_adds_an_account_that_can_sign_in_with_the_password_shown(planted: Flask) -> None:
    added = add(planted, "wang", *PLACE)
    assert added.exit_code == 0, added.output
    shown = re.search(r"密码（只显示这一次）：(\S{16,})", added.output)
    assert shown is not None
    client = StrictClient(planted, use_cookies=True)
    assert client.submit("/login", {"login": "wang", "password": shown[1]}).status_code == 303


def test_takes_the_password_from_standard_input_and_does_not_show_it(planted: Flask) -> None:
    added = add(planted, "wang", *PLACE, typed="typed by the operator\n")
    assert added.exit_code == 0, added.output
    assert "typed by" not in added.output
    assert "密码" not in added.output
    client = StrictClient(planted, use_cookies=True)
    assert client.submit("/login", {"login": "wang", "password": "typed by the operator"}).status_code == 303


def test_records_the_operator_and_seals_it(planted: Flask, fresh_database: Database) -> None:
    add(planted, "wang", *PLACE, "--department", "职工保障部", "--until", "2030-06-30")
    with fresh_database.read_session() as session:
        entry = session.scalars(select(AuditEntry)).one()
        appointment = session.scalars(select(Appointment)).one()
    assert (entry.action, entry.actor_id, entry.actor_label) == ("account.added", None, "operator")
    assert entry.seal == 1
    assert (appointment.origin, appointment.department) == ("operator", "职工保障部")
    assert appointment.valid_to == datetime(2030, 6, 30, 16, tzinfo=UTC)  # the end of that day in Shanghai


def test_adds_an_appointment_to_the_account_that_is_there(planted: Flask, fresh_database: Database) -> None:
    add(planted, "wang", *PLACE)
    again = add(planted, "wang", "--name", "王芳", "--role", "approver", "--org", "330200")
    assert again.exit_code == 0, again.output
    assert "密码" not in again.output
    with fresh_database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 1
        assert session.scalars(select(Appointment.role).order_by(Appointment.id)).all() == [
            "reporter",
            "approver",
        ]


@pytest.mark.parametrize(
    ("arguments", "faults"),
    [
        (["w!", "--name", " ", "--role", "boss", "--org", "999999"], ["LOGIN", "--name", "--role", "--org"]),
        (["wang", "--name", "李强", "--role", "approver", "--org", "330203"], ["属于“王芳”"]),
        (["wang", *PLACE], ["已经有这项任职"]),
        (
            ["li", "--name", "李" * 61, "--role", "viewer", "--org", "330203", "--department", ""],
            ["--name", "--department"],
        ),
        (
            ["li", "--name", "李强", "--role", "viewer", "--org", "330203", "--until", "2018-01-31"],
            ["--until"],
        ),
    ],
)
def test_names_every_fault_at_once_and_writes_nothing(
    planted: Flask, fresh_database: Database, arguments: list[str], faults: list[str]
) -> None:
    add(planted, "wang", *PLACE)
    refused = add(planted, *arguments)
    assert refused.exit_code == 1
    for fault in faults:
        assert fault in refused.output
    with fresh_database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 1


def test_refuses_a_password_that_is_too_short(planted: Flask) -> None:
    refused = add(planted, "wang", *PLACE, typed="short\n")
    assert refused.exit_code == 1
    assert "密码至少要有 12 个字符" in refused.output


def test_registers_an_address_once_and_checks_it(planted: Flask, fresh_database: Database) -> None:
    assert add(planted, "wang", *PLACE, "--email", "Wang@Example.cn").exit_code == 0
    other = ["li", "--name", "李强", "--role", "viewer", "--org", "330203", "--email"]
    assert "登记在别人名下" in add(planted, *other, "wang@example.cn").output
    assert "--email" in add(planted, *other, "nobody").output
    with fresh_database.read_session() as session:
        assert session.scalars(select(Person.email)).all() == ["wang@example.cn"]


def test_splits_duties_under_mlps_and_lets_nobody_hold_two(planted: Flask) -> None:
    admin = ["--name", "王芳", "--role", "admin", "--org", "330203"]
    assert "只有管理员才分工" in add(planted, "li", *PLACE, "--duty", "audit_admin").output
    planted.config["POLICY"] = "mlps"
    assert "--duty" in add(planted, "wang", *admin).output
    assert add(planted, "wang", *admin, "--duty", "audit_admin").exit_code == 0
    assert "兼任" in add(planted, "wang", *admin[:4], "--org", "330200", "--duty", "system_admin").output


def test_sets_a_password_and_closes_an_account(planted: Flask) -> None:
    add(planted, "wang", *PLACE)
    runner = planted.test_cli_runner()
    shown = runner.invoke(args=["accounts", "reset", "wang"]).output
    password = re.search(r"密码（只显示这一次）：(\S{16,})", shown)
    assert password is not None
    client = StrictClient(planted, use_cookies=True)
    assert client.submit("/login", {"login": "wang", "password": password[1]}).status_code == 303
    assert runner.invoke(args=["accounts", "reset", "wang"], input="short\n").exit_code == 1
    assert runner.invoke(args=["accounts", "close", "wang"]).exit_code == 0
    assert client.get("/account").status_code == 302
    for command in ("close", "reset"):
        assert "没有登录名为 wang 的在用账号" in runner.invoke(args=["accounts", command, "wang"]).output


def test_shows_an_example_in_its_help(app: Flask) -> None:
    assert "例：flask accounts add" in add(app, "--help").output
