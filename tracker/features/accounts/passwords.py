"""Passwords: argon2id, with a cost from the settings and the same time for names that do not exist."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST_PASSWORD = 200
SHORTEST_PASSWORD = 12
GENERATED_BYTES = 12


class Cost(Protocol):
    """What one hash costs."""

    @property
    def rounds(self) -> int: ...
    @property
    def memory_kib(self) -> int: ...
    @property
    def lanes(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Passwords:
    """Hashes and checks passwords at one cost; ``decoy`` stands in for accounts that are not there."""

    hasher: PasswordHasher
    decoy: str = field(repr=False)

    @classmethod
    def at_cost(cls, cost: Cost) -> Passwords:
        """A hasher, and the hash of a password nobody knows."""
        hasher = PasswordHasher(time_cost=cost.rounds, memory_cost=cost.memory_kib, parallelism=cost.lanes)
        return cls(hasher, hasher.hash(secrets.token_urlsafe()))

    def hash(self, password: str) -> str:
        """The hash to store."""
        return self.hasher.hash(password)

    def is_right(self, password: str, stored: str | None) -> bool:
        """Whether the password fits; None (no such account) takes as long and never fits."""
        try:
            self.hasher.verify(stored or self.decoy, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None


def generate_password() -> str:
    """A password drawn at random, to be handed over once."""
    return secrets.token_urlsafe(GENERATED_BYTES)
