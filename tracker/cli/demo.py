"""``flask demo load``: the living year of the demonstration in an empty database, and the file of its accounts."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import func, select

from tracker.cli.demonstration.people import sample_accounts
from tracker.cli.demonstration.year import STANDS_AT, load_living_year
from tracker.cli.edge import reading, real_now, writing
from tracker.features.accounts.passwords import generate_password
from tracker.features.bulletins.issuing import Press
from tracker.features.bulletins.signing import Signer
from tracker.models.org_unit import OrgUnit
from tracker.services.evidence_store import open_store

demo_commands = AppGroup("demo", help="演示：浙江省与宁波市 2018 年十件实事。")


@demo_commands.command("load")
@click.option(
    "--accounts", type=click.Path(dir_okay=False, path_type=Path), default=Path("instance/demo-accounts.csv"),
    show_default=True, help="账号与密码写到哪里（仅本人可读）。",
)  # fmt: skip
def load(accounts: Path) -> None:
    """装入演示数据，只装入空的数据库；中途断开等于没有装过。例：flask demo load"""
    if not current_app.config["BASE_URL"] or current_app.config["SESSION_COOKIE_SECURE"]:
        raise click.ClickException("正式环境不装入演示数据。")
    today = current_app.config["DEMO_TODAY"]
    if today is not None and today < STANDS_AT:
        raise click.ClickException(f"演示讲到 {STANDS_AT}，DEMO_TODAY 不能早于这一天。")
    with reading() as session:
        if session.scalar(select(func.count()).select_from(OrgUnit)):
            click.echo("数据库里已有单位，演示数据不再装入。")
            return
    click.echo("正在装入演示数据，约半分钟……")
    passwords = {each.login: generate_password() for each in sample_accounts()}
    with writing() as session:
        load_living_year(
            session,
            today=today,
            now=real_now(),
            passwords=passwords,
            hasher=current_app.extensions["passwords"],
            press=press(),
        )
        write_accounts(accounts, passwords)  # before the commit: no demonstration without its passwords
    click.echo(f"演示数据已装入；账号与密码在 {accounts}。")


def press() -> Press:
    """What the running application prints bulletins with and keeps evidence in."""
    settings = current_app.config
    signer, store = Signer.from_secret(settings["SIGNING_KEY"]), open_store(settings["EVIDENCE_URL"])
    return Press(signer, store, f"{settings['BASE_URL'].rstrip('/')}/verify")


def write_accounts(file: Path, passwords: Mapping[str, str]) -> None:
    """The table of logins and passwords, readable by its owner alone."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(["login", "password", "role", "org_unit"])
        writer.writerows(
            [each.login, passwords[each.login], each.role, each.org_unit] for each in sample_accounts()
        )
