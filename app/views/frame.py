"""What the frame around a page depends on: under this key a whole page is kept (`base.kept_pieces`)."""

from collections.abc import Hashable

from flask import current_app, request, session
from flask_babel import get_locale

from app.views.base.actor import current_actor
from app.views.base.local import now_local
from app.views.navigation import folded_groups
from app.views.preferences import current_theme

RAIL_COOKIE = "linli_rail"


def frame_key() -> tuple[Hashable, ...] | None:
    """Who asks with all that limits them, where, in which language, on which day, with which look of their own. None for a
    stranger, and where the frame says something once."""
    actor = current_actor()
    if actor is None or session.get("_flashes"):
        return None
    grants = current_app.extensions["appbuilder"].sm.request_grants()
    carrier = current_app.extensions["settings"].carrier
    place = (request.script_root, request.path, carrier)
    looks = (str(get_locale()), now_local().date(), current_theme(), folded_groups(), is_rail(), session.get("tour"))
    return (actor, grants, place, looks)


def is_rail() -> bool:
    """Whether the side navigation is folded to its icons on this device."""
    return request.cookies.get(RAIL_COOKIE) == "1"
