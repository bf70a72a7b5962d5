"""Who keeps people, when, and what this installation allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from tracker.domain.days import day_of
from tracker.domain.identity import Actor, Duty, Identity, actor_of


@dataclass(frozen=True, slots=True)
class Doer:
    """The admin (or reviewer who confirms) and the request's moment.

    ``is_split``: policy ``mlps`` splits the admins' work. ``can_mail``: letters leave this installation.
    ``blank_hash``: the hash of a password nobody knows, for accounts whose owner has not set one yet.
    """

    identity: Identity
    now: datetime
    request_id: str
    is_split: bool = False
    can_mail: bool = False
    blank_hash: str = ""

    @property
    def actor(self) -> Actor:
        return actor_of(self.identity, self.request_id)

    @property
    def today(self) -> date:
        return day_of(self.now)

    @property
    def is_security(self) -> bool:
        """Whether appointments are this admin's own work; else each waits for one whose work they are."""
        return Duty.SECURITY in self.identity.duties
