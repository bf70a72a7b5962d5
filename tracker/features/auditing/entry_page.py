"""Entries of the trail as pages and files write them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from flask import url_for

from tracker.domain.identity import Identity, login_in
from tracker.domain.periods import Period
from tracker.features.auditing.blueprint import Context
from tracker.features.auditing.differences import Change, changes_of, summary_of
from tracker.features.auditing.queries import EntryRow, Subjects
from tracker.features.auditing.selection import ListName, may_read_content
from tracker.features.auditing.wording import Piece, word_difference
from tracker.features.auditing.words import action_word, kind_word, role_word
from tracker.services.tables.csv_writing import Cell
from tracker.web.filters import moment, on_the_calendar
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate

SHORT_DIGEST = 12


def entry_context(row: EntryRow, subjects: Subjects, identity: Identity, listed: ListName | None) -> Context:
    """One row of the list."""
    return {
        "at_text": at_text(row),
        "at_iso": row.at.isoformat(),
        "actor": row.actor,
        "role": acting_text(row),
        "actor_url": url_for("auditing.entries", person=login_of(row)) if login_of(row) else None,
        "action": action_word(row.action),
        "url": url_for("auditing.entry", number=row.id),
        "subject": subject_text(row, subjects),
        "subject_url": url_for("auditing.subject", kind=row.kind, subject=row.subject_id),
        "unit": row.unit_name or "",
        "detail": detail_text(row, subjects, identity),
        "remark": remark_text(row, listed),
        "digest_short": row.row_digest[:SHORT_DIGEST],
        "seal": row.seal,
    }


def login_of(row: EntryRow) -> str | None:
    """The login in an actor's label, to filter by; operators have none."""
    return login_in(row.actor) if row.role is not None else None


def at_text(row: EntryRow) -> str:
    """To the second, in Shanghai."""
    return f"{moment(row.at, with_year=True)}:{on_the_calendar(row.at):%S}"


def subject_text(row: EntryRow, subjects: Subjects) -> str:
    """What the entry is about, as people call it."""
    if row.kind == "report" and row.subject_id in subjects.reports:
        named = subjects.reports[row.subject_id]
        return f"{named.unit} {translate(Period.parse(named.period).title)} {named.pledge}"
    if row.subject_id in subjects.lists and row.kind in ("programme", "targets"):
        return f"{kind_word(row.kind)} {subjects.lists[row.subject_id][1]}"
    if row.kind == "account" and row.subject_id in subjects.people:
        return _("%(name)s的账号", name=subjects.people[row.subject_id])
    return f"{kind_word(row.kind)} {row.subject_id}"


def changes_for(row: EntryRow, subjects: Subjects, identity: Identity) -> list[Change] | None:
    """What changed; None where this person may not read it."""
    return changes_of(row, subjects) if may_read_content(identity, row.kind) else None


def detail_text(row: EntryRow, subjects: Subjects, identity: Identity) -> str:
    """The change in one line."""
    changes = changes_for(row, subjects, identity)
    return _("内容含业务数据，管理员不能查看") if changes is None else summary_of(changes)


def remark_text(row: EntryRow, listed: ListName | None) -> str:
    """What a list says of a row beside its content."""
    if listed is ListName.IMPORTS:
        answerable = (json.loads(row.after or "{}").get("answered_by") or {}).get("name")
        return answerable or _("没有写明负责人，由操作员执行")
    if listed is ListName.CORRECTIONS:
        return _("通报印发之后") if row.has_second_reason else _("报告期关闭之后")
    if listed is ListName.NEAR_MISSES:
        return _("写过这份报告的其他版次") if row.has_second_reason else _("也任这个单位的填报人")
    return ""


def file_headings() -> list[str]:
    """The columns of the file; the two last hold what the row digest was made of."""
    return [
        _("编号"), _("时间"), _("人员"), _("职务"), _("事项"), _("对象"), _("对象编号"), _("单位代码"), _("单位"), _("变动"),
        _("备注"), _("封存号"), _("行校验码"), _("请求号"), _("变动前（原文）"), _("变动后（原文）"),
    ]  # fmt: skip


def file_rows(
    rows: Sequence[EntryRow], subjects: Subjects, identity: Identity, listed: ListName | None
) -> Iterator[list[Cell]]:
    """The same entries as rows of a file."""
    for row in rows:
        yield [
            row.id, at_text(row), row.actor, role_word(row.role), action_word(row.action),
            subject_text(row, subjects), f"{row.kind}/{row.subject_id}", row.unit_code, row.unit_name,
            detail_text(row, subjects, identity), remark_text(row, listed), row.seal, row.row_digest,
            row.request_id, row.before, row.after,
        ]  # fmt: skip


def difference_rows(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """For the table of a difference."""
    return [
        {"label": one.label, "before": one.before, "after": one.after, "pieces": pieces_of(one)}
        for one in changes
    ]


def pieces_of(change: Change) -> list[Piece] | None:
    """A long text word by word; None where the two sides are read at a glance or have little in common."""
    if change.before is None or change.after is None:
        return None
    return word_difference(change.before, change.after)


def acting_text(row: EntryRow) -> str:
    """The appointment acted under: the role, and of which unit."""
    role = role_word(row.role)
    return f"{row.acting_unit} · {role}" if row.acting_unit else role
