"""The sample people: who they are, where they work, and their accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from sqlalchemy import select

from tracker.cli.demonstration.stage import Hour, Stage
from tracker.domain.identity import Role
from tracker.features.accounts.commands import NewAccount, add_account
from tracker.features.accounts.passwords import Passwords
from tracker.models.account import Person


class SampleAccount(NamedTuple):
    """One demonstration login; the name says that it is a sample."""

    login: str
    name: str
    role: Role
    org_unit: str
    department: str | None = None


DISTRICTS: Final = {
    "330203": ("haishu", "海曙"), "330205": ("jiangbei", "江北"), "330211": ("zhenhai", "镇海"),
    "330206": ("beilun", "北仑"), "330212": ("yinzhou", "鄞州"), "330213": ("fenghua", "奉化"),
    "330281": ("yuyao", "余姚"), "330282": ("cixi", "慈溪"), "330226": ("ninghai", "宁海"),
    "330225": ("xiangshan", "象山"), "3302Z1": ("shizhi", "市直"),
}  # fmt: skip

LOGINS: Final = {code: login for code, (login, _name) in DISTRICTS.items()} | {
    "330200": "ningbo",
    "330502": "wuxing",
}
"""Unit → how the logins of its reporter and approver begin."""

FIRST: Final = (
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

LATER: Final = (
    SampleAccount("ningbo-admin2", "宁波管理员乙（样例）", Role.ADMIN, "330200"),
    SampleAccount("ningbo-deputy", "宁波职工保障部部长（样例）", Role.REVIEWER, "330200", "职工保障部"),
    SampleAccount("zhejiang-reviewer", "浙江审核人（样例）", Role.REVIEWER, "330000"),
    SampleAccount("zhejiang-reporter", "浙江本级填报人（样例）", Role.REPORTER, "330000"),
    SampleAccount("zhejiang-approver", "浙江本级审批人（样例）", Role.APPROVER, "330000"),
    SampleAccount("zhejiang-admin", "浙江管理员（样例）", Role.ADMIN, "330000"),
    SampleAccount("huzhou-reviewer", "湖州审核人（样例）", Role.REVIEWER, "330500"),
    SampleAccount("wuxing-reporter", "吴兴填报人（样例）", Role.REPORTER, "330502"),
    SampleAccount("wuxing-approver", "吴兴审批人（样例）", Role.APPROVER, "330502"),
)
"""Whom the year has beside them: the province, Huzhou, a second admin, a head of department."""

SECOND_SEATS: Final = (SampleAccount("ningbo-deputy", "宁波职工保障部部长（样例）", Role.VIEWER, "330200"),)
"""Further appointments of people who have an account."""


def first_accounts() -> list[SampleAccount]:
    """The half year's logins: the city's and the province's first, then two of each district."""
    districts = [
        SampleAccount(f"{login}-{role}", f"{name}{word}（样例）", role, code)
        for code, (login, name) in DISTRICTS.items()
        for role, word in ((Role.REPORTER, "填报人"), (Role.APPROVER, "审批人"))
    ]
    return [*FIRST, *districts]


def sample_accounts() -> list[SampleAccount]:
    """Every login of the year, those of the half year among them."""
    first = first_accounts()
    return [*first[: len(FIRST)], *LATER, *first[len(FIRST) :]]


def add_people(
    stage: Stage,
    hour: Hour,
    accounts: Iterable[SampleAccount],
    passwords: Mapping[str, str],
    hasher: Passwords,
) -> None:
    """Their accounts, as an operator adds them."""
    for each in accounts:
        wanted = NewAccount(
            login=each.login, name=each.name, role=each.role, org_unit=each.org_unit, department=each.department
        )  # fmt: skip
        add_account(stage.session, wanted, password=passwords[each.login], passwords=hasher, now=hour.now)
    for person in stage.session.scalars(select(Person)):
        person.is_sample = True
    stage.session.flush()
