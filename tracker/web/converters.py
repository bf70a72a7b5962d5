"""Parts of addresses: a malformed one is a page that does not exist."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import BaseConverter, IntegerConverter, Map, ValidationError

from tracker.domain.codes import PROGRAMME_KEY, UNIT_CODE
from tracker.domain.messages import Refusal
from tracker.domain.periods import Month, Period

LARGEST_NUMBER = 2**63 - 1


class ProgrammeKeyConverter(BaseConverter):
    """``<key:…>``: a programme's key, ``330200-2018`` or ``330200-2018-slug``."""

    regex = PROGRAMME_KEY


class OrgCodeConverter(BaseConverter):
    """``<code:…>``: an org unit's official code."""

    regex = UNIT_CODE


class MonthConverter(BaseConverter):
    """``<month:…>``: a Month, written 2018-06."""

    regex = r"[12][0-9]{3}-[01][0-9]"

    def to_python(self, value: str) -> Month:
        """The month, or no such page."""
        try:
            return Month.parse(value)
        except Refusal:
            raise ValidationError from None

    def to_url(self, value: Any) -> str:
        """As it is written."""
        return str(value)


class PeriodConverter(BaseConverter):
    """``<period:…>``: a Period, written 2018-06, 2018-Q2, 2018-H1 or 2018."""

    regex = r"[12][0-9]{3}(?:-(?:[01][0-9]|Q[1-4]|H[12]))?"

    def to_python(self, value: str) -> Period:
        """The period, or no such page."""
        try:
            return Period.parse(value)
        except Refusal:
            raise ValidationError from None

    def to_url(self, value: Any) -> str:
        """As it is written."""
        return str(value)


class NumberConverter(IntegerConverter):
    """``<int:…>``: whole numbers that fit into a column."""

    def __init__(self, map: Map, **options: Any) -> None:  # noqa: A002 (Werkzeug's name)
        super().__init__(map, **{"max": LARGEST_NUMBER, **options})


def init_converters(app: Flask) -> None:
    """Make them known to every route."""
    app.url_map.converters |= {
        "key": ProgrammeKeyConverter,
        "code": OrgCodeConverter,
        "month": MonthConverter,
        "period": PeriodConverter,
        "int": NumberConverter,
    }
