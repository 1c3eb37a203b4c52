"""A whole house for a figure: how it is configured, its tables, its processes, served on a port or asked through a pipe, and a
bare house beside it."""

from __future__ import annotations

import multiprocessing
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from multiprocessing.connection import Connection
from pathlib import Path

import requests

from bench.callers import TOKEN
from tests.support.postgres import free_port

PASSWORD = "Demo-Password-2016"
WORKERS = "2"


def environment(database_url: str, folder: Path, **more: str) -> dict[str, str]:
    """What the product is configured by."""
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder),
        "CARRIER": "twilio",
        "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000001",
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_BASE_URL": "http://127.0.0.1:9",
        "DEMO_PASSWORD": PASSWORD,
        "SECRET_KEY": "only-for-benchmarks-" * 3,
        "LOG_LEVEL": "ERROR",
        "WEB_CONCURRENCY": WORKERS,
        **more,
    }


def asked(database_url: str, folder: Path) -> dict[str, str]:
    """What the application is configured by where it serves nobody and is asked through a pipe."""
    return {"DATABASE_URL": database_url, "DATA_DIR": str(folder), "LOG_LEVEL": "WARNING", "LINLI_TESTING": "1"}


def tables(environ: dict[str, str]) -> None:
    """Every table, and the reference data."""
    for step in (("db", "upgrade"), ("seed",)):
        command = [sys.executable, "-m", "flask", "--app", "run", *step]
        subprocess.run(command, env={**os.environ, **environ}, check=True, stdout=subprocess.DEVNULL)


def fill(environ: dict[str, str]) -> None:
    """Tables, reference data and the demo estate with its twelve months."""
    tables(environ)
    subprocess.run([sys.executable, "-m", "bench.fill"], env=environ, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def answering(serve: Callable[[Connection], None], environ: dict[str, str]) -> Iterator[Connection]:
    """A process of its own with this environment, asked through a pipe: one process is one application. `serve` is a function of
    a module; it builds the application and answers what comes until it is ended."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_answer, args=(serve, environ, there), daemon=True)
    process.start()
    # Held here too, a process that died would leave us waiting for its answer.
    there.close()
    try:
        yield here
    finally:
        process.terminate()
        process.join(20)


def _answer(serve: Callable[[Connection], None], environ: dict[str, str], questions: Connection) -> None:
    os.environ.update(environ)
    serve(questions)


@contextmanager
def serving(environ: dict[str, str], *, bare: bool = False, beside: bool = False) -> Iterator[int]:
    """`run.py web` (with the bare webhook beside it, or the bare house) on a port of its own, with two synchronous workers."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "bench.beside"] if beside else [sys.executable, "run.py", "web"]
    if bare:
        gunicorn = ["-m", "gunicorn", "--workers", WORKERS, "--bind", f"127.0.0.1:{port}", "--log-level", "error"]
        command = [sys.executable, *gunicorn, "bench.bare_house:create_app()"]
    with part(command, {**environ, "PORT": str(port), "PUBLIC_BASE_URL": base}):
        _wait(port)
        yield port


@contextmanager
def part(command: list[str], environ: dict[str, str]) -> Iterator[None]:
    """A process of the house, ended afterwards."""
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            # A scheduler that is asked to end first sends what waits in its outbox.
            process.kill()
            process.wait(10)


@contextmanager
def pages_being_read(port: int, path: str, *, login: bool, pause: float = 0.5) -> Iterator[list[float]]:
    """Somebody reads a list page again and again; the seconds each took."""
    session = requests.Session()
    session.trust_env = False
    base = f"http://127.0.0.1:{port}"
    if login:
        form = session.get(f"{base}/login/", timeout=60).text
        hidden = dict(re.findall(r'name="([^"]+)"[^>]*type="hidden"[^>]*value="([^"]*)"', form))
        hidden |= dict(re.findall(r'type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form))
        session.post(f"{base}/login/", data={**hidden, "username": "manager", "password": PASSWORD}, timeout=60)
    if "<tr" not in session.get(base + path, timeout=60).text:
        raise RuntimeError(f"{path} shows no rows")
    spent: list[float] = []
    stopped = threading.Event()

    def read() -> None:
        while not stopped.wait(pause):
            started = time.perf_counter()
            session.get(base + path, timeout=60)
            spent.append(time.perf_counter() - started)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield spent
    finally:
        stopped.set()
        reader.join()


def _wait(port: int) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing answered on port {port}")
