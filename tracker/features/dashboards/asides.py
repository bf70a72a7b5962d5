"""Beside the pledges: what waits for a verdict, who is late, and reminding them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.domain.periods import Holidays, Period, has_ended, late_from, was_over
from tracker.domain.workflow import State
from tracker.features.dashboards.queries import Desks, Reminded, UnderWay, state_of_period
from tracker.services.progress_table import Branch, ProgressTable
from tracker.services.tree import Unit
from tracker.web.filters import moment, on_the_calendar, time_left
from tracker.web.i18n import translate

OLD = timedelta(days=2)
STATE_NOTES = {
    None: _l("尚未填报"), State.DRAFT: _l("已开始填，未提交"), State.RETURNED: _l("已退回，待修改"), State.SUBMITTED: _l("待本单位审批"),
    State.SIGNED: _l("已上报，待审核"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asides:
    """What lies with units at this moment. ``now`` is the calendar's (deadlines), ``real_now`` the clock's.

    ``reminds`` is the id of whoever may remind these units, None for others; ``back`` the page to return to.
    """

    table: ProgressTable
    parts: tuple[Branch, ...]
    desks: Desks
    now: datetime
    real_now: datetime
    holidays: Holidays
    unit_url: Callable[[Unit], str | None]
    reminds: int | None
    back: str

    def queue(self) -> dict[str, Any]:
        """The reviewer's queue for ``_queue.html``."""
        key = self.table.head.key
        return {
            "queue": [
                {
                    "unit": row.name,
                    "url": url_for("reviews.review", key=key, code=row.code, period=row.period),
                    "note": _(
                        "%(period)s · 第 %(number)s 次提交", period=row.period, number=row.submission_number
                    ),
                    "wait_text": _("今天") if self._is_today(row.since) else moment(row.since),
                    "is_old": self.real_now - row.since > OLD,
                }
                for row in self.waiting
            ],
            "queue_url": url_for("reviews.queue", key=key),
            "queue_count": len(self.waiting),
        }

    @property
    def waiting(self) -> list[UnderWay]:
        """Sheets that are signed and wait for a verdict."""
        return [row for row in self.desks.under_way if row.state is State.SIGNED]

    def late(self) -> dict[str, Any]:
        """Who has not handed in what is due, for ``_late.html``; none where nothing is due yet, or was before there was a list."""
        due = self.table.due
        if due is None or not self.is_owed(due):
            return NOBODY_LATE
        deadline = late_from(due, self.table.head.due_day, self.holidays)
        rows = [self._unit(branch, due, deadline) for branch in self.missing]
        return {
            "late": rows,
            "late_title": _("迟报") if self.now > deadline else _("未报"),
            "late_note": _("截止 %(when)s", when=moment(deadline)),
            "remind": self._form([row["code"] for row in rows if row["remind"]]) if len(rows) > 1 else None,
            "withdraw_url": url_for("reminders.withdraw", key=self.table.head.key, back=self.back),
        }

    def is_owed(self, due: Period) -> bool:
        """Whether a report of this period is to be asked for: it is over, and was not yet when the list was published."""
        return has_ended(due, self.now) and not was_over(due, self.table.head.published_at)

    def not_yet(self, due: Period) -> dict[str, Any]:
        """That nothing can have been reported yet, and from when on it is."""
        deadline = late_from(due, self.table.head.due_day, self.holidays)
        return {
            "title": _("%(period)s还没有结束。", period=translate(due.title)),
            "text": _(
                "结束以后开始报送，截止 %(when)s；报数通过后，这里会显示各项进度。", when=moment(deadline)
            ),
            "url": None,
            "label": "",
        }

    def own_notice(self, due: Period) -> dict[str, Any]:
        """To a unit that reports itself: its figures of the period are not in, how long there is, and where to go."""
        node, deadline = self.table.node, late_from(due, self.table.head.due_day, self.holidays)
        state = str(STATE_NOTES[state_of_period(self.desks.under_way, node.id, due)])
        told = _(
            "%(state)s；报送截止 %(when)s，%(left)s。表中灰色的是此前的数字。", state=state, when=moment(deadline),
            left=time_left(deadline, self.now),
        )  # fmt: skip
        if was_over(due, self.table.head.published_at):
            told = _("%(state)s；本期在清单公布前已结束，可以补报，不算迟报。", state=state)
        return {
            "title": _("本期的数还没有通过。"),
            "text": told,
            "url": url_for("reports.sheet", key=self.table.head.key, code=node.code, period=due),
            "label": _("看月报表"),
        }  # fmt: skip

    @property
    def missing(self) -> list[Branch]:
        """The parts that still have to hand something in; what is signed lies with the superior."""
        return [branch for branch in self.parts if self._owes(branch)]

    def _owes(self, branch: Branch) -> bool:
        due = self.table.due
        if due is None:
            return False
        signed = sum(
            row.reports for row in self.waiting if row.org_unit_id == branch.unit.id and row.period == due.key
        )
        return len(missing_pledges(branch)) > signed

    def _unit(self, branch: Branch, due: Period, deadline: datetime) -> dict[str, Any]:
        reminded = self.desks.reminded.get((branch.unit.id, due.key))
        name, is_again = branch.unit.name, reminded is not None and self._is_today(reminded.at)
        return {
            "unit": _("%(name)s（本级）", name=name) if branch.is_own_level else name,
            "code": branch.unit.code,
            "url": self.unit_url(branch.unit),
            "note": self._note(branch, due),
            "overdue_text": time_left(deadline, self.now),
            "tone": "red" if self.now > deadline else "yellow",
            "remind": None if is_again else self._form([branch.unit.code]),
            "reminded_text": self._reminded_text(reminded),
            "withdraw": self._withdrawable(reminded),
        }

    def _note(self, branch: Branch, due: Period) -> str:
        """What lies with the unit; where a part of its reports is in, how many of them."""
        state = str(STATE_NOTES[state_of_period(self.desks.under_way, branch.unit.id, due)])
        owed, missing = len(owed_pledges(branch)), len(missing_pledges(branch))
        if missing == owed:
            return state
        return _("已报 %(done)s / %(owed)s 件，其余%(state)s", done=owed - missing, owed=owed, state=state)

    def _form(self, codes: list[str]) -> dict[str, Any] | None:
        if self.reminds is None or not codes:
            return None
        url = url_for("reminders.send", key=self.table.head.key, period=self.table.due)
        return {"url": url, "codes": codes, "back": self.back}

    def _reminded_text(self, reminded: Reminded | None) -> str:
        if reminded is None or self.reminds is None:
            return ""
        told = _("已催 %(when)s", when=moment(reminded.at))
        return f"{told} · {_('对方已看') if reminded.is_read else _('对方未看')}"

    def _withdrawable(self, reminded: Reminded | None) -> int | None:
        if reminded is None or reminded.is_read or reminded.by_id != self.reminds:
            return None
        return reminded.notice_id

    def _is_today(self, when: datetime) -> bool:
        return on_the_calendar(when).date() == on_the_calendar(self.real_now).date()


NOBODY_LATE: dict[str, Any] = {
    "late": None, "late_title": "", "late_note": "", "remind": None, "withdraw_url": "",
}  # fmt: skip


def owed_pledges(branch: Branch) -> list[int]:
    """The pledges of a part that somebody in it is assigned to, by number."""
    return [
        pledge.promise.number
        for pledge in branch.pledges
        if any(one.standing.assigned for one in pledge.indicators)
    ]


def missing_pledges(branch: Branch) -> list[int]:
    """The pledges of a part for which somebody has no accepted line in the due period, by number."""
    return [
        pledge.promise.number
        for pledge in branch.pledges
        if any(one.standing.reported < one.standing.assigned for one in pledge.indicators)
    ]
