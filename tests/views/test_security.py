"""Log-in by form and token, limits, cookies, headers (design G2, points 2, 6, 7, 9)."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import Role, User
from werkzeug.security import generate_password_hash

from tests.support.client import DEMO_PASSWORD, Client
from tests.support.estate import Estate

LOGIN = "/api/v1/security/login"


def token(client: Client, **body: Any) -> Any:
    return client.post(LOGIN, json={"username": "owner", "password": DEMO_PASSWORD, **body})


# ---- the token door --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("extra", [{}, {"provider": "db"}, {"refresh": True}])
def test_a_token_is_given_with_or_without_a_provider(client: Client, estate: Estate, extra: Any) -> None:
    answer = token(client, **extra)
    assert answer.status_code == 200
    assert ("refresh_token" in answer.get_json()) == bool(extra.get("refresh"))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"username": "owner", "password": "wrong"}, 401),
        ({"username": "nobody", "password": "wrong"}, 401),
        ({"username": "owner", "password": "\x00"}, 401),
        ({"username": "owner", "password": "x" * 5000}, 401),
        ({"username": "owner"}, 400),
        ({"password": "x"}, 400),
        ({"username": None, "password": None}, 400),
        ({"username": {"a": 1}, "password": "x"}, 400),
        ({"username": "", "password": ""}, 400),
        ({"username": "owner", "password": "x", "provider": "ldap"}, 400),
        ({"username": "\ud800", "password": "x"}, 400),
        ({"username": "owner", "password": "\ud800"}, 400),
        ({"username": "owner", "password": "x", "code": "\ud800"}, 400),
        ([], 400),
        ("x", 400),
    ],
)
def test_a_login_that_makes_no_sense_is_4xx_with_a_sentence(
    client: Client, estate: Estate, body: Any, status: int
) -> None:
    answer = client.post(LOGIN, data=json.dumps(body), content_type="application/json")
    assert answer.status_code == status
    assert len(answer.get_json()["message"]) > 5


@pytest.mark.parametrize("text", ["", "{", "\x00", "username=a&password=b"])
def test_a_login_body_that_is_no_json_is_400(client: Client, estate: Estate, text: str) -> None:
    answer = client.post(LOGIN, data=text, content_type="application/json")
    assert answer.status_code == 400
    assert answer.get_json()["message"]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Bearer a.b.c", "Basic eDp5"])
def test_a_bad_token_is_401_with_a_sentence(client: Client, estate: Estate, header: str) -> None:
    answer = client.get("/api/v1/house/", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.get_json()["message"]


# ---- what an answer tells (locks: test_lockout.py) -------------------------------------------------------------------
def test_the_two_doors_answer_a_wrong_name_and_a_wrong_password_alike(client: Client, estate: Estate) -> None:
    wrong = [token(client, username=name, password="wrong") for name in ("owner", "nobody")]
    assert wrong[0].get_json() == wrong[1].get_json()


# ---- a changed password ends what was made with it -------------------------------------------------------------------
def test_sessions_and_tokens_end_with_the_password(client: Client, estate: Estate, session: Any) -> None:
    given = token(client, refresh=True).get_json()
    client.login("owner")
    assert client.get("/account/").status_code == 200
    bearer = {"Authorization": f"Bearer {given['access_token']}"}
    refresh = {"Authorization": f"Bearer {given['refresh_token']}"}
    assert client.get("/api/v1/house/", headers=bearer).status_code == 200
    assert client.post("/api/v1/security/refresh", headers=refresh).status_code == 200
    session.query(User).filter_by(username="owner").update({"password": generate_password_hash("Other-Password-1")})
    session.commit()
    assert client.get("/api/v1/house/", headers=bearer).status_code == 401
    assert client.post("/api/v1/security/refresh", headers=refresh).status_code == 401
    assert client.get("/account/").status_code == 302


def test_somebody_switched_off_is_out_at_once(client: Client, estate: Estate, session: Any) -> None:
    client.authorize("owner")
    session.query(User).filter_by(username="owner").update({"active": False})
    session.commit()
    assert client.get("/api/v1/house/").status_code == 401
    assert token(client).status_code == 401


# ---- cookies and headers ---------------------------------------------------------------------------------------------
def test_the_session_cookie_is_kept_from_scripts_and_other_sites(client: Client, estate: Estate) -> None:
    cookie = client.login("owner").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_cookie_is_secure_where_the_address_is_https() -> None:
    from app import _flask_config
    from config import load_settings

    for url, secure in (("https://linli.example.org", True), ("http://127.0.0.1:8080", False)):
        settings = load_settings({"PUBLIC_BASE_URL": url, "LINLI_TESTING": "1"})
        assert _flask_config(settings)["SESSION_COOKIE_SECURE"] is secure


@pytest.mark.filterwarnings("ignore:Yielding raw tuples")
@pytest.mark.parametrize("path", ["/login/", "/ticketview/list/", "/users/list/", "/houseview/add", "/nothing"])
def test_pages_run_no_script_but_ours(client: Client, estate: Estate, path: str) -> None:
    if path != "/login/":
        client.login("admin")
    answer = client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([\w-]+)'", policy)
    assert nonce
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
    text = answer.get_data(as_text=True)
    for script in re.findall(r"<script[^>]*>", text):
        assert f'nonce="{nonce[1]}"' in script, script
    assert not re.search(r"<[a-z]+[^>]*\son[a-z]+=", text), "an inline handler would be stopped"
    assert "javascript:" not in text
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_nonce_is_used_once(client: Client) -> None:
    policies = {client.get("/login/").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


# ---- the start -------------------------------------------------------------------------------------------------------
def test_starting_wrote_no_roles_and_made_no_tables(app: Flask) -> None:
    assert app.config["FAB_CREATE_DB"] is False
    assert app.config["FAB_UPDATE_PERMS"] is False


def test_an_empty_database_stays_empty_by_serving(empty_database: None, client: Client, app: Flask) -> None:
    """Trap 9: FAB creates every table when it starts."""
    from sqlalchemy import inspect

    from app.extensions import db

    client.get("/static/nothing")
    with app.app_context():
        assert inspect(db.engine).get_table_names() == []


def test_permissions_are_written_twice_without_a_trace(app: Flask, session: Any) -> None:
    from app.views.permissions import sync_permissions

    def grants() -> set[tuple[str, str, str]]:
        session.rollback()
        return {
            (role.name, pair.permission.name, pair.view_menu.name)
            for role in session.query(Role)
            for pair in role.permissions
        }

    before = grants()
    assert before
    sync_permissions(app)
    assert grants() == before
    admin = session.query(Role).filter_by(name="technician").one()
    admin.permissions = [*admin.permissions, *session.query(Role).filter_by(name="finance").one().permissions]
    session.commit()
    assert grants() != before
    sync_permissions(app)
    assert grants() == before


def test_an_administrators_own_role_is_left_alone(app: Flask, session: Any) -> None:
    from app.views.permissions import sync_permissions

    pairs = session.query(Role).filter_by(name="technician").one().permissions[:3]
    session.add(Role(name="gardener", permissions=list(pairs)))
    session.commit()
    sync_permissions(app)
    session.rollback()
    assert len(session.query(Role).filter_by(name="gardener").one().permissions) == 3
