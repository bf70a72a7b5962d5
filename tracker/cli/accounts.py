"""``flask accounts``: give people their logins and appointments."""

from __future__ import annotations

import sys
from datetime import datetime

import click
from flask import current_app
from flask.cli import AppGroup

from tracker.cli.edge import real_now, writing
from tracker.features.accounts.commands import NewAccount, add_account
from tracker.features.accounts.link_commands import close_by_operator, set_password_by_operator
from tracker.features.accounts.passwords import Passwords, generate_password
from tracker.features.accounts.queries import find_account
from tracker.features.accounts.second_factor_commands import reset_by_operator

account_commands = AppGroup("accounts", help="账号与任职。")


@account_commands.command("add")
@click.argument("login")
@click.option("--name", required=True, help="姓名。")
@click.option("--role", required=True, help="reporter approver reviewer viewer auditor admin 之一。")
@click.option("--org", required=True, help="单位代码。")
@click.option("--department", help="部门（审核人只办理本部门牵头的实事时填写）。")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="任职的最后一天。")
@click.option("--email", help="本人自己的邮箱，设密码的链接寄到这里。")
@click.option(
    "--duty", help="管理员的分工：system_admin security_admin audit_admin 之一；POLICY=mlps 时必填。"
)
def add(
    *,
    login: str,
    name: str,
    role: str,
    org: str,
    department: str | None,
    until: datetime | None,
    email: str | None,
    duty: str | None,
) -> None:
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
        email=email,
        duty=duty,
    )
    typed = _typed_password()
    password = typed or generate_password()
    is_split = current_app.config["POLICY"] == "mlps"
    with writing() as session:
        added = add_account(
            session, wanted, password=password, passwords=_passwords(), now=real_now(), is_split=is_split
        )
    click.echo(f"已{'新增账号' if added.is_new else '增加任职'}：{login}，{added.unit.name}，{role}")
    if added.is_new and not typed:
        click.echo(f"密码（只显示这一次）：{password}")


@account_commands.command("reset-second-factor")
@click.argument("login")
def reset_factor(login: str) -> None:
    """去掉一个账号丢失的动态口令并结束它的登录；按规定需要的，下次登录时须重新设置。

    例：flask accounts reset-second-factor wangfang
    """
    with writing() as session:
        found = find_account(session, login)
        if found is None:
            raise click.ClickException(f"没有“{login}”这个账号。")
        can_mail = bool(current_app.config["MAIL_URL"])
        reset_by_operator(session, found, now=real_now(), can_mail=can_mail)
    click.echo(f"已重置动态口令：{login}（{found.name}）")


@account_commands.command("reset")
@click.argument("login")
def reset(login: str) -> None:
    """设定一个账号的密码（首个密码，或忘记了密码）；登录中的浏览器都退出。密码从标准输入读取，没有就生成并显示一次。

    例：flask accounts reset wangfang
    """
    typed = _typed_password()
    password = typed or generate_password()
    with writing() as session:
        set_password_by_operator(session, login, password, passwords=_passwords(), now=real_now())
    click.echo(f"已设定密码：{login}")
    if not typed:
        click.echo(f"密码（只显示这一次）：{password}")


@account_commands.command("close")
@click.argument("login")
def close(login: str) -> None:
    """停用一个账号：登录中的浏览器在下一次请求时退出。例：flask accounts close wangfang"""
    with writing() as session:
        close_by_operator(session, login, now=real_now())
    click.echo(f"已停用账号：{login}")


def _passwords() -> Passwords:
    passwords: Passwords = current_app.extensions["passwords"]
    return passwords


def _typed_password() -> str:
    """The first line of standard input when something is piped in; empty at a terminal."""
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    return sys.stdin.readline().rstrip("\r\n")
