"""`make pictures`: the README's pictures, taken from the running product with its demo data.

Needs what `make test` sets up (Chromium) and pdftoppm (Debian: poppler-utils) for the page of the report.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.support.server import Server

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
PASSWORD = "Pictures-Of-Linli-2016"
WIDE = {"width": 1280, "height": 860}
NARROW = {"width": 390, "height": 844}


def main() -> int:
    """Prepare a throw-away database, serve it, take every picture."""
    if not shutil.which("pdftoppm"):
        print("please install poppler-utils: pdftoppm turns a page of the report into a picture", file=sys.stderr)
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="linli-pictures-") as folder:
        environ = {"DATA_DIR": folder, "DEMO_PASSWORD": PASSWORD, "LOG_LEVEL": "WARNING"}
        prepare = [sys.executable, "-m", "flask", "--app", "run", "prepare"]
        subprocess.run(prepare, cwd=ROOT, env={**os.environ, **environ}, check=True)
        server = Server("", environ, Path(folder) / "server.log").start()
        try:
            _portal_and_phone(server.url)
        finally:
            server.stop()
        _report(Path(folder))
    return 0


def _portal_and_phone(url: str) -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-quic"])
        phone = browser.new_page(viewport=WIDE, locale="zh-CN")
        _emergency_call(phone, url)
        phone.screenshot(path=PICTURES / "phone.png")
        for user, path, name in (
            ("assistant", "/", "workbench"),
            ("supervisor", "/", "supervisor"),
        ):
            page = _logged_in(browser.new_page(viewport=WIDE, locale="zh-CN"), url, user)
            page.goto(url + path)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=PICTURES / f"{name}.png")
        owner = _logged_in(browser.new_page(viewport=NARROW, locale="zh-CN"), url, "owner")
        owner.goto(f"{url}/owner/")
        owner.screenshot(path=PICTURES / "owner.png")
        browser.close()


def _emergency_call(page: Page, url: str) -> None:
    page.goto(f"{url}/phone")
    page.click("#call")
    page.get_by_text("紧急情况请按9").first.wait_for()
    page.click("[data-key='9']")
    page.get_by_role("button", name="接听").first.wait_for()
    page.evaluate("window.scrollTo(0, 0)")


def _logged_in(page: Page, url: str, user: str) -> Page:
    page.goto(f"{url}/login/")
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_load_state("networkidle")
    return page


def _report(folder: Path) -> None:
    """The page of the month in figures, and the cover, of the latest published report."""
    newest = sorted(path for path in folder.glob("reports/*/*/*.pdf") if not path.stem.endswith("-en"))[-1]
    for page, name in (("1", "cover"), ("3", "report")):
        target = PICTURES / name
        command = ["pdftoppm", "-f", page, "-l", page, "-r", "80", "-png", "-singlefile", str(newest), str(target)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main())
