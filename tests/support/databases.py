"""One database a worker, brought back to a template before each test that needs it.

Templates are made once a run by the product's own migrations and commands (`empty`, `seeded`, `demo`); a test gets a copy,
with real commits, so that nothing behaves otherwise than in production. A test that only read leaves the copy to the next.
A template is the database and what the commands put into DATA_DIR.
"""

import contextlib
import fcntl
import hashlib
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CACHE = ROOT / ".cache" / "test-databases"
HARNESS = Path(__file__).parent / "harness.sql"
CODE = (".py", ".json", ".yaml", ".yml", ".csv", ".toml", ".mako")


def fingerprint() -> str:
    """Changes with whatever a template is made from: the code (not pages or pictures), the dependencies and the day."""
    digest = hashlib.sha256(datetime.now(UTC).date().isoformat().encode())
    files = [ROOT / "config.py", ROOT / "run.py", ROOT / "requirements/base.txt", *(ROOT / "app").rglob("*")]
    for file in sorted(files):
        if file.suffix in CODE or file.name == "base.txt":
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Workers of one run build a template one after the other: the second finds it made."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with open(lock, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class BrokenTemplateError(RuntimeError):
    """A template could not be made; the reason."""


class Databases:
    """`reset(name, build)` makes the worker's database a copy of template `name`, which `build()` fills if nobody has yet."""

    kind = ""

    def __init__(self, run_dir: Path, worker: str) -> None:
        self.run_dir = run_dir
        self.worker = worker
        self.data_dir = run_dir / f"data-{worker}"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.current: str | None = None
        self.dirty = True  # written to since the last reset
        self.altered = True  # more than rows may have changed
        self.url = ""
        self.files: dict[str, tuple[int, int]] = {}  # of DATA_DIR since the last reset
        self.broken: dict[str, BrokenTemplateError] = {}
        self.before_replaced: Callable[[], None] = lambda: None  # ends whoever else is connected

    def reset(self, name: str, build: Callable[[], None], disconnect: Callable[[], None]) -> None:
        if self.current == name and not self.dirty:
            # A journal is kept without a word to the database; a scheduler of the next test would read it in.
            if _files(self.data_dir) != self.files:
                self._put_files(name)
            return
        if self.current == name and self._restore():
            self._put_files(name)
            self.dirty = False
            return
        disconnect()
        self.before_replaced()
        self.current = None
        if not self._exists(name):
            with alone(self._lock(name)):
                if not self._exists(name):
                    self.clear_files()
                    self._make(name, build)
                    disconnect()
                    self._keep(name)
        self._copy(name)
        self._put_files(name)
        self.current, self.dirty, self.altered = name, False, False

    def _put_files(self, name: str) -> None:
        """DATA_DIR as the template has it."""
        self.clear_files()
        if self._data_of(name).is_dir():
            shutil.copytree(self._data_of(name), self.data_dir, dirs_exist_ok=True)
        self.files = _files(self.data_dir)

    def clear_files(self) -> None:
        """Away with everything but the database, and what only names the application that lives through the run."""
        for entry in self.data_dir.iterdir():
            if not _is_kept(entry):
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        _forget_calls(self.data_dir / "simulator.db")

    def _make(self, name: str, build: Callable[[], None]) -> None:
        """What failed once is not tried again for every test."""
        if name in self.broken:
            raise self.broken[name]
        try:
            build()
        except BrokenTemplateError as error:
            self.broken[name] = error
            raise

    def keep_data(self, name: str) -> None:
        """Store DATA_DIR beside the template; complete or absent, never half."""
        new = self._data_of(name).with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(self.data_dir, new, ignore=shutil.ignore_patterns("*.db", "*.db-wal", "*.db-shm", "*.lock"))
        shutil.rmtree(self._data_of(name), ignore_errors=True)
        new.rename(self._data_of(name))

    def _data_of(self, name: str) -> Path:
        return self.run_dir / f"{self.kind}-{name}-data"

    def _lock(self, name: str) -> Path:
        return self.run_dir / f"{self.kind}-{name}.lock"

    def _restore(self) -> bool:
        """Undo what was written to the copy at hand, if there is a quick way."""
        return False

    def _exists(self, name: str) -> bool:
        raise NotImplementedError

    def _keep(self, name: str) -> None:
        raise NotImplementedError

    def _copy(self, name: str) -> None:
        raise NotImplementedError


def _forget_calls(simulator: Path) -> None:
    """What the simulated telephone company knows: else a later test's reconciling would find an earlier one's calls there. The
    application holds the file open, so its rows go and it stays; what counts on (sqlite_sequence) goes on."""
    if not simulator.exists():
        return
    with contextlib.closing(sqlite3.connect(simulator, timeout=30, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        for (table,) in tables.fetchall():
            connection.execute(f'DELETE FROM "{table}"')


def _is_kept(entry: Path) -> bool:
    return entry.suffix in (".db", ".key", ".token") or entry.name.endswith((".db-wal", ".db-shm"))


def _files(folder: Path) -> dict[str, tuple[int, int]]:
    """Path → size and time of change of every file but those that stay."""
    found = {}
    for file in folder.rglob("*"):
        if file.is_file() and not _is_kept(file):
            state = file.stat()
            found[str(file.relative_to(folder))] = state.st_size, state.st_mtime_ns
    return found


class SqliteDatabases(Databases):
    """Templates are files, kept between runs as long as nothing they are made from has changed."""

    kind = "sqlite"

    def __init__(self, run_dir: Path, worker: str) -> None:
        super().__init__(run_dir, worker)
        self.file = self.data_dir / "linli.db"
        self.url = f"sqlite:///{self.file}"
        self.fingerprint = fingerprint()
        self.cache = CACHE / self.fingerprint

    def _template(self, name: str) -> Path:
        return self.cache / f"{name}.db"

    def _data_of(self, name: str) -> Path:
        return self.cache / f"{name}.data"

    def _lock(self, name: str) -> Path:
        return CACHE / f"{name}.lock"

    def _exists(self, name: str) -> bool:
        return self._template(name).exists()

    def drop(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.file}{suffix}").unlink(missing_ok=True)

    def _keep(self, name: str) -> None:
        if fingerprint() != self.fingerprint:
            self.cache = self.run_dir / "templates"  # the code changed under this run: for itself only
        self.cache.mkdir(parents=True, exist_ok=True)
        for old in CACHE.iterdir():
            if (
                old.is_dir() and old.stat().st_mtime < time.time() - 3600
            ):  # another run may still copy from a younger one
                shutil.rmtree(old, ignore_errors=True)
        self.keep_data(name)
        new = self._template(name).with_suffix(".new")
        shutil.copyfile(self.file, new) if self.file.exists() else new.touch()
        new.rename(self._template(name))

    def _copy(self, name: str) -> None:
        self.drop()
        shutil.copyfile(self._template(name), self.file)


class PostgresDatabases(Databases):
    """Templates are databases of the run's cluster."""

    kind = "postgres"

    def __init__(self, run_dir: Path, worker: str, admin_url: str) -> None:
        super().__init__(run_dir, worker)
        self.name = f"linli_{worker}"
        self.admin_url = admin_url
        self.url = f"{admin_url.rsplit('/', 1)[0]}/{self.name}"

    def _execute(self, *statements: str, url: str = "") -> list[tuple[object, ...]]:
        import psycopg

        rows: list[tuple[object, ...]] = []
        with psycopg.connect((url or self.admin_url).replace("+psycopg", ""), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
                rows = cursor.fetchall() if cursor.description else []
        return rows

    def copy_of(self, template: str, name: str) -> str:
        """One more database, a copy of a template that is there; its url. It goes with the cluster."""
        self._execute(f"CREATE DATABASE {name} TEMPLATE template_{template} STRATEGY file_copy")
        return f"{self.admin_url.rsplit('/', 1)[0]}/{name}"

    def _exists(self, name: str) -> bool:
        return bool(self._execute(f"SELECT 1 FROM pg_database WHERE datname = 'template_{name}'"))

    def drop(self) -> None:
        self._execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)", f"CREATE DATABASE {self.name}")

    def _restore(self) -> bool:
        import psycopg

        if self.altered or self.current == "empty":
            return False
        try:
            self._execute("SELECT linli_test.__reset()", url=self.url)
        except psycopg.Error:  # somebody still holds a lock, or the tables are not what they were
            return False
        return True

    def _keep(self, name: str) -> None:
        self.keep_data(name)
        if name != "empty":
            self._execute(HARNESS.read_text(encoding="utf-8"), url=self.url)
        self._execute(f"ALTER DATABASE {self.name} RENAME TO template_{name}")

    def _copy(self, name: str) -> None:
        self._execute(
            f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)",
            f"CREATE DATABASE {self.name} TEMPLATE template_{name} STRATEGY file_copy",
        )
