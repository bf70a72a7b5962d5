"""Making the file of a table: at once, or in the background when it is long; and writing down who has it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from tracker.db import Database
from tracker.domain.identity import Actor, Identity, actor_of
from tracker.domain.messages import Forbidden
from tracker.services.anchors import NewestSeal, Place, find_newest_seal, find_seal, record_anchor
from tracker.services.jobs import Job, enqueue, finish, step_done
from tracker.services.sessions import SignedIn, find_acting
from tracker.services.table_exports import (
    TABLE_JOB,
    Export,
    ExportNotFound,
    Wanted,
    begin_export,
    find_export,
    keep_file,
    record_export,
)
from tracker.services.tables.csv_writing import Cell
from tracker.services.tables.exporting import Sheet, csv_file, xlsx_pieces
from tracker.web.current import current_session, discard_session
from tracker.web.filters import moment
from tracker.web.i18n import gettext as _
from tracker.web.table_files import Table, find_offer, looking_at

WRITERS = {"csv": csv_file, "xlsx": xlsx_pieces}
"""Style → the file's bytes piece by piece."""

MOST_AT_ONCE: Final = 5_000
"""Longer tables are made in the background: nobody waits for them, and no request holds the database."""

ROWS_A_STEP: Final = 1_000
USUAL_WIDTH: Final = 14
FIRST_WIDTH: Final = 12


class NoLongerAllowed(Forbidden):
    """Whoever asked for a table may not see it any more."""


class Begun(NamedTuple):
    """An export's number, and whether its file is made in the background."""

    number: int
    is_long: bool


@dataclass(frozen=True, slots=True)
class Made:
    """A file on disk, how many rows it holds, and the seal printed on top (None before the first) as what."""

    file: Path
    rows: int
    seal: NewestSeal | None
    place: Place


class _Counted:
    """Rows on their way into a file; tells how many have gone by."""

    def __init__(self, table: Table, tell: Callable[[int], None] | None) -> None:
        self.count = 0
        self._table, self._tell = table, tell

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        for row in self._table.rows:
            yield row
            self.count += 1
            if self._tell is not None and self.count % ROWS_A_STEP == 0:
                self._tell(self.count)
        discard_session()  # packing a workbook takes long; nothing more is read for it


@contextmanager
def made_file(
    table: Table,
    style: str,
    *,
    number: int,
    identity: Identity,
    asked_at: datetime,
    tell: Callable[[int], None] | None = None,
) -> Iterator[Made]:
    """The table as a file while the block runs; memory stays flat however many rows there are."""
    rows = _Counted(table, tell)
    seal = _seal_of(table)
    facts = [*table.facts, *_facts(table, seal, number=number, identity=identity, asked_at=asked_at)]
    sheet = Sheet(table.title, facts, table.headings, rows, _widths(table))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"table.{style}"
        with file.open("wb") as opened:
            for piece in WRITERS[style](sheet):
                opened.write(piece)
        yield Made(file, rows.count, seal, table.place)


def _widths(table: Table) -> list[int]:
    """In letters; the first column also holds what the facts at the top are called."""
    first, *others = [*table.widths, *[USUAL_WIDTH] * (len(table.headings) - len(table.widths))]
    return [max(first, FIRST_WIDTH), *others]


def _seal_of(table: Table) -> NewestSeal | None:
    """The seal figures were read by, else the newest one."""
    session = current_session()
    return find_newest_seal(session) if table.seal is None else find_seal(session, table.seal)


def _facts(
    table: Table, seal: NewestSeal | None, *, number: int, identity: Identity, asked_at: datetime
) -> list[tuple[str, str]]:
    """What stands at the top of every table, below what it says of itself."""
    return [
        (_("行数"), str(table.count)),
        *_sealed(seal),
        (_("导出"), f"{identity.name} · {identity.appointment.org_unit_name} · {moment(asked_at, with_year=True)}"),
        (_("导出编号"), str(number)),
    ]  # fmt: skip


def _sealed(seal: NewestSeal | None) -> list[tuple[str, str]]:
    """The seal and, as an anchor outside the database, the line that ``flask audit verify --anchor`` takes."""
    if seal is None:
        return [(_("封存"), _("尚无封存"))]
    at = moment(seal.at, with_year=True)
    return [
        (_("封存"), _("第 %(number)s 号，%(at)s", number=seal.number, at=at)),
        (_("锚点（封存号:校验码）"), seal.written),
    ]


@dataclass(frozen=True, slots=True)
class Asking:
    """A request that has a table made: its session, who asks, in which language, when."""

    session: Session
    identity: Identity
    actor: Actor
    language: str
    now: datetime

    def begin(self, page: str, name: str, style: str, table: Table) -> Begun:
        """Make the file, or leave it to the worker when it is long; either is in the audit trail."""
        wanted = Wanted(
            page, name, style, self.language, table.title, table.count, is_long=table.count > MOST_AT_ONCE
        )
        number = begin_export(self.session, wanted, identity=self.identity, now=self.now)
        if wanted.is_long:
            self._leave_to_worker(number, wanted)
        else:
            self._make(number, wanted, table)
        return Begun(number, wanted.is_long)

    def _make(self, number: int, wanted: Wanted, table: Table) -> None:
        made_here = made_file(table, wanted.style, number=number, identity=self.identity, asked_at=self.now)
        with made_here as made:
            export = Handed(number, wanted, self.actor, self.identity.place.org_unit_id)
            export.hand_over(self.session, made, self.now)

    def _leave_to_worker(self, number: int, wanted: Wanted) -> None:
        enqueue(
            self.session,
            TABLE_JOB,
            str(number),
            payload={
                "appointment": self.identity.appointment.id,
                "request": self.actor.request_id,
                "rows": wanted.rows,
            },
            steps=wanted.rows // ROWS_A_STEP + 1,
            now=self.now,
            asked_by_id=self.identity.person_id,
        )
        asked, unit = "table.export_asked", self.identity.place.org_unit_id
        record_export(self.session, asked, number, told_of(wanted), actor=self.actor, unit=unit, now=self.now)


class Handed(NamedTuple):
    """A table handed out: its number, what was wanted, by whom, for which unit."""

    number: int
    wanted: Wanted | Export
    actor: Actor
    unit: int

    def hand_over(self, session: Session, made: Made, now: datetime) -> None:
        """Keep the file, write down who has it, and note the seal printed on it."""
        digest = keep_file(session, self.number, made.file, rows=made.rows, now=now)
        told = {**told_of(self.wanted), "rows": made.rows, "sha256": digest}
        entry = record_export(
            session, "table.exported", self.number, told, actor=self.actor, unit=self.unit, now=now
        )
        record_anchor(session, made.seal, place=made.place, reference=str(entry), now=now)


def told_of(wanted: Wanted | Export) -> dict[str, object]:
    """What the audit trail keeps of a table: where it stood with which filters, and how long it is."""
    return {
        "page": wanted.address,
        "table": wanted.name,
        "title": wanted.title,
        "ending": wanted.style,
        "rows": wanted.rows,
    }


def make_long_table(database: Database, job: Job, clock: Callable[[], datetime]) -> None:
    """Make a table left to the worker, with the rights whoever asked has by now; rows told as they go by."""
    number = int(job.subject)
    with database.read_session() as session:
        export = find_export(session, number)
        acting = find_acting(session, job.payload["appointment"], clock())
    if export is None:
        raise ExportNotFound("没有找到这次导出")
    if acting is None:
        raise NoLongerAllowed("任职已结束")
    who = SignedIn(0, clock(), acting)
    with looking_at(export.address, who=who, language=export.language, moment=clock()):
        found = find_offer(export.name)
        if found.refused_to(acting) is not None:
            raise NoLongerAllowed("已没有权限")
        making = made_file(
            found.make(), export.style, number=number, identity=acting, asked_at=export.asked_at,
            tell=lambda rows: _tell(database, job, rows, clock()),
        )  # fmt: skip
        with making as made, database.session() as session:
            actor = actor_of(acting, job.payload["request"])
            Handed(number, export, actor, acting.place.org_unit_id).hand_over(session, made, clock())
            finish(session, job, now=clock())
            session.commit()


def _tell(database: Database, job: Job, rows: int, now: datetime) -> None:
    """Say how far it is, and keep the lease."""
    most = job.payload["rows"] // ROWS_A_STEP + 1
    with database.session() as session:
        step_done(session, job, min(rows // ROWS_A_STEP, most), now=now)
        session.commit()
