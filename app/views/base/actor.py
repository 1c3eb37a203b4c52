"""Who asks: the actor of this request, made once from the session's user or the bearer token's."""

from typing import Any

from flask import g
from werkzeug.local import LocalProxy

from app.adapters.clock import now
from app.extensions import db
from app.services.actors import Actor, actor_of
from app.services.askers import Asker
from app.views.base.local import zone


def asking_user() -> Any | None:
    """The active user behind this request. The proxy that FAB puts there is asked once, not at every attribute."""
    user = g.__dict__.get("user")
    if isinstance(user, LocalProxy):
        user = user._get_current_object()
    return user if user is not None and user.is_authenticated and user.is_active else None


def current_actor() -> Actor | None:
    """The actor behind this request, or None for somebody unknown. Kept for the request: one page asks many times."""
    user = asking_user()
    if user is None:
        return None
    if isinstance(user, Asker):
        return user.actor
    # Somebody who has just logged in, within this very request.
    kept: tuple[int, Actor] | None = g.__dict__.get("linli_actor")
    if kept is None or kept[0] != user.id:
        kept = (user.id, actor_of(db.session(), user, now(), zone()))
        g.linli_actor = kept
    return kept[1]
