"""Which language an answer is in: the session's choice on pages, Accept-Language for machines, Chinese unless told otherwise."""

from flask import Flask, current_app, has_request_context, request, session


def select_locale() -> str | None:
    """The locale of this request, one of the LANGUAGES setting. Writes nothing into the session: a reader needs no cookie."""
    if not has_request_context():
        return None
    languages = list(current_app.config["LANGUAGES"])
    default = str(current_app.config["BABEL_DEFAULT_LOCALE"])
    if request.path.startswith("/api/"):
        return request.accept_languages.best_match(languages, default)
    asked = request.args.get("_l_", "")
    if asked in languages:
        return asked
    chosen = session.get("locale", "")
    return chosen if chosen in languages else default


def install_language(app: Flask) -> None:
    """Replace FAB's selector, which knows the session only and writes to it on every first visit."""
    app.extensions["babel"].locale_selector = select_locale
