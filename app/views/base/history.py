"""Going back without writing every address into the session cookie.

FAB keeps the last pages, search words included, in the session (a cookie anybody at the machine can read). Its own views
(language, log-in, users) do it too, so the two methods are replaced on the class they all share.
"""

from urllib.parse import urlsplit

from flask import request
from flask_appbuilder import BaseView


def _update_redirect(self: BaseView) -> None:
    """Remember nothing."""


def _get_redirect(self: BaseView) -> str:
    """The page the browser came from when it is one of ours, else the first page."""
    index = str(self.appbuilder.get_url_for_index)
    referrer = urlsplit(request.referrer or "")
    if not referrer.netloc or referrer.netloc != request.host or referrer.path == request.path:
        return index
    # `//elsewhere.example` is a path of ours to ask for and another site to be sent to.
    path = "/" + referrer.path.lstrip("/\\")
    return path + (f"?{referrer.query}" if referrer.query else "")


def forget_page_history() -> None:
    """Install both on FAB's BaseView."""
    BaseView.update_redirect = _update_redirect
    BaseView.get_redirect = _get_redirect
