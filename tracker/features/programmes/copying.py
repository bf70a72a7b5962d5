"""A new draft with the structure of an earlier year's list: results beside it, targets still to be set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from tracker.domain.identity import Actor
from tracker.domain.kinds import Kind
from tracker.domain.messages import Conflict, Refusal
from tracker.domain.periods import Month
from tracker.features.programmes.commands import ImportTerms, import_programme, plan_programme_import
from tracker.features.programmes.files.plain import read_fields
from tracker.features.programmes.queries import get_document
from tracker.features.programmes.surroundings import HigherIndicator, find_higher
from tracker.services.programme_documents.document import Document, IndicatorText, document_fields
from tracker.services.programme_documents.stored import find_stored_list
from tracker.services.programme_heads import find_head
from tracker.services.progress_table import Judged, load
from tracker.services.tree import get_unit

COPIED = "programme.copied"
WITHOUT_RESULT = frozenset({Kind.MILESTONE, Kind.NARRATIVE})


class NotLater(Refusal):
    """A list is copied into a later year only."""


class AlreadyThere(Conflict):
    """The new list's key is taken."""


class LeftAlignment(NamedTuple):
    """An alignment a copy leaves out: the indicator's name, and what it would feed in the new year."""

    name: str
    key: str


class Copied(NamedTuple):
    """The new draft, the codes of indicators whose result of the year before is not fully known, and alignments left."""

    document: Document
    unknown: tuple[str, ...]
    left: tuple[LeftAlignment, ...] = ()


def copy_programme(
    session: Session, key: str, *, year: int, slug: str, actor: Actor, now: datetime
) -> Copied:
    """Write the draft of ``year`` with the structure of the list ``key``.

    Targets, bases and allocations are left out, because they hold for one year only. An alignment goes
    along where the higher list of the new year has the same indicator, counted alike. Last year's result is the figure at the end of December where the copy follows the very year and
    every assigned unit has reported. Raises UnknownProgramme, NotLater, AlreadyThere and Faults.
    """
    source = get_document(session, key)
    if year <= source.year:
        raise NotLater("{year} 年不在 {source} 年之后", year=year, source=source.year)
    results = year_end_results(session, key) if year == source.year + 1 else {}
    alignments = _next_alignments(session, source, year)
    document = _copy(source, year, slug, results, alignments)
    if find_stored_list(session, document.key) is not None:
        raise AlreadyThere("{key} 已经有了，可以直接去改", key=document.key)
    terms = ImportTerms(seen="", action=COPIED)
    plan = plan_programme_import(session, read_fields(document_fields(document)), terms)
    import_programme(session, plan, actor=actor, now=now)
    asked = [one.code for one in document.indicators if one.kind not in WITHOUT_RESULT]
    unknown = tuple(code for code in asked if code not in results)
    return Copied(plan.document, unknown, tuple(_left(source, document, year)))


def _next_alignments(session: Session, source: Document, year: int) -> dict[str, tuple[str, ...]]:
    """Code → the higher indicators of the new year that it can feed."""
    wanted = {one.code: [_of_year(key, year) for key in one.aligned] for one in source.indicators}
    higher = find_higher(session, {key for keys in wanted.values() for key in keys})
    return {
        one.code: tuple(key for key in wanted[one.code] if key in higher and _fits(one, higher[key]))
        for one in source.indicators
    }


def _fits(one: IndicatorText, fed: HigherIndicator) -> bool:
    return (one.kind, one.measure, one.decimals) == (fed.kind, fed.measure, fed.decimals) and not fed.feeds


def _of_year(key: str, year: int) -> str:
    """``330000-2018-slug/enrolments`` of another year."""
    publisher, _dash, rest = key.partition("-")
    return f"{publisher}-{year}{rest[4:]}"


def _left(source: Document, copied: Document, year: int) -> Iterator[LeftAlignment]:
    for old, new in zip(source.indicators, copied.indicators, strict=True):
        for key in old.aligned:
            if _of_year(key, year) not in new.aligned:
                yield LeftAlignment(old.name, _of_year(key, year))


def year_end_results(session: Session, key: str) -> dict[str, int]:
    """Code → the publisher's figure at the end of December, scaled as targets are.

    Only where it is exact: all assigned units have an accepted line in the year's last period, and no
    line says 不详.
    """
    head = find_head(session, key)
    if head is None:
        return {}
    table = load(session, head, get_unit(session, head.publisher_id), cutoff=Month(head.year, 12))
    judged = [one for pledge in table.pledges for one in pledge.indicators]
    return {
        one.listed.rule.code: one.standing.actual
        for one in judged
        if one.standing.actual is not None and _is_exact(one)
    }


def _is_exact(judged: Judged) -> bool:
    standing = judged.standing
    is_whole = standing.assigned == standing.reported > 0 and not standing.unknown
    return is_whole and judged.listed.rule.kind not in WITHOUT_RESULT


def _copy(
    source: Document,
    year: int,
    slug: str,
    results: Mapping[str, int],
    alignments: Mapping[str, tuple[str, ...]],
) -> Document:
    pledges = tuple(
        replace(
            pledge,
            indicators=tuple(
                _bare(one, results.get(one.code), alignments[one.code]) for one in pledge.indicators
            ),
        )
        for pledge in source.pledges
    )
    title = source.title.replace(str(source.year), str(year))
    return replace(source, year=year, slug=slug, title=title, pledges=pledges)


def _bare(indicator: IndicatorText, result: int | None, aligned: tuple[str, ...]) -> IndicatorText:
    return replace(indicator, target=None, base=None, last_year=result, aligned=aligned, allocations=())
