"""``flask figures``: bring in figures that were accepted elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.cli.edge import plain_refusals, real_now, writing
from tracker.domain.identity import OPERATOR
from tracker.domain.messages import Refusal
from tracker.features.reports.commands.import_figures import AnswerablePerson, Outcome, import_figures
from tracker.features.reports.figure_checks import Advance
from tracker.features.reports.figure_files import FigureFile, read_figure_file
from tracker.models.account import Account, Person
from tracker.services.clock import calendar_now

figures_commands = AppGroup("figures", help="数据：导入别处已经通过的数据。")

LONG: Final = 2000
"""Rows from which on an import takes longer than a second and shows its progress."""


class UnknownLogin(Refusal):
    """Nobody signs in with this name."""


@figures_commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--programme", "key", required=True, metavar="KEY", help="清单编号，如 330200-2018。")
@click.option("--by", "login", metavar="LOGIN", help="由谁对这批数据负责（登录名），记入审计。")
@click.option("--history", "is_history", is_flag=True, help="补录历史数据：报告期没有关闭也导入。")
@click.option("--dry-run", is_flag=True, help="只核对，不写入。")
def import_file(file: Path, *, key: str, login: str | None, is_history: bool, dry_run: bool) -> None:
    """导入已通过的数据（CSV 或 XLSX）；与已通过的相同就跳过，不同就作为更正。

    例：flask figures import ningbo-2018-figures.csv --programme 330200-2018 --by wangfang --history
    """
    with plain_refusals():
        read = read_figure_file(file.read_bytes())
    with writing(dry_run=dry_run) as session:
        now = real_now()
        with _progress(read) as advance:
            outcome = import_figures(
                session,
                key=key,
                rows=read.rows,
                file_digest=read.digest,
                actor=OPERATOR,
                by=None if login is None else _answerable(session, login),
                now=now,
                calendar_now=calendar_now(session, now),
                is_history=is_history,
                advance=advance,
            )
    _report(outcome, is_dry_run=dry_run)


def _answerable(session: Session, login: str) -> AnswerablePerson:
    wanted = select(Person.id, Person.name, Account.login).join(Account, Account.person_id == Person.id)
    row = session.execute(wanted.where(Account.login == login)).one_or_none()
    if row is None:
        raise UnknownLogin("没有登录名为 {login} 的人员", login=login)
    return AnswerablePerson(*row)


@contextmanager
def _progress(read: FigureFile) -> Iterator[Advance]:
    """A bar on the error stream for a long file; each row counts twice, checked and stored."""
    if len(read.rows) < LONG:
        yield lambda _rows: None
        return
    with click.progressbar(length=2 * len(read.rows), label="导入", file=sys.stderr) as bar:
        yield bar.update


def _report(outcome: Outcome, *, is_dry_run: bool) -> None:
    if is_dry_run:
        click.echo("只核对，没有写入。")
    if not outcome.new and not outcome.corrected:
        click.echo(f"没有新数据：{outcome.skipped} 行与已通过的相同，什么都没有写入。")
        return
    click.echo(f"新增 {outcome.new} 行，更正 {outcome.corrected} 行，相同跳过 {outcome.skipped} 行。")
    for one in outcome.assigned:
        click.echo(f"{one.org_unit} 原未承担 {one.indicator}，现随数据承担（没有目标数）。")
    for issued in outcome.overtaken:
        click.echo(
            f"注意：已印发的通报 {issued.period} 第 {issued.issue} 期所印数字与现在的不同，可印发新一期。"
        )
