"""The product's web part with the bare webhook mounted at /bare in the same workers: what is asked of both waits in one queue,
behind the same pages and calls."""

import os
from typing import Any

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app.cli.processes import Server
from bench.bare_webhook import create_app
from config import load_settings

MOUNT = "/bare"


class Beside(Server):
    """`run.py web`, and the yardstick."""

    def load(self) -> Any:
        app = super().load()
        # Not around `app`: the worker's watchdog asks for the application itself.
        app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {MOUNT: create_app().wsgi_app})  # type: ignore[method-assign]
        return app


if __name__ == "__main__":
    Beside(load_settings(dict(os.environ)), embedded=False, greeting="").run()
