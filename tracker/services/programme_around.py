"""A list in sight with the units a page stands at, and whatever else the page needs once: one statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import CTE, Label, Row, Select, String, bindparam, func, select, true, union
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, Place, Role
from tracker.models.org_unit import OrgPlace, OrgUnit, TreeEdition
from tracker.models.programme import Programme
from tracker.services.programme_heads import Head, head_of, heads_wanted
from tracker.services.tree import Unit, unit_of
from tracker.services.visibility import ProgrammeNotFound, visible_programmes


class Around(NamedTuple):
    """A list; its publisher, the unit asked for and what stands directly below and beside both, in official order.

    ``more``: a row that holds the further columns asked for.
    """

    head: Head
    units: tuple[Unit, ...]
    more: Any


class More(NamedTuple):
    """Further scalar columns of the statement, and the values of the parameters they name.

    ``columns`` is called once a process: it must not close over anything of a request.
    """

    columns: Callable[[], Sequence[Label[Any]]]
    values: Mapping[str, Any]


def read_around(session: Session, key: str, *, code: str | None, seen_by: Identity, more: More) -> Around:
    """The list with this key and the unit with that code (None: the own unit); raises ProgrammeNotFound.

    ``more`` is worked out once. A code nobody has leaves no unit of it behind.
    """
    wanted = _statement(seen_by.role, has_code=code is not None, more=more.columns)
    place = {f"own_{name}": getattr(seen_by.place, name) for name in _PLACE}
    rows = session.execute(wanted, {**place, **more.values, "key": key, "code": code}).all()
    if not rows:
        raise ProgrammeNotFound("没有找到这份清单")
    found = {row.unit_id: row for row in rows}
    ordered = sorted(found.values(), key=lambda row: (row.unit_position, row.unit_code))
    return Around(head_of(rows[0]), tuple(_unit(row) for row in ordered), rows[0])


_PLACE = tuple(field.name for field in fields(Place))


class _Anybody(NamedTuple):
    """Somebody of a role at a place that is named only when the statement is run."""

    role: Role
    place: Any


@cache
def _statement(
    role: Role, *, has_code: bool, more: Callable[[], Sequence[Label[Any]]]
) -> Select[*tuple[Any, ...]]:
    """The statement for everybody of a role, built once: putting it together costs more than running it."""
    types = {name: getattr(OrgPlace, name).type for name in _PLACE}  # a large tree's numbers need 64 bits
    own: Any = Place(**{name: bindparam(f"own_{name}", type_=types[name]) for name in _PLACE})  # type: ignore[arg-type]
    anybody: Any = _Anybody(role, own)
    visible = visible_programmes(anybody).where(Programme.key == bindparam("key", type_=String))
    head = heads_wanted().add_columns(*more()).where(Programme.id.in_(visible)).cte("head")
    return _around(head, own, has_code=has_code)


def _around(head: CTE, own: Any, *, has_code: bool) -> Select[*tuple[Any, ...]]:
    publisher = select(head.c.publisher_id.label("id"))
    other = (
        select(OrgUnit.id).where(OrgUnit.code == bindparam("code", type_=String))
        if has_code
        else select(own.org_unit_id.label("id"))
    )
    chosen = union(publisher, other).cte("chosen")
    edition = OrgPlace.edition == select(func.max(TreeEdition.number)).scalar_subquery()
    ids = select(chosen.c.id)
    place = select(OrgPlace.__table__).where(edition)
    above = select(OrgPlace.parent_id).where(edition, OrgPlace.org_unit_id.in_(ids))
    near = union(
        place.where(OrgPlace.org_unit_id.in_(ids)),
        place.where(OrgPlace.parent_id.in_(ids)),
        place.where(OrgPlace.parent_id.in_(select(above.subquery().c.parent_id))),
    ).subquery("near")
    columns = (
        OrgUnit.position, OrgUnit.id, OrgUnit.code, OrgUnit.name, OrgUnit.short_name, OrgUnit.level, OrgUnit.kind,
        OrgUnit.weight,
    )  # fmt: skip
    return (
        select(
            head,
            *(column.label(f"unit_{column.name}") for column in columns),
            *(
                near.c[name].label(f"unit_{name}")
                for name in ("edition", "parent_id", "depth", "pre", "last")
            ),
        )
        .select_from(near)
        .join(OrgUnit, OrgUnit.id == near.c.org_unit_id)
        .join(head, true())
    )


def _unit(row: Row[*tuple[Any, ...]]) -> Unit:
    """The columns of a unit stand last, in the order in which they are wanted, behind its position."""
    return unit_of(*row[-12:])
