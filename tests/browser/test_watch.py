"""The watch of the browser tests finds what is missing on a page, and forgives only what a test names."""

import pytest
from playwright.sync_api import Page

from tests.browser.watch import Watch, refused

SITE = "http://127.0.0.1:9"
PARTS = {
    "script": '<script src="/gone"></script>',
    "stylesheet": '<link rel="stylesheet" href="/gone">',
    "image": '<img src="/gone" alt="">',
    "font": "<style>@font-face{font-family:own;src:url(/gone)} p{font-family:own}</style><p>own</p>",
    "fetch": "<script>fetch('/gone').then(() => document.title = 'asked')</script>",
}


def show(page: Page, part: str, status: int) -> None:
    """A page of its own with one part that the server refuses."""
    page.route("**/*", lambda route: route.fulfill(status=status, body=""))
    page.route(f"{SITE}/", lambda route: route.fulfill(body=f"<!doctype html>{part}", content_type="text/html"))
    page.goto(f"{SITE}/", wait_until="networkidle")


@pytest.mark.parametrize("status", [403, 404, 422, 500])
@pytest.mark.parametrize("kind", list(PARTS))
def test_a_part_that_is_refused_is_a_finding(page: Page, kind: str, status: int) -> None:
    watch = Watch(page, SITE)
    show(page, PARTS[kind], status)
    with pytest.raises(AssertionError, match=rf"{status} \({kind}\): {SITE}/gone"):
        watch.clean()


def test_a_refusal_the_test_names_is_none(page: Page) -> None:
    watch = Watch(page, SITE)
    with refused(page, 404, "/gone"):
        show(page, PARTS["fetch"], 404)
    watch.clean()
    page.reload(wait_until="networkidle")
    with pytest.raises(AssertionError, match="404"):
        watch.clean()


def test_a_refusal_that_is_named_must_come(page: Page) -> None:
    with pytest.raises(AssertionError, match="nothing at /gone"), refused(page, 404, "/gone"):
        show(page, PARTS["fetch"], 200)
