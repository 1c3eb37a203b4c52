"""Every kind of page each role reaches, in a browser: in Chinese on a wide window and in English on a telephone in the dark, held
against WCAG 2.2 AA; no page throws, scrolls sideways, calls out or shows a string of the other language."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from app.adapters.clock import now
from app.rules.codes import Role
from tests.browser.watch import Watch
from tests.support.estate import Estate
from tests.support.languages import codes_of, known_data, let_things_happen, strange

MOST_PAGES = 50
"""A role's first fifty kinds of pages, within the time of the whole suite; `tests/views/test_languages.py` reads them all."""
NOT_PAGES = re.compile(
    r"^/(logout|lang|static|api|swagger|recording|attachment)|\.(pdf|csv|xlsx|ics)\b|/export|fragment="
)
WIDE, TELEPHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def data(app: Flask, estate: Estate) -> set[str]:
    """Every word of the estate's records; logins get names that are no words of ours."""
    from flask_appbuilder.security.sqla.models import User

    from app.extensions import db

    with app.app_context():
        session = db.session()
        for user in session.query(User).filter(User.username.in_([*Role, "stranger"])):
            user.first_name, user.username = f"Login-{user.username}", f"u-{user.username}"
        session.commit()
        let_things_happen(session, estate.tickets.values(), now())
        found = known_data(session)
        db.session.remove()
    return found


def shape(path: str) -> str:
    """What kind of page an address is: numbers and searches do not make another kind."""
    return re.sub(r"\d+(-\d+)?", "N", path.partition("?")[0])


def links(page: Page) -> list[str]:
    """The addresses of this site that the page leads to."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('a[href]')].filter(a => a.origin === location.origin).map(a => a.pathname + a.search)"
    )
    return [path for path in dict.fromkeys(found) if not NOT_PAGES.search(path)]


def read(page: Page, watch: Watch, path: str, locale: str, data: set[str]) -> None:
    """Look at the page as it is."""
    watch.look(f"{locale} {shape(path)}")
    watch.found.extend(
        f"{locale} {path}: {text[:120]}" for text in strange(page.content(), locale, data | codes_of(path))
    )


@pytest.mark.timeout(900)  # some dozens of pages, each looked at twice
@pytest.mark.parametrize("role", list(Role))
def test_every_kind_of_page_of_a_role_stands_in_both_languages_wide_and_narrow(
    data: set[str], log_in: Callable[[str], Page], site: str, role: str
) -> None:
    page = log_in(f"u-{role}")
    watch = Watch(page, site)
    page.set_viewport_size(WIDE)
    paths, waiting, kinds = list[str](), ["/"], set[str]()
    while waiting and len(paths) < MOST_PAGES:
        path = waiting.pop(0)
        if shape(path) in kinds:
            continue
        kinds.add(shape(path))
        answer = page.goto(site + path)
        assert answer is not None and answer.status == 200, f"{path} answers {answer and answer.status}"
        read(page, watch, path, "zh", data)
        paths.append(path)
        waiting.extend(links(page))
    assert len(paths) > 3, paths
    page.set_viewport_size(TELEPHONE)
    page.emulate_media(color_scheme="dark")
    page.goto(f"{site}/lang/en")
    for path in paths:
        page.goto(site + path)
        assert page.locator("html").get_attribute("lang") == "en"
        read(page, watch, path, "en", data)
    watch.clean()
