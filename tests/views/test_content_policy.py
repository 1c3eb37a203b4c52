"""The content policy has no exceptions, and no page needs one: nothing inline anywhere, whoever looks."""

import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import IntegerConverter

from tests.support.client import Client
from tests.support.estate import Estate

pytestmark = pytest.mark.any_database

INLINE = (
    (re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE), "a style attribute"),
    (re.compile(r"<style\b", re.IGNORECASE), "a style element"),
    (
        re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")[^>]*>", re.IGNORECASE),
        "a script without src",
    ),
    (re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE), "an inline handler"),
    (re.compile(r"javascript:", re.IGNORECASE), "a javascript: address"),
    (re.compile(r"(?:src|href)=\"(?:https?:)?//(?!localhost|127\.0\.0\.1)", re.IGNORECASE), "another host"),
)
ROLES = ("admin", "manager", "technician", "owner")


def pages(app: Flask) -> list[str]:
    """Every address a person may type in, with 1 for every number."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule.startswith(("/api/", "/hotline", "/static", "/appbuilder")):
            continue
        if rule.endpoint in ("LoginPage.logout", "PreferencesPage.language", "health.metrics"):
            continue
        values = dict.fromkeys(rule.arguments, "1")
        with app.test_request_context():
            adapter = app.url_map.bind("localhost")
            typed = {
                name: 1 if isinstance(rule._converters[name], IntegerConverter) else value
                for name, value in values.items()
            }
            found.append((rule.endpoint, str(adapter.build(rule.endpoint, typed, method="GET"))))
    return [path for _endpoint, path in found]


def findings(text: str) -> list[str]:
    return [f"{what}: {match[0][:90]}" for pattern, what in INLINE for match in pattern.finditer(text)]


def test_the_policy_has_no_exception(client: Client) -> None:
    policy = client.get("/login/").headers["Content-Security-Policy"]
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert "unsafe" not in policy
    assert rules["style-src"] == "'self'"
    assert rules["default-src"] == rules["connect-src"] == rules["form-action"] == "'self'"
    assert rules["object-src"] == rules["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("role", ["", *ROLES])
def test_no_page_needs_one(app: Flask, client: Client, estate: Estate, role: str) -> None:
    if role:
        client.login(role)
    wrong, seen = {}, 0
    for path in pages(app):
        answer = client.get(path)
        if answer.mimetype == "text/html":
            seen += answer.status_code == 200
            found = findings(answer.get_data(as_text=True))
            if found:
                wrong[path] = found[:3]
    assert wrong == {}
    assert seen >= (3 if not role else 10)


def test_the_finder_finds() -> None:
    bad = '<p style="x"><style></style><script>1</script><b onclick="x"><a href="javascript:1"><img src="//cdn.example/x">'
    assert len(findings(bad)) == 6
    assert findings('<script src="/static/x.js" nonce="a" defer></script><p class="style">on=1</p>') == []


def test_every_answer_is_kept_from_other_sites(client: Client, estate: Estate) -> None:
    headers = client.get("/login/").headers
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers, "plain http on this machine"


def test_https_is_kept_and_its_cookie_is_the_hosts_own(tmp_path: Any) -> None:
    """An application of its own behind https: HSTS, and `__Host-` with Secure, Path=/ and no Domain."""
    from app import _flask_config
    from config import load_settings

    environ = {"PUBLIC_BASE_URL": "https://linli.example.org", "LINLI_TESTING": "1", "DATA_DIR": str(tmp_path)}
    made = _flask_config(load_settings(environ))
    assert made["SESSION_COOKIE_NAME"] == "__Host-session"
    assert made["SESSION_COOKIE_SECURE"] is True
    assert "SESSION_COOKIE_DOMAIN" not in made

    from types import SimpleNamespace

    from app.views.base.headers import install_headers

    bare = Flask("bare")
    bare.extensions["settings"] = SimpleNamespace(is_secure=True)
    install_headers(bare)
    bare.add_url_rule("/", "x", lambda: "x")
    assert bare.test_client().get("/").headers["Strict-Transport-Security"].startswith("max-age=3")
