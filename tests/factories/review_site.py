"""The application over a sheet that has been through everything: returned, mended, talked about, proved, signed again."""

from __future__ import annotations

import io
from datetime import timedelta

from flask import Flask
from sqlalchemy import update

from tests.factories.districts import KINDS, MAY, TODAY, World
from tests.factories.files import picture
from tests.factories.rows import NOW
from tests.factories.sheet_site import SHEET, Site, build_site
from tracker.domain.identity import Role
from tracker.features.reports.typed_lines import TypedLine
from tracker.models.programme import Indicator
from tracker.services.revising import comment
from tracker.services.standings import Doer, Remark, list_standings
from tracker.services.transitions import send_back

REASON = "单位应为人次，请按花名册填写。"
REMARK = "已按花名册改为 96,800 人次。"
NARRATIVE_CODE = "hotline"


def build_review_site(app: Flask) -> Site:
    """June of 330203: second submission, signed, with a note, a remark and a picture; 330205 clean and signed."""
    site = build_site(app, KINDS)
    with site.database.session() as session:
        world = World.again(session)
        session.execute(update(Indicator).where(Indicator.code == "enrolments").values(evidence="optional"))
        world.hand_in(enrolments=TypedLine(value="12", note="样例说明"))
        world.sign()
        pinned = (world.indicators["enrolments"].id,)
        remark = Remark(REASON, pinned, TODAY + timedelta(days=3))
        send_back(session, world.seen(), Doer(site.reviewer, NOW), remark)
        for period in (MAY,):
            world.hand_in(code="330205", period=period)
            world.sign(code="330205", period=period)
            world.accept(code="330205", period=period)
        world.hand_in(code="330205")
        world.sign(code="330205")
        session.commit()
    _attach(site)
    with site.database.session() as session:
        world = World.again(session)
        world.save(enrolments=TypedLine(value="96800", note="6月起集中参保，含新入会企业 12 家。"))
        world.submit()
        filing = world.sheet().reports[0].filing
        assert filing is not None
        [standing] = list_standings(session, [filing.revision_id])
        comment(session, standing, Doer(site.reporter, NOW), text=REMARK, pinned=pinned)
        world.sign()
        for role in (Role.VIEWER, Role.AUDITOR, Role.ADMIN):
            world.person(role, "330200")
        world.person(Role.REVIEWER, "330200", name="同岗同事")
        session.commit()
    return site


def _attach(site: Site) -> None:
    """The reporter adds a picture to the first line."""
    files = [(io.BytesIO(picture()), "参保现场.jpg")]
    sent = site.browser(site.reporter).submit(f"{SHEET}/evidence/1", {"line": "enrolments", "files": files})
    assert sent.status_code == 303
