"""``flask bulletins``: issuing a half-year report, exporting its stored files, verifying any file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from tracker.cli.edge import plain_refusals, reading, real_now, writing
from tracker.domain.identity import OPERATOR, actor_of
from tracker.domain.messages import NotFound
from tracker.domain.periods import Month, Period
from tracker.domain.permissions import Permission
from tracker.features.bulletins.commands import Doer, draft_issue, export_file
from tracker.features.bulletins.issuing import Press, Seen, issue_bulletin
from tracker.features.bulletins.manifest import MANIFEST
from tracker.features.bulletins.offline import verify_archive, verify_single
from tracker.features.bulletins.queries import (
    ARCHIVE,
    Issue,
    Package,
    StoredFile,
    get_issue,
    get_signatory,
    list_formats,
)
from tracker.features.bulletins.signing import Signer, pem_of, read_public_key
from tracker.features.bulletins.verification import LARGEST_FILE, Finding, Verdict, verify_file
from tracker.models.bulletin import FILE_FORMATS
from tracker.services.evidence_store import digest_of_file, open_store
from tracker.services.programme_heads import Head, find_head

bulletins_commands = AppGroup("bulletins", help="通报：印发、导出、核验。")

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)

OFFLINE_WORDS = {
    Verdict.AUTHENTIC: "签名有效，内容未改动（是否已有新版，离线无法判断）",
    Verdict.ALTERED: "签名无效，或内容与签名清单不符",
}
VERDICT_WORDS = {
    Verdict.AUTHENTIC: "真实有效",
    Verdict.SUPERSEDED: "真实，已有新版",
    Verdict.ALTERED: "不是本系统存档的文件，或已被改动",
    Verdict.TABLE: "是从本系统导出的表格，没有改动；不是通报，没有签名",
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
    store = open_store(settings["EVIDENCE_URL"])
    return Press(
        Signer.from_secret(settings["SIGNING_KEY"]), store, f"{settings['BASE_URL'].rstrip('/')}/verify"
    )


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
@click.option(
    "--format",
    "style",
    type=click.Choice((*FILE_FORMATS, ARCHIVE)),
    required=True,
    help="zip：全部文件、佐证和签名清单。",
)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
def export(key: str, period: str, number: int | None, style: str, out: Path) -> None:
    """导出存档的文件，原样不重做。例：

    flask bulletins export 330200-2018 --period 2018-H1 --issue 1 --format xlsx --out 半年报.xlsx
    """
    with writing() as session:
        head = _head(session, key)
        found = get_issue(session, head, Period.parse(period), number)
        file = export_file(session, head, found, style, actor=OPERATOR, now=real_now()).file
        _keep(out, _pieces(file))
    click.echo(f"{out}：{found.serial} 的 {style} 文件，{out.stat().st_size} 字节，SHA-256 {file.digest}")


def _pieces(file: StoredFile | Package) -> Iterable[bytes]:
    if isinstance(file, StoredFile):
        return [file.content]
    return open_store(current_app.config["EVIDENCE_URL"]).pieces(file.digest)


def _keep(out: Path, pieces: Iterable[bytes]) -> None:
    try:
        with out.open("wb") as opened:
            for piece in pieces:
                opened.write(piece)
    except OSError as refused:
        raise click.ClickException(f"写不进 {out}：{refused.strerror}") from refused


@bulletins_commands.command("verify")
@click.argument("files", nargs=-1, required=True, type=EXISTING)
@click.option("--public-key", type=EXISTING, help="离线核验：发布单位的公钥文件；不连数据库，只看签名。")
@click.option(
    "--manifest", type=EXISTING, help="离线核验单个文件时，同一期的 manifest.json（旁边要有 manifest.sig）。"
)
def verify(files: tuple[Path, ...], public_key: Path | None, manifest: Path | None) -> None:
    """核验文件真伪；有被改动的，退出码为 1。例：

    flask bulletins verify 半年报.xlsx

    flask bulletins verify 半年报.zip --public-key public-key.pem
    """
    told = _by_store(files) if public_key is None else _by_signature(files, public_key, manifest)
    for file, verdict, words in told:
        click.echo(f"{file}: {verdict} {words}")
    if any(verdict is Verdict.ALTERED for _file, verdict, _words in told):
        raise click.exceptions.Exit(1)


Told = list[tuple[Path, Verdict, str]]


def _by_store(files: tuple[Path, ...]) -> Told:
    with reading() as session:
        findings = [(file, verify_file(session, _read(file), sha256=digest_of_file(file))) for file in files]
    return [(file, finding.verdict, _words(finding)) for file, finding in findings]


def _by_signature(files: tuple[Path, ...], public_key: Path, manifest: Path | None) -> Told:
    with plain_refusals():
        key = read_public_key(public_key.read_bytes())
        verdicts = [(file, _offline(file, key, manifest)) for file in files]
    return [(file, verdict, OFFLINE_WORDS[verdict]) for file, verdict in verdicts]


def _offline(file: Path, key: str, manifest: Path | None) -> Verdict:
    if file.suffix == ".zip":
        return verify_archive(file, public_key=key)
    return verify_single(file, manifest=manifest or file.with_name(MANIFEST), public_key=key)


@bulletins_commands.command("public-key")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="写入文件，默认打印。"
)
def public_key(out: Path | None) -> None:
    """核验签名用的公钥（PEM），可以公开。例：flask bulletins public-key --out public-key.pem"""
    content = pem_of(Signer.from_secret(current_app.config["SIGNING_KEY"]).public_key)
    if out is None:
        click.echo(content.decode(), nl=False)
    else:
        _keep(out, [content])


def _read(file: Path) -> bytes:
    """As much of a file as is looked at for what it claims to be."""
    with file.open("rb") as opened:
        return opened.read(LARGEST_FILE + 1)


def _words(finding: Finding) -> str:
    words = VERDICT_WORDS[finding.verdict]
    if finding.table is not None:
        return f"{words}（{finding.table.title}，导出编号 {finding.table.id}）"
    if finding.issue is None:
        return words
    serial = finding.issue.serial
    if finding.verdict is Verdict.ALTERED:
        return f"{words}（自称 {serial}，与存档不符）"
    return f"{words}（{serial}，第 {finding.issue.number} 期，校验码 {finding.issue.digest}）"
