"""What the pages of people send: shapes only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import Form, HiddenField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import DateInput

from tracker.domain.identity import Role
from tracker.web.forms import BaseForm, is_day, stripped, text_line
from tracker.web.navigation import ROLE_NAMES, role_name
from tracker.web.people_words import DUTIES

LONGEST_FILTER: Final = 60
LONGEST_ADDRESS: Final = 254
LARGEST_KEY: Final = 2**63 - 1


def _day(label: Any) -> StringField:
    return StringField(label, filters=[stripped], validators=[is_day], widget=DateInput())


def _short(label: Any) -> StringField:
    bounds = Length(max=LONGEST_FILTER, message=_l("请不要超过 %(max)d 个字"))
    return StringField(label, filters=[stripped], validators=[bounds])


class FilterForm(Form):
    """Whom the list is asked for; sent by GET."""

    q = _short(_l("姓名或登录名"))
    unit = _short(_l("单位及以下（名称或代码）"))
    role = SelectField(
        _l("角色"),
        default="",
        choices=[
            SelectChoice("", _l("全部")),
            *(SelectChoice(role, word) for role, word in ROLE_NAMES.items()),
        ],
    )
    state = SelectField(
        _l("状态"),
        default="",
        choices=[
            SelectChoice("", _l("全部")),
            SelectChoice("active", _l("在用")),
            SelectChoice("new", _l("未启用")),
            SelectChoice("closed", _l("已停用")),
            SelectChoice("ended", _l("没有任职")),
        ],
    )


class SearchForm(Form):
    """Which unit is looked for; sent by GET."""

    q = _short(_l("单位名称或代码"))


class ButtonForm(BaseForm):
    """One button."""


class WishForm(BaseForm):
    """The appointment; its unit stands in the address."""

    role = SelectField(
        _l("角色"),
        choices=[
            SelectChoice("", _l("请选择")),
            *(SelectChoice(role, word) for role, word in ROLE_NAMES.items()),
        ],
        validators=[InputRequired(_l("请选择角色"))],
    )
    department = SelectField(_l("限定部门（只对审核人）"), default="", validators=[Optional()])
    duty = SelectField(
        _l("管理分工（只对管理员）"),
        default="",
        choices=[
            SelectChoice("", _l("不分工")),
            *(SelectChoice(duty, word) for duty, word in DUTIES.items()),
        ],
        validators=[Optional()],
    )
    since = _day(_l("从哪一天起"))
    until = _day(_l("最后一天"))
    stands_in_for = SelectField(_l("代理谁"), default="", validators=[Optional()])

    def offer(self, departments: Iterable[str], holders: Iterable[tuple[str, str, str]]) -> None:
        """The departments a reviewer of the unit can be bound to, and whose place can be taken."""
        every = SelectChoice("", _l("不限，办理全部实事"))
        self.department.choices = [every, *(SelectChoice(name, name) for name in departments)]
        offices: dict[str, list[str]] = {}
        for login, name, role in holders:
            offices.setdefault(login, [name]).append(role_name(Role(role)))
        self.stands_in_for.choices = [
            SelectChoice("", _l("不是代理")),
            *(SelectChoice(login, f"{' · '.join(words)}（{login}）") for login, words in offices.items()),
        ]


class AppointForm(WishForm):
    """For somebody who is there; ``leaves`` is the appointment that ends with it."""

    leaves = IntegerField(_l("同时结束的任职"), validators=[Optional(), NumberRange(min=1, max=LARGEST_KEY)])


class NewForm(WishForm):
    """Somebody new, with a first appointment."""

    name = text_line(_l("姓名"), longest=60)
    login = text_line(_l("登录名"), longest=60)
    email = text_line(_l("邮箱"), longest=LONGEST_ADDRESS, is_required=False)


class AddressForm(BaseForm):
    """The person's own address."""

    email = text_line(_l("新邮箱"), longest=LONGEST_ADDRESS)


class UploadForm(BaseForm):
    """A file of accounts."""

    file = FileField(_l("文件"), validators=[FileRequired(_l("请选择文件"))])


class ConfirmForm(BaseForm):
    """What was looked at."""

    version = HiddenField(validators=[InputRequired(), Length(max=64)])
