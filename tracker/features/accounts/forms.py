"""What the pages of accounts send."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired, Length, NumberRange

from tracker.web.forms import BaseForm, password_field, stripped, text_line

LONGEST_LOGIN = 60
LONGEST_PATH = 300
LARGEST_KEY = 2**63 - 1


class SignInForm(BaseForm):
    """Login and password; ``next`` is where the person was heading."""

    login = text_line(_l("账号"), longest=LONGEST_LOGIN)
    password = password_field(_l("密码"))
    next = HiddenField(filters=[stripped], validators=[Length(max=LONGEST_PATH)])


class SignOutForm(BaseForm):
    """Nothing but its tokens."""


class SwitchForm(BaseForm):
    """The appointment to act under from now on."""

    appointment = IntegerField(validators=[InputRequired(), NumberRange(min=1, max=LARGEST_KEY)])


class PasswordForm(BaseForm):
    """The old password and the new one."""

    current = password_field(_l("现在的密码"))
    replacement = password_field(_l("新密码"))


class LinkForm(BaseForm):
    """The password somebody sets by a one-time link."""

    replacement = password_field(_l("新密码"))
