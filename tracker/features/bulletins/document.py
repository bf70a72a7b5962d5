"""The frozen document of a bulletin: everything it says, as plain values (``bulletin/1``, ADR 3)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.canonical import canonical
from tracker.domain.figures import show_exact, show_percent
from tracker.domain.lights import explain
from tracker.domain.messages import Refusal
from tracker.domain.periods import SHANGHAI, Month, Period
from tracker.domain.progress import standing_fields
from tracker.features.bulletins.differences import differences_between
from tracker.features.bulletins.narrative import WORRYING, late_branches, sections_of
from tracker.features.bulletins.sheets import AHEAD
from tracker.models.ledger import Seal
from tracker.models.programme import ProgrammeVersion
from tracker.services.clock import read_offset
from tracker.services.programme_heads import Head
from tracker.services.progress_documents import as_document
from tracker.services.progress_table import Branch, Judged, PledgeStanding, ProgressTable, load
from tracker.services.stand_ins import StandIn
from tracker.services.trail import Source, sources_of
from tracker.services.tree import get_unit

FORMAT: Final = "bulletin/1"
Document = dict[str, Any]

BRANCH_FIELDS: Final = (
    "code", "target", "actual", "completion_percent", "expected_percent", "gap_points", "light",
    "assigned", "reported", "unknown",
)  # fmt: skip
"""What the table of districts says of each indicator."""


class NothingSealed(Refusal):
    """There is no seal yet, so there is nothing a bulletin could be frozen to."""


class Occasion(NamedTuple):
    """Which bulletin is being written: its period, cut-off, issue number, and who drafts it.

    ``previous`` is the document of the issue before, with the ``reason`` for a new one.
    """

    period: Period
    cutoff: Month
    number: int
    drafted_by: str
    previous: Document | None = None
    reason: str = ""


def build_document(session: Session, head: Head, occasion: Occasion, *, seal: int) -> Document:
    """Everything the bulletin says as of ``seal``; the same for ever, whatever is reported later.

    The table is that of ``progress_table.load``, spelt as in the progress JSON (3.5), with more beside it.
    """
    publisher = get_unit(session, head.publisher_id)
    table = load(session, head, publisher, cutoff=occasion.cutoff, as_of=seal, with_branches=True)
    sources = sources_of(session, head, publisher, month=table.month, seal=seal)
    title, ahead = bulletin_title(head, occasion.period), read_offset(session)
    document: Document = {
        **as_document(table),
        **_identity(head, occasion, title),
        **_grounds(session, head, seal),
        **({AHEAD: int(ahead.total_seconds())} if ahead else {}),
        "branches": [_branch(branch) for branch in table.branches],
        **_former(table),
        "explanations": _explanations(table),
        "prose": sections_of(table, title=_subject(head, occasion.period)),
        "problems": _problems(table),
        "sources": [_source(one, ahead) for one in sources if one.origin != "import"],
        "imported": [_source(one, ahead) for one in sources if one.origin == "import"],
    }
    document = plain_values(document)
    document["differences"] = (
        None
        if occasion.previous is None
        else differences_between(occasion.previous, document, reason=occasion.reason)
    )
    return document


def plain_values(content: object) -> Any:
    """The content as it reads once stored: text, whole numbers, lists and mappings only."""
    return json.loads(canonical(content))


def serial_of(key: str, period: str, number: int) -> str:
    """What a bulletin's issue is called everywhere: ``330200-2018/2018-H1/1``."""
    return f"{key}/{period}/{number}"


def bulletin_title(head: Head, period: Period) -> str:
    """关于2018年上半年服务职工十件实事进展情况的通报"""
    return f"关于{_subject(head, period)}进展情况的通报"


def _subject(head: Head, period: Period) -> str:
    return f"{period.title}{head.title.removeprefix(f'{head.year}年')}"


def _identity(head: Head, occasion: Occasion, title: str) -> Document:
    return {
        "format": FORMAT,
        "serial": serial_of(head.key, occasion.period.key, occasion.number),
        "title": title,
        "programme_title": head.title,
        "publisher": head.publisher_name,
        "period": occasion.period.key,
        "issue": occasion.number,
        "drafted_by": occasion.drafted_by,
    }


def _grounds(session: Session, head: Head, seal: int) -> Document:
    """What the figures rest on: the seal and the rules in force."""
    row = session.execute(select(Seal.at, Seal.digest).where(Seal.number == seal)).one_or_none()
    if row is None:
        raise NothingSealed("账上还没有封存任何数据，不能出通报。")
    version = session.execute(
        select(ProgrammeVersion.number, ProgrammeVersion.digest)
        .where(ProgrammeVersion.programme_id == head.id)
        .order_by(ProgrammeVersion.number.desc())
        .limit(1)
    ).one_or_none()
    return {
        "seal_at": row.at,
        "seal_digest": row.digest,
        "basis": "accepted",
        "list_version": None if version is None else {"number": version.number, "digest": version.digest},
        "rules": {
            "number": head.rule_set,
            "on_track_points": show_percent(head.lights.on_track_tenths),
            "lagging_points": show_percent(head.lights.lagging_tenths),
            "elapsed": str(head.elapsed),
            "own_level_counts": head.own_level_counts,
        },
    }


def _each(pledges: Iterable[PledgeStanding]) -> Iterable[Judged]:
    return (one for pledge in pledges for one in pledge.indicators)


def _branch(branch: Branch) -> Document:
    return {
        "at": branch.unit.code,
        "name": branch.unit.name,
        "short_name": branch.unit.short_name,
        "own_level": branch.is_own_level,
        "indicators": [
            _shortened(standing_fields(one.standing, one.listed.rule)) for one in _each(branch.pledges)
        ],
    }


def _former(table: ProgressTable) -> Document:
    """Units that take part no more and whose figures count: what of each, and in which months. Left out: none."""
    found = [
        {
            "at": branch.unit.code,
            "name": branch.unit.name,
            "since": branch.since,
            "until": branch.until,
            "closed": branch.is_closed,
            "indicators": [
                {
                    "code": one.listed.rule.code,
                    "actual": show_exact(one.totals.amount, one.listed.rule.target_decimals),
                }
                for one in _each(branch.pledges)
                if one.totals.amount
            ],
        }
        for branch in table.former
    ]
    return {"former": found} if found else {}


def _shortened(fields: Mapping[str, object]) -> Document:
    return {name: fields[name] for name in BRANCH_FIELDS}


def _explanations(table: ProgressTable) -> dict[str, str]:
    return {
        one.listed.rule.code: str(explain(one.listed.rule, one.standing, table.month))
        for one in _each(table.pledges)
    }


def _problems(table: ProgressTable) -> Document:
    """Pledges that lag, are behind or silent, with the units behind them; and who has not reported."""
    return {
        "pledges": [_problem(table, pledge) for pledge in table.pledges if pledge.light in WORRYING],
        "late_units": [
            {"at": code, "name": name, "indicators": codes} for code, name, codes in late_branches(table)
        ],
    }


def _problem(table: ProgressTable, pledge: PledgeStanding) -> Document:
    return {
        "number": pledge.promise.number,
        "title": pledge.promise.title,
        "light": str(pledge.light),
        "indicators": [
            {
                "code": one.listed.rule.code,
                "name": one.listed.rule.name,
                "light": str(one.standing.light),
                "units": _units(table, one.listed.rule.code),
            }
            for one in pledge.indicators
            if one.standing.light in WORRYING
        ],
    }


def _units(table: ProgressTable, code: str) -> list[Document]:
    return [
        {"at": branch.unit.code, "name": branch.unit.name, "light": str(one.standing.light)}
        for branch in table.branches
        for one in _each(branch.pledges)
        if one.listed.rule.code == code and one.standing.light in WORRYING
    ]


def printed_name(name: str, stand_in: StandIn | None, ahead: timedelta = timedelta()) -> str:
    """王芳（代理李强，至2018年7月31日）: who acted, and in whose place until when, as files have it.

    ``ahead``: how far the calendar runs ahead of real time.
    """
    if stand_in is None:
        return name
    last = (stand_in.until + ahead - timedelta(microseconds=1)).astimezone(SHANGHAI)
    return f"{name}（代理{stand_in.absent}，至{last.year}年{last.month}月{last.day}日）"


def _source(source: Source, ahead: timedelta) -> Document:
    """One source; who acted in somebody's place is named with it, as the paper and the workbook print it."""
    fields = source._asdict()
    fields.pop("month")
    for act, stand_in in fields.pop("stand_ins").items():
        fields[f"{act}_by"] = printed_name(fields[f"{act}_by"], stand_in, ahead)
    return fields | {"at": fields.pop("unit_code"), "unit": fields.pop("unit_name")}
