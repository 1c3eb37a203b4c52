"""What a page may never do in front of people: script errors, other hosts, failing answers, axe violations, sideways scrolling."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from playwright.sync_api import Page

REFUSED = "the server responded with a status of 4"
"""The browser notes every refusal in its console, too, where it says neither of what kind the request was nor whether a test meant it."""

EXPECTED = (REFUSED, "net::ERR_FAILED", "net::ERR_INTERNET_DISCONNECTED")
"""Besides, what a test that takes the line away brings about itself."""

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
AXE = files("axe_playwright_python").joinpath("axe.min.js")
_RUN = """(standards) => axe.run(document, {runOnly: {type: "tag", values: standards}, resultTypes: ["violations"]})
  .then((found) => found.violations.map((each) =>
    `${each.id}: ${each.nodes.slice(0, 4).map((node) => node.target.join(" ") + " " + node.html.slice(0, 160)
      + " " + (node.failureSummary || "").split("\\n").slice(1, 3).join(" ").trim()).join(" | ")}`))"""
_SETTLED = """() => Promise.all(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().endTime !== Infinity).map((one) => one.finished.catch(() => 0)))"""
"""What fades in has its colours only when it has arrived."""
_TOO_WIDE = """() => {
  const over = document.documentElement.scrollWidth - window.innerWidth;
  if (over <= 0) return "";
  const widest = [...document.querySelectorAll("body *")].find((one) => one.getBoundingClientRect().right > window.innerWidth + 1
    && getComputedStyle(one).position !== "fixed");
  return `${over} px too wide: ${widest ? widest.outerHTML.slice(0, 160) : "?"}`;
}"""


_PARTS = """() => [...new Set([...document.querySelectorAll("body *")].map((one) => [one.tagName, ...one.classList,
  ...["role", "type", "href", "tabindex", "aria-label", "aria-current", "aria-expanded", "disabled", "alt"]
    .map((name) => name + (one.hasAttribute(name) ? "+" : "-")),
  one.parentElement.tagName, ...one.parentElement.classList].join(" ")))]"""
"""What axe's rules look at, without words and numbers: each element with its classes, its parent's, and what it says of itself."""

_HELD: defaultdict[str, set[str]] = defaultdict(set)
"""Kind of page → the parts that were without fault there, in this process."""


_MEANT: WeakKeyDictionary[Page, list[tuple[int, str, list[str]]]] = WeakKeyDictionary()
"""Page → the refusals its test brings about: status, beginning of the path, and the answers that were such."""


@contextmanager
def refused(page: Page, status: int, path: str) -> Iterator[None]:
    """In here some request whose path begins so is answered with this status; it fails when none is. A refusal of 4xx nobody names is a
    finding, whether of a page, script, style, picture, font or of what a script asks for."""
    meant = (status, path, list[str]())
    _MEANT.setdefault(page, []).append(meant)
    yield
    page.evaluate("0")  # what the browser has told by now is heard
    _MEANT[page].remove(meant)
    assert meant[2], f"nothing at {path} was answered with {status}"


class Watch:
    """Listens to a page from now on; `found` holds what it must not do, `look()` adds what is seen on the page as it is."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.host, self.found = page, urlsplit(site).netloc, list[str]()
        self.told: set[str] = set()
        page.on("request", self._request)
        page.on("response", self._response)
        page.on("pageerror", lambda error: self.found.append(f"{page.url}: script: {error}"))
        page.on("console", self._console)

    def _request(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.host:
            self.found.append(f"{self.page.url}: other host: {request.url}")

    def _response(self, answer: Any) -> None:
        if answer.status < 400:
            return
        path = urlsplit(answer.url).path
        meant = [
            each
            for status, start, each in _MEANT.get(self.page, ())
            if answer.status == status and path.startswith(start)
        ]
        for each in meant:
            each.append(answer.url)
        if not meant:
            self.found.append(f"{self.page.url}: {answer.status} ({answer.request.resource_type}): {answer.url}")

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning") and not any(words in message.text for words in EXPECTED):
            self.found.append(f"{self.page.url}: {message.text}")

    def look(self, kind: str = "") -> None:
        """Hold the page, once it stands still, against WCAG 2.2 AA and its window's width. Of a `kind` that was held before, only a
        page on which something stands that was not there before is held against WCAG again: axe takes most of the time."""
        self.page.evaluate(_SETTLED)
        for violation in self._violations(kind):
            # The same fault of the frame around every page is told once.
            if violation not in self.told:
                self.told.add(violation)
                self.found.append(f"{self.page.url}: {violation}")
        if wide := self.page.evaluate(_TOO_WIDE):
            self.found.append(f"{self.page.url}: {wide}")

    def _violations(self, kind: str) -> list[str]:
        parts = set(self.page.evaluate(_PARTS)) if kind else set[str]()
        if kind and parts <= _HELD[kind]:
            return []
        found = axe_violations(self.page)
        if not found:
            _HELD[kind] |= parts
        return found

    def clean(self) -> None:
        """Fail with everything that was found so far."""
        found, self.found = self.found, []
        assert not found, "\n".join(found)


def axe_violations(page: Page) -> list[str]:
    """The rules of WCAG 2.2 AA that the page breaks, each with the elements concerned."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    violations: list[str] = page.evaluate(_RUN, STANDARDS)
    return violations
