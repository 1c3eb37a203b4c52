"""Language and look: from the browser at first, then the reader's own choice, on every device they log in on."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.support.client import Client
from tests.support.estate import Estate

NewClient = Callable[[], Client]


def language(client: Client, path: str = "/login/", **headers: str) -> str:
    page = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return "en" if '<html lang="en"' in page.get_data(as_text=True) else "zh"


def keep_language(client: Client, code: str, **kwargs: Any) -> Any:
    """The switch of every page."""
    return client.submit("/preferences/language", {"locale": code}, **kwargs)


def theme(client: Client, path: str = "/login/") -> str:
    page = client.get(path, follow_redirects=True).get_data(as_text=True)
    return page.split('data-theme="', 1)[1].split('"', 1)[0]


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9", "en"),
        ("en;q=0.4,zh-TW;q=0.9", "zh"),
        ("fr-FR,fr;q=0.9", "zh"),
        ("fr-FR,fr;q=0.9,en;q=0.5", "en"),
        ("*", "zh"),
        ("nonsense;;;q=", "zh"),
    ],
)
def test_a_first_visit_is_in_the_browsers_language(client: Client, asked: str, read: str) -> None:
    assert language(client, **({"Accept_Language": asked} if asked else {})) == read
    with client.session_transaction() as kept:
        assert "locale" not in kept, "reading needs no cookie"


def test_the_house_setting_decides_where_the_browser_says_nothing(app: Flask, client: Client) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = "en"
    try:
        assert language(client) == "en"
        assert language(client, Accept_Language="zh") == "zh"
    finally:
        app.config["BABEL_DEFAULT_LOCALE"] = "zh"


def test_a_choice_at_the_door_wins_over_the_browser_and_stays_on_the_device(
    client: Client, new_client: NewClient, estate: Estate
) -> None:
    keep_language(client, "en")
    assert language(client, Accept_Language="zh") == "en"
    assert language(new_client()) == "zh"
    assert keep_language(client, "xx").status_code == 400
    client.login("assistant")
    assert language(client, "/") == "en"
    client.submit("/logout/")
    assert language(client) == "en"


def test_a_chosen_language_follows_the_login_to_every_device(
    client: Client, new_client: NewClient, estate: Estate
) -> None:
    client.login("assistant")
    assert language(client, "/") == "zh"
    keep_language(client, "en")
    other = new_client()
    assert language(other, Accept_Language="zh") == "zh"
    other.login("assistant")
    assert language(other, "/", Accept_Language="zh") == "en"
    third = new_client()
    third.login("supervisor")
    assert language(third, "/") == "zh", "a colleague keeps theirs"


def test_the_next_one_at_the_same_machine_reads_their_own_language(client: Client, estate: Estate) -> None:
    client.login("supervisor")
    keep_language(client, "zh")
    client.submit("/logout/")
    client.login("assistant")
    keep_language(client, "en")
    client.submit("/logout/")
    client.login("supervisor")
    assert language(client, "/") == "zh"


def test_an_address_changes_the_language_of_this_session_and_stores_nothing(
    client: Client, new_client: NewClient, estate: Estate
) -> None:
    client.login("assistant")
    followed = client.get("/lang/en", headers={"Referer": "http://localhost/work/open?page=0"})
    assert followed.location == "/work/open?page=0"
    assert not [name for name in followed.headers.getlist("Set-Cookie") if name.startswith("linli_lang")]
    assert language(client, "/") == "en"
    other = new_client()
    other.login("assistant")
    assert language(other, "/") == "zh"
    client.submit("/logout/")
    assert language(client) == "zh"
    assert client.get("/lang/xx").status_code == 404
    assert client.submit("/lang/en").status_code == 405


@pytest.mark.parametrize(
    ("referrer", "leads_to"),
    [
        ("http://localhost/work/open?page=0", "/work/open?page=0"),
        ("http://elsewhere.example/work/open", "/"),
        ("http://localhost//elsewhere.example/x", "/elsewhere.example/x"),
        ("http://localhost/\\elsewhere.example", "/elsewhere.example"),
        ("nonsense", "/"),
        ("", "/"),
    ],
)
def test_a_changed_language_leads_back_within_the_house_alone(client: Client, referrer: str, leads_to: str) -> None:
    assert client.get("/lang/en", headers={"Referer": referrer}).location == leads_to
    assert keep_language(client, "zh", headers={"Referer": referrer}).location == leads_to


def test_a_choice_without_the_pages_token_stores_nothing(client: Client, new_client: NewClient, estate: Estate) -> None:
    client.login("assistant")
    answer = client.post(
        "/preferences/language", data={"locale": "en"}, headers={"Referer": "http://localhost/work/open"}
    )
    assert answer.location == "/lang/en", "what the address does for everybody, for a page that stood open too long"
    assert client.post("/preferences/language", data={"locale": "//x"}).status_code == 400
    other = new_client()
    other.login("assistant")
    assert language(other, "/") == "zh"


def test_a_households_choice_is_the_language_it_is_written_to_in(client: Client, estate: Estate, session: Any) -> None:
    from app.models import Person

    client.login("owner")
    client.get("/lang/en")
    assert session.get(Person, estate.people["own"]).locale == "zh", "an address that is followed stores nothing"
    session.rollback()
    keep_language(client, "en")
    session.expire_all()
    assert session.get(Person, estate.people["own"]).locale == "en"
    assert session.get(Person, estate.people["next"]).locale == "zh"


def test_programs_say_their_language_with_every_request(client: Client, estate: Estate) -> None:
    client.login("assistant")
    client.get("/lang/en")
    answer = client.get("/api/v1/ticket/", headers={"Accept-Language": "zh"})
    assert "请" in answer.get_data(as_text=True), "the session's language is the pages'"


def test_the_look_is_written_by_the_server_and_kept_for_the_login(
    client: Client, new_client: NewClient, estate: Estate
) -> None:
    assert theme(client) == "auto"
    assert client.submit("/preferences/theme", {"theme": "dark"}).status_code == 302
    assert theme(client) == "dark"
    assert theme(new_client()) == "auto"
    client.login("assistant")
    assert client.submit("/preferences/theme", {"theme": "light"}, headers={"X-Fragment": "1"}).status_code == 204
    assert theme(client, "/") == "light"
    other = new_client()
    other.login("assistant")
    assert theme(other, "/") == "light"
    assert client.submit("/preferences/theme", {"theme": "pink"}).status_code == 400
    assert client.post("/preferences/theme", data={"theme": "dark"}).status_code == 400, "without the form's token"


def test_small_choices_are_each_logins_own(app: Flask, estate: Estate, session: Any) -> None:
    from app.errors import Invalid
    from app.services import preferences
    from app.services.actors import Actor

    mine, yours = (Actor(user_id=number, username="", display_name="") for number in user_ids(session))
    preferences.remember(session, mine, "tickets.columns", ["number"])
    preferences.remember(session, mine, "tickets.size", 50)
    preferences.remember(session, yours, "tickets.columns", ["title"])
    preferences.remember(session, mine, "tickets.size", None)
    assert preferences.choice(session, mine, "tickets.columns") == ["number"]
    assert preferences.choice(session, yours, "tickets.columns") == ["title"]
    assert preferences.choice(session, mine, "tickets.size", 25) == 25
    with pytest.raises(Invalid):
        preferences.remember(session, mine, "all", "x" * 40_000)
    with pytest.raises(Invalid):
        preferences.remember(session, Actor.system("job"), "all", 1)


def user_ids(session: Any) -> list[int]:
    from flask_appbuilder.security.sqla.models import User

    return [row.id for row in session.query(User).filter(User.username.in_(["assistant", "steward"]))]


def test_the_tour_is_put_away_for_good_and_called_back(client: Client, new_client: NewClient, estate: Estate) -> None:
    def shown(browser: Client) -> bool:
        with browser.session_transaction() as kept:
            return bool(kept.get("tour"))

    client.login("assistant")
    assert shown(client)
    client.submit("/preferences/tour")
    assert not shown(client)
    other = new_client()
    other.login("assistant")
    assert not shown(other)
    assert client.submit("/preferences/tour", {"again": "1"}).location == "/"
    assert shown(client)
    assert new_client().submit("/preferences/tour").status_code == 401
