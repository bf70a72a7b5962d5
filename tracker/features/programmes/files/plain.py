"""Plain values in the shape of a programme file as nodes: what is stored, and what a form's fields add to it."""

from __future__ import annotations

import json

from tracker.features.programmes.files.nodes import Findings, Listed, Mapped, Node, Scalar
from tracker.features.programmes.files.rules import check_rules
from tracker.features.programmes.files.schema import Reading, read_document
from tracker.services.programme_documents.document import Document, Fields


def read_fields(fields: Fields) -> Reading:
    """A whole list from plain values, its own faults noted and not yet raised.

    Values that are nodes already keep their places; all others stand at ``title``, ``pledges/1/lead``,
    ``indicators/enrolments/target``, ``…/allocations/330203``.
    """
    findings = Findings()
    reading = read_document(_list_node(fields), findings)
    check_rules(reading)
    return reading


def read_canonical(text: str) -> Document:
    """The document of a stored version, by the schema alone: rules may have become stricter since."""
    return read_document(_list_node(json.loads(text)), Findings()).document


def node_of(value: object, place: str) -> Node:
    """One plain value as a node at a place; a node stays what it is."""
    if isinstance(value, Scalar | Listed | Mapped):
        return value
    if isinstance(value, dict):
        return Mapped(
            place, {name: node_of(part, f"{place}/{name}") for name, part in value.items()}, f"{place}/"
        )
    if isinstance(value, list):
        return Listed(place, [node_of(part, place) for part in value])
    if isinstance(value, bool):
        return Scalar(place, "true" if value else "false")
    return Scalar(place, "" if value is None else str(value), is_null=value is None)


def _list_node(fields: Fields) -> Mapped:
    head: dict[str, Node] = {
        name: node_of(value, name) for name, value in fields.items() if name != "pledges"
    }
    pledges = Listed("pledges", [_pledge_node(pledge) for pledge in fields["pledges"]])
    return Mapped("", {**head, "pledges": pledges})


def _pledge_node(pledge: Fields | Node) -> Node:
    if not isinstance(pledge, dict):
        return pledge
    place = f"pledges/{_place_name(pledge['number'])}"
    indicators = Listed(f"{place}/indicators", [_indicator_node(one) for one in pledge["indicators"]])
    fields = {name: node_of(value, f"{place}/{name}") for name, value in pledge.items()}
    return Mapped(place, {**fields, "indicators": indicators}, f"{place}/")


def _indicator_node(indicator: Fields | Node) -> Node:
    if not isinstance(indicator, dict):
        return indicator
    return node_of(indicator, f"indicators/{_place_name(indicator['code'])}")


def _place_name(value: object) -> str:
    return value.text if isinstance(value, Scalar) else str(value)
