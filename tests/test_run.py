"""`python run.py` as a process: it serves, it stops when asked, and it does not start on nonsense."""

import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.client import DEMO_PASSWORD
from tests.support.server import ROOT, Server


def start(environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": "/usr/bin:/bin", **environ}
    return subprocess.run(
        [sys.executable, "run.py", *words], cwd=ROOT, env=clean, capture_output=True, text=True, timeout=60
    )


def get(url: str, *, seconds: float = 10) -> str:
    with urllib.request.urlopen(url, timeout=seconds) as answer:
        assert answer.status == 200
        return str(answer.read().decode())


def test_all_in_one_serves_names_its_logins_and_stops_when_asked(
    demo_database: None, start_server: Callable[..., Server]
) -> None:
    server = start_server("", LOG_LEVEL="INFO")
    assert get(f"{server.url}/healthz")
    output = server.output()
    assert f"serves on http://127.0.0.1:{server.port}" in output
    for login in ("admin", "owner", "resident"):
        assert any(line.split() == [login, DEMO_PASSWORD] for line in output.splitlines())
    assert server.stop() == 0
    assert "Traceback" not in server.output()


def test_production_web_serves_without_the_schedule(start_server: Callable[..., Server]) -> None:
    server = start_server("web", WEB_CONCURRENCY="2")
    assert get(f"{server.url}/healthz")
    assert "demo logins" not in server.output()
    assert server.stop() == 0


def test_connections_that_say_nothing_hold_nobody_up(start_server: Callable[..., Server]) -> None:
    """A browser opens connections ahead of its next page: each may cost a thread for a moment, never a worker."""
    server = start_server("web", WEB_CONCURRENCY="1")
    with ExitStack() as silent:
        for _ in range(8):
            silent.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        assert get(f"{server.url}/healthz", seconds=60)


def test_a_second_server_on_the_port_is_refused(
    start_server: Callable[..., Server], test_environ: dict[str, str]
) -> None:
    server = start_server("web")
    result = start({**test_environ, "PORT": str(server.port)}, "web")
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"PORT": "eighty"},
        {"PORT": "0"},
        {"TIMEZONE": "Moon/Base"},
        {"CARRIER": "pigeon"},
        {"CARRIER": "twilio"},
        {"HOTLINE_NUMBER": "110"},
        {"PUBLIC_BASE_URL": "not an address"},
        {"SMTP_URL": "http://mail"},
        {"LOG_LEVEL": "LOUD"},
        {"BABEL_DEFAULT_LOCALE": "xx"},
        {"DATABASE_URL": "mysql://x"},
        {"DATABASE_URL": "postgresql://a@127.0.0.1:port/x"},
        {"DATABASE_URL": "postgresql://a@127.0.0.1:1/x"},
        {"SECRET_KEY": "", "SECRET_KEY_FILE": "/nowhere"},
        {"DATA_DIR": "/proc/nowhere"},
    ],
)
def test_nonsense_in_a_setting_stops_the_start_with_one_line(changes: dict[str, str], tmp_path: Path) -> None:
    result = start({"DATA_DIR": str(tmp_path), **changes})
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1, result.stderr
    named = next(name for name in changes if changes[name])
    assert named.removesuffix("_FILE") in result.stderr or "TWILIO" in result.stderr


def test_a_database_that_is_not_migrated_stops_the_start(tmp_path: Path) -> None:
    result = start({"DATA_DIR": str(tmp_path)})
    assert result.returncode == 2
    assert "prepare" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_an_unknown_part_is_told_what_there_is() -> None:
    result = start({}, "everything")
    assert result.returncode == 2
    assert "web | scheduler | worker" in result.stderr
