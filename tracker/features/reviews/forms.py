"""The shape of verdicts: which versions were seen, ticks of flagged reports, and a return's reason and date."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length
from wtforms.widgets import DateInput

from tracker.domain.periods import DUE_TIME, SHANGHAI
from tracker.features.reviews.cleanness import needs_tick
from tracker.features.reviews.commands import tick_name
from tracker.features.reviews.queries import Review
from tracker.services.transitions import Seen
from tracker.web.forms import BaseForm, stripped

LONGEST_VERSION: Final = 8_000
SEEN_PARTS: Final = 3


class VerdictForm(BaseForm):
    """Signing or accepting; ``verdict_form`` adds the ticks of flagged reports."""

    version = HiddenField(validators=[InputRequired(_l("请刷新页面后再办理")), Length(max=LONGEST_VERSION)])


class ReturnForm(BaseForm):
    """Returning: which lines, why, and until when."""

    version = HiddenField(validators=[InputRequired(_l("请刷新页面后再办理")), Length(max=LONGEST_VERSION)])
    lines = SelectMultipleField(_l("哪几项要改？不勾选就退回整张表"), coerce=int, validate_choice=False)
    reason = TextAreaField(_l("退回意见"), filters=[stripped], render_kw={"rows": 4})
    answer_by = StringField(_l("请在此日 18:00 前改好"), filters=[stripped], widget=DateInput())

    @property
    def deadline(self) -> datetime | None:
        """The chosen day's 18:00 in Shanghai; None when it is no day."""
        try:
            day = date.fromisoformat(self.answer_by.data or "")
        except ValueError:
            return None
        return datetime.combine(day, DUE_TIME, SHANGHAI)


def verdict_form(review: Review, *, is_posted: bool) -> VerdictForm:
    """The form of this review with one tick for each flagged report."""
    ticks: dict[str, Any] = {
        tick_name(report): BooleanField(_l("已看过提示、说明和文字判断，一并办理本项"))
        for report in review.judged
        if needs_tick(report)
    }
    made = type("FilledVerdictForm", (VerdictForm,), ticks)
    form: VerdictForm = made() if is_posted else made(formdata=None, data={"version": seen_token(review)})
    return form


def return_form(review: Review, *, is_posted: bool, answer_by: datetime) -> ReturnForm:
    """The form of a return; the date given is offered."""
    data = {"version": seen_token(review), "answer_by": answer_by.date().isoformat()}
    form = ReturnForm() if is_posted else ReturnForm(formdata=None, data=data)
    form.lines.choices = [
        SelectChoice(row.listed.id, f"{report.promise.number} · {row.listed.rule.name}")
        for report in review.judged
        for row in report.rows
    ]
    return form


def ticked_pledges(form: VerdictForm, review: Review) -> set[int]:
    """The pledges whose own tick is set."""
    return {
        report.promise.id
        for report in review.judged
        if tick_name(report) in form and form[tick_name(report)].data
    }


def seen_token(review: Review) -> str:
    """Revision, version and digest of every report shown: what a verdict is about."""
    filings = [report.filing for report in review.judged if report.filing] if review.is_waiting else []
    return " ".join(f"{one.revision_id}:{one.version_id}:{one.digest or ''}" for one in filings)


def read_seen(token: str) -> list[Seen]:
    """The token read back; parts that are not one are left out."""
    parts = [part.split(":") for part in token.split()]
    return [
        Seen(int(part[0]), int(part[1]), part[2])
        for part in parts
        if len(part) == SEEN_PARTS
        and part[0].isdecimal()
        and part[1].isdecimal()
        and len(part[0]) < 19 > len(part[1])
    ]
