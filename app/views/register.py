"""The one list of views: what is registered, under which menu, in which order."""

from typing import Any

from flask import Flask
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _

from app.views.base.arguments import install_arguments
from app.views.base.headers import install_headers
from app.views.base.history import forget_page_history
from app.views.base.language import install_language
from app.views.base.refusals import install_refusals

forget_page_history()


def register_views(app: Flask, appbuilder: AppBuilder) -> None:
    """Hang every page and resource on the application. Touches no table: `sync_permissions` writes the permissions."""
    install_arguments(app)
    install_headers(app)
    install_language(app)
    install_refusals(app)
