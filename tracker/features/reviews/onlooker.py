"""Who looks at a queue or a review, and how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.identity import Identity, Role
from tracker.services.sheets import Sheet
from tracker.web.filters import span_text


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Who looks, when, and how.

    ``is_comparing``: with the submission judged before; ``is_returning``: the return dialog is open;
    ``line``: the code of the indicator whose evidence is asked for, "" for all.
    """

    identity: Identity
    now: datetime
    is_comparing: bool = True
    is_returning: bool = False
    line: str = ""

    @property
    def is_approver(self) -> bool:
        return self.identity.role is Role.APPROVER

    @property
    def queue_heading(self) -> str:
        """What waits is called at this desk."""
        return _("待审批") if self.is_approver else _("待审核")

    @property
    def verb(self) -> str:
        """What accepting is called at this desk."""
        return _("审批") if self.is_approver else _("通过")


def place_of(endpoint: str, sheet: Sheet, **more: Any) -> str:
    """The address of one of a review's pages."""
    return url_for(endpoint, key=sheet.head.key, code=sheet.unit.code, period=sheet.period, **more)


def wait_text(waited: timedelta) -> str:
    """How long something waits, in whole days from the first day on."""
    return span_text(timedelta(days=waited.days) if waited.days else waited)
