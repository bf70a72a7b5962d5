"""Reading lists by their key, and whether figures stand on them already."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.messages import Refusal
from tracker.models.programme import Indicator
from tracker.models.report import Line, Report
from tracker.services.programme_documents.document import Document
from tracker.services.programme_documents.stored import StoredList, find_stored_list


class UnknownProgramme(Refusal):
    """No list has this key."""


def get_document(session: Session, key: str) -> Document:
    """The list with this key as a document. Raises UnknownProgramme."""
    return get_stored_list(session, key).document


def get_stored_list(session: Session, key: str) -> StoredList:
    """The list with this key. Raises UnknownProgramme."""
    stored = find_stored_list(session, key)
    if stored is None:
        raise UnknownProgramme("没有编号为 {key} 的清单", key=key)
    return stored


def codes_with_lines(session: Session, programme_id: int) -> set[str]:
    """Codes of the indicators for which anybody ever reported a figure."""
    wanted = select(Indicator.code).distinct().join(Line, Line.indicator_id == Indicator.id)
    return set(session.scalars(wanted.where(Indicator.programme_id == programme_id)))


def has_reports(session: Session, programme_id: int) -> bool:
    """Whether anybody ever began a report of this list."""
    wanted = select(Report.id).where(Report.programme_id == programme_id).limit(1)
    return session.scalar(wanted) is not None
