"""The form of an indicator as its kind needs it."""

from __future__ import annotations

from typing import Any

from flask import url_for

from tracker.domain.kinds import KIND_COMPARATORS, Kind
from tracker.domain.messages import Refusal
from tracker.features.programmes.forms import ABSENT, PLAN_SHAPES, IndicatorFields, choices_of
from tracker.features.programmes.versions import Upper
from tracker.features.programmes.words import COMPARATORS, KINDS
from tracker.services.programme_documents.document import Document, IndicatorText
from tracker.web.i18n import gettext as _
from tracker.web.punctuation import bracketed

Context = dict[str, Any]


class UnknownKind(Refusal):
    """The form names no kind of indicator."""


def kind_of(form: IndicatorFields) -> Kind:
    """The kind a sent form is for. Raises UnknownKind."""
    if form.kind.data not in list(Kind):
        raise UnknownKind("请先选指标的类型")
    return Kind(form.kind.data)


def fit_indicator(
    form: IndicatorFields,
    kind: Kind,
    *,
    document: Document | None,
    indicator: IndicatorText | None,
    uppers: list[Upper],
) -> None:
    """Take out what the kind has no use for, and fill in the choices."""
    others = [one for one in document.indicators if one != indicator] if document else []
    has_parts = indicator is not None and any(one.part_of == indicator.code for one in others)
    gone = set(ABSENT[kind])
    gone |= set() if others else {"part_of"}
    gone |= set() if has_parts else {"parts_complete"}
    gone |= {"code"} if indicator is not None else set()
    gone |= set() if uppers or (indicator and indicator.aligned) else {"aligned"}
    for name in gone:
        if name in form:
            del form[name]
    _fill_choices(form, kind, others=others, indicator=indicator, uppers=uppers)


def _fill_choices(
    form: IndicatorFields,
    kind: Kind,
    *,
    others: list[IndicatorText],
    indicator: IndicatorText | None,
    uppers: list[Upper],
) -> None:
    if "comparator" in form:
        allowed = KIND_COMPARATORS[kind]
        form.comparator.choices = choices_of(
            {sign: word for sign, word in COMPARATORS.items() if sign in allowed}
        )
    if "plan_shape" in form and indicator is None:
        form.plan_shape.choices = choices_of(
            {shape: word for shape, word in PLAN_SHAPES.items() if shape != "last_year"}
        )
    if "part_of" in form:
        form.part_of.choices = choices_of({"": _("不属于别的指标")} | {one.code: one.name for one in others})
    if "aligned" in form:
        known = {upper.key: upper.name + bracketed(upper.list_title) for upper in uppers}
        kept = {key: key for key in (indicator.aligned if indicator else ()) if key not in known}
        form.aligned.choices = choices_of({**known, **kept})


def kind_choices(endpoint: str, **values: Any) -> list[Context]:
    """Every kind with what it is for, and where its form is."""
    return [kind_words(kind) | {"url": url_for(endpoint, **values, kind=str(kind))} for kind in Kind]


def kind_words(kind: Kind) -> Context:
    """A kind as a clerk reads it."""
    words = KINDS[kind]
    return {
        "code": str(kind),
        "name": str(words.name),
        "reported": str(words.reported),
        "example": str(words.example),
        "judged": str(words.judged),
    }
