"""Plain pages under the same permissions and the same matrix as the tables (G1)."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort
from flask_appbuilder import BaseView

from app.services.actors import Actor
from app.views.base.actor import current_actor

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def open_to_all(reason: str) -> Callable[[Endpoint], Endpoint]:
    """Mark an exposed method that needs no login on purpose; a test refuses unmarked ones. `reason` says why it may be open."""

    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint._linli_open = reason  # type: ignore[attr-defined]
        return endpoint

    return mark


class BasePage(BaseView):
    """A page that is not a table. Every exposed method carries `@has_access` (with a line in the matrix) or `@open_to_all`.

    ```python
    class Workbench(BasePage):
        route_base = ""
        default_view = "index"

        @expose("/")
        @has_access
        @permission_name("view")
        def index(self): return self.render_template("workbench.html", tickets=...)
    ```
    The permission is then `can_view` on `Workbench`, granted in `app/views/matrix.py`.
    """

    def __init__(self) -> None:
        super().__init__()
        for name in dir(type(self)):
            method = getattr(type(self), name)
            if hasattr(method, "_urls") and not _guarded(method) and not hasattr(method, "_linli_open"):
                raise TypeError(f"{type(self).__name__}.{name} is exposed without @has_access or @open_to_all")

    def actor(self) -> Actor:
        """The actor of the request; 401 where nobody is logged in. A method: FAB reads every property while starting."""
        actor = current_actor()
        if actor is None:
            abort(401)
        return actor


def _guarded(method: Any) -> bool:
    """Whether FAB's decorator wraps the method: `@permission_name` alone sets the name and guards nothing."""
    return hasattr(method, "_permission_name") and hasattr(method, "__wrapped__")
