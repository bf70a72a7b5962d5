"""The last thing done can be taken back for some seconds: offered in the browser's cookie, shown once per page."""

from __future__ import annotations

import time
from typing import Any, Final

from flask import session
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from tracker.web.forms import BaseForm
from tracker.web.i18n import gettext as _

LONGEST_TOKEN: Final = 1_500
"""A cookie holds 4 kB altogether; what was done to more than fits cannot be undone by one button."""

_KEPT: Final = "undo"


class UndoForm(BaseForm):
    """What is to be taken back, as the page that did it wrote it down."""

    version = HiddenField(validators=[InputRequired(_l("已经不能撤销")), Length(max=LONGEST_TOKEN)])


def offer_undo(action: str, token: str, *, seconds: int) -> None:
    """From the next page on, for so many seconds, offer a button that posts ``token`` to ``action``."""
    if len(token) <= LONGEST_TOKEN:
        session[_KEPT] = [action, token, int(time.time()) + seconds]


def withdraw_offer() -> None:
    """Offer nothing any more: it was used, or something else was done."""
    session.pop(_KEPT, None)


def offered_undo() -> dict[str, Any] | None:
    """The button for ``layout/shell.html``; None when there is nothing to take back or the time is over."""
    kept = session.get(_KEPT)
    if kept is None:
        return None
    action, token, until = kept
    left = until - int(time.time())
    if left <= 0:
        withdraw_offer()
        return None
    return {
        "action": action,
        "message": _("刚才的办理在 %(seconds)s 秒内可以撤销。", seconds=left),
        "label": _("撤销"),
        "seconds": left,
        "form": UndoForm(formdata=None, data={"version": token}),
    }
