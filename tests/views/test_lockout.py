"""Guessing is counted for all processes together, locks names and addresses, and locks nobody out for good."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.models import AccessEntry, FailureCount
from tests.support.client import DEMO_PASSWORD, Client
from tests.support.estate import Estate

LOGIN = "/api/v1/security/login"
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}
FORGOTTEN = "Wrong-Password-1"


def by_token(client: Client, name: str, password: str, **where: Any) -> Any:
    return client.post(LOGIN, json={"username": name, "password": password}, environ_overrides=where or None)


def by_form(client: Client, name: str, password: str, **where: Any) -> Any:
    return client.submit("/login/", {"username": name, "password": password}, environ_overrides=where or None)


DOORS = [by_token, by_form]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", ["owner", "nobody-at-all"])
def test_the_eleventh_try_is_refused_whatever_the_password(
    frozen: Any, client: Client, estate: Estate, door: Callable[..., Any], name: str
) -> None:
    """Names that exist and names that do not are told the same."""
    wrong = [door(client, name, FORGOTTEN).status_code for _ in range(10)]
    assert wrong == [401 if door is by_token else 200] * 10
    blocked = door(client, name, DEMO_PASSWORD)
    assert blocked.status_code == 429
    assert 800 <= int(blocked.headers["Retry-After"]) <= 901
    assert "15" in blocked.get_data(as_text=True), "how long is said"


def test_a_lock_opens_by_itself_after_fifteen_minutes(frozen: Any, client: Client, estate: Estate) -> None:
    for _ in range(10):
        by_token(client, "owner", FORGOTTEN)
    frozen.shift(timedelta(minutes=14, seconds=55))
    assert by_token(client, "owner", DEMO_PASSWORD).status_code == 429
    frozen.shift(timedelta(seconds=10))
    assert by_token(client, "owner", DEMO_PASSWORD).status_code == 200


def test_failures_of_more_than_fifteen_minutes_ago_do_not_count(frozen: Any, client: Client, estate: Estate) -> None:
    for _ in range(9):
        by_token(client, "owner", FORGOTTEN)
    frozen.shift(timedelta(minutes=16))
    assert {by_token(client, "owner", FORGOTTEN).status_code for _ in range(9)} == {401}


def test_the_two_doors_count_together_and_a_good_login_forgets(client: Client, estate: Estate) -> None:
    for _ in range(5):
        by_token(client, "owner", FORGOTTEN)
        by_form(client, "Owner ", FORGOTTEN)
    assert by_form(client, "owner", DEMO_PASSWORD).status_code == 429
    for _ in range(9):
        by_token(client, "manager", FORGOTTEN)
    assert by_token(client, "manager", DEMO_PASSWORD).status_code == 200
    assert by_token(client, "manager", FORGOTTEN).status_code == 401, "counted anew"


def test_good_logins_never_are_limited(client: Client, estate: Estate) -> None:
    assert {by_token(client, "owner", DEMO_PASSWORD).status_code for _ in range(25)} == {200}


def test_a_stranger_cannot_lock_somebody_out_of_where_they_always_log_in(client: Client, estate: Estate) -> None:
    assert by_token(client, "assistant", DEMO_PASSWORD).status_code == 200
    for number in range(1, 40):
        by_token(client, "assistant", FORGOTTEN, REMOTE_ADDR=f"203.0.113.{number}")
    assert by_token(client, "assistant", DEMO_PASSWORD).status_code == 200, "a known place"
    assert by_token(client, "assistant", DEMO_PASSWORD, **ELSEWHERE).status_code == 429, (
        "thirty from anywhere lock it elsewhere"
    )
    assert by_token(client, "assistant", DEMO_PASSWORD, REMOTE_ADDR="198.51.100.1").status_code == 429


def test_an_address_that_tries_many_names_is_locked(client: Client, estate: Estate) -> None:
    tried = [by_token(client, f"name{number}", FORGOTTEN, **ELSEWHERE).status_code for number in range(101)]
    assert tried == [401] * 100 + [429]
    assert by_token(client, "owner", DEMO_PASSWORD).status_code == 200, "other addresses go on"


def test_neighbours_in_one_network_of_ipv6_are_one_guesser(client: Client, estate: Estate) -> None:
    for number in range(10):
        by_token(client, "owner", FORGOTTEN, REMOTE_ADDR=f"2001:db8:1:1::{number:x}")
    assert by_token(client, "owner", DEMO_PASSWORD, REMOTE_ADDR="2001:db8:1:1::ffff").status_code == 429


def test_two_processes_on_one_database_count_together(client: Client, estate: Estate, start_server: Any) -> None:
    """Five failures at each of two servers of their own: the next one is refused by both, and by this one."""
    import json
    import urllib.error
    import urllib.request

    def post(url: str, password: str) -> int:
        body = json.dumps({"username": "owner", "password": password}).encode()
        asked = urllib.request.Request(url + LOGIN, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    one, two = start_server("web"), start_server("web")
    assert [post(server.url, FORGOTTEN) for _ in range(5) for server in (one, two)] == [401] * 10
    assert {post(server.url, DEMO_PASSWORD) for server in (one, two)} == {429}
    assert by_token(client, "owner", DEMO_PASSWORD).status_code == 429


def test_an_administrator_opens_a_locked_login(client: Client, estate: Estate, session: Any) -> None:
    for _ in range(10):
        by_token(client, "owner", FORGOTTEN)
    owner = session.scalar(select(User.id).where(User.username == "owner"))
    session.rollback()
    client.login("admin")
    page = client.get(f"/logins/{owner}").get_data(as_text=True)
    assert f"/logins/{owner}/unlock" in page
    assert client.submit(f"/logins/{owner}/unlock").status_code == 302
    assert by_token(client, "owner", DEMO_PASSWORD).status_code == 200


def test_the_command_opens_a_locked_login(client: Client, estate: Estate, runner: Any) -> None:
    for _ in range(10):
        by_token(client, "owner", FORGOTTEN)
    assert runner.invoke(args=["user", "unlock", "owner"]).exit_code == 0
    assert by_token(client, "owner", DEMO_PASSWORD).status_code == 200
    assert runner.invoke(args=["user", "unlock", "nobody"]).exit_code == 2


@pytest.mark.parametrize("role", ["manager", "owner", "assistant"])
def test_nobody_else_may_touch_a_login(client: Client, estate: Estate, session: Any, role: str) -> None:
    other = session.scalar(select(User.id).where(User.username == "admin"))
    session.rollback()
    client.login(role)
    assert client.get(f"/logins/{other}").status_code in (302, 403)
    for step in ("unlock", "password", "factor", "sessions"):
        assert client.submit(f"/logins/{other}/{step}").status_code in (302, 403)
    assert by_token(client, "admin", DEMO_PASSWORD).status_code == 200


def test_failures_and_successes_stand_in_the_audit_trail_without_what_was_typed(
    app: Flask, client: Client, estate: Estate, session: Any
) -> None:
    by_token(client, "My-Secret-Password", "x")
    for _ in range(10):
        by_token(client, "owner", FORGOTTEN)
    client.login("manager")
    client.submit("/logout/")
    session.rollback()
    told = [(e.action, e.subject) for e in session.scalars(select(AccessEntry).order_by(AccessEntry.id))]
    assert ("login_failed", "?") in told
    assert told.count(("login_failed", "owner")) == 10
    assert told[-3:] == [("login_locked", "owner"), ("login", "manager"), ("logout", "manager")]
    assert not any("Secret" in text or FORGOTTEN in text for pair in told for text in pair)
    assert not any("secret" in bucket for bucket in session.scalars(select(FailureCount.bucket)))


def test_refresh_tokens_cannot_be_tried_without_end(client: Client, estate: Estate) -> None:
    tried = [
        client.post("/api/v1/security/refresh", headers={"Authorization": "Bearer a.b.c"}).status_code
        for _ in range(102)
    ]
    assert set(tried[:100]) <= {401, 422}
    assert tried[-1] == 429


def test_the_figures_are_the_administrators(client: Client, estate: Estate, session: Any) -> None:
    from app.models import Setting

    session.add(Setting(key="login.failures_here", value="3"))
    session.add(Setting(key="login.lock_minutes", value="2"))
    session.commit()
    for _ in range(3):
        by_token(client, "owner", FORGOTTEN)
    blocked = by_token(client, "owner", DEMO_PASSWORD)
    assert blocked.status_code == 429
    assert int(blocked.headers["Retry-After"]) <= 121


def test_the_form_says_that_it_is_locked_and_keeps_the_name(client: Client, estate: Estate) -> None:
    client.get("/lang/en")
    for _ in range(10):
        by_form(client, "owner", FORGOTTEN)
    page = by_form(client, "owner", DEMO_PASSWORD).get_data(as_text=True)
    assert re.search(r"locked for 15 minutes", page)
    assert 'value="owner"' in page


@pytest.mark.parametrize("path", ["/login/", "/login/?next=/tickets/", "/welcome", "/forgot"])
def test_a_door_that_stood_open_too_long_asks_again(client: Client, estate: Estate, path: str) -> None:
    answer = client.post(path, data={"username": "owner", "password": DEMO_PASSWORD, "csrf_token": "old"})
    assert answer.status_code == 302
    assert answer.location == path
