"""What a reminder sends: which units, and which page to come back to."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import FieldList, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from tracker.web.forms import BaseForm

MOST_UNITS = 200
LONGEST_PATH = 400


class RemindForm(BaseForm):
    """The units by code, as ``units-0``, ``units-1`` …"""

    units = FieldList(
        StringField(validators=[InputRequired(_l("请选择单位")), Length(max=20)]),
        min_entries=1,
        max_entries=MOST_UNITS,
    )
    back = HiddenField(validators=[Length(max=LONGEST_PATH)])


class ReadForm(BaseForm):
    """One button."""
