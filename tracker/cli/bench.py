"""``flask bench``: a province of any size to measure on."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from tracker.cli.edge import current_database, plain_refusals, reading
from tracker.cli.sample_province import KEY, SEED, Shape, generate
from tracker.models.org_unit import OrgUnit

bench_commands = AppGroup("bench", help="测速：生成任意规模的样例省。")


@bench_commands.command("generate")
@click.option(
    "--units", type=click.IntRange(11, 500_000), required=True, help="填报单位个数，如 1400、10000、150000。"
)
@click.option(
    "--indicators", type=click.IntRange(1, 60), default=12, show_default=True, help="清单的指标个数。"
)
@click.option(
    "--periods", type=click.IntRange(0, 12), default=2, show_default=True, help="已报并通过几个月。"
)
@click.option(
    "--each", type=click.IntRange(1, 60), default=2, show_default=True, help="每个单位承担几项指标。"
)
@click.option("--seed", type=int, default=SEED, show_default=True, help="随机数的种子；相同即相同数据。")
def generate_province(*, units: int, indicators: int, periods: int, each: int, seed: int) -> None:
    """在空数据库里生成一个样例省：单位、清单、目标和已通过的数据，全部经由产品自己的命令。

    例：flask bench generate --units 10000，然后 flask totals verify
    """
    with reading() as session:
        if session.scalar(select(func.count()).select_from(OrgUnit)):
            raise click.ClickException("数据库里已有单位；请用一个空的数据库。")
    shape = Shape(units=units, indicators=indicators, periods=periods, each=each, seed=seed)
    with plain_refusals():
        generate(current_database(), shape, say=lambda step: click.echo(step, err=True))
    click.echo(f"样例省已生成：清单 {KEY}，{units} 个填报单位。")
