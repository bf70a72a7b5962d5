"""A list with one part replaced, added, moved or taken out, in the shape of a programme file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tracker.features.programmes.files.nodes import Mapped, Node, Scalar
from tracker.features.programmes.files.plain import node_of
from tracker.services.programme_documents.document import Document, Fields, document_fields

CARRIED = ("code", "allocations")
"""What an indicator's form never holds, whatever its kind."""


def with_head(document: Document, typed: Mapped) -> Fields:
    """The list with its head typed anew; what the form lacks stays."""
    return document_fields(document) | dict(typed.fields)


def with_pledge(document: Document, number: int, typed: Mapped) -> Fields:
    """The list with one pledge's own fields typed anew."""
    return _each_pledge(
        document, lambda pledge: _joined(pledge, typed) if pledge["number"] == number else pledge
    )


def with_new_pledge(document: Document, typed: Mapped, indicator: Mapped) -> Fields:
    """The list with one pledge more, and its first indicator."""
    fields = document_fields(document)
    fields["pledges"].append(dict(typed.fields) | {"indicators": [indicator]})
    return fields


def with_indicator(document: Document, code: str, typed: Mapped) -> Fields:
    """The list with one indicator typed anew.

    What the form lacks stays as long as the indicator is of the same kind; its allocations stay anyway.
    """
    return _each_indicator(document, lambda one: _retyped(one, typed) if one["code"] == code else one)


def with_new_indicator(document: Document, number: int, typed: Mapped) -> Fields:
    """The list with one indicator more at the end of a pledge."""

    def extended(pledge: Fields) -> Fields:
        if pledge["number"] != number:
            return pledge
        return pledge | {"indicators": [*pledge["indicators"], typed]}

    return _each_pledge(document, extended)


def without_pledge(document: Document, number: int) -> Fields:
    """The list without one pledge."""
    fields = document_fields(document)
    fields["pledges"] = [pledge for pledge in fields["pledges"] if pledge["number"] != number]
    return fields


def without_indicator(document: Document, code: str) -> Fields:
    """The list without one indicator."""

    def shortened(pledge: Fields) -> Fields:
        return pledge | {"indicators": [one for one in pledge["indicators"] if one["code"] != code]}

    return _each_pledge(document, shortened)


def reordered(document: Document, *, numbers: Mapping[int, Scalar], places: Mapping[str, int]) -> Fields:
    """The list with pledges numbered anew and each pledge's indicators in the order of their places."""

    def renumbered(pledge: Fields) -> Fields:
        ordered = sorted(pledge["indicators"], key=lambda one: places.get(one["code"], 0))
        return pledge | {"number": numbers.get(pledge["number"], pledge["number"]), "indicators": ordered}

    return _each_pledge(document, renumbered)


def new_list(head: Mapped, pledge: Mapped, indicator: Mapped) -> Fields:
    """A list of one pledge with one indicator."""
    return {**head.fields, "pledges": [dict(pledge.fields) | {"indicators": [indicator]}]}


def _joined(kept: Fields, typed: Mapped) -> Fields:
    return kept | dict(typed.fields)


def _retyped(kept: Fields, typed: Mapped) -> Mapped:
    kind = typed.fields.get("kind")
    is_same_kind = isinstance(kind, Scalar) and kind.text == kept["kind"]
    names = [name for name in kept if name not in typed.fields and (is_same_kind or name in CARRIED)]
    place = f"indicators/{kept['code']}"
    carried: dict[str, Node] = {name: node_of(kept[name], f"{place}/{name}") for name in names}
    return Mapped(typed.place, {**carried, **typed.fields}, typed.path)


def _each_pledge(document: Document, change: Callable[[Fields], Fields]) -> Fields:
    fields = document_fields(document)
    fields["pledges"] = [change(pledge) for pledge in fields["pledges"]]
    return fields


def _each_indicator(document: Document, change: Callable[[Fields], Fields | Mapped]) -> Fields:
    return _each_pledge(
        document, lambda pledge: pledge | {"indicators": [change(one) for one in pledge["indicators"]]}
    )
