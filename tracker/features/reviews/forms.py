"""The shape of verdicts: which versions were seen, ticks of flagged reports, and a return's reason and date."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length
from wtforms.widgets import DateInput

from tracker.domain.kinds import Judgement
from tracker.domain.periods import DUE_TIME, SHANGHAI
from tracker.features.reviews.cleanness import needs_judgement, needs_tick
from tracker.features.reviews.commands import Looked, judgement_name, tick_name
from tracker.features.reviews.queries import Review
from tracker.services.transitions import Seen
from tracker.web.figure_words import judgement_word
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
    """The form of this review with one tick for each flagged report and one judgement for each narrative line."""
    fields: dict[str, Any] = {
        tick_name(report): BooleanField(_l("已看过提示、说明和文字判断，一并办理本项"))
        for report in review.judged
        if needs_tick(report)
    }
    words = [("", _l("请选择")), *((str(one), judgement_word(one)) for one in Judgement)]
    choices = [SelectChoice(value, word) for value, word in words]
    fields |= {
        judgement_name(row): SelectField(_l("您的判断"), choices=choices, validate_choice=False)
        for report in review.judged
        for row in report.rows
        if needs_judgement(row)
    }
    made = type("FilledVerdictForm", (VerdictForm,), fields)
    form: VerdictForm = made() if is_posted else made(formdata=None, data={"version": seen_token(review)})
    return form


def return_form(review: Review, *, is_posted: bool, answer_by: datetime) -> ReturnForm:
    """The form of a return; the date given is offered."""
    data = {"version": seen_token(review), "answer_by": answer_by.date().isoformat()}
    form = ReturnForm() if is_posted else ReturnForm(formdata=None, data=data)
    _offer_lines(form, review)
    return form


def kept_return(review: Review, refused: ReturnForm) -> ReturnForm | None:
    """The same return once more, about what is there now: nothing typed is lost. None where nothing waits any more."""
    if not review.is_waiting:
        return None
    data = {"version": seen_token(review), **{name: refused[name].data for name in _TYPED}}
    form = ReturnForm(formdata=None, data=data)
    _offer_lines(form, review)
    return form


_TYPED: Final = ("lines", "reason", "answer_by")


def _offer_lines(form: ReturnForm, review: Review) -> None:
    form.lines.choices = [
        SelectChoice(row.listed.id, f"{report.promise.number} · {row.listed.rule.name}")
        for report in review.judged
        for row in report.rows
    ]


def looked_at(form: VerdictForm, review: Review) -> Looked:
    """The pledges whose own tick is set, and the judgements made."""
    ticked = {
        report.promise.id
        for report in review.judged
        if tick_name(report) in form and form[tick_name(report)].data
    }
    judged = {
        row.listed.id: form[judgement_name(row)].data or ""
        for report in review.judged
        for row in report.rows
        if judgement_name(row) in form
    }
    return Looked(ticked, judged)


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
