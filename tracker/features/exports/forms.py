"""What the button below a table sends: shape only."""

from __future__ import annotations

from wtforms import HiddenField
from wtforms.validators import AnyOf, InputRequired, Length

from tracker.web.forms import BaseForm
from tracker.web.table_files import LONGEST_ADDRESS


class TableForm(BaseForm):
    """Which page (its address), which of its tables, as what."""

    page = HiddenField(validators=[InputRequired(), Length(max=LONGEST_ADDRESS)])
    table = HiddenField(validators=[InputRequired(), Length(max=40)])
    style = HiddenField(validators=[InputRequired(), AnyOf(["csv", "xlsx"])])
