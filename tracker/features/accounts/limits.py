"""How many tries to sign in are answered: the rule over the counts (document 5.1, rule 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from tracker.domain.password_policy import Policy
from tracker.services.sign_in_attempts import MEMORY, Tally

PAUSE_STEP_S = 0.25


class Limits(Protocol):
    """The numbers of ``config.SignInLimits``."""

    @property
    def window(self) -> timedelta: ...
    @property
    def per_source(self) -> int: ...
    @property
    def everywhere(self) -> int: ...
    @property
    def per_account(self) -> int: ...
    @property
    def codes_per_account(self) -> int: ...
    @property
    def longest_pause_s(self) -> float: ...


class Verdict(NamedTuple):
    """Whether a try is looked at at all and when the next one may come, after which pause, and how many are left."""

    attempt_id: int
    is_refused: bool
    retry_after: timedelta
    pause_s: float
    tries_left: int


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges tries by these numbers.

    A browser the account knows answers for its own wrong tries only. Guesses at one account from many
    places never lock it, they only slow each answer; how many threads can be waiting is bounded by the
    limit on all guesses together. Codes are guessed only by who knows the password, so strangers' codes
    have a limit for each account too.
    """

    policy: Policy
    limits: Limits
    now: datetime
    is_known: bool
    is_code: bool = False

    def __call__(self, tally: Tally) -> Verdict:
        wait = max(self._wait(tally), timedelta(0) if self.is_known else self._flood(tally))
        excess = 0 if self.is_known else max(0, tally.by_account - self.limits.per_account)
        pause_s = min(self.limits.longest_pause_s, PAUSE_STEP_S * excess)
        left = max(0, self.policy.tries - tally.wrong - 1)
        return Verdict(tally.attempt_id, wait > timedelta(0), wait, pause_s, left)

    def _wait(self, tally: Tally) -> timedelta:
        """What is left of the wait after the wrong ones in a row from this place.

        Of simultaneous tries the last one may have begun later than this one: without a wait that means nothing.
        """
        wait = self.policy.wait_after(tally.wrong)
        if tally.last_wrong_at is None or not wait:
            return timedelta(0)
        return tally.last_wrong_at + wait - self.now

    def _flood(self, tally: Tally) -> timedelta:
        limits = self.limits
        if self.is_code and tally.wrong_by_account >= limits.codes_per_account:
            return MEMORY
        is_flood = tally.by_source > limits.per_source or tally.everywhere > limits.everywhere
        return limits.window if is_flood else timedelta(0)
