"""The instant a page speaks of: now or a past seal, how to go elsewhere, and what has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from tracker.domain.prose import show_amount
from tracker.features.dashboards.choices import Choice
from tracker.features.dashboards.leading import leading
from tracker.features.dashboards.queries import Seals
from tracker.services.progress_table import PledgeStanding, ProgressTable
from tracker.web.filters import day as day_text


@dataclass(frozen=True, slots=True)
class Instant:
    """What was asked: ``as_of`` None is now; ``today`` is the newest table where the page compares with it."""

    seals: Seals
    as_of: int | None
    now_url: str
    today: ProgressTable | None

    @property
    def is_past(self) -> bool:
        return self.as_of is not None

    def context(self) -> dict[str, Any]:
        """What ``_instant.html`` and the selector read; ``instant`` is None for now."""
        banner = None
        if self.as_of is not None:
            told = _("这是第 %(number)s 号封存时的情况，不是现在的。", number=self.as_of)
            text = told if self.as_of else _("这是还没有任何封存时的情况，不是现在的。")
            banner = {"text": text, "now_url": self.now_url}
        return {"instant": banner, "as_of_choices": self._choices()}

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
        return _("今天 %(value)s", value="—" if actual is None else show_amount(one.listed.rule, actual))
