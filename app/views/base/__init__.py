"""The project's own base classes over FAB's. Bare `ModelView` and `ModelRestApi` are forbidden elsewhere (a lint says so)."""

from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name

from app.views.base.actor import current_actor
from app.views.base.headers import csp_nonce
from app.views.base.local import day_text, local, local_text, zone
from app.views.base.page import BasePage, open_to_all
from app.views.base.rows import RowInterface
from app.views.base.safety import sentence

__all__ = [
    "BasePage",
    "RowInterface",
    "csp_nonce",
    "current_actor",
    "day_text",
    "expose",
    "has_access",
    "local",
    "local_text",
    "open_to_all",
    "permission_name",
    "sentence",
    "zone",
]
