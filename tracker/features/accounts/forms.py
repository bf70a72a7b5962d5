"""What the pages of accounts send."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, PasswordField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, ValidationError

from tracker.web.forms import BaseForm, password_field, stripped, text_line
from tracker.web.i18n import CODES, LANGUAGES
from tracker.web.i18n import gettext as _

LONGEST_LOGIN = 60
LONGEST_PATH = 300
LONGEST_CODE = 40
LONGEST_LOCKED = 300
LARGEST_KEY = 2**63 - 1


def next_field() -> HiddenField:
    """Where the person was heading."""
    return HiddenField(filters=[stripped], validators=[Length(max=LONGEST_PATH)])


class SignInForm(BaseForm):
    """Login and password; ``next`` is where the person was heading."""

    login = text_line(_l("账号"), longest=LONGEST_LOGIN)
    password = password_field(_l("密码"))
    next = next_field()


class SignOutForm(BaseForm):
    """Nothing but its tokens."""


class SwitchForm(BaseForm):
    """The appointment to act under from now on."""

    appointment = IntegerField(validators=[InputRequired(), NumberRange(min=1, max=LARGEST_KEY)])


class PasswordForm(BaseForm):
    """The old password, and the new one twice, because nobody sees what they type."""

    current = password_field(_l("现在的密码"))
    replacement = password_field(_l("新密码"))
    repeated = password_field(_l("再输一次新密码"))
    next = next_field()

    def validate_repeated(self, repeated: PasswordField) -> None:
        """Both must be the same."""
        if repeated.data != self.replacement.data:
            raise ValidationError(_("两次输入的新密码不一样"))


class CodeForm(BaseForm):
    """A one-time code, or a recovery code."""

    code = text_line(_l("动态口令"), longest=LONGEST_CODE)
    next = next_field()


class EnrolmentForm(BaseForm):
    """The first code of a new second factor; ``locked`` is its secret, encrypted for this account."""

    code = text_line(_l("手机上显示的 6 位数字"), longest=LONGEST_CODE)
    locked = HiddenField(validators=[InputRequired(), Length(max=LONGEST_LOCKED)])
    next = next_field()


class OwnEnrolmentForm(EnrolmentForm):
    """The same from one's own account, where the password is asked once more."""

    current = password_field(_l("现在的密码"))


class ConfirmForm(BaseForm):
    """Password and code, for what changes how one signs in."""

    current = password_field(_l("现在的密码"))
    code = text_line(_l("动态口令或备用码"), longest=LONGEST_CODE)


class LanguageForm(BaseForm):
    """The language kept with the account."""

    language = SelectField(
        _l("语言"),
        choices=[SelectChoice(code, label, {"lang": CODES[code]}) for code, label in LANGUAGES.items()],
    )


class GuideForm(BaseForm):
    """Whether what a role can do stands open on the desk."""

    state = HiddenField(validators=[InputRequired(), AnyOf(("open", "folded"))])


class LinkForm(BaseForm):
    """The password somebody sets by a one-time link."""

    replacement = password_field(_l("新密码"))
