"""What becomes of each report that is not finished when its unit moves, ends or is merged, in words."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from tracker.domain.periods import Period
from tracker.domain.workflow import OPEN, PROVISIONAL
from tracker.features.org_units.affected import OpenReport, list_open_reports, subtree_ids
from tracker.features.org_units.blueprint import Context
from tracker.features.org_units.browsing import OrgFacts
from tracker.features.org_units.words import STATES
from tracker.models.org_unit import OrgUnit
from tracker.services.tree import paths_up
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate

MOVE, CLOSE, MERGE = "move", "close", "merge"


def open_work(
    session: Session, act: str, units: Sequence[OrgFacts], *, above: OrgFacts | None, month: int | None
) -> list[Context]:
    """Every unfinished report of the units with what the act does to it.

    ``above``: where a moved unit goes, None while that is not known; ``month``: from which the act counts.
    """
    ended = {one.unit.code for one in units} if act != MOVE else set()
    wanted = union_all(*(subtree_ids(one.unit.place) for one in units))
    left = _left(session, units, above) if act == MOVE else frozenset()
    found = list_open_reports(session, select(OrgUnit.id).where(OrgUnit.id.in_(wanted)), states=OPEN)
    return [
        {
            "unit": one.unit,
            "title": one.title,
            "pledge": f"{one.number} · {one.pledge}",
            "period": translate(Period.parse(one.period).title),
            "state": STATES[one.state],
            "fate": _ended(one, act, month) if one.unit_code in ended else _moved(one, left),
        }
        for one in found
    ]


def _left(session: Session, units: Sequence[OrgFacts], above: OrgFacts | None) -> frozenset[int] | None:
    """Whose lists a moved unit leaves: who stands above it now and not above its new place. None: not known yet."""
    if above is None:
        return None
    [unit] = units
    paths = paths_up(session, above.unit.place.edition, [unit.unit.place.parent_id, above.unit.id])
    before, after = (
        {step.org_unit_id for step in paths[one]} for one in (unit.unit.place.parent_id, above.unit.id)
    )
    return frozenset(before - after)


def _moved(one: OpenReport, left: frozenset[int] | None) -> str:
    is_waiting = one.state in PROVISIONAL
    if left is None:
        return (
            _("留在同一份清单里的由新的上级审；离开的清单里，先审定或退回才能办理")
            if is_waiting
            else _("留在同一份清单里的照常填报，由新的上级审；离开的清单里留存，不再办理")
        )
    if one.publisher_id not in left:
        return _("改由新的上级审") if is_waiting else _("照常填报，提交后由新的上级审")
    return _("先审定或退回，才能办理") if is_waiting else _("离开这份清单，草稿留存，不再办理")


def _ended(one: OpenReport, act: str, month: int | None) -> str:
    if one.state in PROVISIONAL:
        return _("先审定或退回，才能办理")
    if month is not None and one.month >= month:
        return _("起算月份及以后的不再填报，草稿留存，不计数")
    if act == MERGE:
        return _("仍可报完，由原上级审；勾选的指标记到承接单位，其余留在原单位名下")
    return _("仍可报完，由原上级审，数留在原单位名下")
