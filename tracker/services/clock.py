"""The calendar people work by: real time, moved by the demonstration's stored offset where there is one."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.models.audit import Setting

CHINA = ZoneInfo("Asia/Shanghai")
OFFSET = "clock_offset_seconds"


def calendar_now(session: Session, now: datetime) -> datetime:
    """The moment that desks, deadlines and periods go by, as Asia/Shanghai wall time.

    Cookies, sessions, limits, audit and seals take ``now`` itself, never this.
    """
    offset = session.scalar(select(Setting.value).where(Setting.name == OFFSET))
    return (now + timedelta(seconds=int(offset or 0))).astimezone(CHINA)
