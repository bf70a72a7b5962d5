"""Units that were moved: which of a node's parts counted elsewhere too, below whom, and whose past no day tells."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import CompoundSelect, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from tracker.models.org_unit import OrgPlace, OrgTenure, OrgUnit, TreeEdition
from tracker.services.ledger.carrying import DEEPEST_DAY
from tracker.services.tree import FIRST_EDITION, Unit

Units = Select[int] | CompoundSelect[int]


def moved_parts(node: Unit, *, is_past: bool = False) -> Units:
    """Parts of the node that came from elsewhere, and those that were its parts and were moved away.

    In the past also those that only passed through: moved on with effect from the month in which they had come.
    """
    former, present = aliased(OrgPlace), aliased(OrgPlace)
    stood = and_(former.edition == OrgTenure.edition, former.org_unit_id == OrgTenure.org_unit_id)
    came = (
        select(OrgTenure.org_unit_id)
        .join(former, stood)
        .join(present, present.org_unit_id == OrgTenure.org_unit_id)
        .where(
            present.edition == node.place.edition, present.parent_id == node.id,
            former.parent_id != node.id, OrgTenure.is_end.is_(False),
        )
    )  # fmt: skip
    left = (
        select(OrgTenure.org_unit_id)
        .join(former, stood)
        .where(
            OrgTenure.root_id.in_((OrgTenure.org_unit_id, node.id)), OrgTenure.is_end.is_(False),
            former.parent_id == node.id,
        )
    )  # fmt: skip
    if not is_past or node.place.edition <= SECOND_EDITION:
        return came.union_all(left)
    passing = _passing(OrgPlace.org_unit_id).where(
        OrgPlace.parent_id == node.id, OrgTenure.root_id == OrgTenure.org_unit_id
    )
    return came.union_all(left, passing)


SECOND_EDITION: Final = FIRST_EDITION + 1


def _passing(column: InstrumentedAttribute[int]) -> Select[int]:
    """Places in editions after the one a tenure names: of two moves with one month only the first has a tenure.

    Where the unit stood between them nothing counts any more; what counted there in between, the past knows.
    Places are found by edition first, so every edition is named.
    """
    return (
        select(column)
        .join(
            OrgTenure,
            and_(OrgTenure.org_unit_id == OrgPlace.org_unit_id, OrgTenure.edition < OrgPlace.edition),
        )
        .where(OrgTenure.is_end.is_(False), OrgPlace.edition.in_(select(TreeEdition.number)))
    )


def former_superiors(units: Collection[int] | Units, *, is_past: bool = False) -> list[Select[int]]:
    """The units right above these before they were moved; in the past also those they only passed through.

    Each to be put together with others: engines do not nest such lists.
    """
    former = (
        select(OrgPlace.parent_id)
        .join(
            OrgTenure,
            and_(OrgTenure.edition == OrgPlace.edition, OrgTenure.org_unit_id == OrgPlace.org_unit_id),
        )
        .where(OrgTenure.org_unit_id.in_(units))
    )
    passing = _passing(OrgPlace.parent_id).where(OrgPlace.org_unit_id.in_(units))
    return [former, passing] if is_past else [former]


def parts_without_days(session: Session, node: Unit) -> set[int]:
    """The node and its moved parts, as far as days do not tell all of them: they once stood too deep to be kept.

    Of a node that came up with its parts, the parts are meant: the node itself stands for them.
    """
    if node.place.edition == FIRST_EDITION:
        return set()
    former = aliased(OrgPlace)
    is_deep = or_(
        and_(OrgTenure.org_unit_id == node.id, former.depth >= DEEPEST_DAY),
        and_(OrgTenure.org_unit_id.in_(moved_parts(node, is_past=True)), former.depth > DEEPEST_DAY),
    )
    wanted = (
        select(OrgTenure.org_unit_id)
        .join(
            former,
            and_(former.edition == OrgTenure.edition, former.org_unit_id == OrgTenure.org_unit_id),
        )
        .where(is_deep)
    )
    return set(session.scalars(wanted))


def closed_among(session: Session, units: Collection[int]) -> frozenset[int]:
    """Those of these units that have ended."""
    wanted = select(OrgUnit.id).where(OrgUnit.id.in_(sorted(units)), OrgUnit.valid_to.is_not(None))
    return frozenset(session.scalars(wanted))
