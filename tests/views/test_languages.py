"""No page shows a string of the other language, data excepted: every page each role reaches, in Chinese and in English."""

from __future__ import annotations

import re
from collections import deque
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from flask import Flask

from app.rules.codes import Role
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.languages import codes_of, strange, strange_text, texts_of
from tests.support.lived import Lived
from tests.support.walks import beginnings, lived_in, looks_at, missed, shape

pytestmark = pytest.mark.any_database

NOT_PAGES = re.compile(
    r"^/(logout|lang/|static/|appbuilder/|api/|hotline/|metrics|healthz|readyz|phone/|files/|recording)|\.(pdf|csv|xlsx|json)$"
)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and (href := dict(attrs).get("href") or ""):
            self.found.append(href)


@pytest.fixture
def estate_lived_in(app: Flask, estate: Estate) -> tuple[Lived, set[str]]:
    """The estate with one record of each kind, and every word of its records."""
    return lived_in(app, estate)


@pytest.fixture
def data(estate_lived_in: tuple[Lived, set[str]]) -> set[str]:
    """Every word of the records."""
    return estate_lived_in[1]


@pytest.mark.parametrize("role", list(Role))
def test_every_page_of_a_role_is_in_one_language(
    client: Client, estate_lived_in: tuple[Lived, set[str]], role: str
) -> None:
    lived, data = estate_lived_in
    begun = beginnings(lived, role)
    client.login(f"u-{role}")
    wrong: list[str] = []
    client.get("/lang/zh")
    pages = walk(client, begun)
    kinds = {path: begun.get(path) or shape(path) for path in pages}
    assert not missed(role, set(kinds.values()))
    if role == Role.ASSISTANT:
        assert any(path.endswith("/print") for path in pages), "the printed record is read, too"
    for locale in ("zh", "en"):
        client.get(f"/lang/{locale}")
        for path in (path for path, kind in kinds.items() if looks_at(role, kind)):
            html = pages[path] if locale == "zh" else client.get(path, follow_redirects=True).get_data(as_text=True)
            wrong += [f"{locale} {path}: {text[:120]}" for text in strange(html, locale, data | codes_of(path))]
    assert not wrong, "\n".join(sorted(set(wrong)))


def walk(client: Client, begun: dict[str, str], most: int = 240) -> dict[str, str]:
    """The pages reached from the first one by links, and from those begun with: one of each kind of address."""
    waiting = deque([*begun, "/", "/nowhere", "/search?q=1", "/search?q=zzzz"])
    seen, pages = set[str](), dict[str, str]()
    while waiting:
        path = waiting.popleft()
        kind = begun.get(path) or shape(path)
        if kind in seen or NOT_PAGES.search(urlsplit(path).path):
            continue
        seen.add(kind)
        assert len(seen) <= most, f"the walk is cut off before {path} and {len(waiting)} more"
        answer = client.get(path, follow_redirects=True)
        if answer.mimetype != "text/html":
            continue
        html = pages[path] = answer.get_data(as_text=True)
        links = _Links()
        links.feed(html)
        waiting.extend(href.partition("#")[0] for href in links.found if href.startswith("/") and len(href) > 1)
    return pages


def test_forms_say_what_is_wrong_in_the_readers_language(client: Client, data: set[str]) -> None:
    """Every form that adds something, sent empty: the framework's own sentences too."""
    client.login("u-admin")
    wrong: list[str] = []
    forms = [path for path in walk(client, {}) if path.endswith("/add")]
    assert len(forms) > 5
    for locale in ("zh", "en"):
        client.get(f"/lang/{locale}")
        for path in forms:
            html = client.submit(path).get_data(as_text=True)
            wrong += [f"{locale} {path}: {text[:120]}" for text in strange(html, locale, data | codes_of(path))]
    assert not wrong, "\n".join(sorted(set(wrong)))


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_strangers_read_one_language(client: Client, data: set[str], locale: str) -> None:
    client.get(f"/lang/{locale}")
    wrong = []
    for path in ("/login/", "/login/?next=/work/open", "/nowhere", "/reports/none/2020-01/verify", "/ticket/new"):
        html = client.get(path, follow_redirects=True).get_data(as_text=True)
        wrong += [f"{path}: {text[:120]}" for text in strange(html, locale, data)]
    html = client.submit("/login/", {"username": "nobody", "password": "x"}, follow_redirects=True).get_data(
        as_text=True
    )
    wrong += [f"failed log-in: {text[:120]}" for text in strange(html, locale, data)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_programs_are_refused_in_their_language(client: Client, data: set[str], estate: Estate, locale: str) -> None:
    headers = {"Accept-Language": locale}
    answers = [
        client.get("/api/v1/ticket/", headers=headers),
        client.get("/api/v1/ticket/", headers={**headers, "Authorization": "Bearer nonsense"}),
        client.post("/api/v1/security/login", json={"username": "nobody", "password": "x"}, headers=headers),
        client.post("/api/v1/security/login", data="x", headers=headers),
    ]
    client.authorize("u-technician")
    answers += [
        client.get("/api/v1/message/", headers=headers),
        client.get("/api/v1/ticket/999999", headers=headers),
        client.get("/api/v1/ticket/?q=nonsense((", headers=headers),
        client.delete(f"/api/v1/ticket/{estate.tickets['own']}", headers=headers),
        client.post(f"/api/v1/ticket/{estate.tickets['own']}/close", json={}, headers=headers),
        client.post("/api/v1/ticket/", json={"kind": "nothing"}, headers=headers),
    ]
    for answer in answers:
        assert answer.status_code >= 400
        sentence = str((answer.get_json() or {}).get("message", ""))
        assert sentence, (answer.request.path, answer.status_code)
        assert not strange_text(sentence, locale, data), (answer.request.path, sentence)


def test_the_check_sees_what_it_is_for() -> None:
    """Proof by breaking: each of these must be found, and none of those."""
    page = '<p title="{}">{}</p><input type="submit" value="{}"><option>{}</option><b translate="no">{}</b>'
    assert len(strange(page.format(*["工单"] * 5), "en")) == 4
    assert len(strange(page.format(*["New ticket"] * 5), "zh")) == 4
    assert strange('<a lang="zh">中文</a><script>"中文"</script>', "en") == []
    assert strange("<p>张三 called</p>", "en", {"张三"}) == []
    assert strange("<p>in_progress</p>", "zh") == ["in_progress"]
    assert strange("<p>每页 25 条，PDF</p>", "zh") == []
    assert texts_of("<p>a<br>b <img alt='c'></p>d", "en") == ["a", "b", "c", "d"]
