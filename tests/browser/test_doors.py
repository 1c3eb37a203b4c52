"""The doors as people walk through them: an invited owner on a telephone, a first password, a code from the authenticator."""

from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.watch import Watch, refused
from tests.support.client import DEMO_PASSWORD
from tests.support.estate import Estate

OWN = "Good-Morning-77"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def watch(page: Page, site: str) -> Any:
    made = Watch(page, site)
    yield made
    made.clean()


def enter(page: Page, site: str, name: str, password: str = DEMO_PASSWORD) -> None:
    page.goto(f"{site}/login/")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def typed_twice(page: Page, password: str) -> None:
    page.fill("#password", password)
    page.fill("#again", password)
    page.keyboard.press("Enter")


def test_an_invited_owner_comes_in_by_a_letter_on_a_telephone(
    app: Flask, page: Page, site: str, estate: Estate, watch: Watch
) -> None:
    enter(page, site, "assistant")
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(f"{site}/invite/person/{estate.people['next']}")
    watch.look()
    page.click("button[value=letter]")
    code = page.inner_text(".code-big")
    watch.look()
    page.context.clear_cookies()
    page.set_viewport_size(PHONE)
    page.goto(f"{site}/welcome")
    watch.look()
    page.keyboard.type(code.lower())
    page.keyboard.press("Enter")
    expect(page.locator("[name=username]")).to_have_value("13900000001")
    watch.look()
    with refused(page, 400, "/welcome/"):
        typed_twice(page, "short")
        expect(page.locator("#password-error")).to_be_visible()
    watch.look()
    typed_twice(page, OWN)
    page.wait_for_url("**/owner/")


def test_a_first_password_is_changed_and_a_second_factor_set_up(
    page: Page, site: str, estate: Estate, watch: Watch, session: Any, log_in: Callable[..., Page]
) -> None:
    from flask_appbuilder.security.sqla.models import User
    from sqlalchemy import select

    from app.services.login_state import require_change

    require_change(session, session.scalar(select(User.id).where(User.username == "manager")))
    session.commit()
    page.set_viewport_size(PHONE)
    enter(page, site, "manager")
    page.wait_for_url("**/account/password")
    watch.look()
    typed_twice(page, OWN)
    page.wait_for_url(f"{site}/")
    page.goto(f"{site}/account/")
    watch.look()
    page.goto(f"{site}/account/second-factor")
    watch.look()
    telephone = pyotp.TOTP(page.inner_text(".factor__secret").replace("-", ""))
    page.fill("[name=code]", telephone.now())
    page.keyboard.press("Enter")
    expect(page.locator(".codes code")).to_have_count(8)
    watch.look()
    recovery = page.locator(".codes code").first.inner_text()
    page.context.clear_cookies()
    enter(page, site, "manager", OWN)
    page.wait_for_url("**/login/code")
    watch.look()
    page.keyboard.type(recovery)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/")
