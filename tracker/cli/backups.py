"""``flask backup`` and ``flask restore``: the whole installation in one file, and back from it."""

from __future__ import annotations

import hmac
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import click
from flask import current_app
from flask.cli import with_appcontext
from obstore.exceptions import BaseError
from sqlalchemy import inspect, text

from tracker.cli.archive.checking import Unusable
from tracker.cli.archive.form import PIECE, Advance, Digesting, Manifest
from tracker.cli.archive.restoring import prove, restore_backup
from tracker.cli.archive.taking import Incomplete, Taken, take_backup
from tracker.cli.database import newest_revision, upgrade_database
from tracker.cli.edge import current_database, real_now, writing
from tracker.db import Database
from tracker.domain.identity import OPERATOR
from tracker.services.audit import Subject, record
from tracker.services.evidence_store import BlobStore, open_store

STANDARD: Final = Path("-")
OWNER_ONLY: Final = 0o600
KEYS: Final = ("SECRET_KEY", "SIGNING_KEY")
WHAT_KEYS_DO: Final = {
    "SECRET_KEY": "动态口令的密钥读不出来，须用恢复码登录或由运维重置",
    "SIGNING_KEY": "今后的通报用另一把钥匙签名，以前的仍按各自存档的公钥核验",
}


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--force", is_flag=True, help="文件已存在时覆盖。")
@with_appcontext
def backup_command(file: Path, *, force: bool) -> None:
    """把数据库和佐证完整备份到一个文件；照常运行时也可以做。FILE 写 - 表示写到标准输出。

    备份含个人信息和密码散列，须妥善保管，最好加密；不含 SECRET_KEY 和 SIGNING_KEY，须另行保存。

    例：flask backup 2018-07-16.backup

    例：flask backup - | age -r age1… -o 2018-07-16.backup.age
    """
    database = current_database()
    _refuse_other_revision(database)
    with _plain_faults("没有生成备份"), _open_target(file, force=force) as out:
        taken = take_backup(database, _store(), Digesting(out), keys=_key_marks(), watch=_watch)
        _record("backup.taken", taken.digest, _told(taken.manifest))
    _show_taken(file, taken)


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@with_appcontext
def restore_command(file: Path) -> None:
    """把备份恢复到空的数据库和空的（或同一个）佐证存储，随后核验。FILE 写 - 表示从标准输入读。

    写入之前核对全部校验码；有一处不符，什么都不写。恢复后所有登录和一次性链接都已作废。

    例：flask restore 2018-07-16.backup

    例：age -d -i 钥匙 2018-07-16.backup.age | flask restore -
    """
    now = real_now()
    with _plain_faults("没有恢复任何数据"), _open_source(file) as source:
        written = restore_backup(current_database(), _store(), source, now=now, watch=_watch)
    with _plain_faults("数据已恢复，但升级或核验没有做完"):
        upgrade_database(current_database().write)
        found = prove(current_database(), _store(), _watch)
    _record("backup.restored", written.digest, _told(written.manifest))
    _show_restored(written.manifest, found)


def _store() -> BlobStore:
    return open_store(current_app.config["EVIDENCE_URL"])


def _refuse_other_revision(database: Database) -> None:
    with database.read.connect() as connection:
        has_tables = inspect(connection).has_table("alembic_version")
        asked = text("SELECT version_num FROM alembic_version")
        found = connection.execute(asked).scalar_one_or_none() if has_tables else None
    if found is None:
        raise click.ClickException("数据库是空的，没有可备份的内容。")
    if found != newest_revision():
        raise click.ClickException(
            f"数据库的结构是 {found}，本版程序用的是 {newest_revision()}；请用升级前的程序备份，或先 flask db upgrade。"
        )


def _key_marks() -> dict[str, str]:
    """By what one tells whether a key is the same, without being told anything about it."""
    keys: Mapping[str, str] = current_app.config
    return {name: hmac.digest(keys[name].encode(), b"which key", "sha256").hex()[:16] for name in KEYS}


def _record(action: str, digest: str, told: dict[str, object]) -> None:
    with writing() as session:
        record(
            session,
            actor=OPERATOR,
            now=real_now(),
            action=action,
            subject=Subject("backup", digest),
            after=told,
        )


def _told(manifest: Manifest) -> dict[str, object]:
    return {"seal": manifest.seal, "rows": manifest.row_count, "files": len(manifest.files)}


@contextmanager
def _plain_faults(nothing_done: str) -> Iterator[None]:
    """Everything wrong, a line each, and exit code 1; what the machine refuses too."""
    try:
        yield
    except (Incomplete, Unusable) as refused:
        lines = "\n".join(f"- {fault}" for fault in refused.faults)
        raise click.ClickException(f"{nothing_done}，有 {len(refused.faults)} 处不符：\n{lines}") from refused
    except OSError as refused:
        place = "" if refused.filename is None else f"{refused.filename}："
        raise click.ClickException(f"{nothing_done}。{place}{refused.strerror or refused}") from refused
    except BaseError as refused:
        raise click.ClickException(
            f"{nothing_done}。佐证存储没有正常应答：{type(refused).__name__}"
        ) from refused


@contextmanager
def _open_target(file: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """The file under another name until all of it is on disk; nothing of it is left when anything fails."""
    if file == STANDARD:
        yield _standard_output()
        return
    part = file.with_name(f"{file.name}.part")
    if file.exists() and not force:
        raise click.ClickException(f"{file} 已存在；换一个文件名，或加 --force 覆盖。")
    if part.exists() and not force:
        raise click.ClickException(
            f"{part} 已存在：另一个备份正在进行，或上一个中断了；确认没有在进行的备份后删除它，或加 --force。"
        )
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(file.parent)


def _standard_output() -> IO[bytes]:
    if sys.stdout.isatty():
        raise click.ClickException("备份是二进制文件，不能显示在终端上；请接管道或重定向到文件。")
    return sys.stdout.buffer


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _open_source(file: Path) -> Iterator[IO[bytes]]:
    """The file itself; what comes from a pipe is kept in a temporary file (TMPDIR) that has no name."""
    if file != STANDARD:
        with file.open("rb") as source:
            yield source
        return
    with tempfile.TemporaryFile() as kept:
        while piece := sys.stdin.buffer.read(PIECE):
            kept.write(piece)
        yield kept


@contextmanager
def _watch(label: str, length: int) -> Iterator[Advance]:
    """How far it is, on stderr: stdout may be the backup itself."""
    steps = max(length // 500, 1)
    with click.progressbar(length=length, label=label, file=sys.stderr, update_min_steps=steps) as bar:
        yield bar.update


def _show_taken(file: Path, taken: Taken) -> None:
    manifest = taken.manifest
    place = "标准输出" if file == STANDARD else str(file)
    click.echo(
        f"{place}：{len(manifest.tables)} 张表 {manifest.row_count} 行，{len(manifest.files)} 个佐证文件，{taken.size} 字节",
        err=True,
    )
    click.echo(f"结构 {manifest.revision}，最新封存 {manifest.seal or '（尚无）'}", err=True)
    click.echo(f"校验码 {taken.digest}", err=True)


def _show_restored(manifest: Manifest, found: Sequence[str]) -> None:
    click.echo(
        f"已恢复 {manifest.taken_at} 的备份：{len(manifest.tables)} 张表 {manifest.row_count} 行，"
        f"{len(manifest.files)} 个佐证文件，最新封存 {manifest.seal or '（尚无）'}。"
    )
    if manifest.revision != newest_revision():
        click.echo(f"结构已由 {manifest.revision} 升级到 {newest_revision()}。")
    click.echo("原有的登录、一次性链接和待发邮件都已作废。")
    present = _key_marks()
    for name in KEYS:
        if manifest.keys.get(name) != present[name]:
            click.echo(f"注意：{name} 与备份时的不同：{WHAT_KEYS_DO[name]}。", err=True)
    if found:
        lines = "\n".join(f"- {one}" for one in found)
        raise click.ClickException(
            f"数据已按备份原样恢复，但核验发现 {len(found)} 处不符（做备份时就已如此）：\n{lines}"
        )
    click.echo("核验通过：结构与模型一致，合计与分录逐格相符，记录、封存、佐证文件与触发器全部相符。")
