"""A city that divides thirty indicators over eleven districts, one of which has townships of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.factories.people import identity_of, make_person, signed_in_client
from tests.factories.rows import NOW, Nested, plant_list, plant_tree, put_targets
from tests.support.filled_forms import form_fields
from tests.support.replanting import replanted
from tests.support.strict_client import StrictClient
from tracker.db import Database
from tracker.domain.identity import Identity
from tracker.domain.periods import SHANGHAI
from tracker.features.targets.queries import Board, load_board
from tracker.models.audit import Setting
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator, Pledge
from tracker.services.ledger.folding import try_fold
from tracker.services.programme_heads import find_head
from tracker.services.transitions import Doer
from tracker.services.tree import find_unit

KEY: Final = "330200-2018"
MATRIX: Final = f"/programmes/{KEY}/targets"
TODAY: Final = datetime(2018, 7, 3, 10, 0, tzinfo=SHANGHAI)
DISTRICTS: Final = tuple(f"3302{number:02d}" for number in range(3, 14))
TOWNSHIPS: Final = ("330203001", "330203002")
TREE: Final[Nested] = {
    "330000": {
        "330200": {code: {town: {} for town in TOWNSHIPS if code == "330203"} for code in DISTRICTS},
        "330500": {},
    }
}

# fmt: off
SPECIAL: Final[dict[str, dict[str, Any]]] = {
    "rate":      {"kind": "ratio", "measure": "%", "decimals": 1, "last_year": 820},
    "opened":    {"kind": "milestone", "measure": "项"},
    "hotline":   {"kind": "narrative", "measure": "项"},
    "members":   {"kind": "stock", "measure": "人"},
    "training":  {"parts_complete": True, "last_year": 5_056},
    "women":     {"part_of": "training"},
    "men":       {"part_of": "training"},
}
TARGETS: Final[dict[str, int | None]] = {
    "rate": 850, "opened": 1, "hotline": None, "members": 5_000, "training": 5_000, "women": 2_000, "men": 3_000,
}
# fmt: on


class Decomposition(NamedTuple):
    """The application over this world, and who can sign in."""

    app: Flask
    database: Database
    units: Mapping[str, int]
    indicators: Mapping[str, int]
    reviewer: Identity
    second: Identity
    viewer: Identity
    auditor: Identity
    reporter: Identity
    approver: Identity

    def browser(self, who: Identity) -> StrictClient:
        """A browser signed in as this person."""
        return signed_in_client(self.app, who.account_id)

    def cell(self, code: str, column: str) -> str:
        """The field of an indicator's cell."""
        return f"cell-{self.indicators[code]}-{column}"


def plant_decomposition(app: Flask, *, rows: int = 30, state: str = "running") -> Decomposition:
    """Everything on 3 July 2018; flows named ``flow-1`` … fill the list up to ``rows``, 100,000 each."""
    database: Database = app.extensions["database"]
    with database.session() as session:
        key = ("decomposition", rows, state)
        units, indicators, people = replanted(session, key, lambda: _plant(session, rows, state))
        moved = TODAY - datetime.now(SHANGHAI)
        session.add(Setting(name="clock_offset_seconds", value=str(int(moved.total_seconds()))))
        session.commit()
    return Decomposition(app, database, units, indicators, *people)


def _plant(session: Session, rows: int, state: str) -> tuple[dict[str, int], dict[str, int], list[Identity]]:
    units = plant_tree(session, TREE)
    for at, code in enumerate((*DISTRICTS, *TOWNSHIPS), 1):
        session.execute(update(OrgUnit).where(OrgUnit.code == code).values(position=at, weight=10 * at))
    indicators = _plant_indicators(session, units["330200"], rows, state)
    people = [
        identity_of(session, make_person(session, role, units[code], name=f"{role}-{code}-{at}"))
        for at, (role, code) in enumerate(
            (
                ("reviewer", "330200"), ("reviewer", "330200"), ("viewer", "330200"), ("auditor", "330200"),
                ("reporter", "330203"), ("approver", "330203"),
            )
        )
    ]  # fmt: skip
    try_fold(session, NOW)
    return units, indicators, people


def _plant_indicators(session: Session, publisher: int, rows: int, state: str) -> dict[str, int]:
    programme = plant_list(session, publisher, key=KEY)
    programme.state = state
    names = [*SPECIAL, *(f"flow-{number}" for number in range(1, rows - len(SPECIAL) + 1))]
    pledges = [
        Pledge(programme_id=programme.id, number=number, title=f"第{number}件", lead="部")
        for number in range(1, -(-len(names) // 3) + 1)
    ]
    session.add_all(pledges)
    session.flush()
    found = {}
    for at, code in enumerate(names):
        columns = {"kind": "flow", "measure": "人次", "decimals": 0} | SPECIAL.get(code, {})
        indicator = Indicator(
            programme_id=programme.id, pledge_id=pledges[at // 3].id, code=code, name=code, comparator=">=", position=at,
            **columns,
        )  # fmt: skip
        session.add(indicator)
        session.flush()
        found[code] = indicator.id
        base = 1_000 if code == "members" else None
        put_targets(session, indicator, {publisher: TARGETS.get(code, 100_000)}, base=base)
    return found


def board_of(session: Session, code: str = "330200") -> Board:
    """The matrix of a unit as it stands."""
    head, unit = find_head(session, KEY), find_unit(session, code)
    assert head is not None
    assert unit is not None
    return load_board(session, head, unit)


def doer(who: Identity) -> Doer:
    """This person, acting at the tests' moment."""
    return Doer(who, NOW)


def send(client: StrictClient, page: str, address: str = MATRIX, **changed: Any) -> TestResponse:
    """Send a matrix with some fields changed, as its button ``then`` would."""
    return client.submit(address, {**form_fields(page), "scope": "all", **changed})
