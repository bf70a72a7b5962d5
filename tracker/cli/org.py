"""``flask org``: bring the tree of org units in from a file."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from tracker.cli.edge import reading, real_now, writing
from tracker.domain.identity import OPERATOR
from tracker.features.org_units.commands import OrgPlan, import_org_units, plan_org_import
from tracker.features.org_units.files import read_org_file

SHOWN_CHANGES = 50
LONG_IMPORT = 5000
"""From this many rows on a progress bar is worth showing."""

org_commands = AppGroup("org", help="工会组织：导入组织树。")


@org_commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只核对并显示会有什么变化，不写入。")
def import_units(file: Path, *, dry_run: bool) -> None:
    """按代码导入工会组织，再次导入只更新有变化的单位。例：flask org import org-zhejiang.csv --dry-run

    列：code,name,level,kind,parent 必须有；short_name,weight,order,valid_from,valid_to 可以没有，没有的列保持系统里的不变。
    """
    content = file.read_bytes()
    if dry_run:
        with reading() as session:
            _show(plan_org_import(session, read_org_file(content)))
        click.echo("试运行，什么都没有写入。")
        return
    with writing() as session:
        plan = plan_org_import(session, read_org_file(content))
        total = 2 * len(plan.added) + len(plan.changed)
        with click.progressbar(
            length=total, label="写入", file=sys.stderr, hidden=total < LONG_IMPORT
        ) as bar:
            import_org_units(session, plan, actor=OPERATOR, now=real_now(), on_progress=bar.update)
    _show(plan)


def _show(plan: OrgPlan) -> None:
    if plan.is_empty:
        click.echo(f"没有变化：{plan.unchanged} 个单位与文件一致。")
        return
    click.echo(f"新增 {len(plan.added)} 个，更新 {len(plan.changed)} 个，未变 {plan.unchanged} 个。")
    for change in plan.changed[:SHOWN_CHANGES]:
        pairs = "，".join(f"{column}：{old} → {new}" for column, (old, new) in change.columns.items())
        click.echo(f"  {change.row.code} {pairs}")
    if len(plan.changed) > SHOWN_CHANGES:
        click.echo(f"  …… 另有 {len(plan.changed) - SHOWN_CHANGES} 个")
