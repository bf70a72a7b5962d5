"""``flask demo load``: Zhejiang and Ningbo 2018 with people for every role, May complete and June half reported.

Public figures are the case files'; how they divide over districts and every person are samples (样例).
June is typed, signed and accepted by the sample people through the same commands as the pages use.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.cli.edge import reading, real_now, writing
from tracker.domain.identity import OPERATOR, Identity, Role
from tracker.domain.periods import Period
from tracker.domain.workflow import State
from tracker.features.accounts.commands import NewAccount, add_account
from tracker.features.accounts.passwords import Passwords, generate_password
from tracker.features.org_units.commands import import_org_units, plan_org_import
from tracker.features.org_units.files import read_org_file
from tracker.features.programmes.commands import (
    ImportTerms,
    import_programme,
    plan_programme_import,
    publish_programme,
)
from tracker.features.programmes.files.formats import read_file
from tracker.features.reports.commands.handing_in import submit_sheet
from tracker.features.reports.commands.import_figures import import_figures
from tracker.features.reports.commands.saving import SheetEntry, save_sheet, version_of
from tracker.features.reports.figure_files import FigureRow, read_figure_file
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.account import Account, Person
from tracker.models.audit import Setting
from tracker.models.org_unit import OrgUnit
from tracker.services.audit import Subject, record
from tracker.services.clock import CHINA, OFFSET, calendar_now
from tracker.services.programme_heads import Head, find_head
from tracker.services.sessions import list_appointments
from tracker.services.sheets import Sheet, load_sheet
from tracker.services.transitions import Doer, Seen, accept, list_standings, sign
from tracker.services.tree import find_unit

demo_commands = AppGroup("demo", help="演示：浙江省与宁波市 2018 年十件实事。")

FILES: Final = Path(__file__).parent / "demonstration"
KEY: Final = "330200-2018"
JUNE: Final = "2018-06"
OFFICE_OPENS: Final = time(9, 0)
PUBLISHED: Final = datetime(2018, 1, 15, 9, 0, tzinfo=CHINA)
"""By the demonstration's calendar: what ended before a list was published is never late."""
EXPLAINED: Final = "样例：集中办理，数字属实。"


class SampleAccount(NamedTuple):
    """One demonstration login; the name says that it is a sample."""

    login: str
    name: str
    role: Role
    org_unit: str


DISTRICTS: Final = {
    "330203": ("haishu", "海曙"), "330205": ("jiangbei", "江北"), "330211": ("zhenhai", "镇海"),
    "330206": ("beilun", "北仑"), "330212": ("yinzhou", "鄞州"), "330213": ("fenghua", "奉化"),
    "330281": ("yuyao", "余姚"), "330282": ("cixi", "慈溪"), "330226": ("ninghai", "宁海"),
    "330225": ("xiangshan", "象山"), "3302Z1": ("shizhi", "市直"),
}  # fmt: skip

CITY: Final = (
    SampleAccount("ningbo-reviewer", "宁波审核人甲（样例）", Role.REVIEWER, "330200"),
    SampleAccount("ningbo-reviewer2", "宁波审核人乙（样例）", Role.REVIEWER, "330200"),
    SampleAccount("ningbo-viewer", "宁波领导（样例）", Role.VIEWER, "330200"),
    SampleAccount("ningbo-auditor", "宁波经审（样例）", Role.AUDITOR, "330200"),
    SampleAccount("ningbo-admin", "宁波管理员（样例）", Role.ADMIN, "330200"),
    SampleAccount("ningbo-reporter", "宁波本级填报人（样例）", Role.REPORTER, "330200"),
    SampleAccount("ningbo-approver", "宁波本级审批人（样例）", Role.APPROVER, "330200"),
    SampleAccount("zhejiang-viewer", "浙江领导（样例）", Role.VIEWER, "330000"),
    SampleAccount("zhejiang-auditor", "浙江经审（样例）", Role.AUDITOR, "330000"),
)

STAGES: Final = {
    "330203": State.ACCEPTED, "330205": State.ACCEPTED, "330211": State.ACCEPTED, "330206": State.ACCEPTED,
    "330212": State.ACCEPTED, "330282": State.ACCEPTED, "330213": State.SIGNED, "330281": State.SUBMITTED,
    "330226": State.DRAFT, "330200": State.SIGNED,
}  # fmt: skip
"""How far each unit's June has come; units not named have not begun."""

ORDER: Final = (State.DRAFT, State.SUBMITTED, State.SIGNED, State.ACCEPTED)


@demo_commands.command("load")
@click.option(
    "--accounts", type=click.Path(dir_okay=False, path_type=Path), default=Path("instance/demo-accounts.csv"),
    show_default=True, help="账号与密码写到哪里（仅本人可读）。",
)  # fmt: skip
def load(accounts: Path) -> None:
    """装入演示数据，只装入空的数据库。例：flask demo load"""
    if not current_app.config["BASE_URL"] or current_app.config["SESSION_COOKIE_SECURE"]:
        raise click.ClickException("正式环境不装入演示数据。")
    with reading() as session:
        if session.scalar(select(func.count()).select_from(OrgUnit)):
            click.echo("数据库里已有单位，演示数据不再装入。")
            return
    passwords = {each.login: generate_password() for each in sample_accounts()}
    with writing() as session:
        load_demonstration(session, passwords=passwords, hasher=current_app.extensions["passwords"])
    write_accounts(accounts, passwords)
    click.echo(f"演示数据已装入；账号与密码在 {accounts}。")


def sample_accounts() -> list[SampleAccount]:
    """Every demonstration login: the city's and the province's first, then two of each district."""
    districts = [
        SampleAccount(f"{login}-{role}", f"{name}{word}（样例）", role, code)
        for code, (login, name) in DISTRICTS.items()
        for role, word in ((Role.REPORTER, "填报人"), (Role.APPROVER, "审批人"))
    ]
    return [*CITY, *districts]


def load_demonstration(session: Session, *, passwords: Mapping[str, str], hasher: Passwords) -> None:
    """Everything, in one transaction."""
    now = real_now()
    moved = set_clock(session, now)
    plan = plan_org_import(session, read_org_file((FILES / "org-zhejiang.csv").read_bytes()))
    import_org_units(session, plan, actor=OPERATOR, now=now)
    _add_accounts(session, passwords, hasher, now)
    announced = read_file((FILES / "ningbo-2018.yaml").read_bytes())
    plan_of_list = plan_programme_import(session, announced, ImportTerms(reason="", effective=None))
    import_programme(session, plan_of_list, actor=OPERATOR, now=now)
    publish_programme(session, KEY, actor=OPERATOR, now=PUBLISHED - moved)
    rows = read_figure_file((FILES / "ningbo-2018-figures.csv").read_bytes())
    _import_until_may(session, rows.rows, rows.digest, now)
    _report_june(session, rows.rows, now)


def set_clock(session: Session, now: datetime) -> timedelta:
    """Store, and tell, how far the demonstration's calendar stands from real time: on its day at nine in the morning."""
    today: date | None = current_app.config["DEMO_TODAY"]
    if today is None:
        return timedelta(0)
    offset = int((datetime.combine(today, OFFICE_OPENS, CHINA) - now).total_seconds())
    session.add(Setting(name=OFFSET, value=str(offset)))
    subject = Subject("setting", OFFSET)
    record(session, actor=OPERATOR, now=now, action="clock.set", subject=subject, after={"seconds": offset})
    return timedelta(seconds=offset)


def _add_accounts(session: Session, passwords: Mapping[str, str], hasher: Passwords, now: datetime) -> None:
    for each in sample_accounts():
        wanted = NewAccount(login=each.login, name=each.name, role=each.role, org_unit=each.org_unit)
        add_account(session, wanted, password=passwords[each.login], passwords=hasher, now=now)
    for person in session.scalars(select(Person)):
        person.is_sample = True
    session.flush()


def _import_until_may(session: Session, rows: Sequence[FigureRow], digest: str, now: datetime) -> None:
    import_figures(
        session,
        key=KEY,
        rows=[row for row in rows if row.period < JUNE],
        file_digest=digest,
        actor=OPERATOR,
        by=None,
        now=now,
        calendar_now=calendar_now(session, now),
        is_history=True,
    )


def _report_june(session: Session, rows: Sequence[FigureRow], now: datetime) -> None:
    head = find_head(session, KEY)
    if head is None:
        raise LookupError(KEY)
    for code, stage in STAGES.items():
        typed = {row.indicator: _typed(row) for row in rows if row.org_unit == code and row.period == JUNE}
        _bring_to(session, head, code, stage=stage, typed=typed, now=now)


def _typed(row: FigureRow) -> TypedLine:
    is_unknown = row.value == "不详"
    return TypedLine(
        value="" if is_unknown else row.value, done_on=row.done_on, is_unknown=is_unknown, note=row.note
    )


def _bring_to(
    session: Session, head: Head, code: str, *, stage: State, typed: Mapping[str, TypedLine], now: datetime
) -> None:
    """Type, submit, sign and accept a unit's June as far as ``stage``."""
    login = "ningbo" if code == "330200" else DISTRICTS[code][0]
    reached = ORDER.index(stage)
    _type(session, head, code, typed=typed, doer=_doer(session, f"{login}-reporter", now))
    if reached >= ORDER.index(State.SUBMITTED):
        sheet = _sheet(session, head, code)
        doer = _doer(session, f"{login}-reporter", now)
        submit_sheet(session, sheet, _versions(sheet), doer, today=calendar_now(session, now))
    if reached >= ORDER.index(State.SIGNED):
        sign(session, _seen(session, _sheet(session, head, code)), _doer(session, f"{login}-approver", now))
    if reached >= ORDER.index(State.ACCEPTED):
        accept(session, _seen(session, _sheet(session, head, code)), _doer(session, "ningbo-reviewer", now))


def _type(session: Session, head: Head, code: str, *, typed: Mapping[str, TypedLine], doer: Doer) -> None:
    """Save the figures; then once more with a word for each that looks odd."""
    for is_explained in (False, True):
        sheet = _sheet(session, head, code)
        lines = {
            row.listed.id: typed[row.listed.rule.code]._replace(note=EXPLAINED)
            if is_explained and row.needs_explanation
            else typed[row.listed.rule.code]
            for row in sheet.rows
        }
        entry = SheetEntry(lines=lines, texts={}, versions=_versions(sheet))
        save_sheet(session, sheet, entry, doer, today=calendar_now(session, doer.now))


def _sheet(session: Session, head: Head, code: str) -> Sheet:
    unit = find_unit(session, code)
    if unit is None:
        raise LookupError(code)
    return load_sheet(session, head, unit, Period.parse(JUNE), sees_drafts=True)


def _versions(sheet: Sheet) -> dict[int, str]:
    return {report.promise.id: version_of(report) for report in sheet.reports}


def _seen(session: Session, sheet: Sheet) -> list[Seen]:
    ids = [report.filing.revision_id for report in sheet.reports if report.filing is not None]
    return [Seen(each.id, each.version_id, each.digest or "") for each in list_standings(session, ids)]


def _doer(session: Session, login: str, now: datetime) -> Doer:
    wanted = select(Account.id, Account.person_id, Person.name).join(Person, Person.id == Account.person_id)
    row = session.execute(wanted.where(Account.login == login)).one()
    (appointment,) = list_appointments(session, row.person_id, now)
    return Doer(Identity(row.person_id, row.id, login, row.name, appointment), now)


def write_accounts(file: Path, passwords: Mapping[str, str]) -> None:
    """The table of logins and passwords, readable by its owner alone."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(["login", "password", "role", "org_unit"])
        writer.writerows(
            [each.login, passwords[each.login], each.role, each.org_unit] for each in sample_accounts()
        )
