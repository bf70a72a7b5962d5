"""``flask progress``: how far a list is, as a table, JSON or CSV."""

from __future__ import annotations

import csv
import json
import sys
from datetime import datetime

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from tracker.cli.edge import reading
from tracker.cli.tables import show_table
from tracker.domain.messages import Refusal
from tracker.domain.periods import Month
from tracker.services.clock import CHINA
from tracker.services.programme_heads import Head, find_head
from tracker.services.progress_documents import as_document, pledge_document
from tracker.services.progress_table import (
    ProgressTable,
    check_seal,
    load,
    seal_at,
)
from tracker.services.tree import Unit, find_unit, get_unit

progress_commands = AppGroup("progress", help="进度：某清单在某单位、某截止月的完成情况。")

COLUMNS = (
    "number", "title", "code", "name", "measure", "kind", "target", "actual", "provisional", "numerator",
    "denominator", "bare_rate", "completion_percent", "expected_percent", "gap_points", "light", "assigned",
    "reported", "unknown", "goal_until", "goal_target",
)  # fmt: skip
"""The columns of the CSV: one row per indicator, spelt as in the JSON."""

SHOWN = {
    "number": "序号", "name": "指标", "target": "目标", "actual": "累计", "measure": "单位",
    "completion_percent": "完成率", "expected_percent": "序时", "gap_points": "差", "light": "灯",
    "assigned": "承担", "reported": "已报", "goal_target": "远期目标",
}  # fmt: skip
"""The columns of the table on a terminal, with their headings."""


class OutOfReach(click.UsageError):
    """The unit asked for does not stand at or below the publisher: exit code 2."""


@progress_commands.command("show")
@click.argument("key")
@click.option("--at", "code", metavar="CODE", help="单位编码，默认发布单位。")
@click.option("--cutoff", metavar="2018-06", help="截止月，默认最近一个有已通过数据的月份。")
@click.option(
    "--as-of", metavar="SEAL-OR-INSTANT", help="某次封存（整数）或某一时刻（ISO 8601，不写时区即北京时间）。"
)
@click.option(
    "--format", "style", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)
def show(key: str, code: str | None, cutoff: str | None, as_of: str | None, style: str) -> None:
    """显示进度。例：flask progress show 330200-2018 --at 330203 --cutoff 2018-06 --format json"""
    with reading() as session:
        head = _head(session, key)
        node = _node(session, head, code)
        month = None if cutoff is None else Month.parse(cutoff)
        table = load(session, head, node, cutoff=month, as_of=_seal(session, as_of))
    _SHOW[style](table)


def _head(session: Session, key: str) -> Head:
    head = find_head(session, key)
    if head is None:
        raise UnknownProgramme("没有编号为 {key} 的实事清单。", key=key)
    return head


class UnknownProgramme(Refusal):
    """No programme has this key."""


def _node(session: Session, head: Head, code: str | None) -> Unit:
    publisher = get_unit(session, head.publisher_id)
    if code is None:
        return publisher
    unit = find_unit(session, code)
    if unit is None or not publisher.place.holds(unit.place):
        raise OutOfReach(f"{code} 不在 {publisher.name} 及其下级单位之中。")
    return unit


def _seal(session: Session, as_of: str | None) -> int | None:
    if as_of is None:
        return None
    if as_of.isdecimal():
        return check_seal(session, int(as_of))
    try:
        moment = datetime.fromisoformat(as_of)
    except ValueError as wrong:
        raise UnreadableInstant(
            "“{text}”既不是封存号也不是时刻，请写成 12 或 2018-07-01T18:00。", text=as_of
        ) from wrong
    return seal_at(session, moment if moment.tzinfo else moment.replace(tzinfo=CHINA))


class UnreadableInstant(Refusal):
    """Neither a seal's number nor an ISO 8601 moment."""


def _show_json(table: ProgressTable) -> None:
    click.echo(json.dumps(as_document(table), ensure_ascii=False, indent=1))


def _rows(table: ProgressTable) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for pledge in map(pledge_document, table.pledges):
        for indicator in pledge["indicators"]:  # type: ignore[attr-defined]
            goal = indicator["goal"] or {"until": None, "target": None}
            rows.append(
                {"number": pledge["number"], "title": pledge["title"]}
                | indicator
                | {"goal_until": goal["until"], "goal_target": goal["target"]}
                | {"bare_rate": str(indicator["bare_rate"]).lower()}
            )
    return rows


def _show_csv(table: ProgressTable) -> None:
    writer = csv.DictWriter(sys.stdout, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows(table))


def _show_table(table: ProgressTable) -> None:
    seal = "尚无封存" if table.seal is None else f"第 {table.seal} 号封存"
    click.echo(f"{table.head.title} · {table.node.name} · 截至 {table.cutoff} · {seal}")
    rows = [["—" if row[column] is None else str(row[column]) for column in SHOWN] for row in _rows(table)]
    show_table(list(SHOWN.values()), rows)
    click.echo(" · ".join(f"{light} {count}" for light, count in table.classes.items()))


_SHOW = {"json": _show_json, "csv": _show_csv, "table": _show_table}
