"""How queues in other hands are told: on the queue and on the desk."""

from __future__ import annotations

from flask_babel import gettext as _

from tracker.services.handovers import Handover
from tracker.web.filters import moment
from tracker.web.punctuation import unstopped


def handover_text(one: Handover, *, person_id: int) -> str:
    """您的待办已交给乙，到 7月10日 18:00：出差。"""
    until = _("到 %(until)s", until=moment(one.until)) if one.until else _("到收回为止")
    words = {"from": one.from_name, "to": one.to_name, "until": until, "reason": unstopped(one.reason)}
    if one.from_id == person_id:
        return _("您的待办已交给%(to)s，%(until)s：%(reason)s。", **words)
    if one.to_id == person_id:
        return _("%(from)s的待办由您代办，%(until)s：%(reason)s。", **words)
    return _("%(from)s的待办已交给%(to)s，%(until)s：%(reason)s。", **words)
