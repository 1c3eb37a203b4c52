"""Who asks: the actor of this request, made once from the session's user or the bearer token's."""

from flask import g

from app.adapters.clock import now
from app.extensions import db
from app.services.actors import Actor, actor_of
from app.views.base.local import zone


def current_actor() -> Actor | None:
    """The actor behind this request, or None for somebody unknown. Kept for the request: one page asks many times."""
    user = g.get("user")
    if user is None or not user.is_authenticated or not user.is_active:
        return None
    kept: tuple[int, Actor] | None = g.get("linli_actor")
    if kept is None or kept[0] != user.id:
        kept = (user.id, actor_of(db.session(), user, now(), zone()))
        g.linli_actor = kept
    return kept[1]
