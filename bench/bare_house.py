"""The yardstick under the same load: the bare webhook and, at /list, the bare page of the same rows."""

import os

from sqlalchemy import create_engine, text
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from bench.bare_list import create_app as bare_list
from bench.bare_webhook import create_app as bare_webhook


def create_app() -> DispatcherMiddleware:
    """Same server, same database, from the same environment."""
    engine = create_engine(os.environ["DATABASE_URL"])
    with engine.connect() as connection:
        community = connection.scalar(text("SELECT min(id) FROM community"))
    return DispatcherMiddleware(bare_webhook().wsgi_app, {"/list": bare_list(engine, community, 25).wsgi_app})
