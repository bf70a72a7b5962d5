"""Passwords: argon2id, with a cost from the settings, the same time for names that do not exist, and the rules for new ones."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final, Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw

from tracker.domain.messages import Message
from tracker.domain.password_policy import ASVS, MLPS, Policy, kinds_in, password_faults
from tracker.features.accounts.known_passwords import KnownPasswords

GENERATED_BYTES: Final = 12
DIGEST_BYTES: Final = 32


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
    """Hashes and checks passwords at one cost by one profile; ``decoy`` stands in for accounts that are not there."""

    hasher: PasswordHasher
    decoy: str = field(repr=False)
    policy: Policy = ASVS
    known: KnownPasswords = field(default_factory=KnownPasswords.load, repr=False)

    @classmethod
    def at_cost(cls, cost: Cost, policy: Policy = ASVS, *, breach_list: str = "") -> Passwords:
        """A hasher, the hash of a password nobody knows, and the lists new passwords are looked up in."""
        hasher = PasswordHasher(time_cost=cost.rounds, memory_cost=cost.memory_kib, parallelism=cost.lanes)
        decoy = hasher.hash(secrets.token_urlsafe())
        return cls(hasher, decoy, policy, KnownPasswords.load(breach_list))

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

    def faults(self, password: str, *, login: str, name: str) -> tuple[Message, ...]:
        """Everything wrong with a new password of this account."""
        is_listed = self.known.has(password)
        return password_faults(self.policy, password, login=login, name=name, is_listed=is_listed)

    def stretch(self, code: str, salt: str) -> str:
        """What is stored of a recovery code: argon2id with its account's salt (hex), at the cost of a password."""
        digest = hash_secret_raw(
            code.encode(), bytes.fromhex(salt), self.hasher.time_cost, self.hasher.memory_cost,
            self.hasher.parallelism, DIGEST_BYTES, Type.ID,
        )  # fmt: skip
        return digest.hex()


def generate_password() -> str:
    """A password drawn at random, to be handed over once; fit for either profile."""
    while True:
        drawn = secrets.token_urlsafe(GENERATED_BYTES)
        if kinds_in(drawn) >= MLPS.kinds:
            return drawn
