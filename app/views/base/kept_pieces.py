"""Pieces of a page, and whole pages around their rows, that are the same whenever the same is asked for by the same.

What differs from answer to answer, a form's token, the nonce and the rows of a list, is left open in a kept page as a slot and
put in when it is sent.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Hashable, Mapping

from flask import Flask, current_app, g, session
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from app.services.kept import Kept
from app.views.base.headers import csp_nonce
from app.views.base.local import now_local

_pieces: Kept[Markup] = Kept(400)
_tokens: Kept[str] = Kept(1000)
_pages: Kept[list[str]] = Kept(200)
_MARK = secrets.token_hex(12)
"""Drawn anew by every process: nobody can write a slot into a page."""
_SLOT = re.compile(f"{_MARK}:([a-z]+);")
_KEEPING = "linli_keeping"


def piece(key: tuple[Hashable, ...] | None, make: Callable[[], Markup]) -> Markup:
    """The piece under this key, in the language and on the day of the request; None is never kept. Nothing of a person, no
    row and no token may be in it."""
    return _pieces.get(key and (*key, str(get_locale()), now_local().date()), make)


def kept_page(key: Hashable, make: Callable[[], str], slots: Mapping[str, str]) -> str:
    """The page under this key with its slots filled. The key holds whatever the page depends on: who asks with all they may do
    (`views.frame`), and what was asked for."""
    parts = list(_pages.get(key, lambda: _with_slots(make)))
    given = {"csrf": form_token(), "nonce": csp_nonce(), **slots}
    # Text and names of slots by turns.
    parts[1::2] = [given[name] for name in parts[1::2]]
    return "".join(parts)


def slot(name: str) -> Markup:
    """Where something of one answer goes into a kept page."""
    return Markup(f"{_MARK}:{name};")


def _with_slots(make: Callable[[], str]) -> list[str]:
    g.__dict__[_KEEPING] = True
    try:
        return _SLOT.split(make())
    finally:
        g.__dict__[_KEEPING] = False


def form_token() -> str:
    """The form's token. It holds as long as its session: signed once, not for every page."""
    if g.__dict__.get(_KEEPING):
        return slot("csrf")
    raw = session.get("csrf_token")
    return _tokens.get(raw and (current_app.secret_key, raw), generate_csrf)


def _nonce() -> str:
    return slot("nonce") if g.__dict__.get(_KEEPING) else csp_nonce()


def install_kept_pieces(app: Flask) -> None:
    """`piece`, and tokens that leave a slot where the page is kept, for every template. After the CSRF extension."""
    app.jinja_env.globals.update(piece=piece, csrf_token=form_token, csp_nonce=_nonce)
    # Flask-WTF gives its own to every rendering, which would win over the global one.
    app.context_processor(lambda: {"csrf_token": form_token})
