"""``flask accounts``: give people their logins and appointments."""

from __future__ import annotations

import sys
from datetime import datetime

import click
from flask import current_app
from flask.cli import AppGroup

from tracker.cli.edge import real_now, writing
from tracker.features.accounts.commands import NewAccount, add_account
from tracker.features.accounts.passwords import Passwords, generate_password

account_commands = AppGroup("accounts", help="账号与任职。")


@account_commands.command("add")
@click.argument("login")
@click.option("--name", required=True, help="姓名。")
@click.option("--role", required=True, help="reporter approver reviewer viewer auditor admin 之一。")
@click.option("--org", required=True, help="单位代码。")
@click.option("--department", help="部门（审核人只办理本部门牵头的实事时填写）。")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="任职的最后一天。")
def add(login: str, name: str, role: str, org: str, department: str | None, until: datetime | None) -> None:
    """新增账号，或给已有账号再加一项任职；密码从标准输入读取，没有就生成并显示一次。

    例：flask accounts add wangfang --name 王芳 --role reporter --org 330203
    """
    wanted = NewAccount(
        login=login,
        name=name,
        role=role,
        org_unit=org,
        department=department,
        until=until.date() if until else None,
    )
    typed = _typed_password()
    password = typed or generate_password()
    passwords: Passwords = current_app.extensions["passwords"]
    with writing() as session:
        added = add_account(session, wanted, password=password, passwords=passwords, now=real_now())
    click.echo(f"已{'新增账号' if added.is_new else '增加任职'}：{login}，{added.unit.name}，{role}")
    if added.is_new and not typed:
        click.echo(f"密码（只显示这一次）：{password}")


def _typed_password() -> str:
    """The first line of standard input when something is piped in; empty at a terminal."""
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    return sys.stdin.readline().rstrip("\r\n")
