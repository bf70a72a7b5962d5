"""Faults of a list put where they can be mended: at the field of the form, else named in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from wtforms import Field, FieldList, Form, FormField

from tracker.domain.messages import Fault
from tracker.features.programmes.words import Names, place_words
from tracker.web.i18n import translate
from tracker.web.punctuation import labelled


class Told(NamedTuple):
    """One line of the summary, and the field to mend it in."""

    text: str
    field_id: str | None


def place_faults(form: Form, faults: Sequence[Fault], names: Names, *, code: str | None = None) -> list[Told]:
    """Everything wrong, in the order of the form; each field gets its own errors.

    ``code``: the indicator that is being changed, whose rows in the list are this form's fields.
    """
    fields = {field.id: field for field in _fields(form)}
    elsewhere = []
    for fault in faults:
        field = fields.get(_field_id(fault.place, code))
        if field is None:
            elsewhere.append(Told(_sentence(fault, names), None))
        elif not field.errors:
            field.errors = [translate(fault.message)]
    told = [
        Told(labelled(field.label.text, error), field.id)
        for field in fields.values()
        for error in field.errors[:1]
    ]
    return [*told, *elsewhere, *(Told(str(error), None) for error in form.form_errors)]


def _field_id(place: str, code: str | None) -> str:
    """The field a place in the list stands for: ``indicators/a/kind`` is ``indicator-kind`` in the form of a."""
    parts = place.split("/")
    if code is not None and parts[:2] == ["indicators", code] and len(parts) == 3:
        return f"indicator-{parts[2]}"
    if parts[0] == "pledges" and len(parts) == 3:
        return f"pledge-{parts[2]}"
    return (
        f"head-{place}"
        if len(parts) == 1 and not place.startswith(("head-", "pledge", "indicator"))
        else place
    )


def _sentence(fault: Fault, names: Names) -> str:
    message = translate(fault.message)
    return labelled(place_words(fault.place, names), message) if fault.place else message


def _fields(form: Any) -> Iterator[Field]:
    """Every field of one value, those within parts and rows too."""
    for field in form:
        if isinstance(field, FormField):
            yield from _fields(field.form)
        elif isinstance(field, FieldList):
            for entry in field:
                yield from _fields(entry.form) if isinstance(entry, FormField) else (entry,)
        else:
            yield field
