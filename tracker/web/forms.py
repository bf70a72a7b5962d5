"""The base of every form: its idempotency key, no unknown fields, and bounded text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    Field,
    FieldList,
    FileField,
    Form,
    FormField,
    HiddenField,
    MultipleFileField,
    PasswordField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, Optional

from tracker.web.idempotency import FIELD, new_key

LONGEST_LINE = 200
LONGEST_TEXT = 4_000
IGNORED = frozenset({"csrf_token", FIELD})


class BaseForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form of ours; rows of a FieldList derive from ``wtforms.Form`` instead."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """How the request reaches the fields."""

        def wrap_formdata(self, form: Form, formdata: Any) -> Any:
            """Text for text fields, files for file fields, and nothing out of JSON."""
            submitted = super().wrap_formdata(form, formdata)
            if submitted is None or isinstance(formdata, MultiDict):
                return submitted
            wanted = {field.name for field in form if isinstance(field, (FileField, MultipleFileField))}
            files = [(name, file) for name, file in request.files.items(multi=True) if name in wanted]
            return MultiDict([*request.form.items(multi=True), *files])

    idempotency_key = HiddenField(default=new_key)

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """The fields' own checks, and an error for each field this form does not have."""
        is_valid = bool(super().validate(extra_validators=extra_validators))
        unknown = sorted({*request.form, *request.files} - set(_names(self)) - IGNORED)
        for name in unknown:
            self.form_errors.append(str(_l("这张表单没有“%(name)s”这一项", name=name[:60])))
        return is_valid and not unknown


def stripped(value: str | None) -> str | None:
    """Text without blanks around it."""
    return value.strip() if isinstance(value, str) else value


def text_line(label: Any, *, longest: int = LONGEST_LINE, is_required: bool = True) -> StringField:
    """A field of one line."""
    return StringField(label, filters=[stripped], validators=_bounds(longest, is_required=is_required))


def text_area(label: Any, *, longest: int = LONGEST_TEXT, is_required: bool = True) -> TextAreaField:
    """A field of several lines."""
    return TextAreaField(label, filters=[stripped], validators=_bounds(longest, is_required=is_required))


def password_field(label: Any, *, longest: int = LONGEST_LINE) -> PasswordField:
    """A password: taken as typed, blanks and all."""
    return PasswordField(label, validators=_bounds(longest, is_required=True))


def read_day(text: str | None) -> date | None:
    """A day written 2018-07-03; None for nothing. Raises ValueError."""
    return date.fromisoformat(text) if text else None


def is_day(_form: Form, field: Field) -> None:
    """Refuse what is no day."""
    try:
        read_day(field.data)
    except ValueError:
        raise ValidationError(str(_l("请选一个日期，例如 2018-07-09"))) from None


def _bounds(longest: int, *, is_required: bool) -> list[Any]:
    presence = InputRequired(_l("请填写这一项")) if is_required else Optional()
    return [presence, Length(max=longest, message=_l("请不要超过 %(max)d 个字"))]


def _names(form: Form) -> Iterator[str]:
    for field in form:
        yield from _names_of(field)


def _names_of(field: Field) -> Iterator[str]:
    if isinstance(field, FormField):
        yield from _names(field.form)
    elif isinstance(field, FieldList):
        for entry in field:
            yield from _names_of(entry)
    else:
        yield field.name
