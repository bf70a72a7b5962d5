"""Languages: Chinese is the source and the default, English the second; and messages from below put into words."""

from __future__ import annotations

from typing import Any, Final

import flask_babel
from flask import Flask, g, has_app_context, request, session, url_for
from flask_babel import Babel, Domain, get_locale

from tracker.domain.messages import Message

CHINESE: Final = "zh_Hans_CN"
LANGUAGES: Final = {CHINESE: "中文", "en": "English"}
CODES: Final = {CHINESE: "zh-CN", "en": "en"}
_ACCEPTED: Final = {"zh": CHINESE, "zh-CN": CHINESE, "zh-Hans": CHINESE, "zh-Hans-CN": CHINESE, "en": "en"}


class Catalogues(Domain):
    """Our catalogues; a request looks for its own once, for the several hundred sentences of a page."""

    def get_translations(self) -> Any:
        """The catalogue of this request's language."""
        if not has_app_context():
            return super().get_translations()
        found = g.get("catalogue")
        if found is None:
            found = g.catalogue = super().get_translations()
        return found

    def ugettext(self, text: str) -> str:
        """A sentence as templates ask for it."""
        return str(self.get_translations().ugettext(text))

    def ungettext(self, one: str, many: str, number: int) -> str:
        """The same for one or many."""
        return str(self.get_translations().ungettext(one, many, number))


def init_i18n(app: Flask) -> None:
    """Set up Babel and what templates read of it."""
    babel, catalogues = Babel(app, locale_selector=select_language), Catalogues()
    babel.domain_instance = catalogues
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # by jinja2.ext.i18n
        gettext=catalogues.ugettext, ngettext=catalogues.ungettext, newstyle=True
    )
    app.before_request(_keep_chosen_language)
    app.context_processor(_language_context)
    app.jinja_env.filters["translated"] = translate


def select_language() -> str:
    """The language chosen here or kept with the account, else the first accepted one that we have."""
    chosen: str | None = session.get("language")
    if chosen in LANGUAGES:
        return chosen
    accepted = request.accept_languages.best_match(list(_ACCEPTED))
    return _ACCEPTED.get(accepted or "", CHINESE)


def gettext(text: str, /, **values: object) -> str:
    """A sentence of ours, a literal, in the language of this request; ``%(name)s`` are filled in."""
    return str(flask_babel.gettext(text, **values))


def translate(message: Message) -> str:
    """A message from below in the language of this request; messages within it too."""
    values = {
        name: translate(value) if isinstance(value, Message) else value
        for name, value in message.values.items()
    }
    return gettext(message.text).format(**values)


def _keep_chosen_language() -> None:
    """``?lang=en`` chooses for as long as the browser's cookie lives."""
    chosen = request.args.get("lang")
    if chosen in LANGUAGES:
        session["language"] = chosen


def _language_context() -> dict[str, object]:
    current = str(get_locale() or CHINESE)
    other = "en" if current != "en" else CHINESE
    return {"language_code": CODES.get(current, "zh-CN"), "language_link": _language_link(other)}


def _language_link(other: str) -> dict[str, str] | None:
    if request.endpoint is None or request.method != "GET":
        return None
    kept = {
        name: value for name, value in request.args.items() if name != "lang" and not name.startswith("_")
    }
    arguments = {**kept, **(request.view_args or {}), "lang": other}
    return {"url": url_for(request.endpoint, **arguments), "label": LANGUAGES[other], "code": CODES[other]}
