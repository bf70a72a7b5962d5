"""One change of a list from a page: read like a file, planned like a file, written like a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tracker.domain.messages import Fault, Faults
from tracker.domain.periods import Month
from tracker.features.programmes.commands import (
    EDITED,
    ImportPlan,
    ImportTerms,
    ReasonRequired,
    StaleList,
    import_programme,
    plan_programme_import,
)
from tracker.features.programmes.editing.placed_faults import Told, place_faults
from tracker.features.programmes.files.plain import read_fields
from tracker.features.programmes.forms import TermsForm, choices_of
from tracker.features.programmes.history_page import change_rows
from tracker.features.programmes.words import names_of
from tracker.services.programme_documents.document import Document, Fields, differences
from tracker.web.current import current_actor, current_session, now
from tracker.web.i18n import gettext as _

Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a change: written, or what stands against it.

    ``told``: everything wrong. ``conflict``: the list has moved on; rows of what it says now and what
    was typed. Both empty: done, and ``has_changed`` tells whether anything differed.
    """

    told: Sequence[Told] = ()
    conflict: Sequence[Context] | None = None
    has_changed: bool = False
    key: str = ""

    @property
    def is_done(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.told and self.conflict is None


def save_list(
    form: TermsForm,
    fields: Fields,
    *,
    stored: Document | None,
    is_valid: bool,
    needs_terms: bool = False,
    further: Sequence[Fault] = (),
    code: str | None = None,
) -> Attempt:
    """Write the list in ``fields`` as far as form and rules let it.

    ``stored``: as it is now, None for a new one. ``is_valid``: whether the form's own checks passed;
    ``needs_terms``: a public list changes only with a reason and a month; ``further``: faults found
    elsewhere. The list's own faults are added to the form's fields.
    """
    faults = list(further)
    plan: ImportPlan | None = None
    try:
        plan = plan_programme_import(current_session(), read_fields(fields), _terms(form, stored))
    except Faults as refused:
        faults += refused.faults
    except ReasonRequired:  # told below, together with the month
        plan = _look(fields)
        is_valid = False
    except StaleList:
        return Attempt(conflict=_both_sides(fields, stored))
    if needs_terms and (plan is None or plan.changes):
        is_valid = has_terms(form, plan) and is_valid
    if plan is not None and is_valid and not faults:
        import_programme(current_session(), plan, actor=current_actor(), now=now())
        return Attempt(has_changed=bool(plan.changes), key=plan.document.key)
    return Attempt(told=place_faults(form, faults, names_of(stored, units={}), code=code))


def _look(fields: Fields) -> ImportPlan | None:
    """What the list would become, for telling everything that is missing at once."""
    return plan_programme_import(current_session(), read_fields(fields), ImportTerms(), is_locked=False)


def has_terms(form: TermsForm, plan: ImportPlan | None) -> bool:
    """Whether a change of a public list says why and, where targets change, from when; what is missing is told."""
    needs_month = plan is None or any(changes_target(place) for place in plan.changes)
    if not form.reason.data:
        form.reason.errors = [_("清单已公布，改动要说明理由")]
    if needs_month and not form.effective.data:
        form.effective.errors = [_("请选从哪个月起算")]
    return bool(form.reason.data and (form.effective.data or not needs_month))


def changes_target(place: str) -> bool:
    """Whether a change at this place makes target versions, which hold from a month on."""
    return place.rpartition("/")[2] in ("target", "base") or "/allocations/" in place


def month_choices(year: int) -> list[Any]:
    """The months a change of targets may hold from, none chosen."""
    months = {str(month): _("%(year)s年%(month)s月", year=year, month=month) for month in range(1, 13)}
    return choices_of({"": _("请选择")} | months)


def _terms(form: TermsForm, stored: Document | None) -> ImportTerms:
    return ImportTerms(
        reason=form.reason.data or "",
        effective=None if stored is None else chosen_month(form, stored.year),
        seen=(form.version.data or "") if stored is not None else "",
        action=EDITED,
    )


def chosen_month(form: TermsForm, year: int) -> Month | None:
    """The month chosen; None where none is."""
    month = form.effective.data or ""
    return Month(year, int(month)) if month in {str(number) for number in range(1, 13)} else None


def _both_sides(fields: Fields, stored: Document | None) -> list[Context]:
    """What the list says now beside what was typed, as far as that can be read."""
    reading = read_fields(fields)
    if reading.findings.faults:
        return []
    names = names_of(stored, reading.document, units={})
    return change_rows(differences(stored, reading.document), names)
