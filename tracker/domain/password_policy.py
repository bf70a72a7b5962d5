"""The two profiles of signing in, ``mlps`` (GB/T 22239) and ``asvs`` (OWASP ASVS 5.0): what a password, a try and a session must keep to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from tracker.domain.identity import Role
from tracker.domain.messages import Message

LONGEST_PASSWORD: Final = 200
SHORTEST_LOGIN: Final = 3
"""A login of fewer characters turns up in a good password by chance."""
SHORTEST_NAME: Final = 2
LONGEST_TAIL: Final = 8
"""So many digits and signs around a listed word do not make it a secret."""
FEWEST_CHARACTERS: Final = 5
"""A password of fewer different characters is a pattern."""


class Pending(StrEnum):
    """What is still to be done after the right password, before somebody is signed in."""

    CODE = "code"  # the second factor is asked for
    ENROLMENT = "enrolment"  # the policy asks for a second factor, and there is none
    PASSWORD = "password"  # noqa: S105  too old, or drawn by somebody else


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One profile.

    ``kinds``: how many of lower case, upper case, digits and signs a password has at least ·
    ``remembered``: so many last passwords, the present one among them, are not taken again ·
    ``age`` None: passwords do not age; else people are warned ``warned`` before ·
    ``tries`` wrong ones in a row from one place are answered, each further one only after the next of
    ``waits`` (the last one stays) · ``second_factor``: roles that need one.
    """

    name: str
    shortest: int
    kinds: int
    remembered: int
    age: timedelta | None
    warned: timedelta
    replaces_initial: bool
    tries: int
    waits: tuple[timedelta, ...]
    most_sessions: int
    idle: timedelta
    length: timedelta
    second_factor: frozenset[Role]

    def wait_after(self, wrong: int) -> timedelta:
        """How long the next try waits after so many wrong ones in a row."""
        if wrong < self.tries:
            return timedelta(0)
        return self.waits[min(wrong - self.tries, len(self.waits) - 1)]

    def ends_at(self, changed_at: datetime) -> datetime | None:
        """When a password set at that moment is too old; None: never."""
        return None if self.age is None else changed_at + self.age


def _minutes(*numbers: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=number) for number in numbers)


MLPS: Final = Policy(
    name="mlps",
    shortest=12,
    kinds=3,
    remembered=5,
    age=timedelta(days=90),
    warned=timedelta(days=14),
    replaces_initial=True,
    tries=5,
    waits=_minutes(15, 30, 60, 120),
    most_sessions=2,
    idle=timedelta(minutes=15),
    length=timedelta(hours=10),
    second_factor=frozenset({Role.ADMIN, Role.AUDITOR, Role.REVIEWER}),
)
ASVS: Final = Policy(
    name="asvs",
    shortest=12,
    kinds=1,
    remembered=1,
    age=None,
    warned=timedelta(0),
    replaces_initial=False,
    tries=5,
    waits=_minutes(1, 5, 15, 60),
    most_sessions=10,
    idle=timedelta(minutes=30),
    length=timedelta(hours=12),
    second_factor=frozenset(),
)
PROFILES: Final = {policy.name: policy for policy in (MLPS, ASVS)}

_KINDS: Final = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
_LEET: Final = str.maketrans("@430$157", "aaeosist")
_ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiopasdfghjklzxcvbnm", "poiuytrewqlkjhgfdsamnbvcxz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "1q2w3e4r5t6y7u8i9o0p", "!qaz@wsx#edc$rfv", "!@#$%^&*()",
)  # fmt: skip


def plain(password: str) -> str:
    """The form in which passwords are compared with lists: compatible characters and case folded."""
    return unicodedata.normalize("NFKC", password).casefold()


def cores(password: str) -> frozenset[str]:
    """The password itself, without the signs around it, and without a few digits and signs, look-alikes resolved."""
    folded = plain(password)
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    unsigned = re.sub(r"^[\W_]+|[\W_]+$", "", folded)
    if len(folded) - len(core) > LONGEST_TAIL:
        core = folded
    return frozenset({folded, unsigned, core, core.translate(_LEET)} - {""})


def is_pattern(password: str) -> bool:
    """Whether it is a repetition, or runs along the alphabet, the digits or the keyboard."""
    folded = plain(password)
    if len(set(folded)) < FEWEST_CHARACTERS:
        return True
    repeated = any(
        folded == (folded[:n] * len(folded))[: len(folded)] for n in range(1, len(folded) // 2 + 1)
    )
    return repeated or any(folded in (row * 3) or folded in (row[::-1] * 3) for row in _ROWS)


def password_faults(
    policy: Policy, password: str, *, login: str, name: str, is_listed: bool
) -> tuple[Message, ...]:
    """Everything wrong with a new password, at once; ``is_listed``: it stands on a list of known ones."""
    checks = (
        (len(password) < policy.shortest, Message("密码至少要有 {count} 个字符", {"count": policy.shortest})),
        (
            len(password) > LONGEST_PASSWORD,
            Message("密码最多 {count} 个字符", {"count": LONGEST_PASSWORD}),
        ),
        (
            kinds_in(password) < policy.kinds,
            Message("大写字母、小写字母、数字、符号里至少要有 {count} 种", {"count": policy.kinds}),
        ),
        (
            is_listed or is_pattern(password),
            Message("这个密码太常见，容易被猜中；几个不相干的词连起来，好记又难猜"),
        ),
        (_holds_own_name(password, login=login, name=name), Message("密码里不要有自己的账号或姓名")),
    )
    return tuple(message for is_wrong, message in checks if is_wrong)


def kinds_in(password: str) -> int:
    """How many of lower case, upper case, digits and everything else it has."""
    return sum(re.search(kind, password) is not None for kind in _KINDS)


def is_among(password: str, listed: Collection[str]) -> bool:
    """Whether it, or what is left of it without a few digits and signs, stands on a list of plain ones."""
    return any(core in listed for core in cores(password))


def _holds_own_name(password: str, *, login: str, name: str) -> bool:
    folded = plain(password)
    own = (plain(login.partition("@")[0]), SHORTEST_LOGIN), (plain(name), SHORTEST_NAME)
    return any(len(word) >= shortest and word in folded for word, shortest in own)
