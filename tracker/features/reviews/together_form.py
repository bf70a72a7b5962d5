"""The ticks of the queue: which sheets, and what was shown of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField
from wtforms.validators import Length

from tracker.features.reviews.queries import Waiting
from tracker.features.reviews.together import Chosen, seen_digest
from tracker.web.forms import BaseForm

MOST_SHEETS: Final = 2_000
PARTS: Final = 3


class TogetherForm(BaseForm):
    """Every ticked sheet as ``330203/2018-06/<digest>``."""

    chosen = SelectMultipleField(_l("选择"), validate_choice=False, validators=[Length(max=MOST_SHEETS)])


def chosen_value(one: Waiting) -> str:
    """What the tick of a sheet sends."""
    return f"{one.unit.code}/{one.period.key}/{seen_digest(one.clean)}"


def read_chosen(values: Iterable[str]) -> list[Chosen]:
    """The ticks read back; what is none is left out."""
    parts = [value.split("/") for value in values]
    return [Chosen(*part) for part in parts if len(part) == PARTS]
