"""How long a person waits: a page in Chromium, from the navigation to the moment its scripts have run."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from http.client import HTTPConnection
from typing import Any

from bench.measure import Ratio, median
from tests.support.client import DEMO_PASSWORD
from tests.support.postgres import free_port

ROUNDS = 7
LIMIT_MS, LIMIT = 1000.0, 3.0
"""Shown against one second; three are ours: the issue wants it measured, and a busy machine is no fault of the page."""


def first_page(environ: dict[str, str], path: str) -> Ratio:
    """The median of a cold and several warm visits against one second."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-b",
        f"127.0.0.1:{port}",
        "-w",
        "1",
        "--log-level",
        "error",
        "run:app",
    ]
    server = subprocess.Popen(command, env={**os.environ, **environ, "PORT": str(port)})
    try:
        _wait(port)
        cold, warm = _visit(f"http://127.0.0.1:{port}", path)
    finally:
        server.terminate()
        server.wait(20)
    notes = [f"first visit, nothing kept: {cold:.0f} ms", f"later visits: {median(warm):.0f} ms"]
    return Ratio("list page to interactive in Chromium ÷ 1 s", median(warm), LIMIT_MS, "ms", LIMIT, False, notes)


def _visit(base: str, path: str) -> tuple[float, list[float]]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{base}/login/")
        page.fill("[name=username]", "manager")
        page.fill("[name=password]", DEMO_PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        times = [_interactive(page, base + path) for _ in range(ROUNDS + 1)]
        browser.close()
    return times[0], times[1:]


def _interactive(page: Any, address: str) -> float:
    page.goto(address, wait_until="load")
    return float(page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"))


def _wait(port: int) -> None:
    for _ in range(300):
        with suppress(OSError):
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not start")
