"""`python run.py [web|scheduler|worker]`: the processes of the product; without a word all of them in one (I1)."""

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.adapters.demo_password import kept_demo_password
from app.errors import SettingsError
from app.services.demo_logins import DEMO_LOGINS, demo_day, put_demo_password
from app.services.schema import is_current
from app.services.transaction import prepare_engine
from config import Settings, load_settings

PARTS = ("web", "scheduler", "worker")
USAGE = "usage: python run.py [web | scheduler | worker]   (without a word: all of them in one process)"
EMBEDDED_THREADS = 16
WEB_THREADS = 8
WEB_WORKERS_PER_CORE = 2
GRACE_SECONDS = 10
HOST = "127.0.0.1"


def main(words: list[str]) -> int:
    """Run the part named in `words` (none: everything). Returns the exit code: 2 for nonsense, with one line."""
    if len(words) > 1 or (words and words[0] not in PARTS):
        return _refuse(USAGE)
    part = words[0] if words else "all"
    try:
        settings = load_settings()
        password = check_database(settings)
        if part in ("web", "all"):
            check_port(settings.port)
    except SettingsError as error:
        return _refuse(str(error))
    if part == "scheduler":
        return _run_scheduler(settings)
    if part == "worker":
        return _run_worker(settings)
    _read_code()
    Server(settings, embedded=part == "all", greeting=greeting(settings, password)).run()
    return 0


def _read_code() -> None:
    """Modules are read once, before the workers are forked; what is built from them is each worker's own."""
    for name in ("app.views.register", "app.hotline.register", "app.jobs.scheduler", "app.jobs.watchdog"):
        import_module(name)


def _refuse(line: str) -> int:
    sys.stderr.write(line.splitlines()[0] + "\n")
    return 2


def check_database(settings: Settings) -> str | None:
    """Whether the database may be served: SettingsError if not. Puts the password on the demo logins and returns it;
    None when this is no demo."""
    try:
        with _engine(settings) as engine:
            with engine.connect() as connection:
                current = is_current(connection)
            if not current:
                raise SettingsError(
                    "The database is not migrated: run `flask --app run prepare` (or `db upgrade`) first"
                )
            return _demo_password(engine, settings)
    except (SQLAlchemyError, ValueError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise SettingsError(f"DATABASE_URL: the database does not answer: {reason}") from error


@contextmanager
def _engine(settings: Settings) -> Iterator[Engine]:
    engine = create_engine(settings.database_url)
    prepare_engine(engine)
    try:
        yield engine
    finally:
        # Nothing of it may live on in the processes that are forked from here.
        engine.dispose()


def _demo_password(engine: Engine, settings: Settings) -> str | None:
    with Session(engine) as session, session.begin():
        if demo_day(session) is None:
            return None
        password = settings.demo_password or kept_demo_password(settings.data_dir)
        put_demo_password(session, password)
        return password


def check_port(port: int) -> None:
    """SettingsError when somebody listens on the port already."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise SettingsError(f"PORT {port} cannot be used: {error.strerror}") from error


def greeting(settings: Settings, password: str | None) -> str:
    """What is printed when the server answers: addresses, and the demo logins where there are any."""
    base = settings.public_base_url
    lines = [
        "",
        f"  Linli 邻里 serves on http://{HOST}:{settings.port}" + ("" if HOST in base else f"   ({base})"),
        f"    portal      {base}/",
        f"    telephone   {base}/phone" if settings.carrier == "simulator" else "",
        f"    hotline     {settings.hotline_number} → POST {base}/hotline/voice",
    ]
    if password is not None:
        lines += ["  demo logins", *(f"    {name:<12}{password}" for name in DEMO_LOGINS)]
    return "\n".join(line for line in lines if line) + "\n\n"


class Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn without its command line. Embedded: one process with threads and the scheduler in it, because the
    simulator calls its own server; else several. Always threaded workers: a sync one waits for whoever connects first
    and says nothing, and browsers connect ahead of their next page."""

    def __init__(self, settings: Settings, *, embedded: bool, greeting: str) -> None:
        self.settings, self.embedded, self.greeting = settings, embedded, greeting
        self.stop_scheduler: Callable[[], None] | None = None
        super().__init__()

    def load_config(self) -> None:
        """Gunicorn's settings; `WEB_CONCURRENCY` is its own way to set the number of workers."""
        values: dict[str, Any] = {
            "bind": f"{HOST}:{self.settings.port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": EMBEDDED_THREADS if self.embedded else WEB_THREADS,
            "timeout": 120,
            "graceful_timeout": GRACE_SECONDS,
            "loglevel": "warning",
            "proc_name": "linli",
            "when_ready": self.say_hello,
            "post_worker_init": self.worker_ready,
            "worker_exit": self.worker_leaves,
        }
        if not self.embedded:
            cores = os.cpu_count() or 1
            values["workers"] = int(os.environ.get("WEB_CONCURRENCY") or WEB_WORKERS_PER_CORE * cores)
        for key, value in values.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        """The application, built in the worker: nothing of it crosses the fork."""
        from app import create_app

        return create_app(self.settings)

    def say_hello(self, server: Any) -> None:
        """The port is open."""
        sys.stdout.write(self.greeting)
        sys.stdout.flush()

    def worker_ready(self, worker: Any) -> None:
        """Every worker watches scheduler and database; the embedded server's only one runs the schedule too."""
        from app.jobs.watchdog import start_watchdog

        start_watchdog(worker.wsgi)
        if self.embedded:
            from app.jobs.scheduler import start_scheduler

            self.stop_scheduler = start_scheduler(worker.wsgi)

    def worker_leaves(self, server: Any, worker: Any) -> None:
        """Let running jobs end."""
        if self.stop_scheduler is not None:
            self.stop_scheduler()


def _run_scheduler(settings: Settings) -> int:
    from app import create_app
    from app.jobs.scheduler import run_scheduler

    run_scheduler(create_app(settings))
    return 0


def _run_worker(settings: Settings) -> int:
    from app import create_app
    from app.jobs.scheduler import run_worker

    run_worker(create_app(settings))
    return 0
