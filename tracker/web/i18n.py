"""Languages: Chinese is the source and the default, English the second; and messages from below put into words."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import flask_babel
from flask import Flask, g, has_app_context, request, session
from flask_babel import Babel, Domain, get_locale
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from tracker.domain.figures import Amount
from tracker.domain.messages import Message
from tracker.web.word_forms import fit

CHINESE: Final = "zh_Hans_CN"
MEANING: Final = "‖"
"""Behind it a sentence says which of its meanings is asked for (``通过‖经过``); people never see it."""

LANGUAGES: Final = {CHINESE: "中文", "en": "English"}
CODES: Final = {CHINESE: "zh-CN", "en": "en"}
_ACCEPTED: Final = {"zh": CHINESE, "zh-CN": CHINESE, "zh-Hans": CHINESE, "zh-Hans-CN": CHINESE, "en": "en"}


class _Words(Domain):
    """Sentences of the catalogue with their word forms chosen; whoever asks flask_babel asks here."""

    def get_translations(self) -> Any:
        """The catalogue of this request's language, looked for once for the several hundred sentences of a page."""
        if not has_app_context():
            return super().get_translations()
        found = g.get("catalogue")
        if found is None:
            found = g.catalogue = super().get_translations()
        return found

    def gettext(self, string: str, **variables: object) -> str:
        chosen = fit(super().gettext(string).partition(MEANING)[0], variables)
        return chosen % variables if variables else chosen


class _Languages(Babel):
    domain_instance = _Words()


def init_i18n(app: Flask) -> None:
    """Set up Babel and what templates read of it."""
    _Languages(app, locale_selector=select_language)
    app.jinja_env.globals |= {"gettext": _template_gettext, "data_lang": data_lang}
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
    values = {name: _told(value) for name, value in message.values.items()}
    return fit(gettext(message.text), values).format(**values)


def amount_text(amount: Amount) -> str:
    """An amount as this language writes it: 152万人次, or 1,520,000 人次."""
    return str(amount) if is_chinese() else amount.plain


def is_chinese() -> bool:
    """Whether this request, or whatever runs outside of one, speaks Chinese."""
    return str(get_locale() or CHINESE) == CHINESE


def data_lang() -> Markup:
    """The attribute of an element that holds data alone, so that an English page is read aloud in the right language."""
    return Markup("") if is_chinese() else Markup(' lang="zh-CN"')


def _told(value: object) -> object:
    if isinstance(value, Message):
        return translate(value)
    return amount_text(value) if isinstance(value, Amount) else value


@pass_context
def _template_gettext(context: Context, text: str, /, **values: object) -> str:
    """``_()`` of templates: like ours, and what is filled in is escaped."""
    chosen = fit(flask_babel.gettext(text), values)
    return (Markup(chosen) if context.eval_ctx.autoescape else chosen) % values  # noqa: S704  a sentence of ours


def _keep_chosen_language() -> None:
    """``?lang=en`` chooses for as long as the browser's cookie lives."""
    chosen = request.args.get("lang")
    if chosen in LANGUAGES:
        session["language"] = chosen


def _language_context() -> dict[str, object]:
    current = str(get_locale() or CHINESE)
    other = "en" if current != "en" else CHINESE
    return {"language_code": CODES.get(current, "zh-CN"), "language_link": _language_link(other)}


def _language_link(other: str) -> dict[str, str]:
    """Where the same page is in the other language; after a form was sent, the page it stood on."""
    place = urlsplit(request.url if request.method == "GET" else request.referrer or "")
    kept = [(name, value) for name, value in parse_qsl(place.query) if name != "lang" and name[0] != "_"]
    path = place.path if place.netloc == request.host else "/"
    url = f"{quote(unquote(path))}?{urlencode([*kept, ('lang', other)])}"
    return {"url": url, "label": LANGUAGES[other], "code": CODES[other]}
