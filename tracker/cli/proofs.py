"""``flask audit verify`` and ``flask totals verify``: prove history and totals from what is stored."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from tracker.cli.edge import reading
from tracker.services.evidence import verify_blobs
from tracker.services.evidence_store import open_store
from tracker.services.ledger.proving import verify_history
from tracker.services.ledger.verifying import Discrepancy, verify_totals

audit_commands = AppGroup("audit", help="操作记录：核验封存链。")
totals_commands = AppGroup("totals", help="合计：从分录重新计算并核对。")


@audit_commands.command("verify")
def verify_audit() -> None:
    """核验封存链、每行摘要、已通过数据、佐证文件与触发器；有出入时逐行列出并以 1 退出。例：flask audit verify"""
    with reading() as session:
        store = open_store(current_app.config["EVIDENCE_URL"])
        found = [*verify_history(session), *verify_blobs(session, store)]
    _report(found, "记录、封存、佐证文件与触发器全部相符。")


@totals_commands.command("verify")
def verify_tally() -> None:
    """从零重算合计并与存储的合计逐格比较；有出入时逐格列出并以 1 退出。例：flask totals verify"""
    with reading() as session:
        found = verify_totals(session)
    _report(found, "合计与分录逐格相符。")


def _report(found: list[Discrepancy], all_well: str) -> None:
    if not found:
        click.echo(all_well)
        return
    lines = "\n".join(f"- {one.place}：应为 {one.expected}，现为 {one.found}" for one in found)
    raise click.ClickException(f"发现 {len(found)} 处不符：\n{lines}")
