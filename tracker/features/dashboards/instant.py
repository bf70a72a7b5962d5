"""The instant a page speaks of: now or a past seal, how to go elsewhere, and what has changed since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from tracker.domain.figures import show_percent
from tracker.features.dashboards.choices import Choice
from tracker.features.dashboards.leading import leading
from tracker.features.dashboards.matrix import LIGHT_WORDS
from tracker.features.dashboards.queries import Seals
from tracker.services.progress_table import Judged, PledgeStanding, ProgressTable
from tracker.web.figure_words import amount
from tracker.web.filters import day as day_text
from tracker.web.punctuation import bracketed


@dataclass(frozen=True, slots=True)
class Instant:
    """What was asked: ``as_of`` None is now; ``then`` and ``today`` are the tables the page compares.

    ``pledge`` and ``indicator`` narrow the comparison to what the page speaks of.
    """

    seals: Seals
    as_of: int | None
    now_url: str
    today: ProgressTable | None = None
    then: ProgressTable | None = None
    pledge: int | None = None
    indicator: int | None = None

    @property
    def is_past(self) -> bool:
        return self.as_of is not None

    def context(self) -> dict[str, Any]:
        """What ``_instant.html`` and the selector read; ``instant`` is None for now."""
        banner = None
        if self.as_of is not None:
            told = _(
                "这是第 %(number)s 号封存时的情况%(day)s，不是现在的。", number=self.as_of, day=self._day()
            )
            text = told if self.as_of else _("这是还没有任何封存时的情况，不是现在的。")
            banner = {"text": text, "now_url": self.now_url, **self._compared()}
        return {"instant": banner, "as_of_choices": self._choices()}

    def _day(self) -> str:
        """The day of the seal, where it is one of those offered."""
        found = [seal.day for seal in self.seals.days if seal.number == self.as_of]
        return _("（%(day)s）", day=day_text(found[0])) if found else ""

    def _compared(self) -> dict[str, Any]:
        """The numbers that are others today; ``is_compared`` is no where the page has nothing to compare with."""
        if self.today is None or self.then is None:
            return {"is_compared": False, "differences": []}
        return {"is_compared": True, "differences": list(self._differences(self.then, self.today))}

    def _differences(self, then: ProgressTable, today: ProgressTable) -> Iterator[dict[str, str]]:
        now = {one.listed.id: one for pledge in today.pledges for one in pledge.indicators}
        for pledge in then.pledges:
            for one in pledge.indicators:
                after = now.get(one.listed.id)
                if after is None or not self._is_asked(one) or _same(one, after):
                    continue
                before, now_shown = _shown(one), _shown(after)
                if before == now_shown:  # only the light is another
                    before, now_shown = _lit(before, one), _lit(now_shown, after)
                yield {"name": one.listed.rule.name, "then": before, "now": now_shown}

    def _is_asked(self, one: Judged) -> bool:
        is_of_pledge = self.pledge in (None, one.listed.pledge_id)
        return is_of_pledge and self.indicator in (None, one.listed.id)

    def _choices(self) -> list[Choice]:
        found = [Choice("", _("现在"), not self.is_past)]
        numbers = {seal.number for seal in self.seals.days}
        if self.as_of is not None and self.as_of not in numbers:
            found.append(Choice(str(self.as_of), _("第 %(number)s 号封存", number=self.as_of), True))
        for seal in self.seals.days:
            label = _("%(day)s第 %(number)s 号", day=day_text(seal.day), number=seal.number)
            found.append(Choice(str(seal.number), label, seal.number == self.as_of))
        return found

    def since(self, at: int, then: PledgeStanding) -> str | None:
        """What the pledge at this position of the list has become today, by its leading indicator; None: the same."""
        one = leading(then)
        if self.today is None or one is None:
            return None
        after = [
            judged.standing
            for pledge in self.today.pledges
            for judged in pledge.indicators
            if judged.listed.id == one.listed.id
        ]
        if not after or after[0].actual == one.standing.actual:
            return None
        actual = after[0].actual
        return _("今天 %(value)s", value="—" if actual is None else amount(one.listed.rule, actual))


def _same(one: Judged, other: Judged) -> bool:
    then, now = one.standing, other.standing
    return (then.actual, then.whole, then.light) == (now.actual, now.whole, now.light)


def _lit(shown: str, one: Judged) -> str:
    return _("%(shown)s，%(word)s", shown=shown, word=str(LIGHT_WORDS[one.standing.light]))


def _shown(one: Judged) -> str:
    """What has been reached, and its completion where there is one."""
    standing = one.standing
    actual = "—" if standing.actual is None else amount(one.listed.rule, standing.actual)
    if standing.completion_tenths is None:
        return actual
    return actual + bracketed(f"{show_percent(standing.completion_tenths)}%")
