"""Which language an answer is in.

Pages: the session's choice (a login's own, put there when it logs in), else this device's cookie, else what the browser
asks for, else BABEL_DEFAULT_LOCALE. Programs under /api/ say it with Accept-Language; a telephone company is not asked.
"""

from functools import lru_cache
from typing import Any

from babel import Locale
from flask import Flask, current_app, g, has_request_context, request, session
from flask_appbuilder.babel.manager import BabelManager
from flask_babel import Domain, get_locale, get_translations
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

COOKIE = "linli_lang"
LANGUAGE_FORM = "/preferences/language"
"""Where the switch of every page sends the choice (`views.preferences`)."""


def select_locale() -> str | None:
    """The locale of this request, one of the LANGUAGES setting. Writes nothing: a reader needs no cookie."""
    if not has_request_context():
        return None
    languages = list(current_app.config["LANGUAGES"])
    default = str(current_app.config["BABEL_DEFAULT_LOCALE"])
    if request.path.startswith("/hotline/"):
        return default
    if not request.path.startswith("/api/"):
        for chosen in (request.args.get("_l_"), session.get("locale"), request.cookies.get(COOKIE)):
            if chosen in languages:
                return str(chosen)
    return _wished(languages) or default


@lru_cache(maxsize=8)
def _parsed(code: str) -> Locale:
    """Reading a locale's name looks into babel's folder of locales, at every request."""
    return Locale.parse(code)


def _locale() -> Locale | None:
    code = select_locale()
    return None if code is None else _parsed(code)


def _wished(languages: list[str]) -> str | None:
    """The first of the browser's languages, the dearest first, that is ours whatever its region: zh-TW reads zh."""
    for tag, _quality in request.accept_languages:
        language = tag.partition("-")[0].partition("_")[0].lower()
        if language in languages:
            return language
    return None


def install_language(app: Flask) -> None:
    """Replace FAB's selector, which knows the session only and writes to it on every first visit."""
    app.extensions["babel"].locale_selector = _locale
    Domain.get_translations = _quick_translations
    app.jinja_env.globals.update(_=_template_text, gettext=_template_text)


_read_translations = Domain.get_translations


def _quick_translations(domain: Domain) -> Any:
    """The catalogue of this request's locale, kept beside it: a list page asks two hundred times, and flask_babel writes the
    locale's name out each time to find it. A language that changes within the request is another locale."""
    locale = get_locale()
    if locale is None:
        return _read_translations(domain)
    here = g.__dict__
    kept = here.get("linli_catalogue")
    if kept is None or kept[0] is not locale or kept[1] is not domain:
        kept = here["linli_catalogue"] = (locale, domain, _read_translations(domain))
    return kept[2]


@pass_context
def _template_text(context: Context, message: str, **variables: Any) -> str:
    """`_("…")` of templates as Jinja's own, but a text without variables is put together once a catalogue."""
    catalogue = get_translations()
    if variables or not context.eval_ctx.autoescape:
        text = catalogue.ugettext(message)
        return str.__mod__(text, variables) if not context.eval_ctx.autoescape else Markup(text) % variables
    kept: dict[str, Markup] = catalogue.__dict__.setdefault("linli_texts", {})
    found = kept.get(message)
    if found is None:
        found = kept[message] = Markup(catalogue.ugettext(message)) % {}
    return found


def _no_page(_manager: BabelManager) -> None:
    """Ours is under the same address: `views.preferences`."""


def forget_language_page() -> None:
    """FAB's page knows the session only and answers a changed language with nothing kept."""
    BabelManager.register_views = _no_page
