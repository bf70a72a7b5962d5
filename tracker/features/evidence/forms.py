"""The shape of an upload and of taking a file out."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileRequired, MultipleFileField
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from tracker.domain.attachments import LONGEST_REASON
from tracker.web.forms import BaseForm, text_line


class UploadForm(BaseForm):
    """One or several files for one line, or for the whole report (an empty ``line``)."""

    files = MultipleFileField(_l("选择文件"), validators=[FileRequired(_l("请先选择文件"))])
    line = SelectField(_l("用于哪一项"))


class RemovalForm(BaseForm):
    """Why a file is taken out."""

    reason = text_line(_l("作废原因"), longest=LONGEST_REASON)


def upload_form(choices: Sequence[tuple[str, str]], *, is_posted: bool, line: str = "") -> UploadForm:
    """The form for these lines (code, name); ``line`` is chosen beforehand."""
    form = UploadForm() if is_posted else UploadForm(formdata=None, data={"line": line})
    form.line.choices = [SelectChoice(code, name) for code, name in choices]
    return form
