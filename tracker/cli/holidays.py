"""``flask holidays``: the days off and worked in exchange that move deadlines."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from tracker.cli.edge import plain_refusals, real_now, writing
from tracker.domain.identity import OPERATOR
from tracker.features.periods.holidays import import_holidays, read_holiday_file

holiday_commands = AppGroup("holidays", help="节假日和调休：截止日遇休息日顺延。")


@holiday_commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只核对并显示会有什么变化，不写入。")
def import_days(file: Path, *, dry_run: bool) -> None:
    """导入节假日和调休上班日，再次导入只更新有变化的日子。例：flask holidays import 2018.csv

    列：day,is_working（2018-10-01,休 或 2018-09-29,班）
    """
    with plain_refusals():
        days = read_holiday_file(file.read_bytes())
    with writing(dry_run=dry_run) as session:
        done = import_holidays(session, days, actor=OPERATOR, now=real_now())
    click.echo(f"新增 {done.new} 天，更新 {done.changed} 天，未变 {done.unchanged} 天。")
    if dry_run:
        click.echo("试运行，什么都没有写入。")
