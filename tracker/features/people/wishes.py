"""An appointment as it is typed, and everything wrong with it at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.days import day_begins, day_ends, day_of
from tracker.domain.identity import Role
from tracker.domain.messages import Fault, Message, sentence
from tracker.features.people.doing import Doer
from tracker.features.people.queries import find_absent, list_departments
from tracker.models.granting import GrantRequest
from tracker.services.appointments import Held, duty_fault, list_held
from tracker.services.grant_requests import still_open
from tracker.services.tree import Unit

LONGEST_STAND_IN_DAYS: Final = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The appointment somebody is to get. ``since`` None: at once; ``until``: the last day.

    ``stands_in_for`` is the login of the person whose place is taken (代理).
    """

    role: str
    unit: Unit
    department: str | None = None
    duty: str | None = None
    since: date | None = None
    until: date | None = None
    stands_in_for: str | None = None

    def begins(self, now: datetime) -> datetime:
        """When it gives rights: never before now."""
        return now if self.since is None else max(now, day_begins(self.since))

    @property
    def ends(self) -> datetime | None:
        """The first moment it gives none any more."""
        return None if self.until is None else day_ends(self.until)


@dataclass(slots=True)
class Lookups:
    """What many wishes ask again and again, read once."""

    session: Session
    departments: dict[int, list[str]] = field(default_factory=dict)

    def departments_of(self, org_unit_id: int) -> list[str]:
        """The departments a reviewer of this unit can be bound to."""
        if org_unit_id not in self.departments:
            self.departments[org_unit_id] = list_departments(self.session, org_unit_id)
        return self.departments[org_unit_id]


def faults_of(
    lookups: Lookups, wish: Wish, doer: Doer, *, person_id: int | None, leaving: int | None = None
) -> list[Fault]:
    """Everything wrong with a wish, by field; ``leaving``: the appointment that ends with it (a move)."""
    held = [] if person_id is None else list_held(lookups.session, [person_id]).get(person_id, [])
    standing = [one for one in held if one.is_open(doer.now) and one.id != leaving]
    unknown = role_faults(wish.role)
    if unknown:
        return unknown
    found = [*_department_faults(lookups, wish), *_day_faults(wish, doer.today)]
    wrong_duty = duty_fault(wish.role, wish.duty, standing, is_split=doer.is_split)
    found += [] if wrong_duty is None else [Fault("duty", wrong_duty)]
    found += _stand_in_faults(lookups.session, wish, doer, person_id)
    if _is_held(wish, standing):
        found.append(Fault("role", Message("此人在{unit}已经有这项任职", {"unit": wish.unit.short_name})))
    elif person_id is not None and is_asked_for(lookups.session, wish, person_id, doer.now):
        found.append(Fault("role", Message("这项任命已经提出，正等待确认")))
    return found


def role_faults(role: str) -> list[Fault]:
    """Whether there is such a role."""
    if role in set(Role):
        return []
    text = sentence("没有“{role}”这个角色；可用：{known}")
    return [Fault("role", Message(text, {"role": role, "known": ", ".join(Role)}))]


def _department_faults(lookups: Lookups, wish: Wish) -> list[Fault]:
    if not wish.department:
        return []
    if wish.role != Role.REVIEWER:
        return [Fault("department", Message("只有审核人才限定部门"))]
    known = lookups.departments_of(wish.unit.id)
    if wish.department in known:
        return []
    if not known:
        text = sentence("{unit}的清单里还没有牵头部门，不能限定部门")
        return [Fault("department", Message(text, {"unit": wish.unit.short_name}))]
    text = sentence("“{department}”不是{unit}清单的牵头部门；现有：{known}")
    said = {"department": wish.department, "unit": wish.unit.short_name, "known": "、".join(known)}
    return [Fault("department", Message(text, said))]


def _day_faults(wish: Wish, today: date) -> list[Fault]:
    found = []
    if wish.since is not None and wish.since < today:
        found.append(Fault("since", Message("任职不能从过去开始；今天起请留空或填今天")))
    if wish.until is not None and wish.until < max(today, wish.since or today):
        found.append(Fault("until", Message("最后一天不能早于开始的一天，也不能已经过去")))
    return found


def _stand_in_faults(session: Session, wish: Wish, doer: Doer, person_id: int | None) -> list[Fault]:
    if not wish.stands_in_for:
        return []
    found = []
    if wish.until is None:
        found.append(Fault("until", Message("代理须写明最后一天")))
    elif (wish.until - (wish.since or doer.today)).days > LONGEST_STAND_IN_DAYS:
        found.append(Fault("until", Message("代理最长一年，到期可以再办")))
    absent = find_absent(session, wish.stands_in_for, org_unit_id=wish.unit.id, role=wish.role, now=doer.now)
    if absent is None:
        text = sentence("{unit}没有登录名为“{login}”的人担任这个角色")
        said = {"unit": wish.unit.short_name, "login": wish.stands_in_for}
        found.append(Fault("stands_in_for", Message(text, said)))
    elif absent[0] == person_id:
        found.append(Fault("stands_in_for", Message("不能代理自己")))
    return found


def _is_held(wish: Wish, standing: list[Held]) -> bool:
    asked = (wish.role, wish.unit.id, wish.department or None, wish.duty or None)
    return any((one.role, one.org_unit_id, one.department, one.duty) == asked for one in standing)


def is_asked_for(
    session: Session, wish: Wish, person_id: int, now: datetime, *, is_exact: bool = False
) -> bool:
    """Whether the office waits for a second person already; ``is_exact``: with the same duty, department and days."""
    same = select(GrantRequest.department, GrantRequest.duty, GrantRequest.valid_from, GrantRequest.valid_to)
    found = session.execute(
        same.where(
            GrantRequest.person_id == person_id,
            GrantRequest.org_unit_id == wish.unit.id,
            GrantRequest.role == wish.role,
            still_open(now),
        )
    ).all()
    if not is_exact:
        return bool(found)
    asked = (wish.department, wish.duty, wish.ends)
    return any(
        (row.department, row.duty, row.valid_to) == asked
        and (wish.since is None or day_of(row.valid_from) == wish.since)
        for row in found
    )
