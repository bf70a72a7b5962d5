"""What an address of a list's pages asks for: node, cut-off, basis and instant, and what of it links keep."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from flask import abort, request, url_for
from sqlalchemy import Label, select

from tracker.db import parts_of
from tracker.domain.identity import Identity
from tracker.domain.messages import NotFound
from tracker.domain.periods import Month, UnreadableMonth
from tracker.features.dashboards.queries import Seals, seal_columns, seal_moments, seals_of
from tracker.services.clock import CHINA, calendar_columns, calendar_of
from tracker.services.programme_around import More, read_around
from tracker.services.programme_heads import Head
from tracker.services.progress_table import Basis, ProgressTable, Request, load_remembered
from tracker.services.tree import Unit
from tracker.services.visibility import UnitNotFound, sees_place
from tracker.web.current import calendar_shift, current_identity, current_session, keep_calendar, now
from tracker.web.i18n import select_language

LONGEST_SEAL = 12
MOST_PEERS = 60
"""Beyond so many units a comparison costs more than it tells."""

Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, read and within reach. ``as_of`` is a seal's number, None for now."""

    head: Head
    node: Unit
    children: tuple[Unit, ...]
    cutoff: Month | None
    basis: Basis
    seals: Seals
    as_of: int | None
    peers: tuple[Unit, ...] = ()

    def table(self) -> ProgressTable:
        """The table asked for, with its branches and peers."""
        return self._load(self.cutoff, self.as_of)

    def _load(self, cutoff: Month | None, as_of: int | None) -> ProgressTable:
        is_settled = not self.seals.unsealed
        return load_remembered(current_session(), self._request(cutoff, as_of), is_settled=is_settled)

    def _request(self, cutoff: Month | None, as_of: int | None) -> Request:
        newest, digest = self.seals.newest, self.seals.digest
        return Request(
            self.head, self.node, self.children, cutoff, as_of, self.basis, newest, digest, self.peers
        )

    def part(self, name: str, make: Callable[[], Part], *further: Hashable) -> Part:
        """What ``make`` works out of this table alone, or what it did before for the same language and ``further``.

        Kept like the table itself, until the next seal, and only of what is now. Nobody changes a part.
        """
        asked = self._request(self.cutoff, None)
        is_lasting = asked.is_lasting and self.as_of is None and not self.seals.unsealed
        memory = parts_of(current_session()) if is_lasting else None
        if memory is None:
            return make()
        key = (asked, select_language(), request.script_root, name, *further)
        found: Part | None = memory.find(key)
        if found is None:
            found = make()
            memory.keep(key, found)
        return found

    def table_of_today(self, then: ProgressTable) -> ProgressTable | None:
        """The same node and cut-off by the newest seal; None where that is what was asked for."""
        if self.as_of is None:
            return None
        return self._load(then.cutoff, None)


def _columns() -> list[Label[Any]]:
    """What every dashboard reads beside its list and units: seals and the calendar."""
    return [*seal_columns(), *calendar_columns()]


def asked_of(key: str) -> Asked:
    """What this request asks of the list with this key; whatever is malformed or out of reach is a 404."""
    identity, code = current_identity(), request.args.get("at")
    text = request.args.get("as_of") or None
    instant = _instant(text)
    more = More(_columns, seal_moments(now=now(), moved=calendar_shift(), instant=instant))
    around = read_around(current_session(), key, code=code, seen_by=identity, more=more)
    keep_calendar(calendar_of(around.more, now()))
    node = _node(around.head, around.units, code=code, identity=identity)
    seals = seals_of(around.more, now=now(), moved=calendar_shift())
    return Asked(
        head=around.head,
        node=node,
        children=tuple(unit for unit in around.units if unit.place.parent_id == node.id),
        cutoff=asked_cutoff(),
        basis=asked_basis(),
        seals=seals,
        as_of=_seal(text, seals, instant),
        peers=_peers(around.head, node, around.units),
    )


def kept(table: ProgressTable, *, is_past: bool, unit: Unit | None = None) -> dict[str, Any]:
    """What links keep of an address, at another unit or the table's own; defaults are left out."""
    node = unit or table.node
    return {
        "at": None if node.id == table.head.publisher_id else node.code,
        "cutoff": str(table.cutoff),
        "basis": None if table.basis is Basis.ACCEPTED else table.basis.value,
        "as_of": (table.seal or 0) if is_past else None,
        "sort": "lag" if request.args.get("sort") == "lag" else None,
    }


def sees(identity: Identity, node: Unit) -> bool:
    """Whether this person may look into a unit."""
    return sees_place(identity, node.place)


def shows_units(identity: Identity, asked: Asked) -> bool:
    """Other units' completion is shown to those who may look into them, or where the list is ranked."""
    return sees(identity, asked.node) or asked.head.is_ranked


def asked_seals() -> tuple[Seals, int | None]:
    """The seals there are, and the number of the one ``?as_of=`` asks for; None for now. Keeps the calendar too."""
    text = request.args.get("as_of") or None
    instant = _instant(text)
    row = (
        current_session()
        .execute(select(*_columns()), seal_moments(now=now(), moved=calendar_shift(), instant=instant))
        .one()
    )
    keep_calendar(calendar_of(row, now()))
    seals = seals_of(row, now=now(), moved=calendar_shift())
    return seals, _seal(text, seals, instant)


def asked_cutoff() -> Month | None:
    """``?cutoff=2018-06``; None without."""
    text = request.args.get("cutoff")
    if not text:
        return None
    try:
        return Month.parse(text)
    except UnreadableMonth:
        abort(404)


def asked_basis() -> Basis:
    """``?basis=provisional``; accepted figures alone without."""
    text = request.args.get("basis", Basis.ACCEPTED)
    return Basis(text) if text in list(Basis) else abort(404)


def address_now() -> str:
    """This page's address without its instant: the way back to now."""
    state: dict[str, Any] = {name: value for name, value in request.args.items() if name != "as_of"}
    return url_for(request.endpoint or "", **(request.view_args or {}), **state)


def _node(head: Head, units: Sequence[Unit], *, code: str | None, identity: Identity) -> Unit:
    """The unit asked for; without one the publisher for whoever stands at or above it, else the own unit."""
    by_id = {unit.id: unit for unit in units}
    publisher = by_id[head.publisher_id]
    if code is None:
        return by_id[identity.place.org_unit_id] if publisher.place.holds(identity.place) else publisher
    found = next((unit for unit in units if unit.code == code), None)
    if found is publisher:
        return publisher
    if found is None or not sees(identity, found):
        raise UnitNotFound("没有找到这个单位")
    if not publisher.place.holds(found.place):
        raise NotFound("这份清单不涉及这个单位")
    return found


def _peers(head: Head, node: Unit, units: Sequence[Unit]) -> tuple[Unit, ...]:
    """The units beside a node, itself included; the publisher has none in its own list, a crowd is not compared."""
    if node.id == head.publisher_id:
        return ()
    beside = tuple(unit for unit in units if unit.place.parent_id == node.place.parent_id)
    return beside if len(beside) <= MOST_PEERS else ()


def _instant(text: str | None) -> datetime | None:
    """The instant an address names: a day means its end, no zone means Asia/Shanghai; None for a seal's number."""
    if text is None or text.isdecimal():
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        abort(404)
    if len(text) == len("2018-06-30"):
        read = datetime.combine(read.date(), time.max)
    return read if read.tzinfo else read.replace(tzinfo=CHINA) - calendar_shift()


def _seal(text: str | None, seals: Seals, instant: datetime | None) -> int | None:
    if text is None:
        return None
    if instant is not None:
        return seals.at_instant
    is_number = text.isascii() and len(text) <= LONGEST_SEAL
    return int(text) if is_number and int(text) <= seals.newest else abort(404)
