"""What the fixtures and the set-up promise to every other test."""

import os
import socket
import subprocess
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.support.databases import Databases
from tests.support.network import OutsideNetworkError, is_local

ROOT = Path(__file__).resolve().parent.parent


# ---- network ---------------------------------------------------------------------------------------------------------
def test_a_socket_to_another_machine_is_refused_by_name() -> None:
    with socket.socket() as sock, pytest.raises(OutsideNetworkError, match="192.0.2.1"):
        sock.connect(("192.0.2.1", 80))


def test_another_machines_name_is_not_even_looked_up() -> None:
    with pytest.raises(OutsideNetworkError, match="example.org"):
        socket.getaddrinfo("example.org", 443)


def test_loopback_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()):
        pass


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), (b"localhost", True), (None, True)]
    + [("10.0.0.1", False), ("example.org", False), ("127.0.0.1.example.org", False), ("2001:db8::1", False)],
)
def test_local_hosts_are_told_from_others(host: object, expected: bool) -> None:
    assert is_local(host) is expected


# ---- database --------------------------------------------------------------------------------------------------------
def tables(session: Session) -> set[str]:
    names = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if session.get_bind().dialect.name == "postgresql":
        names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    return set(session.scalars(text(names)))


def test_the_database_is_the_one_of_this_run(request: pytest.FixtureRequest, session: Session) -> None:
    wanted = {"sqlite": "sqlite", "postgres": "postgresql"}[request.config.getoption("--database")]
    assert session.get_bind().dialect.name == wanted


def test_the_schema_is_made_by_the_migrations(session: Session) -> None:
    assert {"alembic_version", "ab_user"} <= tables(session)


def test_the_empty_database_has_no_table(empty_database: None, session: Session) -> None:
    assert tables(session) == set()


@pytest.mark.parametrize("_again", [1, 2])
def test_a_commit_of_one_test_is_not_seen_by_the_next(session: Session, _again: int) -> None:
    assert session.scalar(text("SELECT count(*) FROM ab_role WHERE name = 'left behind'")) == 0
    session.execute(text("INSERT INTO ab_role (id, name) VALUES (100000, 'left behind')"))
    session.commit()
    assert session.scalar(text("SELECT count(*) FROM ab_role WHERE name = 'left behind'")) == 1


@pytest.mark.parametrize("_again", [1, 2])
def test_a_file_of_one_test_is_not_seen_by_the_next(data_dir: Path, _again: int) -> None:
    mark = data_dir / "mail" / "left-behind.eml"
    assert not mark.exists()
    mark.parent.mkdir(exist_ok=True)
    mark.write_text("…", encoding="utf-8")


def test_a_test_that_only_read_leaves_its_copy_to_the_next(session: Session, databases: Databases) -> None:
    session.scalar(text("SELECT count(*) FROM ab_role"))
    assert databases.dirty is False
    session.execute(text("UPDATE ab_role SET name = name"))
    assert databases.dirty is True


# ---- client ----------------------------------------------------------------------------------------------------------
def test_a_made_user_logs_in_through_the_page_and_through_rest(
    app: Flask, user: Callable[..., str], new_client
) -> None:
    name = user("assistant")
    new_client().login(name)
    assert new_client().authorize(name).token


def test_an_open_application_context_lends_its_user_to_no_request(session: Session, user, client, new_client) -> None:
    client.login(user("manager"))
    path = "/api/v1/ticket/"
    assert new_client().get(path).status_code == 401


# ---- time ------------------------------------------------------------------------------------------------------------
def test_the_clock_stands_and_moves_by_hand(now, frozen) -> None:
    from app.adapters import clock

    assert clock.now() == now
    frozen.shift(timedelta(hours=2))
    assert clock.now() == now + timedelta(hours=2)


# ---- set-up ----------------------------------------------------------------------------------------------------------
def test_set_up_of_a_ready_checkout_changes_nothing() -> None:
    result = subprocess.run(["scripts/setup", "test"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (result.returncode, result.stdout) == (0, ""), result.stderr


@pytest.fixture
def bare_checkout(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """bare_checkout(dpkg_query="exit 1") runs set-up in a checkout without .venv, with these programs replaced (`_` for `-`)."""
    checkout, programs = tmp_path / "checkout", tmp_path / "programs"
    (checkout / "scripts").mkdir(parents=True)
    (checkout / "scripts/setup").write_bytes((ROOT / "scripts/setup").read_bytes())
    (checkout / "requirements").symlink_to(ROOT / "requirements")
    programs.mkdir()

    def run(**scripts: str) -> subprocess.CompletedProcess[str]:
        for name, body in scripts.items():
            (programs / name.replace("_", "-")).write_text(f"#!/bin/sh\n{body}\n")
            (programs / name.replace("_", "-")).chmod(0o755)
        path = {"PATH": f"{programs}:{os.environ['PATH']}", "PYTHON": str(programs / "python3")}
        return subprocess.run(
            ["bash", "scripts/setup"],
            cwd=checkout,
            env={**os.environ, **path},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def test_set_up_says_in_one_line_which_python_it_needs(bare_checkout) -> None:
    old = "[ \"$1\" = -V ] && echo 'Python 3.9.2'\ncase $2 in *3,*11*) exit 1;; esac\nexit 0"
    result = bare_checkout(python3=old, dpkg_query="echo 'ii '")
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1
    assert "Python 3.11 or later is needed" in result.stderr
    assert "Python 3.9.2" in result.stderr


def test_set_up_without_the_right_to_install_says_in_one_line_what_is_missing(bare_checkout) -> None:
    result = bare_checkout(python3="exit 0", dpkg_query="exit 1", id="echo 1000", sudo="exit 1")
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1
    assert "please install: libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk" in result.stderr


def test_help_names_every_target_in_one_line() -> None:
    result = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True)
    named = {line.split()[1] for line in result.stdout.splitlines()}
    assert {"run", "test", "test-fast", "lint", "bench", "help"} <= named


# ---- demo data -------------------------------------------------------------------------------------------------------
def test_the_demo_database_lets_the_demo_logins_in(demo_database: None, client) -> None:
    client.login("assistant")
    assert client.get("/").status_code == 200


@pytest.mark.postgres_only
def test_the_product_runs_as_a_process_on_the_tests_database(demo_database: None, server) -> None:
    with urllib.request.urlopen(f"{server.url}/healthz", timeout=10) as answer:
        assert answer.status == 200
    assert server.stop() == 0
