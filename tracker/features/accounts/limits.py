"""How many tries to sign in are answered: the rule over the counts (document 5.1, rule 6)."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from tracker.services.sign_in_attempts import Tally

PAUSE_STEP_S = 0.25


class Limits(Protocol):
    """The numbers of ``config.SignInLimits``."""

    @property
    def per_account_and_source(self) -> int: ...
    @property
    def per_source(self) -> int: ...
    @property
    def everywhere(self) -> int: ...
    @property
    def per_account(self) -> int: ...
    @property
    def longest_pause_s(self) -> float: ...


class Verdict(NamedTuple):
    """Whether the password is looked at at all, after which pause, and how many tries are left."""

    is_refused: bool
    pause_s: float
    tries_left: int


def judge(tally: Tally, *, limits: Limits, is_known: bool) -> Verdict:
    """A browser the account knows answers for its own guesses only.

    Guesses at one account from many places never lock it, they only slow each answer; how many
    threads can be waiting is bounded by the limit on all guesses together.
    """
    left = limits.per_account_and_source - tally.by_account_and_source
    if is_known:
        return Verdict(left < 0, 0.0, left)
    is_flood = tally.by_source > limits.per_source or tally.everywhere > limits.everywhere
    excess = max(0, tally.by_account - limits.per_account)
    return Verdict(left < 0 or is_flood, min(limits.longest_pause_s, PAUSE_STEP_S * excess), left)
