"""``flask audit verify`` and ``flask totals verify``: prove history and totals from what is stored."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from tracker.cli.edge import proving, reading
from tracker.services.anchors import Noted, find_newest_seal, read_anchors, verify_anchors
from tracker.services.evidence import verify_blobs
from tracker.services.evidence_store import open_store
from tracker.services.ledger.proving import verify_history
from tracker.services.ledger.verifying import Discrepancy, verify_totals

audit_commands = AppGroup("audit", help="操作记录：核验封存链，查看最新锚点。")
totals_commands = AppGroup("totals", help="合计：从分录重新计算并核对。")


@audit_commands.command("verify")
@click.option("--anchor", "typed", multiple=True, metavar="SEAL:DIGEST", help="手里的锚点，可给多个。")
@click.option(
    "--anchors",
    "files",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="含锚点的文本，例如留存的邮件或导出文件；其中每个“封存号:校验码”都核对。",
)
def verify_audit(typed: tuple[str, ...], files: tuple[Path, ...]) -> None:
    """核验封存链、每行摘要、锚点、已通过数据、佐证文件与触发器；有出入时逐行列出并以 1 退出。

    链条自己看不出最后几行被删；在别处留存的锚点看得出。
    例：flask audit verify --anchors 锚点邮件.txt
    """
    noted = [*_typed(typed), *_kept(files)]
    with proving() as session:
        store = open_store(current_app.config["EVIDENCE_URL"])
        found = [*verify_history(session), *verify_anchors(session, noted), *verify_blobs(session, store)]
    held = f"给出的 {len(noted)} 个锚点都在链上。" if noted else ""
    _report(found, f"记录、封存、佐证文件与触发器全部相符。{held}")


@audit_commands.command("anchor")
def show_anchor() -> None:
    """显示最新封存，抄到别处留存，日后可核验末尾是否被删。例：flask audit anchor"""
    with reading() as session:
        seal = find_newest_seal(session)
    click.echo("尚无封存。" if seal is None else f"{seal.written}  {seal.at:%Y-%m-%dT%H:%M:%SZ}")


@totals_commands.command("verify")
def verify_tally() -> None:
    """从零重算合计并与存储的合计逐格比较；有出入时逐格列出并以 1 退出。例：flask totals verify"""
    with proving() as session:
        found = verify_totals(session)
    _report(found, "合计与分录逐格相符。")


def _typed(texts: tuple[str, ...]) -> list[Noted]:
    """Anchors as typed; one that cannot be read is a usage error, never passed over."""
    found = []
    for text in texts:
        read = read_anchors(text.strip(), "--anchor")
        if len(read) != 1 or text.strip() != f"{read[0].seal}:{read[0].digest}":
            raise click.BadParameter(f"应写作 封存号:64 位校验码，现为“{text}”", param_hint="--anchor")
        found += read
    return found


def _kept(files: tuple[Path, ...]) -> list[Noted]:
    """Anchors in files; a file without any is a usage error."""
    found = []
    for file in files:
        read = read_anchors(file.read_text(encoding="utf-8", errors="replace"), file.name)
        if not read:
            raise click.BadParameter(f"{file.name} 里没有“封存号:校验码”", param_hint="--anchors")
        found += read
    return found


def _report(found: list[Discrepancy], all_well: str) -> None:
    if not found:
        click.echo(all_well)
        return
    lines = "\n".join(f"- {one.place}：应为 {one.expected}，现为 {one.found}" for one in found)
    raise click.ClickException(f"发现 {len(found)} 处不符：\n{lines}")
