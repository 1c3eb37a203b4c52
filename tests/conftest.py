"""Fixtures of every test. The suite runs on SQLite or PostgreSQL: `pytest --database sqlite|postgres`.

app, session, client, runner   the application on a database of its own: migrated and seeded. Add `demo_database` to have the
                               demo data too, `empty_database` to have nothing at all. Commits are real.
user                           user("assistant", …) makes a login; client.login(name) and client.authorize(name) use it
now                            a fixed instant: Tuesday 2026-03-10, 10:30 in Shanghai, a working day
start_server, server           the product as a process of its own on the test's database
smtp_server                    a real SMTP server on loopback
"""

import itertools
import os
import shutil
import signal
import tempfile
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest
from hypothesis import settings

from tests.support.client import DEMO_PASSWORD, Client
from tests.support.databases import BrokenTemplateError, Databases, PostgresDatabases, SqliteDatabases
from tests.support.network import shut
from tests.support.postgres import Cluster

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskCliRunner
    from sqlalchemy.orm import Session

    from tests.support.mail import MailServer
    from tests.support.server import Server

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)
WHERE_POSTGRES = ("browser", "faults", "concurrency")  # folders that only PostgreSQL runs
BOUND = {"postgres_only", "sqlite_only", "any_database", "no_database"}  # marks that say which database a test goes on

settings.register_profile("patient", deadline=None)  # what holds, not how fast
settings.load_profile("patient")


# ---- the run ---------------------------------------------------------------------------------------------------------
def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgres"),
        default=os.environ.get("LINLI_TEST_DB", "sqlite"),
        help="the database of this run (LINLI_TEST_DB); PostgreSQL is started for the run",
    )
    parser.addoption(
        "--pages-by-turns",
        action="store_true",
        help="tests of pages (tests/views) go on one of the two databases each, so that both runs together do them once",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The first process makes what the workers share: a folder, and the PostgreSQL cluster."""
    if hasattr(config, "workerinput"):
        return
    # A run that is told to end tidies up like one that is interrupted by hand.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    run_dir = tempfile.mkdtemp(prefix="linli-tests-")
    os.environ["LINLI_TEST_RUN_DIR"] = run_dir
    config.add_cleanup(lambda: shutil.rmtree(run_dir, ignore_errors=True))
    if config.getoption("--database") == "postgres" and not config.option.collectonly:
        cluster = Cluster()
        config.add_cleanup(cluster.stop)
        os.environ["LINLI_TEST_POSTGRES_URL"] = cluster.start().url("postgres")


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {config.getoption('--database')}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    on_postgres = config.getoption("--database") == "postgres"
    for item in items:
        folder = item.path.relative_to(ROOT).parts[1]
        if folder == "browser":
            item.add_marker("browser")
        if "databases" not in getattr(item, "fixturenames", ("databases",)):
            item.add_marker("no_database")
        if folder in WHERE_POSTGRES or "browser" in item.keywords:
            item.add_marker("postgres_only")
        if "postgres_only" in item.keywords and not on_postgres:
            item.add_marker(pytest.mark.skip(reason="runs on PostgreSQL only (--database postgres)"))
        if "sqlite_only" in item.keywords and on_postgres:
            item.add_marker(pytest.mark.skip(reason="about SQLite itself"))
    if config.getoption("--pages-by-turns"):
        elsewhere = [item for item in items if _turn_of_other_database(item, on_postgres=on_postgres)]
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in set(elsewhere)]


def _turn_of_other_database(item: pytest.Item, *, on_postgres: bool) -> bool:
    """By the check sum of a test's name: half of the tests of every page are on either database, the same ones in every run."""
    if item.path.relative_to(ROOT).parts[1] != "views" or BOUND & item.keywords.keys():
        return False
    return (crc32(item.nodeid.encode()) % 2 == 0) == on_postgres


@pytest.fixture(scope="session", autouse=True)
def _no_outside_network() -> Iterator[None]:
    open_again = shut()
    yield
    open_again()


# ---- the application and its database --------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Databases:
    run_dir = Path(os.environ["LINLI_TEST_RUN_DIR"])
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    if request.config.getoption("--database") == "postgres":
        return PostgresDatabases(run_dir, worker, os.environ["LINLI_TEST_POSTGRES_URL"])
    return SqliteDatabases(run_dir, worker)


@pytest.fixture(scope="session")
def test_environ(databases: Databases) -> dict[str, str]:
    """The environment that the application of this worker, and every process it starts, is configured by."""
    return {
        "LINLI_TESTING": "1",
        "DATA_DIR": str(databases.data_dir),
        "DATABASE_URL": databases.url,
        "SECRET_KEY": "only-for-tests-" * 4,
        "DEMO_PASSWORD": DEMO_PASSWORD,
        "LOG_LEVEL": "WARNING",
    }


@pytest.fixture(scope="session")
def _application(databases: Databases, test_environ: dict[str, str]) -> Iterator["Flask"]:
    """One application a worker: building it takes longer than a test. Its database is swapped under it."""
    from sqlalchemy import event

    try:
        from app import create_app
        from app.extensions import db
        from config import load_settings

        application = create_app(load_settings(test_environ))
    except BaseException as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        pytest.fail(f"the application does not start: {error!r} ({where.filename}:{where.lineno})", pytrace=False)
    application.test_client_class = Client
    with application.app_context():
        engine = db.engine

    @event.listens_for(engine, "before_cursor_execute")
    def _note_writes(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if (
            not statement.lstrip("( \n")
            .upper()
            .startswith(("SELECT", "PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE", "SHOW"))
        ):
            databases.dirty = True
            databases.altered = databases.altered or statement.lstrip().upper().startswith(("CREATE", "ALTER", "DROP"))

    if databases.kind == "sqlite":

        @event.listens_for(engine, "connect")
        def _in_a_hurry(connection: Any, record: Any) -> None:
            connection.execute("PRAGMA synchronous=OFF")

    yield application
    with application.app_context():
        db.session.remove()
        db.engine.dispose()


def _run(application: "Flask", *arguments: str) -> None:
    result = application.test_cli_runner().invoke(args=list(arguments))
    if result.exit_code:
        cause = ""
        if result.exc_info and not isinstance(result.exception, SystemExit):
            cause = "\n" + "".join(traceback.format_exception(*result.exc_info)[-6:])
        raise BrokenTemplateError(
            f"flask {' '.join(arguments)}: exit {result.exit_code}\n{result.output[-3000:]}{cause}"
        )


def _use(databases: Databases, application: "Flask", name: str) -> None:
    from app.extensions import db

    def disconnect() -> None:
        with application.app_context():
            db.session.remove()
            db.engine.dispose()

    def build() -> None:
        if name == "empty":
            databases.drop()
        elif name == "seeded":
            build_seeded()
        else:
            databases.reset("seeded", build_seeded, disconnect)
            _run(application, "prepare")

    def build_seeded() -> None:
        databases.drop()
        _run(application, "db", "upgrade")
        _run(application, "seed")

    try:
        databases.reset(name, build, disconnect)
    except BrokenTemplateError as error:
        pytest.fail(f"the {name} database could not be made: {error}", pytrace=False)


@pytest.fixture
def demo_database() -> None:
    """Ask for this beside `app`, `session` or `client` to have the demo community and its twelve months."""


@pytest.fixture
def empty_database() -> None:
    """Ask for this beside `app` to have a database without a single table (migrations)."""


@pytest.fixture(scope="session")
def seeded_copy(databases: Databases, _application: "Flask") -> Callable[[], str]:
    """seeded_copy() is the url of one more seeded PostgreSQL database: for processes that serve the tests of a whole file."""
    numbers = itertools.count(1)

    def copy() -> str:
        assert isinstance(databases, PostgresDatabases), "mark this test with pytest.mark.postgres_only"
        _use(databases, _application, "seeded")
        return databases.copy_of("seeded", f"{databases.name}_{next(numbers)}")

    return copy


@pytest.fixture
def app(request: pytest.FixtureRequest, databases: Databases, _application: "Flask") -> Iterator["Flask"]:
    """The application on a fresh copy of the seeded (or the demo, or an empty) database."""
    from app.extensions import db

    with _application.app_context():
        db.session.remove()
    names = request.fixturenames
    template = "demo" if "demo_database" in names else "empty" if "empty_database" in names else "seeded"
    _use(databases, _application, template)
    yield _application
    with _application.app_context():
        db.session.remove()


@pytest.fixture
def data_dir(app: "Flask", databases: Databases) -> Path:
    """This test's DATA_DIR; whatever is put there is gone for the next."""
    databases.dirty = True
    return databases.data_dir


@pytest.fixture
def database_url(app: "Flask", databases: Databases) -> str:
    """For connections and commands of one's own to this test's database."""
    databases.dirty = databases.altered = True
    return databases.url


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, database_url: str) -> str:
    """The same, for a test marked `postgres_only`."""
    assert request.config.getoption("--database") == "postgres", "mark this test with pytest.mark.postgres_only"
    return database_url


@pytest.fixture
def session(app: "Flask") -> Iterator["Session"]:
    """The session of an open application context. What a request changed is seen after `session.expire_all()`."""
    from app.extensions import db

    with app.app_context():
        yield db.session()
        db.session.remove()


@pytest.fixture
def client(app: "Flask") -> Client:
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def new_client(app: "Flask") -> Callable[[], Client]:
    """For a second browser: `other = new_client()`."""
    return lambda: app.test_client()  # type: ignore[return-value]


@pytest.fixture
def runner(app: "Flask") -> "FlaskCliRunner":
    """`runner.invoke(args=["report", "build", …])`."""
    return app.test_cli_runner()


@pytest.fixture
def user(app: "Flask") -> Callable[..., str]:
    """user("assistant") makes a login of that role and gives its name; more roles and another name may be given."""
    from app.extensions import appbuilder, db

    def make(*roles: str, username: str = "", password: str = DEMO_PASSWORD, email: str = "") -> str:
        name = username or f"test_{'_'.join(roles)}"
        with app.app_context():
            found = [appbuilder.sm.find_role(role) for role in roles]
            assert all(found), f"no such role among {roles}"
            assert appbuilder.sm.add_user(name, "Test", name, email or f"{name}@example.org", found, password)
            db.session.commit()
        return name

    return make


# ---- time ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def frozen(now: datetime) -> Iterator[Any]:
    """The clock of this process stands at `now`; `frozen.move_to(instant)` and `frozen.shift(seconds)` move it."""
    import time_machine

    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


# ---- the world around ------------------------------------------------------------------------------------------------
@pytest.fixture
def start_server(
    app: "Flask", databases: Databases, test_environ: dict[str, str], tmp_path: Path
) -> Iterator[Callable[..., "Server"]]:
    """start_server("web", CARRIER="twilio") runs `python run.py web`; "" runs all parts in one process.

    Settings are given by name and win over the tests' own. It is stopped after the test; its output is `server.output()`.
    """
    from tests.support.server import Server

    servers: list[Server] = []

    def start(part: str = "web", **environ: str) -> Server:
        databases.dirty = True
        server = Server(part, {**test_environ, **environ}, tmp_path / f"server-{len(servers)}.log")
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def _serving(
    databases: Databases, test_environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], "Server"]]:
    """_serving() is the web process of this worker: started once, and anew when its database was replaced."""
    from tests.support.server import Server

    server = Server("web", {**test_environ, "WEB_CONCURRENCY": "1"}, tmp_path_factory.mktemp("web") / "server.log")
    databases.before_replaced = server.kill
    yield lambda: server if server.runs() else server.start()
    server.kill()


@pytest.fixture
def server(app: "Flask", databases: Databases, _serving: Callable[[], "Server"]) -> "Server":
    """`python run.py web` on this test's database. It serves the next tests, too: whoever ends it has `start_server`."""
    databases.dirty = True
    return _serving()


@pytest.fixture
def smtp_server() -> Iterator["MailServer"]:
    from tests.support.mail import MailServer

    with MailServer() as mail:
        yield mail


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.when == "call":
        item.report_of_call = report  # type: ignore[attr-defined]
    return report
