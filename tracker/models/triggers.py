"""Triggers that keep history unchangeable on both engines: made from the tables, installed after migrations."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, Table, inspect, text

from tracker.models.account import Account, Appointment
from tracker.models.anchor import Anchor
from tracker.models.audit import AuditEntry
from tracker.models.auditing import AuditSample, FigureMark, Finding, FindingEntry, SampledFigure
from tracker.models.base import Base
from tracker.models.bulletin import BulletinFile, BulletinIssue, BulletinManifest, BulletinPackage
from tracker.models.evidence import Evidence, EvidenceBlob
from tracker.models.granting import GrantRequest
from tracker.models.handover import QueueHandover
from tracker.models.ledger import Entry, Posting, Seal
from tracker.models.org_unit import OrgName, OrgTenure, SettledCell
from tracker.models.period import PeriodClosing, PeriodReopening, SignatureWaiver
from tracker.models.programme import ProgrammeVersion, Target
from tracker.models.report import (
    Acceptance,
    Revision,
    Submission,
    ThreadEntry,
)

SEALED: tuple[type[Base], ...] = (Posting, Target, AuditEntry)
"""Rows that may change once only: from unsealed to sealed, nothing else."""

FROZEN: tuple[type[Base], ...] = (
    Entry,
    Seal,
    Submission,
    ThreadEntry,
    ProgrammeVersion,
    BulletinFile,
    BulletinManifest,
    BulletinPackage,
    EvidenceBlob,
    PeriodClosing,
    PeriodReopening,
    SignatureWaiver,
    QueueHandover,
    AuditSample,
    SampledFigure,
    FigureMark,
    FindingEntry,
    Anchor,
    OrgName,
    OrgTenure,
    SettledCell,
)
"""Rows that never change and never go."""

KEPT: tuple[type[Base], ...] = (
    *SEALED,
    *FROZEN,
    Revision,
    Acceptance,
    Evidence,
    BulletinIssue,
    Account,
    Appointment,
    Finding,
    GrantRequest,
)
"""Rows that are never deleted."""


class Trigger(NamedTuple):
    """One trigger: when it fires (``BEFORE UPDATE``), the refusal's condition (None: always), and its message.

    ``looks_at``: another table its condition reads; without it the trigger cannot be installed.
    """

    table: str
    name: str
    event: str
    condition: str | None
    message: str
    looks_at: str | None = None


def _table(model: type[Base]) -> Table:
    return Base.metadata.tables[model.__tablename__]


def _differs(dialect: str, column: str) -> str:
    operator = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    return f"OLD.{column} {operator} NEW.{column}"


def _only_seal_may_change(dialect: str, table: Table) -> str:
    others = [_differs(dialect, column.name) for column in table.columns if column.name != "seal"]
    return " OR ".join(["OLD.seal IS NOT NULL", "NEW.seal IS NULL", *others])


def _sealed(dialect: str, table: Table) -> Trigger:
    condition = _only_seal_may_change(dialect, table)
    return Trigger(
        table.name,
        f"{table.name}_sealed",
        "BEFORE UPDATE",
        condition,
        "sealed rows never change",
    )


def _born_unsealed(table: Table) -> Trigger:
    return Trigger(
        table.name,
        f"{table.name}_born",
        "BEFORE INSERT",
        "NEW.seal IS NOT NULL",
        "rows are born unsealed",
    )


def _frozen(table: Table) -> Trigger:
    return Trigger(
        table.name,
        f"{table.name}_frozen",
        "BEFORE UPDATE",
        None,
        "frozen rows never change",
    )


def _kept(table: Table) -> Trigger:
    return Trigger(
        table.name,
        f"{table.name}_kept",
        "BEFORE DELETE",
        None,
        "history is never deleted",
    )


def _is_closed(revision: str) -> str:
    return f"(SELECT state FROM revision WHERE id = {revision}) NOT IN ('draft', 'returned')"  # noqa: S608 (a literal of ours)


def _line_triggers() -> list[Trigger]:
    message = "lines change only while draft or returned"
    return [
        Trigger(
            "line",
            "line_insert",
            "BEFORE INSERT",
            _is_closed("NEW.revision_id"),
            message,
        ),
        Trigger(
            "line",
            "line_update",
            "BEFORE UPDATE",
            f"{_is_closed('OLD.revision_id')} OR {_is_closed('NEW.revision_id')}",
            message,
        ),
        Trigger(
            "line",
            "line_delete",
            "BEFORE DELETE",
            _is_closed("OLD.revision_id"),
            message,
        ),
    ]


def _evidence_triggers(dialect: str) -> list[Trigger]:
    """Files come and go only while the revision is open; what is attached never changes, but may be taken out once."""
    tombstone = ("removed_by_id", "removed_at", "reason")
    changed = [
        _differs(dialect, column.name) for column in _table(Evidence).columns if column.name not in tombstone
    ]
    closed = _is_closed("OLD.revision_id")
    refused = " OR ".join([closed, "OLD.removed_at IS NOT NULL", "NEW.removed_at IS NULL", *changed])
    message = "evidence changes only while draft or returned, and is taken out once"
    return [
        Trigger("evidence", "evidence_insert", "BEFORE INSERT", _is_closed("NEW.revision_id"), message),
        Trigger("evidence", "evidence_update", "BEFORE UPDATE", refused, message),
    ]


def _four_eyes_triggers() -> list[Trigger]:
    author = "EXISTS (SELECT 1 FROM revision_author WHERE revision_id = NEW.id AND person_id IN (NEW.{0}, NEW.{1}))"
    judge = "EXISTS (SELECT 1 FROM revision WHERE id = NEW.revision_id AND NEW.person_id IN ({0}, {1}))"
    columns = ("signed_by_id", "accepted_by_id")
    message = "authors, signer and acceptor are different persons"
    return [
        Trigger(
            "revision",
            "revision_four_eyes",
            "BEFORE UPDATE",
            author.format(*columns),
            message,
        ),
        Trigger(
            "revision_author",
            "revision_author_eyes",
            "BEFORE INSERT",
            judge.format(*columns),
            message,
        ),
        Trigger("revision_author", "revision_author_fixed", "BEFORE UPDATE", None, message),
    ]


def _issued_triggers(dialect: str) -> list[Trigger]:
    fixed = (
        "bulletin_id",
        "number",
        "cutoff",
        "seal",
        "document",
        "digest",
        "drafted_by_id",
        "drafted_at",
        "countersigned_by_id",
        "issued_at",
    )
    changed = " OR ".join(_differs(dialect, column) for column in fixed)
    return [
        Trigger(
            "bulletin_issue",
            "bulletin_issue_frozen",
            "BEFORE UPDATE",
            f"OLD.state <> 'draft' AND (NEW.state = 'draft' OR (OLD.state <> 'issuing' AND NEW.state = 'issuing') OR {changed})",
            "an issued bulletin never changes",
        ),
        Trigger(
            "bulletin_issue",
            "bulletin_issue_authors",
            "BEFORE UPDATE",
            "EXISTS (SELECT 1 FROM bulletin_author WHERE issue_id = NEW.id AND person_id = NEW.countersigned_by_id)",
            "who wrote a bulletin does not countersign it",
            looks_at="bulletin_author",
        ),
    ]


def _finding_triggers(dialect: str) -> list[Trigger]:
    """A finding's unit, figure, title and author stand; its state, deadline and version move with its thread."""
    moving = ("state", "due", "version_id")
    changed = [_differs(dialect, one.name) for one in _table(Finding).columns if one.name not in moving]
    message = "a finding is answered, never rewritten"
    return [Trigger("finding", "finding_fixed", "BEFORE UPDATE", " OR ".join(changed), message)]


def _triggers(dialect: str) -> list[Trigger]:
    wanted = [_sealed(dialect, _table(model)) for model in SEALED]
    wanted += [_born_unsealed(_table(model)) for model in SEALED]
    wanted += [_frozen(_table(model)) for model in FROZEN]
    wanted += [_kept(_table(model)) for model in KEPT]
    return [
        *wanted,
        *_line_triggers(),
        *_evidence_triggers(dialect),
        *_four_eyes_triggers(),
        *_issued_triggers(dialect),
        *_finding_triggers(dialect),
    ]


def _sqlite_statement(trigger: Trigger) -> str:
    when = "" if trigger.condition is None else f" WHEN {trigger.condition}"
    return (
        f"CREATE TRIGGER {trigger.name} {trigger.event} ON {trigger.table} FOR EACH ROW{when}"
        f" BEGIN SELECT RAISE(ABORT, '{trigger.name}: {trigger.message}'); END"
    )


def _postgresql_body(trigger: Trigger) -> str:
    refuse = f"RAISE EXCEPTION '{trigger.name}: {trigger.message}' USING ERRCODE = 'integrity_constraint_violation';"
    check = refuse if trigger.condition is None else f"IF {trigger.condition} THEN {refuse} END IF;"
    answer = "OLD" if trigger.event == "BEFORE DELETE" else "NEW"
    return f"BEGIN {check} RETURN {answer}; END"


def _truncate_name(table: Table) -> str:
    return f"{table.name}_untruncated"


def _truncate_body(name: str) -> str:
    return (
        f"BEGIN RAISE EXCEPTION '{name}: history is never deleted'"
        " USING ERRCODE = 'integrity_constraint_violation'; END"
    )


def expected_triggers(dialect: str) -> dict[str, str]:
    """Name → text of every trigger this version of the program wants on an engine.

    The text is the whole statement on SQLite and the function body on PostgreSQL: what their catalogues give back.
    """
    wanted = _triggers(dialect)
    if dialect == "sqlite":
        return {trigger.name: _sqlite_statement(trigger) for trigger in wanted}
    bodies = {trigger.name: _postgresql_body(trigger) for trigger in wanted}
    names = [_truncate_name(_table(model)) for model in KEPT]
    return bodies | {name: _truncate_body(name) for name in names}


def installed_triggers(connection: Connection) -> dict[str, str]:
    """Name → text of every trigger that is there and switched on, in the form of ``expected_triggers``."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    else:
        rows = connection.execute(
            text(
                "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
                " JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE NOT t.tgisinternal AND t.tgenabled = 'O' AND n.nspname = current_schema()"
            )
        )
    return {str(name): str(source) for name, source in rows}


def trigger_faults(connection: Connection) -> list[tuple[str, str]]:
    """(trigger name, ``missing`` | ``altered`` | ``unknown``) for every difference from what is wanted."""
    wanted, there = (
        expected_triggers(connection.dialect.name),
        installed_triggers(connection),
    )
    faults = [(name, "missing") for name in wanted if name not in there]
    faults += [(name, "altered") for name in wanted if name in there and there[name] != wanted[name]]
    return sorted(faults + [(name, "unknown") for name in there if name not in wanted])


def _install_postgresql(
    connection: Connection,
    trigger_name: str,
    table: str,
    event: str,
    level: str,
    body: str,
) -> None:
    function = f"guard_{trigger_name}"
    connection.execute(
        text(f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
    )
    connection.execute(
        text(
            f"CREATE TRIGGER {trigger_name} {event} ON {table} FOR EACH {level} EXECUTE FUNCTION {function}()"
        )
    )


def install_triggers(connection: Connection) -> None:
    """Replace all triggers by the wanted ones, on those tables that exist at this revision of the schema."""
    drop_triggers(connection)
    tables = set(inspect(connection).get_table_names())
    dialect = connection.dialect.name
    for trigger in _triggers(dialect):
        if not {trigger.table, trigger.looks_at or trigger.table} <= tables:
            continue
        if dialect == "sqlite":
            connection.exec_driver_sql(_sqlite_statement(trigger))
        else:
            body = _postgresql_body(trigger)
            _install_postgresql(connection, trigger.name, trigger.table, trigger.event, "ROW", body)
    if dialect != "sqlite":
        _install_truncate_guards(connection, tables)


def _install_truncate_guards(connection: Connection, tables: set[str]) -> None:
    for model in KEPT:
        table = _table(model)
        if table.name in tables:
            name = _truncate_name(table)
            _install_postgresql(
                connection,
                name,
                table.name,
                "BEFORE TRUNCATE",
                "STATEMENT",
                _truncate_body(name),
            )


def drop_triggers(connection: Connection) -> None:
    """Remove every trigger of ours, so that a migration can rebuild tables; ``install_triggers`` follows."""
    if connection.dialect.name == "sqlite":
        for name in installed_triggers(connection):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return
    rows = connection.execute(
        text(
            "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE n.nspname = current_schema() AND p.prorettype = 'trigger'::regtype AND p.proname LIKE 'guard\\_%'"
        )
    )
    for (function,) in rows.all():
        connection.execute(text(f"DROP FUNCTION {function}() CASCADE"))
