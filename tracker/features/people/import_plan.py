"""A file of accounts (CSV or XLSX) read into what it would open and appoint, with everything wrong in it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.canonical import digest_of
from tracker.domain.days import day_of
from tracker.domain.identity import Role
from tracker.domain.messages import Fault, Faults, Message, sentence
from tracker.features.people.commands import NewPerson, address_faults, needs_confirmation, newcomer_faults
from tracker.features.people.doing import Doer
from tracker.features.people.queries import PersonNotFound, Someone, get_person
from tracker.features.people.wishes import Lookups, Wish, faults_of, is_asked_for, role_faults
from tracker.models.account import Account, Person
from tracker.services.appointments import Held
from tracker.services.chunks import chunked
from tracker.services.tables.reading import TableLimits, TableRow, read_table
from tracker.services.tree import Unit, find_units

COLUMNS: Final = (
    "login", "name", "email", "role", "org_unit", "department", "duty", "since", "until", "stands_in_for",
)  # fmt: skip
NEEDED: Final = ("login", "name", "role", "org_unit")
LIMITS: Final = TableLimits(file_bytes=2 * 2**20, cells=20_000, rows=1_001, columns=20)

Cells = Mapping[str, str]


class Planned(NamedTuple):
    """One line that is sound. ``someone`` None: a newcomer, or somebody an earlier line of the file opens.

    ``absent`` is the name of the person whose place is taken (代理).
    """

    line: int
    new: NewPerson
    wish: Wish
    someone: Someone | None
    is_newcomer: bool
    is_pending: bool
    absent: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would do, line by line; ``unchanged`` lines say what is there already."""

    rows: tuple[Planned, ...]
    unchanged: int

    @property
    def version(self) -> str:
        """A digest of it: what is confirmed must be what was looked at."""
        told = [
            [row.line, row.new.login, row.wish.role, row.wish.unit.code, row.is_newcomer, row.is_pending]
            for row in self.rows
        ]
        return digest_of([told, self.unchanged])


def plan_import(session: Session, content: bytes, doer: Doer) -> Plan:
    """What the file would do. Raises Faults with everything wrong at once, UnreadableTable."""
    header, *rows = read_table(content, LIMITS).rows
    _check_header(header)
    lines = [(row.line, _cells(header, row)) for row in rows]
    if not lines:
        raise Faults([Fault("", Message("文件里只有表头，没有人员"))])
    reading = _Reading(session, doer, lines)
    planned = [reading.plan(line, cells) for line, cells in lines]
    if reading.faults:
        raise Faults(reading.faults)
    sound = tuple(row for row in planned if row is not None)
    return Plan(sound, unchanged=len(lines) - len(sound))


def _check_header(header: TableRow) -> None:
    faults = [
        Fault(
            "",
            Message("没有“{name}”这一列；可用的列：{columns}", {"name": name, "columns": ", ".join(COLUMNS)}),
        )
        for name in header.cells
        if name and name not in COLUMNS
    ]
    faults += [
        Fault("", Message("缺少“{name}”这一列", {"name": name}))
        for name in NEEDED
        if name not in header.cells
    ]
    faults += [
        Fault("", Message("“{name}”这一列出现了两次", {"name": name}))
        for name in COLUMNS
        if header.cells.count(name) > 1
    ]
    if faults:
        raise Faults(faults)


def _cells(header: TableRow, row: TableRow) -> Cells:
    padded = [*row.cells, *[""] * (len(header.cells) - len(row.cells))]
    return {name: value for name, value in zip(header.cells, padded, strict=False) if name}


class _Reading:
    """One pass over the lines; faults gather in ``faults`` with their line and column."""

    def __init__(self, session: Session, doer: Doer, lines: Sequence[tuple[int, Cells]]) -> None:
        self.session, self.doer, self.lookups = session, doer, Lookups(session)
        self.faults: list[Fault] = []
        self.units = find_units(session, {cells["org_unit"] for _line, cells in lines})
        self.known = _known_accounts(session, {cells["login"] for _line, cells in lines})
        self.absent = _names_of(session, {cells.get("stands_in_for", "") for _line, cells in lines} - {""})
        self.names: dict[str, str] = {}
        self.addresses: dict[str, str] = {}
        self.offices: set[tuple[str, ...]] = set()
        self.duties: dict[str, str] = {}

    def plan(self, line: int, cells: Cells) -> Planned | None:
        """One line; None where it is unsound (its faults are noted) or changes nothing."""
        new = NewPerson(login=cells["login"], name=cells["name"], email=cells.get("email") or None)
        before = len(self.faults)
        unit = self._unit(line, cells)
        since, until = self._day(line, cells, "since"), self._day(line, cells, "until")
        self._check_beside(line, cells)
        someone = self._someone(line, new)
        is_newcomer = new.login not in self.known and new.login not in self.names
        if is_newcomer:
            self._note(line, newcomer_faults(self.session, new))
        self.names.setdefault(new.login, new.name)
        if unit is None:
            self._note(line, role_faults(cells["role"]))
            return None
        wish = Wish(
            role=cells["role"], unit=unit, department=cells.get("department") or None,
            duty=cells.get("duty") or None, since=since, until=until,
            stands_in_for=cells.get("stands_in_for") or None,
        )  # fmt: skip
        if someone is not None and self._is_there(line, someone, wish):
            return None
        person_id = None if someone is None else someone.person_id
        self._note(line, faults_of(self.lookups, wish, self.doer, person_id=person_id))
        if len(self.faults) > before:
            return None
        return Planned(
            line, new, wish, someone, is_newcomer, needs_confirmation(wish.role, self.doer),
            self.absent.get(wish.stands_in_for or ""),
        )  # fmt: skip

    def _is_there(self, line: int, someone: Someone, wish: Wish) -> bool:
        """Whether the line says what is there or asked for already; held for other days, that is a fault."""
        held = _held(someone, wish, self.doer)
        if held is None:
            return is_asked_for(self.session, wish, someone.person_id, self.doer.now, is_exact=True)
        if wish.since is not None and day_of(held.since) != wish.since:
            text = sentence("此人已有这项任职，从 {day} 起；期限不能用文件更改，请到本人的页面办理")
            self._say(line, "since", text, day=day_of(held.since).isoformat())
        if held.until != wish.ends:
            self._say_until(line, held)
        if (held.stands_in_for is None) != (wish.stands_in_for is None):
            self._say(line, "stands_in_for", sentence("此人已有这项任职，是否代理与文件不同"))
        return True

    def _say_until(self, line: int, held: Held) -> None:
        if held.until is None:
            text = sentence("此人已有这项任职，是长期的；期限不能用文件更改，请到本人的页面办理")
            self._say(line, "until", text)
        else:
            text = sentence("此人已有这项任职，最后一天是 {day}；期限不能用文件更改，请到本人的页面办理")
            last = day_of(held.until - timedelta(microseconds=1))
            self._say(line, "until", text, day=last.isoformat())

    def _note(self, line: int, faults: Sequence[Fault]) -> None:
        for fault in faults:
            place = sentence("第 {line} 行，{column}").format(line=line, column=fault.place)
            self.faults.append(Fault(place, fault.message))

    def _say(self, line: int, column: str, text: str, /, **values: object) -> None:
        self._note(line, [Fault(column, Message(text, values))])

    def _unit(self, line: int, cells: Cells) -> Unit | None:
        unit = self.units.get(cells["org_unit"])
        if unit is None or not self.doer.identity.place.holds(unit.place):
            self._say(
                line, "org_unit", sentence("您的范围内没有代码为“{code}”的单位"), code=cells["org_unit"]
            )
            return None
        return unit

    def _day(self, line: int, cells: Cells, column: str) -> date | None:
        text = cells.get(column, "")
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self._say(line, column, sentence("应写作 2018-12-31 这样的日期，现为“{text}”"), text=text)
            return None

    def _check_beside(self, line: int, cells: Cells) -> None:
        """What this line says against earlier ones."""
        login, name, email = cells["login"], cells["name"], cells.get("email", "").lower()
        if self.names.get(login, name) != name:
            self._say(
                line,
                "name",
                sentence("登录名“{login}”在前面属于“{name}”"),
                login=login,
                name=self.names[login],
            )
        if email and self.addresses.setdefault(email, login) != login:
            self._say(line, "email", sentence("这个邮箱在前面属于“{login}”"), login=self.addresses[email])
        duty = cells.get("duty", "")
        office = (login, cells["role"], cells["org_unit"], cells.get("department", ""), duty)
        if office in self.offices:
            self._say(line, "role", sentence("与前面一行重复"))
        self.offices.add(office)
        is_split = self.doer.is_split and duty and cells["role"] == Role.ADMIN
        if is_split and self.duties.setdefault(login, duty) != duty:
            self._say(line, "duty", sentence("按等级保护要求，一人不得兼任两项管理分工"))

    def _someone(self, line: int, new: NewPerson) -> Someone | None:
        """Whose login it is already."""
        account_id = self.known.get(new.login)
        if account_id is None:
            return None
        try:
            someone = get_person(self.session, account_id, seen_by=self.doer.identity, now=self.doer.now)
        except PersonNotFound:
            self._say(line, "login", sentence("这个登录名已经有人使用，不在您的范围内"))
            return None
        if someone.name != new.name:
            self._say(
                line,
                "name",
                sentence("登录名“{login}”属于“{name}”，姓名须一致"),
                login=new.login,
                name=someone.name,
            )
        if someone.closed_at is not None:
            self._say(line, "login", sentence("这个账号已经停用，请先启用"))
        if someone.person_id == self.doer.identity.person_id:
            self._say(line, "login", sentence("自己的任职须由另一位管理员办理"))
        if new.email and new.email.lower() != (someone.email or ""):
            self._say(line, "email", sentence("此人的邮箱与登记的不同；要更改请到本人的页面"))
            self._note(line, address_faults(self.session, new.email, person_id=someone.person_id))
        return someone


def _held(someone: Someone, wish: Wish, doer: Doer) -> Held | None:
    """The appointment that has not ended and is the one wished for, whatever its days."""
    asked = (wish.role, wish.unit.id, wish.department, wish.duty)
    standing = (one for one in someone.held if one.is_open(doer.now))
    same = (one for one in standing if (one.role, one.org_unit_id, one.department, one.duty) == asked)
    return next(same, None)


def _names_of(session: Session, logins: set[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for part in chunked(sorted(logins)):
        wanted = select(Account.login, Person.name).join(Person, Person.id == Account.person_id)
        names |= {row.login: row.name for row in session.execute(wanted.where(Account.login.in_(part)))}
    return names


def _known_accounts(session: Session, logins: set[str]) -> dict[str, int]:
    known: dict[str, int] = {}
    for part in chunked(sorted(logins)):
        wanted = select(Account.login, Account.id).where(Account.login.in_(part))
        known |= {row.login: row.id for row in session.execute(wanted)}
    return known
