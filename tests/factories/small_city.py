"""A small sample city beginning as every installation does: an empty database, the operator's commands, then people's work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from flask import Flask

from tests.factories.districts import TODAY, World
from tests.factories.people import PASSWORD
from tests.factories.rows import NOW
from tracker.db import Database
from tracker.domain.identity import OPERATOR, Role
from tracker.domain.periods import SHANGHAI
from tracker.features.programmes.commands import publish_programme
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.audit import Setting
from tracker.models.evidence import Evidence, EvidenceBlob
from tracker.services.clock import OFFSET

PROVINCE, CITY, OTHER_CITY = "330000", "330200", "330500"
DISTRICTS: Final = {
    "330203": "甲区", "330205": "乙区", "330206": "丙区", "330211": "丁区", "330212": "戊区",
    "330213": "己区", "330225": "庚县", "330226": "辛县", "330281": "壬市", "330282": "癸市",
}  # fmt: skip
OTHER_DISTRICTS: Final = {"330502": "子区", "330503": "丑区"}
BEHIND: Final = "330205"
"""The district that is far behind with enrolments."""

JUNE: Final = {"enrolments": "17600", "claims": "200", "stations": "1"}
"""What a district reports for June; nothing of it looks odd."""
MAY: Final = {"enrolments": "16000", "claims": "180", "stations": "1"}
"""What each month until May brought."""

_OFFICES: Final = (
    ("reporter", "填报人"), ("approver", "审批人"), ("reviewer", "审核人"), ("viewer", "领导"),
    ("auditor", "经审"), ("admin", "管理员"),
)  # fmt: skip


@dataclass(frozen=True)
class SmallCity:
    """The served application's parts; every password is ``PASSWORD``, every login ``role-code``."""

    app: Flask
    database: Database
    folder: Path

    def command(self, *words: str, typed: str = "") -> str:
        """What an operator's command says; it must succeed."""
        done = self.app.test_cli_runner().invoke(args=list(words), input=typed)
        assert done.exit_code == 0, done.output
        return done.output

    def file(self, name: str, text: str) -> Path:
        """A file as somebody brings it."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def account(self, role: str, code: str, *, name: str = "", login: str = "") -> str:
        """A login of the operator's, with its password typed; returns the login."""
        made = login or f"{role}-{code}"
        title = name or f"{names()[code]}{dict(_OFFICES)[role]}（样例）"
        self.command("accounts", "add", made, "--name", title, "--role", role, "--org", code, typed=PASSWORD)
        return made

    @contextmanager
    def work(self) -> Iterator[World]:
        """What districts do meanwhile, by the same commands the pages call."""
        with self.database.session() as session:
            yield World.again(session)
            session.commit()

    def hand_in(
        self, *codes: str, is_signed: bool = True, is_accepted: bool = False, paper: bytes = b""
    ) -> None:
        """June of these districts submitted, and signed and accepted when told; ``paper`` is attached to enrolments."""
        with self.work() as world:
            for code in codes:
                world.save_lines({name: TypedLine(value=value) for name, value in JUNE.items()}, code=code)
                if paper:
                    self._attach(world, code, paper)
                world.submit(code=code)
                if is_signed or is_accepted:
                    world.sign(code=code)
                if is_accepted:
                    world.accept(code=code)

    def _attach(self, world: World, code: str, paper: bytes) -> None:
        digest = self.app.extensions["evidence_store"].keep(paper)
        by = world.person(Role.REPORTER, code)
        filing = world.sheet(code).reports[0].filing
        assert filing is not None
        world.session.merge(EvidenceBlob(sha256=digest, media="jpg", size=len(paper), preview=None, at=NOW))
        world.session.flush()
        world.session.add(
            Evidence(
                revision_id=filing.revision_id, indicator_id=world.indicators["enrolments"].id, sha256=digest,
                received_sha256=digest, name="盖章扫描件.jpg", by_id=by.person_id, at=NOW,
            )
        )  # fmt: skip
        world.session.flush()


def begin(app: Flask, folder: Path) -> SmallCity:
    """An empty installation whose calendar stands at 3 July 2018."""
    made = SmallCity(app, app.extensions["database"], folder)
    moved = TODAY - datetime.now(SHANGHAI)
    with made.database.session() as session:
        session.add(Setting(name=OFFSET, value=str(int(moved.total_seconds()))))
        session.commit()
    return made


def found(city: SmallCity) -> None:
    """The tree, the city's list of the year in force since January, and the months until May."""
    city.command("org", "import", str(city.file("org.csv", org_file())))
    bring_list(city, CITY, tuple(DISTRICTS))


def bring_list(city: SmallCity, publisher: str, districts: tuple[str, ...], *, behind: str = BEHIND) -> None:
    """A publisher's list of 2018 and its figures until May; one district has a third of the others' enrolments."""
    key = f"{publisher}-2018"
    city.command("programmes", "import", str(city.file(f"{key}.yaml", list_file(publisher, districts))))
    january = datetime(2018, 1, 15, 9, 0, tzinfo=SHANGHAI) - (TODAY - datetime.now(SHANGHAI))
    with city.database.session() as session:  # what ended before a list was published is never late
        publish_programme(session, key, actor=OPERATOR, now=january)
        session.commit()
    city.command("programmes", "run", key)
    figures = city.file(f"{key}.csv", figure_file(districts, behind))
    city.command("figures", "import", str(figures), "--programme", key, "--history")


def org_file() -> str:
    """The tree as a province hands it out."""
    lines = ["code,name,short_name,level,kind,parent,weight,order,valid_from,valid_to"]
    lines.append(f"{PROVINCE},样例省总工会,样例省,province,federation,,,1,,")
    for order, (code, name) in enumerate(((CITY, "样例市"), (OTHER_CITY, "邻市")), 1):
        lines.append(f"{code},{name}总工会,{name},city,federation,{PROVINCE},,{order},,")
    for parent, districts in ((CITY, DISTRICTS), (OTHER_CITY, OTHER_DISTRICTS)):
        for order, (code, name) in enumerate(districts.items(), 1):
            lines.append(f"{code},{name}总工会,{name},county,federation,{parent},,{order},,")
    return "".join(f"{line}\n" for line in lines)


def list_file(publisher: str = CITY, districts: tuple[str, ...] = tuple(DISTRICTS)) -> str:
    """Two pledges with three indicators, the same for each district."""
    count = len(districts)

    def shared(each: int) -> str:
        return "{" + ", ".join(f'"{code}": {each}' for code in districts) + "}"

    return f"""format: programme/1
publisher: "{publisher}"
year: 2018
title: 2018年为职工办实事
reporting: month
due_day: 5
own_level_counts: true
lights: default
pledges:
  - number: 1
    title: 职工互助保障
    lead: 职工保障部
    indicators:
      - {{code: enrolments, name: 参保人次, kind: flow, measure: 人次, comparator: ">=", target: {180000 * count}, evidence: optional, allocations: {shared(180000)}}}
      - {{code: claims, name: 理赔人次, kind: flow, measure: 人次, comparator: ">=", target: {2000 * count}, allocations: {shared(2000)}}}
  - number: 2
    title: 工友驿站
    lead: 职工服务中心
    indicators:
      - {{code: stations, name: 新建驿站, kind: flow, measure: 家, comparator: ">=", target: {12 * count}, allocations: {shared(12)}}}
"""


def figure_file(districts: tuple[str, ...], behind: str) -> str:
    """January to May of each district."""
    rows = ["org_unit,indicator,period,value,numerator,denominator,done_on,items_done,note"]
    rows += [
        f"{code},{name},2018-{month:02},{value}"
        for code in districts
        for month in range(1, 6)
        for name, value in _of(code, behind).items()
    ]
    return "".join(f"{row}{',' * (8 - row.count(','))}\n" for row in rows)


def _of(code: str, behind: str) -> Mapping[str, str]:
    return MAY | {"enrolments": "6000"} if code == behind else MAY


def names() -> dict[str, str]:
    """Short names by code."""
    return {PROVINCE: "样例省", CITY: "样例市", OTHER_CITY: "邻市", **DISTRICTS, **OTHER_DISTRICTS}
