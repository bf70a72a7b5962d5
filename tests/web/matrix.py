"""Runs the matrix: every line as every principal, whoever writes with a fresh session; and compares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flask import Flask

from tests.factories.people import MadePerson, signed_in_client
from tests.support.strict_client import StrictClient
from tests.web.matrix_table import Line
from tests.web.world import PRINCIPALS


class Cell(NamedTuple):
    """One line of the table as one principal."""

    number: int
    endpoint: str
    method: str
    principal: str


def expected_cells(table: Sequence[Line]) -> dict[Cell, int]:
    """The table as single cells."""
    return {
        Cell(number, line.endpoint, line.method, principal): int(status)
        for number, line in enumerate(table)
        for principal, status in zip(PRINCIPALS, line.expected.split(), strict=True)
    }


def answered_cells(
    app: Flask,
    table: Sequence[Line],
    people: dict[str, MadePerson],
    principals: Sequence[str] = tuple(PRINCIPALS),
) -> dict[Cell, int]:
    """What the application answers these principals; what only reads leaves a session as it was."""
    readers = {principal: _browser(app, people.get(principal)) for principal in principals}
    return {
        Cell(number, line.endpoint, line.method, principal): _ask(
            app, line, readers[principal] if line.method == "GET" else _browser(app, people.get(principal))
        )
        for number, line in enumerate(table)
        for principal in principals
    }


def differing_cells(expected: dict[Cell, int], answered: dict[Cell, int]) -> dict[Cell, tuple[int, int]]:
    """Cell → (expected, answered) wherever they differ."""
    return {cell: (expected[cell], answered[cell]) for cell in expected if expected[cell] != answered[cell]}


def served_methods(app: Flask) -> set[tuple[str, str]]:
    """Every endpoint with every method it serves; HEAD and OPTIONS come with GET by themselves."""
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def address(app: Flask, line: Line) -> str:
    """The path of a line."""
    with app.test_request_context():
        return app.url_for(line.endpoint, **line.values)


def _browser(app: Flask, person: MadePerson | None) -> StrictClient:
    return StrictClient(app, use_cookies=True) if person is None else signed_in_client(app, person.account_id)


def _ask(app: Flask, line: Line, client: StrictClient) -> int:
    path = address(app, line)
    response = (
        client.submit(path, line.form) if line.method == "POST" else client.open(path, method=line.method)
    )
    response.close()
    return response.status_code
