"""The edge of every operator command: one transaction, sealed at its end, and refusals in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from flask import current_app
from sqlalchemy.orm import Session

from tracker.db import Database, proving_session
from tracker.domain.messages import Faults, Refusal
from tracker.services.ledger.settling import settle


def current_database() -> Database:
    """The database of the application this command runs in."""
    database: Database = current_app.extensions["database"]
    return database


def real_now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


@contextmanager
def writing(*, dry_run: bool = False) -> Iterator[Session]:
    """A session that is committed and sealed when the block ends well, and rolled back otherwise.

    Refusals and faults become an error message with exit code 1, every fault on its own line. With
    ``dry_run`` nothing is kept.
    """
    database = current_database()
    with database.session() as session, plain_refusals():
        yield session
        if dry_run:
            session.rollback()
        elif not settle(database, session, real_now):
            click.echo("已保存；合计正在汇总，后台进程随后完成。", err=True)


@contextmanager
def reading() -> Iterator[Session]:
    """A session that cannot write."""
    with current_database().read_session() as session, plain_refusals():
        yield session


@contextmanager
def proving() -> Iterator[Session]:
    """The same without a request's limits of time: a proof reads the whole history of a province."""
    with proving_session(current_database()) as session, plain_refusals():
        yield session


@contextmanager
def plain_refusals() -> Iterator[None]:
    """Turn what a rule refused into an error message and exit code 1."""
    try:
        yield
    except Faults as refused:
        lines = "\n".join(f"- {fault}" for fault in refused.faults)
        raise click.ClickException(
            f"有 {len(refused.faults)} 处需要修改，什么都没有写入：\n{lines}"
        ) from refused
    except Refusal as refused:
        raise click.ClickException(str(refused.message)) from refused
