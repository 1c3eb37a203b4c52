"""Everybody's own login: first passwords are changed before anything opens, changes end other sessions, second factor."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.models import AccessEntry, LoginState, RecoveryCode, Setting, Staff
from tests.support.client import DEMO_PASSWORD, Client
from tests.support.estate import Estate

LOGIN = "/api/v1/security/login"
GOOD = "Another-Password-77"


def token(client: Client, name: str, password: str = DEMO_PASSWORD, **more: Any) -> Any:
    return client.post(LOGIN, json={"username": name, "password": password, **more})


def user_id(session: Any, name: str) -> int:
    found = session.scalar(select(User.id).where(User.username == name))
    session.rollback()
    return int(found)


# ---- first passwords -------------------------------------------------------------------------------------------------
@pytest.fixture
def given(client: Client, estate: Estate, session: Any, new_client: Callable[[], Client]) -> str:
    """The password an administrator made for the assistant."""
    admin = new_client()
    admin.login("admin")
    page = admin.submit(f"/logins/{user_id(session, 'assistant')}/password").get_data(as_text=True)
    found = re.search(r'<code class="code-big">([A-Z0-9-]+)</code>', page)
    assert found
    return found[1]


def test_a_given_password_opens_nothing_but_its_own_change(client: Client, given: str) -> None:
    assert token(client, "assistant").status_code == 401, "the old one is gone"
    assert client.login("assistant", given).location.endswith("/account/password")
    for path in ("/", "/ticketview/list/", "/account/", "/ticket/new", "/search?q=x"):
        assert client.get(path).location.endswith("/account/password"), path
    assert client.submit("/ticket/new", {"title": "x"}).status_code == 403
    assert client.submit("/preferences/language", {"locale": "en"}).status_code == 302, "the language may be changed"
    weak = client.submit("/account/password", {"password": "weak", "again": "weak"})
    assert weak.status_code == 400
    same = client.submit("/account/password", {"password": given, "again": given})
    assert same.status_code == 400, "the given one is not an own one"
    assert client.submit("/account/password", {"password": GOOD, "again": GOOD}).location == "/"
    assert client.get("/ticketview/list/").status_code == 200
    assert token(client, "assistant", GOOD).status_code == 200


def test_the_token_door_says_where_a_given_password_is_changed(client: Client, given: str) -> None:
    answer = token(client, "assistant", given)
    assert answer.status_code == 403
    assert "access_token" not in answer.get_json()
    assert token(client, "assistant", "Wrong-Password-1").status_code == 401


def test_a_login_made_by_the_command_must_change_its_password(client: Client, runner: Any, estate: Estate) -> None:
    made = runner.invoke(
        args=[
            "user",
            "create",
            "--username",
            "lihua",
            "--role",
            "assistant",
            "--name",
            "李华",
            "--email",
            "l@example.org",
        ]
        + ["--password", "first one 42", "--community", "sunshine"]
    )
    assert made.exit_code == 0, made.output
    assert client.login("lihua", "first one 42").location.endswith("/account/password")


@pytest.mark.parametrize("password", ["short", "lihua-2026", "password2026", "linli-12345", "abcdefghij"])
def test_the_command_takes_no_easy_password(runner: Any, estate: Estate, password: str) -> None:
    made = runner.invoke(
        args=[
            "user",
            "create",
            "--username",
            "lihua",
            "--role",
            "assistant",
            "--name",
            "李华",
            "--email",
            "l@example.org",
        ]
        + ["--password", password]
    )
    assert made.exit_code == 2
    assert len(made.output.splitlines()) == 1


def test_the_demo_logins_are_exempt(demo_database: None, client: Client, session: Any) -> None:
    from app.services.demo_logins import put_demo_password
    from app.services.login_state import require_change

    require_change(session, user_id(session, "assistant"))
    put_demo_password(session, DEMO_PASSWORD)
    session.commit()
    assert client.login("assistant").location == "/"


# ---- changing it -----------------------------------------------------------------------------------------------------
def test_a_change_asks_for_the_present_password_and_ends_every_other_session(
    client: Client, estate: Estate, new_client: Callable[[], Client]
) -> None:
    other = new_client()
    other.login("manager")
    bearer = {"Authorization": f"Bearer {token(client, 'manager').get_json()['access_token']}"}
    client.login("manager")
    new = {"password": GOOD, "again": GOOD}
    assert client.submit("/account/password", new | {"current": "wrong"}).status_code == 400
    assert client.submit("/account/password", new | {"current": DEMO_PASSWORD, "again": "x"}).status_code == 400
    assert client.submit("/account/password", new | {"current": DEMO_PASSWORD}).status_code == 302
    assert client.get("/account/").status_code == 200, "this one goes on"
    assert other.get("/account/").status_code == 302
    assert new_client().get("/api/v1/house/", headers=bearer).status_code == 401


def test_guessing_the_present_password_at_an_open_screen_is_limited(client: Client, estate: Estate) -> None:
    client.login("manager")
    for _ in range(10):
        client.submit("/account/password", {"current": "wrong", "password": GOOD, "again": GOOD})
    right = client.submit("/account/password", {"current": DEMO_PASSWORD, "password": GOOD, "again": GOOD})
    assert right.status_code == 429


def test_logging_out_everywhere_ends_sessions_and_both_tokens(
    client: Client, estate: Estate, new_client: Callable[[], Client]
) -> None:
    other = new_client()
    other.login("owner")
    tokens = token(client, "owner", refresh=True).get_json()
    client.login("owner")
    assert client.submit("/account/sessions/end").status_code == 302
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302
    third = new_client()
    assert third.get("/api/v1/house/", headers={"Authorization": f"Bearer {tokens['access_token']}"}).status_code == 401
    refreshed = third.post("/api/v1/security/refresh", headers={"Authorization": f"Bearer {tokens['refresh_token']}"})
    assert refreshed.status_code == 401


def test_a_copied_cookie_ends_with_the_log_out(
    client: Client, estate: Estate, new_client: Callable[[], Client]
) -> None:
    client.login("owner")
    cookie = client.get_cookie("session")
    assert cookie
    thief = new_client()
    thief.set_cookie("session", cookie.value)
    assert thief.get("/account/").status_code == 200
    client.submit("/logout/")
    assert thief.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 302


def test_a_link_on_another_site_does_not_log_out(client: Client, estate: Estate) -> None:
    client.login("owner")
    asked = client.get("/logout/", headers={"Sec-Fetch-Site": "cross-site"})
    assert asked.status_code == 200
    assert "<form" in client.get("/logout/").get_data(as_text=True), "a browser that says nothing is asked, too"
    client.get("/logout/", headers={"Sec-Purpose": "prefetch", "Sec-Fetch-Site": "same-origin"})
    assert client.get("/account/").status_code == 200
    assert client.post("/logout/").status_code == 400, "a form without its token"
    client.get("/logout/", headers={"Sec-Fetch-Site": "same-origin"})
    assert client.get("/account/").status_code == 302


def test_a_session_begins_anew_with_the_log_in(client: Client, estate: Estate) -> None:
    with client.session_transaction() as kept:
        kept["planted"] = "by somebody else"
    client.login("owner")
    with client.session_transaction() as kept:
        first = kept["sid"]
        assert "planted" not in kept
    client.submit("/logout/")
    client.login("owner")
    with client.session_transaction() as kept:
        assert kept["sid"] != first


def test_a_session_ends_after_eight_idle_hours_and_what_pages_fetch_by_themselves_keeps_nobody_in(
    frozen: Any, client: Client, estate: Estate
) -> None:
    client.login("manager")
    client.get("/")
    frozen.shift(timedelta(hours=7))
    assert "Set-Cookie" not in client.get("/", headers={"Sec-Fetch-Dest": "empty"}).headers
    assert client.get("/account/").status_code == 200, "a person opened a page"
    frozen.shift(timedelta(hours=7, minutes=59))
    client.get("/", headers={"Sec-Fetch-Dest": "empty"})
    assert client.get("/account/", headers={"Sec-Fetch-Dest": "empty"}).status_code == 200
    frozen.shift(timedelta(minutes=2))
    assert client.get("/account/").status_code == 302


def test_a_household_changes_what_its_login_is_called(client: Client, estate: Estate) -> None:
    client.login("owner")
    assert client.submit("/account/name", {"name": " "}).status_code == 400
    assert client.submit("/account/name", {"name": "欧阳明"}).status_code == 302
    assert "欧阳明" in client.get("/account/").get_data(as_text=True)


def test_a_colleague_takes_no_other_name(client: Client, estate: Estate, session: Any) -> None:
    """Whoever took a colleague's name would sign under it."""
    client.login("assistant")
    was = session.scalar(select(Staff.name).join(User, User.id == Staff.user_id).where(User.username == "assistant"))
    session.rollback()
    assert 'action="/account/name"' not in client.get("/account/").get_data(as_text=True)
    answer = client.submit("/account/name", {"name": "周经理"})
    assert answer.status_code == 403
    assert "由系统管理员更改" in answer.get_data(as_text=True)
    assert (
        session.scalar(select(Staff.name).join(User, User.id == Staff.user_id).where(User.username == "assistant"))
        == was
    )


def test_a_changed_name_stands_in_the_audit_trail_with_its_login(client: Client, estate: Estate, session: Any) -> None:
    client.login("owner")
    for name in ("周经理", "周经理", "林"):  # saved unchanged, it is no entry
        client.submit("/account/name", {"name": name})
    client.submit("/logout/")
    rows = select(AccessEntry).where(AccessEntry.action == "user_changed").order_by(AccessEntry.id)
    entries = list(session.scalars(rows))
    assert [(entry.subject, entry.changes[0][2]) for entry in entries] == [("owner", "周经理"), ("owner", "林")]
    assert entries[1].changes == [["name", "周经理", "林"]], "a name of one character stays one"
    session.rollback()
    client.login("admin")
    page = client.get("/auditview/list/").get_data(as_text=True)
    assert "周经理 → 林" in page
    assert re.search(r"林</td>\s*<td[^>]*>owner</td>", page)


@pytest.mark.parametrize("role", ["admin", "quality", "technician", "owner", "resident"])
def test_everybody_has_an_account_page_and_strangers_are_sent_to_the_log_in(
    client: Client, estate: Estate, role: str
) -> None:
    for path in ("/account/", "/account/password", "/account/second-factor"):
        assert "/login/" in client.get(path).location
    for path in ("/account/name", "/account/password", "/account/sessions/end", "/account/second-factor"):
        assert "/login/" in client.submit(path).location
    client.login(role)
    assert client.get("/account/").status_code == 200
    assert client.get("/account/password").status_code == 200
    assert client.get("/resetmypassword/form").location == "/account/password"


def half_in(client: Client, name: str = "manager") -> str:
    """The password is right; where it leads."""
    return str(client.submit("/login/", {"username": name, "password": DEMO_PASSWORD}).location)


# ---- the second factor -----------------------------------------------------------------------------------------------
def enrol(client: Client) -> tuple[pyotp.TOTP, list[str]]:
    """(the telephone, the recovery codes)."""
    page = client.get("/account/second-factor").get_data(as_text=True)
    found = re.search(r'factor__secret">([A-Z2-7-]+)<', page)
    assert found
    phone = pyotp.TOTP(found[1].replace("-", ""))
    done = client.submit("/account/second-factor", {"code": phone.now()}).get_data(as_text=True)
    return phone, re.findall(r"<code>([A-Z0-9-]+)</code>", done)


@pytest.fixture
def phone(
    frozen: Any, client: Client, estate: Estate, new_client: Callable[[], Client]
) -> tuple[pyotp.TOTP, list[str]]:
    browser = new_client()
    browser.login("manager")
    made = enrol(browser)
    frozen.shift(60)
    return made


def test_with_the_second_factor_the_password_alone_opens_nothing(
    frozen: Any, client: Client, phone: tuple[pyotp.TOTP, list[str]]
) -> None:
    assert half_in(client).endswith("/login/code")
    assert client.get("/").status_code == 302
    assert client.submit("/login/code", {"code": "000000"}).status_code == 400
    code = phone[0].now()
    assert client.submit("/login/code", {"code": f"{code[:3]} {code[3:]}"}).location == "/"
    assert client.get("/account/").status_code == 200


def test_a_code_is_good_once(
    frozen: Any, client: Client, phone: tuple[pyotp.TOTP, list[str]], new_client: Callable[[], Client]
) -> None:
    code = phone[0].now()
    assert token(client, "manager", code=code).status_code == 200
    assert token(client, "manager", code=code).status_code == 401
    frozen.shift(30)
    assert token(client, "manager", code=code).status_code == 401
    assert token(client, "manager", code=phone[0].now()).status_code == 200


def test_the_token_door_asks_for_the_code_by_name(client: Client, phone: tuple[pyotp.TOTP, list[str]]) -> None:
    answer = token(client, "manager")
    assert answer.status_code == 401
    assert "code" in answer.get_json()["message"]
    assert token(client, "manager", "Wrong-Password-1", code=phone[0].now()).status_code == 401


def test_ten_wrong_codes_lock_the_step(client: Client, phone: tuple[pyotp.TOTP, list[str]]) -> None:
    half_in(client)
    tried = [client.submit("/login/code", {"code": f"{number:06}"}).status_code for number in range(10)]
    assert tried == [400] * 10
    assert client.submit("/login/code", {"code": phone[0].now()}).status_code == 429
    assert token(client, "manager", code=phone[0].now()).status_code == 429


def test_the_half_way_in_ends_after_five_minutes(
    frozen: Any, client: Client, phone: tuple[pyotp.TOTP, list[str]]
) -> None:
    half_in(client)
    frozen.shift(301)
    assert client.submit("/login/code", {"code": phone[0].now()}).location.endswith("/login/")
    assert client.get("/account/").status_code == 302


def test_a_recovery_code_is_good_once(
    client: Client, phone: tuple[pyotp.TOTP, list[str]], new_client: Callable[[], Client]
) -> None:
    codes = phone[1]
    assert len(set(codes)) == 8
    half_in(client)
    assert client.submit("/login/code", {"code": codes[0].lower()}).location == "/"
    other = new_client()
    half_in(other)
    assert other.submit("/login/code", {"code": codes[0]}).status_code == 400
    assert other.submit("/login/code", {"code": codes[1]}).location == "/"


def test_neither_secret_nor_recovery_codes_can_be_read_from_the_database(
    phone: tuple[pyotp.TOTP, list[str]], session: Any
) -> None:
    stored = " ".join(
        [*session.scalars(select(LoginState.factor_secret)), *session.scalars(select(RecoveryCode.digest))]
    )
    assert phone[0].secret not in stored
    assert not any(code.replace("-", "") in stored for code in phone[1])


def test_switching_it_off_asks_for_the_password(client: Client, phone: tuple[pyotp.TOTP, list[str]]) -> None:
    half_in(client)
    client.submit("/login/code", {"code": phone[0].now()})
    assert client.submit("/account/second-factor", {"do": "off", "current": "wrong"}).status_code == 400
    assert token(client, "manager").status_code == 401
    assert client.submit("/account/second-factor", {"do": "off", "current": DEMO_PASSWORD}).status_code == 302
    assert token(client, "manager").status_code == 200


def test_an_administrator_takes_it_off_for_somebody_who_lost_the_telephone(
    client: Client, phone: tuple[pyotp.TOTP, list[str]], session: Any
) -> None:
    client.login("admin")
    assert client.submit(f"/logins/{user_id(session, 'manager')}/factor").status_code == 302
    assert token(client, "manager").status_code == 200


def test_where_the_house_demands_it_nothing_opens_before_it_is_set_up(
    client: Client, estate: Estate, session: Any, new_client: Callable[[], Client]
) -> None:
    session.add(Setting(key="login.second_factor", value="2"))
    session.commit()
    assert client.login("manager").location.endswith("/account/second-factor")
    assert client.get("/ticketview/list/").location.endswith("/account/second-factor")
    assert token(new_client(), "manager").status_code == 403
    _, codes = enrol(client)
    assert len(codes) == 8
    assert client.get("/ticketview/list/").status_code == 200
    assert client.submit("/account/second-factor", {"do": "off", "current": DEMO_PASSWORD}).status_code == 409
    assert new_client().login("assistant").location == "/", "2 means leaders"


def test_where_it_is_off_nobody_is_offered_it(client: Client, estate: Estate, session: Any) -> None:
    session.add(Setting(key="login.second_factor", value="0"))
    session.commit()
    client.login("manager")
    assert "second-factor" not in client.get("/account/").get_data(as_text=True)
    assert client.get("/account/second-factor").status_code == 302


def test_households_are_not_asked_for_one(app: Flask, client: Client, estate: Estate, session: Any) -> None:
    session.add(Setting(key="login.second_factor", value="3"))
    session.commit()
    assert client.login("owner").location == "/"


def test_the_shell_helps_an_administrator_who_lost_everything(
    client: Client, phone: tuple[pyotp.TOTP, list[str]], runner: Any
) -> None:
    assert runner.invoke(args=["user", "factor-off", "manager"]).exit_code == 0
    assert token(client, "manager").status_code == 200
    assert runner.invoke(args=["user", "password", "manager", "--password", "manager-1"]).exit_code == 2
    assert runner.invoke(args=["user", "password", "manager", "--password", "first one 42"]).exit_code == 0
    assert token(client, "manager").status_code == 401
    assert client.login("manager", "first one 42").location.endswith("/account/password")
