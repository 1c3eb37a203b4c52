"""The tour of the first log-in and the guide to print: from one source, for every role."""

import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser

import pytest
from flask import Flask

from app.rules.codes import Role
from app.views.guides import GUIDES
from tests.support.client import Client
from tests.support.estate import Estate


def first_page(client: Client) -> str:
    return client.get("/", follow_redirects=True).get_data(as_text=True)


def test_every_role_has_a_guide_of_five_steps() -> None:
    assert set(GUIDES) == set(Role)
    assert all(len(guide.steps) == 5 for guide in GUIDES.values())


@pytest.mark.parametrize("role", list(Role))
def test_the_first_log_in_offers_the_tour_and_the_guide_has_the_same_steps(
    app: Flask, client: Client, estate: Estate, role: str
) -> None:
    client.login(role)
    page = first_page(client)
    assert "data-tour" in page
    assert page.count("data-target=") == 5
    guide = client.get("/help/").get_data(as_text=True)
    for title in re.findall(r"data-target=[^>]*><h2>([^<]+)</h2>", page):
        assert title in guide
    assert guide.count('class="guide__number"') == 5


class Page(HTMLParser):
    """Every element of a page with those around it, each as its attributes and `""` for its tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.around: list[dict[str, str]] = []
        self.elements: list[list[dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        one = {"": tag, **{name: value or "" for name, value in attrs}}
        self.elements.append([*self.around, one])
        if tag not in ("area", "br", "hr", "img", "input", "link", "meta", "source", "wbr"):
            self.around.append(one)

    def handle_endtag(self, tag: str) -> None:
        while self.around and self.around.pop()[""] != tag:
            pass

    def has(self, selector: str) -> bool:
        """Whether an element fits, of the few kinds of selector that the guides use, and is in no template."""
        *outer, last = selector.split()
        return any(
            _fits(chain[-1], last)
            and all(any(_fits(one, part) for one in chain[:-1]) for part in outer)
            and not any(one[""] == "template" for one in chain)
            for chain in self.elements
        )


def _fits(one: dict[str, str], part: str) -> bool:
    if part.startswith("["):
        name, _equals, value = part.strip("[]").partition("=")
        return one.get(name) == value.strip('"')
    if part.startswith("."):
        return part[1:] in one.get("class", "").split()
    return one.get("id") == part[1:] if part.startswith("#") else one[""] == part


@pytest.mark.parametrize("role", list(Role))
def test_every_step_of_the_tour_points_at_something_of_its_page(client: Client, estate: Estate, role: str) -> None:
    client.login(role)
    text = first_page(client)
    page = Page(text)
    targets = [unescape(one) for one in re.findall(r'data-target="([^"]+)"', text)]
    assert len(targets) == 5
    assert [target for target in targets if not any(map(page.has, target.split(", ")))] == []


def test_the_tour_is_put_away_for_good(client: Client, new_client: Callable[[], Client], estate: Estate) -> None:
    client.login("assistant")
    client.submit("/preferences/tour", headers={"X-Fragment": "1"})
    assert "data-tour" not in first_page(client)
    other = new_client()
    other.login("assistant")
    assert "data-tour" not in first_page(other)
    other.submit("/preferences/tour", {"again": "1"})
    assert "data-tour" in first_page(other)


def test_the_tour_is_a_card_in_the_page_and_on_the_first_one_only(client: Client, estate: Estate) -> None:
    client.login("assistant")
    assert "data-tour" not in client.get("/ticketview/list/").get_data(as_text=True)


def test_guides_are_read_by_whoever_logs_in_and_by_no_stranger(client: Client, estate: Estate) -> None:
    assert client.get("/help/").status_code == 302
    client.login("assistant")
    assert client.get("/help/technician").status_code == 200
    assert client.get("/help/nothing").status_code == 404
