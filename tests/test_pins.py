"""Versions whose successors break Flask-AppBuilder 5.3 or the report, each seen to do so: raising one is a deliberate act."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXACT = {
    "flask-appbuilder": "5.3.0",
    "Flask": "3.1.3",
    "SQLAlchemy": "2.0.58",
    "Flask-SQLAlchemy": "3.1.1",
    "alembic": "1.20.1",
    "Flask-Migrate": "4.1.0",
    "marshmallow": "3.26.2",
    "Flask-Babel": "4.0.0",
    "Flask-Login": "0.6.3",
    "Flask-WTF": "1.3.0",
    "Flask-JWT-Extended": "4.7.4",
    "Flask-Limiter": "4.1.1",
    "psycopg": "3.3.9",
    "APScheduler": "3.11.3",
    "WeasyPrint": "70.0",
    "twilio": "9.13.0",
}
BELOW = {
    "marshmallow": (4,),  # 4.x: AppBuilder fails at start
    "WTForms": (3, 4),  # 3.4: AppBuilder's widgets and fields break
    "SQLAlchemy": (2, 1),  # AppBuilder 5.3 is written for 2.0
    "APScheduler": (4,),  # 4.x is another library, not released
    "gunicorn": (28,),
}


def numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


@pytest.mark.parametrize(("name", "pinned"), EXACT.items())
def test_versions_seen_to_work_together_are_installed(name: str, pinned: str) -> None:
    assert version(name) == pinned


@pytest.mark.parametrize(("name", "limit"), BELOW.items())
def test_a_version_known_to_break_the_framework_is_not_installed(name: str, limit: tuple[int, ...]) -> None:
    assert numbers(version(name)) < limit


@pytest.mark.parametrize("name", ["base", "dev"])
def test_every_locked_dependency_has_a_hash_and_no_package_host(name: str) -> None:
    text = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8")
    lines = text.replace("\\\n", " ").splitlines()
    packages = [line for line in lines if line and not line.lstrip().startswith("#")]
    assert packages
    assert [line for line in packages if "--hash=sha256:" not in line] == []
    assert [line for line in lines if "://" in line or line.lstrip().startswith("-")] == []


def test_the_tests_tools_agree_with_the_products_dependencies() -> None:
    def locked(name: str) -> dict[str, set[str]]:
        text = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8")
        found: dict[str, set[str]] = {}
        for package, pinned in re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE):
            found.setdefault(package, set()).add(pinned)
        return found

    base, dev = locked("base"), locked("dev")
    assert {name: dev[name] for name in base.keys() & dev.keys()} == {
        name: base[name] for name in base.keys() & dev.keys()
    }


def test_the_catalogue_of_inputs_and_the_lock_hold_the_same_versions() -> None:
    wanted = (ROOT / "requirements/base.in").read_text(encoding="utf-8")
    locked = (ROOT / "requirements/base.txt").read_text(encoding="utf-8").lower()
    for name, pinned in re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)", wanted, re.MULTILINE):
        assert f"{name.lower()}=={pinned}" in locked
