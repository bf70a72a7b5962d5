"""Reading lists by their key, and whether figures stand on them already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from tracker.domain.messages import Refusal
from tracker.models.programme import Indicator, Programme, Target
from tracker.models.report import Line, Report
from tracker.services.programme_documents.document import Document
from tracker.services.programme_documents.stored import StoredList, find_stored_list, read_announced
from tracker.services.targets import is_overtaken


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


class Announced(NamedTuple):
    """A list as whoever may open it reads it.

    ``divided``: indicator code → how many units answer for a share of it, indicators nobody shares left out;
    ``version_id``: of the list's own row.
    """

    document: Document
    divided: Mapping[str, int]
    version_id: int


def get_announced(session: Session, key: str) -> Announced:
    """The list with this key as it is announced. Raises UnknownProgramme."""
    programme = session.scalar(select(Programme).where(Programme.key == key))
    if programme is None:
        raise UnknownProgramme("没有编号为 {key} 的清单", key=key)
    document = read_announced(session, programme)
    return Announced(document, _count_divided(session, programme), programme.version_id)


def _count_divided(session: Session, programme: Programme) -> dict[str, int]:
    is_publisher = Target.org_unit_id == programme.publisher_id
    counted = (
        select(Indicator.code, func.count().label("units"))
        .join(Target, Target.indicator_id == Indicator.id)
        .where(
            Target.programme_id == programme.id,
            Indicator.is_dropped.is_(False),
            Target.is_assigned,
            or_(and_(Target.is_own_level, is_publisher), and_(~Target.is_own_level, ~is_publisher)),
            ~is_overtaken(Target),
        )
        .group_by(Indicator.code)
    )
    return {row.code: row.units for row in session.execute(counted)}


def codes_with_lines(session: Session, programme_id: int) -> set[str]:
    """Codes of the indicators for which anybody ever reported a figure."""
    wanted = select(Indicator.code).distinct().join(Line, Line.indicator_id == Indicator.id)
    return set(session.scalars(wanted.where(Indicator.programme_id == programme_id)))


def has_reports(session: Session, programme_id: int) -> bool:
    """Whether anybody ever began a report of this list."""
    wanted = select(Report.id).where(Report.programme_id == programme_id).limit(1)
    return session.scalar(wanted) is not None
