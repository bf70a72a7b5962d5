"""The newest seal by mail: kept in a mailbox elsewhere, it tells later whether the chain's end was deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from tracker.domain.periods import SHANGHAI
from tracker.services.anchors import NewestSeal, Place, find_last_anchor, find_newest_seal, record_anchor
from tracker.services.outbox import Letter, masked_address, post

KIND: Final = "anchor"
PAUSE: Final = timedelta(hours=1)

SUBJECT: Final = "实事通 最新封存 第 {number} 号"
BODY: Final = """截至 {at}（北京时间），操作记录封存到第 {number} 号：

{written}

请留存这封邮件。日后核验记录末尾是否被删改，把留存的邮件存成文本，由操作员运行：
flask audit verify --anchors 文件名

本邮件每小时至多一封，只在有新的封存时寄出；不含任何数据和个人信息。
"""


def find_unmailed(session: Session, now: datetime) -> NewestSeal | None:
    """The newest seal, where it has moved since the last mail and an hour has passed; else None."""
    seal, last = find_newest_seal(session), find_last_anchor(session, Place.MAIL)
    if seal is None or last is None:
        return seal
    is_due = last.seal < seal.number and now - last.at >= PAUSE
    return seal if is_due else None


def mail_newest_seal(session: Session, recipients: Sequence[str], *, now: datetime) -> bool:
    """Write the letters and note the anchor, in one transaction; False when there is nothing to tell.

    An anchor is no act and moves no seal: a quiet installation sends nothing.
    """
    seal = find_unmailed(session, now)
    if seal is None or not recipients:
        return False
    facts = {
        "number": seal.number,
        "written": seal.written,
        "at": f"{seal.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
    }
    for recipient in recipients:
        letter = Letter(KIND, str(seal.number), recipient, SUBJECT.format(**facts), BODY.format(**facts))
        post(session, letter, now=now)
    told = "、".join(masked_address(recipient) for recipient in recipients)
    record_anchor(session, seal, place=Place.MAIL, reference=told, now=now)
    return True
