"""Days off and days worked in exchange, from a CSV or XLSX file with the columns ``day`` and ``is_working``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.identity import Actor
from tracker.domain.messages import Fault, Faults, Message
from tracker.models.period import Holiday
from tracker.services.audit import Subject, record
from tracker.services.tables.reading import TableRow, read_table

COLUMNS: Final = ("day", "is_working")
WORDS: Final = {
    "0": False, "false": False, "no": False, "休": False,
    "1": True, "true": True, "yes": True, "班": True,
}  # fmt: skip
"""How ``is_working`` is written."""


class Imported(NamedTuple):
    """What an import did, in days."""

    new: int
    changed: int
    unchanged: int


def read_holiday_file(content: bytes) -> dict[date, bool]:
    """Day → whether it is worked. Raises UnreadableTable, and Faults with everything wrong at once."""
    header, *rows = read_table(content).rows
    if header.cells[: len(COLUMNS)] != COLUMNS:
        raise Faults([Fault(_place(header), Message("第一行须为 day,is_working"))])
    faults: list[Fault] = []
    days: dict[date, bool] = {}
    for row in rows:
        _read_row(row, days, faults)
    if faults:
        raise Faults(faults)
    return days


def _read_row(row: TableRow, days: dict[date, bool], faults: list[Fault]) -> None:
    cells = (*row.cells, "", "")
    try:
        day = date.fromisoformat(cells[0])
    except ValueError:
        faults.append(
            Fault(_place(row), Message("“{text}”不是日期，请写成 2018-10-01 这样", {"text": cells[0]}))
        )
        return
    is_working = WORDS.get(cells[1].lower())
    if is_working is None:
        faults.append(Fault(_place(row), Message("“{text}”请写成 休 或 班", {"text": cells[1]})))
    elif days.setdefault(day, is_working) != is_working:
        faults.append(Fault(_place(row), Message("{day} 在前面写的是另一种", {"day": day.isoformat()})))


def _place(row: TableRow) -> str:
    return str(Message("第 {line} 行", {"line": row.line}))


def import_holidays(session: Session, days: Mapping[date, bool], *, actor: Actor, now: datetime) -> Imported:
    """Take these days in under one audit entry; other days stay as they are. Nothing different writes nothing."""
    known = {row.day: row for row in session.scalars(select(Holiday).where(Holiday.day.in_(days)))}
    new = {day: is_working for day, is_working in days.items() if day not in known}
    changed = {
        day: is_working
        for day, is_working in days.items()
        if day in known and known[day].is_working != is_working
    }
    session.add_all(Holiday(day=day, is_working=is_working) for day, is_working in new.items())
    for day, is_working in changed.items():
        known[day].is_working = is_working
    if new or changed:
        session.flush()
        told = {day.isoformat(): is_working for day, is_working in sorted({**new, **changed}.items())}
        subject = Subject("holidays", "all")
        record(session, actor=actor, now=now, action="holidays.imported", subject=subject, after=told)
    return Imported(len(new), len(changed), len(days) - len(new) - len(changed))
