"""A step of a real day of each role that has no test of its own here: from the first page to what is done, wide and on a telephone,
half of them in Chinese and half in English; no page throws, calls out, scrolls sideways, breaks WCAG 2.2 AA or mixes languages.

One running product serves all of them: what one plans another moves and a third calls off, as people do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.adapters.clock import now
from app.rules.codes import PaymentWay, Role, RowScope
from app.services import knowledge
from app.services.local_time import local_zone
from tests.browser.test_days import TELEPHONE, WIDE, read
from tests.browser.watch import Watch
from tests.support.estate import Estate
from tests.support.lived import ANSWER, Lived, actors
from tests.support.walks import lived_in


@dataclass
class Day:
    """The page of whoever is logged in, and what is known of the estate. `data` grows by what is typed."""

    page: Page
    watch: Watch
    site: str
    estate: Estate
    draft: int
    """A standard answer the assistant has written, nobody has reviewed."""
    data: set[str]
    locale: str = "zh"
    drill: str = ""
    """Address of the drill that was planned in this test."""

    def open(self, path: str) -> None:
        """Go there and look at it."""
        self.page.goto(self.site + path)
        self.look()

    def look(self) -> None:
        """Hold the page as it is against all it may not do."""
        expect(self.page.locator("html")).to_have_attribute("lang", "en" if self.locale == "en" else re.compile("^zh"))
        path = self.page.url.removeprefix(self.site).partition("#")[0]
        read(self.page, self.watch, path, self.locale, self.data)

    def fill(self, selector: str, words: str) -> None:
        """Type into a field; the words are data from now on."""
        self.data.add(words)
        self.page.locator(selector).first.fill(words)

    def send(self, form: str, leads_to: str) -> None:
        """Send a form, saying yes where the page asks back; the page it leads to, a pattern of its address, is looked at."""
        button = self.page.locator(f"{form} button[type=submit]").last
        if self.page.locator(f"{form} input[name=confirm]").count():
            button.click()
            expect(self.page.locator("dialog.confirm")).to_be_visible()
            self.look()
            button = self.page.locator("dialog.confirm .confirm__row button:last-child")
        with self.page.expect_navigation():
            button.click()
        expect(self.page).to_have_url(re.compile(leads_to))
        expect(self.page.locator(".notice--bad[role=alert]")).to_have_count(0)
        self.look()


def steward(day: Day) -> None:
    """Asks a household why it has not paid, and notes what was said."""
    house = day.estate.houses["own"]
    day.open(f"/arrears/house/{house}")
    day.page.locator("#f-reason").select_option("promised")
    day.fill("#f-reason-note", f"电话里说月底付清 {day.locale}")
    day.send("form[action$='/reason']", rf"/arrears/house/{house}")
    expect(day.page.locator("[aria-labelledby=why] .rows")).to_contain_text(f"电话里说月底付清 {day.locale}")


def finance(day: Day) -> None:
    """Takes cash over the counter and hands out the receipt."""
    house = day.estate.houses["own"]
    day.open(f"/payments/house/{house}")
    form = f"form[action='/payments/house/{house}']:has([name=payer_id][value='{day.estate.people['own']}'])"
    day.fill(f"{form} [name=amount]", "20.50")
    day.page.locator(f"{form} [name=way]").select_option(PaymentWay.CASH)
    day.send(form, r"/payments/\d+$")
    expect(day.page.locator("h1")).to_contain_text("20.50")
    receipt = day.page.locator(f"a[href$='receipt.pdf?lang={day.locale}']")
    answer = day.page.request.get(day.site + (receipt.get_attribute("href") or ""))
    assert answer.ok
    assert answer.body().startswith(b"%PDF")


def quality(day: Day) -> None:
    """Puts a second name under an answer before it is published."""
    day.open("/knowledge/?show=turn")
    day.page.locator(f"main a[href^='/knowledge/{day.draft}']").first.click()
    form = f"form[action='/answers/{day.draft}/review']"
    expect(day.page.locator(form)).to_be_visible()
    day.look()
    day.send(form, rf"/knowledge/{day.draft}\b")
    expect(day.page.locator(form)).to_have_count(0)
    expect(day.page.locator(f"form[action='/answers/{day.draft}/publish']")).to_be_visible()


def deputy(day: Day) -> None:
    """Plans a drill of an emergency plan."""
    day.open("/drill/new")
    day.page.locator("#f-plan").select_option(index=1)
    day.fill("#f-starts", f"{(now() + timedelta(days=10)).astimezone(local_zone()):%Y-%m-%dT10:00}")
    day.fill("#f-place", "3幢地下室")
    day.page.locator("#f-leader").select_option(str(day.estate.staff[Role.TECHNICIAN]))
    day.page.locator(f"[name=members][value='{day.estate.staff[Role.STEWARD]}']").check()
    day.send("form.plan-form", r"/drill/\d+$")
    expect(day.page.locator("aside")).to_contain_text("员工steward")
    day.drill = day.page.url.removeprefix(day.site)


def supervisor(day: Day) -> None:
    """Moves it to another place; whoever takes part is told."""
    day.open(day.drill)
    day.page.locator(f"a[href='{day.drill}/edit']").click()
    expect(day.page.locator("#f-place")).to_have_value("3幢地下室")
    day.look()
    day.fill("#f-place", "2幢地下室")
    day.send("form.plan-form", r"/drill/\d+$")
    expect(day.page.locator(".page-head p")).to_contain_text("2幢地下室")
    expect(day.page.locator("aside")).to_contain_text("3幢地下室 → 2幢地下室")


def manager(day: Day) -> None:
    """Calls it off with the reason."""
    day.open(day.drill)
    day.page.locator("details:has(#f-why) > summary").click()
    day.fill("#f-why", "当天台风预警")
    day.send("form[action$='/cancel']", r"/drill/\d+$")
    expect(day.page.locator("#f-why")).to_have_count(0)
    expect(day.page.locator("aside")).to_contain_text("当天台风预警")


def admin(day: Day) -> None:
    """Makes a role of the house's own, in plain words."""
    day.open("/roles/list/")
    day.page.locator("main a[href='/roles/add']").first.click()
    day.fill("#name", "前台学徒")
    day.page.locator(f"[name=scope][value='{RowScope.BUILDING}']").check()
    for line in day.page.locator("[name=line]").all()[:3]:
        line.check()
    day.look()
    day.send("form.access", r"/roles/show/\d+$")
    expect(day.page.locator("h1")).to_contain_text("前台学徒")


def resident(day: Day) -> None:
    """Reports that boxes stand in the staircase."""
    day.open("/owner/new")
    for field, value in (("kind", "repair"), ("category", "cleaning")):
        day.page.locator(f"label:has([name={field}][value={value}])").click()
    day.fill("#f-description", "三楼楼道有一堆纸箱")
    day.send("main form.o-form", r"/owner/ticket/\d{8}$")
    expect(day.page.locator("h1")).to_have_text("三楼楼道有一堆纸箱")
    day.open("/owner/matters")
    expect(day.page.locator("main")).to_contain_text("三楼楼道有一堆纸箱")


DAYS: dict[Role, Callable[[Day], None]] = {
    Role.STEWARD: steward,
    Role.FINANCE: finance,
    Role.QUALITY: quality,
    Role.DEPUTY: deputy,
    Role.SUPERVISOR: supervisor,
    Role.MANAGER: manager,
    Role.ADMIN: admin,
    Role.RESIDENT: resident,
}
"""Role → the step of its day, in the order they are taken. Those of assistant, technician and owner have files of their own."""

LANGUAGES = ("zh", "en")


@pytest.fixture
def lived(app: Flask, estate: Estate) -> tuple[Lived, set[str], int]:
    """The estate as it is lived in, the words of its records, and a draft of a standard answer."""
    from app.extensions import db

    lived, words = lived_in(app, estate)
    with app.app_context():
        session = db.session()
        sent = {**ANSWER, "question": "装修垃圾堆在哪里", "question_en": "Where does building waste go?"}
        made = knowledge.save(session, actors(session, estate, now())(Role.ASSISTANT), now(), sent)
        draft = made.article_id
        session.commit()
        db.session.remove()
    return lived, words | set(sent.values()), draft


@pytest.mark.timeout(600)  # eight people, some dozens of pages
@pytest.mark.parametrize("size", [WIDE, TELEPHONE], ids=["wide", "telephone"])
def test_a_step_of_each_role_s_day(
    lived: tuple[Lived, set[str], int],
    log_in: Callable[[str], Page],
    page: Page,
    site: str,
    estate: Estate,
    size: dict[str, int],
) -> None:
    _records, words, draft = lived
    day = Day(page, Watch(page, site), site, estate, draft, set(words))
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="dark" if size is TELEPHONE else "light")
    for place, (role, step) in enumerate(DAYS.items()):
        page.goto("about:blank")  # nobody's page asks for news while another logs in
        page.context.clear_cookies()
        log_in(f"u-{role}")
        # What is read in Chinese on a wide screen is read in English on a telephone.
        day.locale = LANGUAGES[(place + (size is TELEPHONE)) % 2]
        page.goto(f"{site}/lang/{day.locale}")
        try:
            day.open("/")
            step(day)
            day.watch.clean()
        except AssertionError as error:
            error.add_note(f"in the {role}'s day, in {day.locale}")
            raise


def test_every_role_has_a_day() -> None:
    elsewhere = {
        Role.ASSISTANT: "test_portal.py",
        Role.TECHNICIAN: "test_ticket_page.py",
        Role.OWNER: "test_owner_day.py",
    }
    assert {*DAYS, *elsewhere} == set(Role)
