"""Whether the person asking holds a permission: one set of grants a request, whatever a page asks."""

from flask import current_app


def may(permission: str, view: str) -> bool:
    """`may("can_list", "TicketView")` for the actor of this request."""
    return bool(current_app.extensions["appbuilder"].sm.has_access(permission, view))
