"""The telephone page (I6): who may open it, and that it refuses nonsense."""

import pytest
from flask.testing import FlaskClient

from app.adapters.carrier.simulator import simulator_of

AWAY = {"REMOTE_ADDR": "203.0.113.9"}
SID = "CA" + "0" * 32


@pytest.fixture
def idle(app, monkeypatch: pytest.MonkeyPatch) -> None:
    """The company takes orders and does no work: no server runs here."""
    monkeypatch.setattr(simulator_of(app.extensions["settings"]), "work", lambda: None)


def test_from_this_machine_it_opens_without_an_account(client, idle) -> None:
    page = client.get("/phone")
    assert page.status_code == 200
    assert "keypad" in page.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/phone/state", "/phone/dial", "/phone/act", "/phone/sms"])
def test_from_elsewhere_it_is_shut(client, idle, path: str) -> None:
    method = client.get if path.endswith("state") else client.submit
    assert method(path, environ_overrides=AWAY).status_code == 403


def test_strangers_are_sent_to_the_log_in(client, idle) -> None:
    answer = client.get("/phone", environ_overrides=AWAY)
    assert (answer.status_code, answer.location) == (302, "/login/?next=/phone")


@pytest.mark.parametrize(("role", "status"), [("assistant", 200), ("admin", 200), ("steward", 403), ("owner", 403)])
def test_from_elsewhere_only_assistants_and_admins(client, user, idle, role: str, status: int) -> None:
    client.login(user(role))
    assert client.get("/phone", environ_overrides=AWAY).status_code == status


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "203.0.113.9"}, {"Host": "evil.example.org"}])
def test_a_proxy_or_a_foreign_name_is_not_this_machine(client: FlaskClient, idle, headers: dict[str, str]) -> None:
    assert client.get("/phone", headers=headers).status_code in (302, 403)


def test_without_the_simulator_there_is_no_page(app, client, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], carrier="twilio"))
    for path in ("/phone", "/phone/state"):
        assert client.get(path).status_code == 404


def test_a_forged_request_is_refused(client, idle) -> None:
    assert client.post("/phone/dial", json={"from": "+8613800138001", "to": "+862160000000"}).status_code == 400


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/phone/dial", {"from": "", "to": "+862160000000"}),
        ("/phone/dial", {"from": "abc", "to": "+862160000000"}),
        ("/phone/dial", {"from": 7, "to": None}),
        ("/phone/dial", []),
        ("/phone/act", {"sid": SID, "what": "explode"}),
        ("/phone/act", {"sid": "x", "what": "keys", "value": "1"}),
        ("/phone/act", {"sid": SID, "what": "keys", "value": "one"}),
        ("/phone/act", {"sid": SID, "what": "words", "value": "\x00"}),
        ("/phone/sms", {"from": "+8613800138001", "to": "+862160000000", "body": ""}),
    ],
)
def test_nonsense_is_refused_with_a_sentence(client, idle, path: str, data: object) -> None:
    answer = client.post(path, json=data, headers={"X-CSRFToken": client.csrf_token()})
    assert answer.status_code == 400
    assert answer.get_json()["message"]


def test_a_call_that_is_over_is_a_conflict(client, idle) -> None:
    answer = client.post(
        "/phone/act", json={"sid": SID, "what": "hang_up"}, headers={"X-CSRFToken": client.csrf_token()}
    )
    assert answer.status_code == 409


@pytest.mark.parametrize("query", ["sid=&after=", "sid=' OR 1&after=x", f"sid={SID}&after=99999999999999999999"])
def test_state_answers_whatever_it_is_asked(client, idle, query: str) -> None:
    answer = client.get(f"/phone/state?{query}")
    assert answer.status_code == 200
    assert answer.get_json()["line"] is None
