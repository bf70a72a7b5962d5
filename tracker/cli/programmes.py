"""``flask programmes``: bring a year's list in, publish it, write it out again."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
from flask.cli import AppGroup

from tracker.cli.edge import plain_refusals, reading, real_now, writing
from tracker.domain.identity import OPERATOR
from tracker.domain.periods import Month
from tracker.features.programmes.commands import (
    ImportPlan,
    ImportTerms,
    import_programme,
    plan_programme_import,
    publish_programme,
)
from tracker.features.programmes.copying import copy_programme
from tracker.features.programmes.files.formats import read_file, write_file
from tracker.features.programmes.queries import get_document
from tracker.features.programmes.states import move_programme

SHOWN_CHANGES: Final = 200

programme_commands = AppGroup("programmes", help="年度实事清单：导入、公布、执行、结束、复制、导出。")


@programme_commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只核对并显示会有什么变化，不写入。")
@click.option("--reason", default="", metavar="TEXT", help="改动已公布的清单时的理由。")
@click.option("--effective", metavar="YYYY-MM", help="目标从哪个月起生效，默认 1 月。")
def import_list(file: Path, *, dry_run: bool, reason: str, effective: str | None) -> None:
    """导入清单（YAML 或 XLSX）。与已有的相同则不变；草稿整份替换；已公布的留下版本。

    例：flask programmes import ningbo-2018.yaml --dry-run

    例：flask programmes import ningbo-2018.xlsx --reason 市政府调整目标 --effective 2018-07
    """
    with plain_refusals():
        terms = ImportTerms(reason=reason, effective=None if effective is None else Month.parse(effective))
        read = read_file(file.read_bytes())
    with writing(dry_run=dry_run) as session:
        plan = plan_programme_import(session, read, terms)
        if not dry_run:
            import_programme(session, plan, actor=OPERATOR, now=real_now())
    _show(plan)
    if dry_run:
        click.echo("试运行，什么都没有写入。")


def _show(plan: ImportPlan) -> None:
    _show_changes(plan)
    for note in plan.notes:
        click.echo(f"  {note}")


def _show_changes(plan: ImportPlan) -> None:
    key, title = plan.document.key, plan.document.title
    if not plan.changes:
        click.echo(f"没有变化：{key} {title} 与文件一致。")
        return
    if plan.stored is None:
        pledges, indicators = len(plan.document.pledges), len(plan.document.indicators)
        click.echo(f"新清单（草稿）：{key} {title}，{pledges} 个实事项目、{indicators} 个指标。")
        return
    kind = "草稿" if plan.state == "draft" else "已公布"
    click.echo(f"{kind}清单 {key} {title} 有 {len(plan.changes)} 处变化：")
    for place, (before, after) in list(plan.changes.items())[:SHOWN_CHANGES]:
        click.echo(f"  {place}：{_side(before)} → {_side(after)}")
    if len(plan.changes) > SHOWN_CHANGES:
        click.echo(f"  …… 另有 {len(plan.changes) - SHOWN_CHANGES} 处")


def _side(text: str | None) -> str:
    return "（无）" if text is None else text or "（空）"


@programme_commands.command("publish")
@click.argument("key")
def publish_list(key: str) -> None:
    """公布草稿清单；公布后改动都留下版本。例：flask programmes publish 330200-2018"""
    with writing() as session:
        document = publish_programme(session, key, actor=OPERATOR, now=real_now())
    click.echo(f"已公布：{key} {document.title}，{len(document.indicators)} 个指标。")


@programme_commands.command("run")
@click.argument("key")
def run_list(key: str) -> None:
    """把已公布的清单标为进行中。例：flask programmes run 330200-2018"""
    with writing() as session:
        title = move_programme(session, key, "run", actor=OPERATOR, now=real_now())
    click.echo(f"已开始执行：{key} {title}。")


@programme_commands.command("close")
@click.argument("key")
def close_list(key: str) -> None:
    """结束进行中的清单；之后不能再改，数据都保留。例：flask programmes close 330200-2018"""
    with writing() as session:
        title = move_programme(session, key, "close", actor=OPERATOR, now=real_now())
    click.echo(f"已结束：{key} {title}。")


@programme_commands.command("copy")
@click.argument("key")
@click.option("--year", required=True, type=click.IntRange(2001, 2100), help="新清单的年度。")
@click.option("--slug", metavar="TEXT", help="新清单的短名，默认照旧；“”为没有短名。")
def copy_list(key: str, *, year: int, slug: str | None) -> None:
    """照一份清单建下一年的草稿：带结构和上年实绩，不带目标。例：flask programmes copy 330200-2018 --year 2019"""
    with writing() as session:
        kept = get_document(session, key).slug if slug is None else slug
        copied = copy_programme(session, key, year=year, slug=kept, actor=OPERATOR, now=real_now())
    document = copied.document
    click.echo(
        f"新清单（草稿）：{document.key} {document.title}，{len(document.indicators)} 个指标，目标待填。"
    )
    if copied.unknown:
        click.echo(f"上年实绩还不完整，没有带入：{'、'.join(copied.unknown)}。")
    for left in copied.left:
        click.echo(f"“{left.name}”没有带上与上级清单的对应：没有口径一致的 {left.key}。")


@programme_commands.command("export")
@click.argument("key")
@click.option("--out", "out", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="写到哪个文件，.yaml、.yml 或 .xlsx。")  # fmt: skip
def export_list(key: str, *, out: Path) -> None:
    """导出清单，可改后再导入。例：flask programmes export 330200-2018 --out 2018.xlsx"""
    with reading() as session:
        document = get_document(session, key)
        content = write_file(document, out.suffix)
    out.write_bytes(content)
    click.echo(f"已导出：{out}")
