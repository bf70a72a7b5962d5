"""What the database refuses, in words: constraint and trigger names → messages, in one place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Column, UniqueConstraint
from sqlalchemy.exc import IntegrityError

from tracker.domain.messages import Message
from tracker.models.base import Base

# fmt: off
MESSAGES: Final = {
    "uq_account_login":          Message("这个登录名已经有人使用。"),
    "uq_account_person_id":      Message("此人已经有账号。"),
    "uq_org_unit_code":          Message("这个单位代码已经存在。"),
    "uq_programme_key":          Message("这个单位这一年已经有同名的清单。"),
    "uq_programme_publisher_id_year_slug": Message("这个单位这一年已经有同名的清单。"),
    "revision_four_eyes":        Message("填报、审批、审核须由不同的人办理。"),
    "revision_author_eyes":      Message("填报、审批、审核须由不同的人办理。"),
    "line_insert":               Message("这份报告已经提交，数字不能再改。"),
    "line_update":               Message("这份报告已经提交，数字不能再改。"),
    "line_delete":               Message("这份报告已经提交，数字不能再改。"),
    "evidence_insert":           Message("这份报告已经提交，佐证不能再改。"),
    "evidence_update":           Message("这份报告已经提交，佐证不能再改。"),
    "bulletin_issue_frozen":     Message("已经印发的通报不能修改，请另出新版。"),
    "uq_person_email":           Message("这个邮箱已经登记在别人名下。"),
    "uq_account_link_live":      Message("刚刚已经给这个账号寄过链接。"),
    "uq_grant_request_open":     Message("此人已有一项同类申请等待确认。"),
    "ck_appointment_third_person":     Message("申请人、确认人和被任命人须是不同的人。"),
    "ck_appointment_granted_by_another": Message("不能任命自己。"),
    "ck_grant_request_third_person":   Message("申请人、确认人和被任命人须是不同的人。"),
    "ck_grant_request_requested_by_another": Message("不能为自己申请。"),
}
"""By constraint name, or by the trigger name with which a trigger's refusal begins."""
# fmt: on

_SQLITE_UNIQUE: Final = "UNIQUE constraint failed: "
_SQLITE_CHECK: Final = "CHECK constraint failed"
_POSTGRESQL_CHECK: Final = "23514"


def constraint_of(error: IntegrityError) -> str:
    """The name of the constraint or trigger that refused; the driver's words where it has none."""
    diagnosis = getattr(error.orig, "diag", None)
    named: str | None = getattr(diagnosis, "constraint_name", None)
    words = str(error.orig)
    if named:
        return named
    if words.startswith(_SQLITE_UNIQUE):
        return _unique_name(words.removeprefix(_SQLITE_UNIQUE))
    return words.partition("\n")[0].partition(": ")[0]


def message_of(error: IntegrityError) -> Message | None:
    """What to tell the person; None where the page's own words must do."""
    return MESSAGES.get(constraint_of(error))


def is_conflict(error: IntegrityError) -> bool:
    """Whether it clashes with what others did (409), rather than being wrong in itself (422)."""
    if getattr(error.orig, "sqlstate", None) == _POSTGRESQL_CHECK:
        return False
    return not str(error.orig).startswith(_SQLITE_CHECK)


def _unique_name(columns: str) -> str:
    """SQLite names columns (``account.login``) where PostgreSQL names the constraint (``uq_account_login``)."""
    for table in Base.metadata.tables.values():
        named: dict[object, Iterable[Column[Any]]] = {
            one.name: one.columns for one in table.constraints if isinstance(one, UniqueConstraint)
        }
        named |= {index.name: index.columns for index in table.indexes if index.unique}
        for name, parts in named.items():
            if ", ".join(f"{table.name}.{column.name}" for column in parts) == columns:
                return str(name)
    return columns
