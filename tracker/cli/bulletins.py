"""``flask bulletins``: issuing a half-year report, exporting its stored files, verifying any file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from tracker.cli.edge import reading, real_now, writing
from tracker.domain.identity import OPERATOR, actor_of
from tracker.domain.messages import NotFound
from tracker.domain.periods import Month, Period
from tracker.domain.permissions import Permission
from tracker.features.bulletins.commands import Doer, draft_issue, export_file
from tracker.features.bulletins.issuing import Press, Seen, issue_bulletin
from tracker.features.bulletins.queries import (
    Issue,
    get_issue,
    get_signatory,
    list_formats,
)
from tracker.features.bulletins.signing import Signer
from tracker.features.bulletins.verification import LARGEST_FILE, Finding, Verdict, verify_file
from tracker.models.bulletin import FILE_FORMATS
from tracker.services.programme_heads import Head, find_head

bulletins_commands = AppGroup("bulletins", help="通报：印发、导出、核验。")

VERDICT_WORDS = {
    Verdict.AUTHENTIC: "真实有效",
    Verdict.SUPERSEDED: "真实，已有新版",
    Verdict.ALTERED: "不是本系统存档的文件，或已被改动",
}


class UnknownProgramme(NotFound):
    """No programme has this key."""


@bulletins_commands.command("issue")
@click.argument("key")
@click.option(
    "--period", required=True, metavar="2018-H1", help="报告期：2018-H1、2018-Q2、2018-06 或 2018。"
)
@click.option("--cutoff", metavar="2018-06", help="截止月，默认报告期的最后一个月。")
@click.option("--by", required=True, metavar="LOGIN", help="拟稿人：发布单位的审核人。")
@click.option(
    "--countersigned-by", required=True, metavar="LOGIN", help="会签人：发布单位的另一位审核人或领导。"
)
@click.option("--reason", default="", help="再出新版的原因（第 2 期起必填）。")
def issue(key: str, period: str, cutoff: str | None, by: str, countersigned_by: str, reason: str) -> None:
    """拟稿、会签并印发一期通报。例：

    flask bulletins issue 330200-2018 --period 2018-H1 --by yang --countersigned-by wang
    """
    now = real_now()
    with writing() as session:
        head = _head(session, key)
        drafter = _doer(session, head, by, Permission.DRAFT_BULLETIN, now=now)
        signer = _doer(session, head, countersigned_by, Permission.COUNTERSIGN_BULLETIN, now=now)
        month = None if cutoff is None else Month.parse(cutoff)
        draft = draft_issue(session, head, Period.parse(period), doer=drafter, cutoff=month, reason=reason)
        seen = Seen(draft.id, draft.version, draft.digest)
        issued = issue_bulletin(session, head, seen, doer=signer, press=_press())
        formats = list_formats(session, issued.id)
    _show_issued(issued, formats)


def _press() -> Press:
    settings = current_app.config
    return Press(Signer.from_secret(settings["SIGNING_KEY"]), f"{settings['BASE_URL'].rstrip('/')}/verify")


def _head(session: Session, key: str) -> Head:
    head = find_head(session, key)
    if head is None:
        raise UnknownProgramme("没有编号为 {key} 的实事清单。", key=key)
    return head


def _doer(session: Session, head: Head, login: str, permission: Permission, *, now: datetime) -> Doer:
    identity = get_signatory(session, head, login, permission, now=now)
    return Doer(identity, actor_of(identity, "operator"), now)


def _show_issued(issued: Issue, formats: list[str]) -> None:
    click.echo(f"已印发 {issued.serial}：截至 {issued.cutoff}，第 {issued.seal} 号封存。")
    click.echo(f"拟稿 {issued.drafted_by}，会签 {issued.countersigned_by}。")
    click.echo(f"校验码 {issued.digest}")
    click.echo(f"文件：{'、'.join(formats)}")


@bulletins_commands.command("export")
@click.argument("key")
@click.option("--period", required=True, metavar="2018-H1")
@click.option("--issue", "number", type=click.IntRange(1, 9999), help="期号，默认现行的一期。")
@click.option("--format", "style", type=click.Choice(FILE_FORMATS), required=True)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
def export(key: str, period: str, number: int | None, style: str, out: Path) -> None:
    """导出存档的文件，原样不重做。例：

    flask bulletins export 330200-2018 --period 2018-H1 --issue 1 --format xlsx --out 半年报.xlsx
    """
    with writing() as session:
        head = _head(session, key)
        found = get_issue(session, head, Period.parse(period), number)
        file = export_file(session, head, found, style, actor=OPERATOR, now=real_now()).file
        _keep(out, file.content)
    click.echo(f"{out}：{found.serial} 的 {style} 文件，{len(file.content)} 字节，SHA-256 {file.digest}")


def _keep(out: Path, content: bytes) -> None:
    try:
        out.write_bytes(content)
    except OSError as refused:
        raise click.ClickException(f"写不进 {out}：{refused.strerror}") from refused


@bulletins_commands.command("verify")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def verify(files: tuple[Path, ...]) -> None:
    """核验文件真伪；有被改动的，退出码为 1。例：flask bulletins verify 半年报.xlsx"""
    with reading() as session:
        findings = [(file, verify_file(session, _read(file))) for file in files]
    for file, finding in findings:
        click.echo(f"{file}: {finding.verdict} {_words(finding)}")
    if any(finding.verdict is Verdict.ALTERED for _file, finding in findings):
        raise click.exceptions.Exit(1)


def _read(file: Path) -> bytes:
    """As much of a file as could be ours: anything longer is altered already."""
    with file.open("rb") as opened:
        return opened.read(LARGEST_FILE + 1)


def _words(finding: Finding) -> str:
    words = VERDICT_WORDS[finding.verdict]
    if finding.issue is None:
        return words
    serial = finding.issue.serial
    if finding.verdict is Verdict.ALTERED:
        return f"{words}（自称 {serial}，与存档不符）"
    return f"{words}（{serial}，第 {finding.issue.number} 期，校验码 {finding.issue.digest}）"
