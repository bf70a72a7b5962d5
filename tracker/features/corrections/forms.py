"""What the pages of corrections and revocations send: ticked reports in the versions shown, and a reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length
from wtforms.widgets import DateInput

from tracker.domain.editing import deadline_on
from tracker.features.corrections.queries import counting_of
from tracker.services.sheets import Filing, SheetReport
from tracker.web.forms import BaseForm, stripped

LONGEST_REASON: Final = 1_000
LONGEST_VERSION: Final = 4_000
LONGEST_NUMBER: Final = 18


class DropForm(BaseForm):
    """The corrections shown, to be given up together."""

    version = HiddenField(validators=[InputRequired(_l("请刷新页面后再办理")), Length(max=LONGEST_VERSION)])


class ChoiceForm(DropForm):
    """Which reports, and why."""

    reports = SelectMultipleField(_l("哪几件？"), coerce=int, validate_choice=False)
    reason = TextAreaField(
        _l("原因"),
        filters=[stripped],
        render_kw={"rows": 3},
        validators=[
            InputRequired(_l("请写明原因")),
            Length(max=LONGEST_REASON, message=_l("请不要超过 %(max)d 个字")),
        ],
    )

    def versions(self) -> dict[int, int]:
        """The ticked revisions with the versions that were shown."""
        shown = read_versions(self.version.data or "")
        return {key: shown[key] for key in self.reports.data or [] if key in shown}


class RevokeForm(ChoiceForm):
    """And until when they are to be redone."""

    answer_by = StringField(_l("请在此日 18:00 前重报"), filters=[stripped], widget=DateInput())

    @property
    def deadline(self) -> datetime | None:
        """The chosen day's 18:00 in Shanghai; None when it is no day."""
        try:
            return deadline_on(date.fromisoformat(self.answer_by.data or ""))
        except ValueError:
            return None


def choose_from(form: ChoiceForm, reports: Iterable[SheetReport]) -> None:
    """Offer these reports as ticks."""
    form.reports.choices = [
        SelectChoice(filing.revision_id, f"{report.promise.number} · {report.promise.title}")
        for report in reports
        if (filing := counting_of(report))
    ]


def shown_data(reports: Iterable[SheetReport], **more: Any) -> dict[str, Any]:
    """What a fresh form holds: the versions of what counts."""
    return {"version": token_of(filing for report in reports if (filing := counting_of(report))), **more}


def token_of(filings: Iterable[Filing]) -> str:
    """``12.3 13.5``: revisions with their versions."""
    return " ".join(f"{filing.revision_id}.{filing.version_id}" for filing in filings)


def read_versions(token: str) -> dict[int, int]:
    """The token read back; what is none is left out."""
    pairs = [part.partition(".") for part in token.split()]
    return {int(key): int(version) for key, _, version in pairs if _is_number(key) and _is_number(version)}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
