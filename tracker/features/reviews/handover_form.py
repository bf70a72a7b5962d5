"""What handing over a queue sends: shapes only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import DateInput

from tracker.domain.editing import deadline_on
from tracker.features.reviews.handing_over import LONGEST_REASON, Direction, Order
from tracker.services.handovers import Colleague
from tracker.web.forms import BaseForm, stripped, text_line


class HandoverForm(BaseForm):
    """Which way, with whom, until which day, and why."""

    direction = RadioField(
        _l("怎样交接"),
        default=str(Direction.GIVE),
        choices=[
            SelectChoice(str(Direction.GIVE), _l("把我的待办交给同事")),
            SelectChoice(str(Direction.TAKE), _l("我来接手同事的待办")),
        ],
    )
    colleague = SelectField(_l("同事"), validators=[InputRequired(_l("请选择同事"))])
    until = StringField(_l("到此日 18:00 为止"), filters=[stripped], widget=DateInput())
    reason = text_line(_l("原因"), longest=LONGEST_REASON)

    def validate_until(self, field: StringField) -> None:
        """A day, or nothing."""
        if field.data and self.deadline is None:
            raise ValidationError(_l("请选一个日期，例如 2018-07-09"))

    @property
    def deadline(self) -> datetime | None:
        """The chosen day's 18:00 in Shanghai; None when none was chosen."""
        try:
            return deadline_on(date.fromisoformat(self.until.data or ""))
        except ValueError:
            return None

    def order(self) -> Order:
        """What was asked for."""
        return Order(
            Direction(self.direction.data), int(self.colleague.data), self.deadline, self.reason.data or ""
        )


class EndForm(BaseForm):
    """One button."""


def offer_colleagues(form: HandoverForm, colleagues: Iterable[Colleague]) -> None:
    """The colleagues to choose from."""
    form.colleague.choices = [
        SelectChoice("", _l("请选择")),
        *(SelectChoice(str(one.person_id), one.name) for one in colleagues),
    ]
