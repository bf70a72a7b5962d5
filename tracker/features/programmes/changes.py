"""What may change of a stored list, and what may not: each refusal at its place in the list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy.orm import Session

from tracker.domain.messages import Fault, Message
from tracker.features.programmes.queries import codes_with_lines, has_reports
from tracker.services.programme_documents.document import Document, IndicatorText
from tracker.services.programme_documents.stored import StoredList

DRAFT = "draft"


def change_faults(session: Session, stored: StoredList, document: Document) -> Iterator[Fault]:
    """Everything in the new document that the stored list's state or figures forbid."""
    is_public = stored.programme.state != DRAFT
    reported = codes_with_lines(session, stored.programme.id)
    before, after = _by_code(stored.document), _by_code(document)
    for code in before.keys() - after.keys():
        yield from _vanished(code, is_public=is_public, is_reported=code in reported)
    for code in before.keys() & after.keys():
        old, new = before[code], after[code]
        if is_public or code in reported:
            yield from _recounted(old[1], new[1])
        if code in reported and old[0] != new[0]:
            message = Message("已有填报，不能移到别的实事项目")
            yield Fault(f"indicators/{code}", message)
    yield from _head_faults(session, stored, document, is_public=is_public)


def _by_code(document: Document) -> Mapping[str, tuple[int, IndicatorText]]:
    """Code → the number of its pledge, and the indicator."""
    return {one.code: (pledge.number, one) for pledge in document.pledges for one in pledge.indicators}


def _vanished(code: str, *, is_public: bool, is_reported: bool) -> Iterator[Fault]:
    if is_public:
        yield Fault(f"indicators/{code}", Message("清单已公布，指标不能删去"))
    elif is_reported:
        yield Fault(f"indicators/{code}", Message("已有填报的数据，指标不能删去"))


def _recounted(old: IndicatorText, new: IndicatorText) -> Iterator[Fault]:
    for name in ("kind", "decimals"):
        if getattr(old, name) != getattr(new, name):
            message = Message("已公布或已有填报，{name} 不能再改，请另立一个指标", {"name": name})
            yield Fault(f"indicators/{old.code}/{name}", message)


def _head_faults(
    session: Session, stored: StoredList, document: Document, *, is_public: bool
) -> Iterator[Fault]:
    old = stored.document
    if is_public and old.own_level_counts != document.own_level_counts:
        yield Fault("own_level_counts", Message("本级是否计入合计在公布时已经定下，不能再改"))
    if old.reporting != document.reporting and has_reports(session, stored.programme.id):
        yield Fault("reporting", Message("已有填报，报告周期不能再改"))
    numbers = {pledge.number for pledge in document.pledges}
    for pledge in old.pledges:
        if is_public and pledge.number not in numbers:
            yield Fault(f"pledges/{pledge.number}", Message("清单已公布，实事项目不能删去"))
