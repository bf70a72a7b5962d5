"""What a comment in a report's permanent thread sends: its words, and what they are about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired

from tracker.services.sheets import SheetReport
from tracker.web.forms import BaseForm, text_area

LONGEST_COMMENT: Final = 1_000


class CommentForm(BaseForm):
    """``about``: a report (``r12``) or one of its lines (``i34``)."""

    about = SelectField(_l("关于"), validators=[InputRequired(_l("请选择关于哪一件"))])
    text = text_area(_l("留言"), longest=LONGEST_COMMENT)


def offer_subjects(form: CommentForm, reports: Iterable[SheetReport]) -> None:
    """Every report on file as a whole, and each of its lines."""
    choices = []
    for report in reports:
        if report.filing is not None:
            number = report.promise.number
            choices.append(SelectChoice(f"r{report.filing.report_id}", f"{number} · {report.promise.title}"))
            choices += [
                SelectChoice(
                    f"i{row.listed.id}",
                    f"{number} · {row.listed.rule.name}",
                    {"data-code": row.listed.rule.code},
                )
                for row in report.rows
            ]
    form.about.choices = choices


def subject_of(
    form: CommentForm, reports: Iterable[SheetReport]
) -> tuple[SheetReport, tuple[int, ...]] | None:
    """The report a comment is about, and the lines it is pinned to."""
    about = form.about.data or ""
    for report in reports:
        if report.filing is not None and about == f"r{report.filing.report_id}":
            return report, ()
        for row in report.rows:
            if about == f"i{row.listed.id}":
                return report, (row.listed.id,)
    return None
