"""The administrator's commands (I1): what they do, and that nonsense is one clear line and exit code 2, never a traceback."""

import io
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner
from flask_appbuilder.security.sqla.models import User
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.adapters import archive
from app.adapters.archive import make_backup, restore_backup
from app.adapters.demo_password import kept_demo_password
from app.errors import Refused
from app.models import Community, House, Message, Setting, Staff, Ticket
from app.services.demo_logins import demo_day

Run = Callable[..., Result]
OWN = ("seed", "prepare", "backup", "restore", "doctor", "demo", "estate", "user", "job", "report", "hotline", "db")
CREATE = {
    "username": "lihua",
    "role": "assistant",
    "name": "李华",
    "email": "lihua@example.org",
    "password": "long enough 1",
}


@pytest.fixture
def run(runner: FlaskCliRunner) -> Run:
    return lambda *words: runner.invoke(args=[str(word) for word in words])


def create(run: Run, **changes: Any) -> Result:
    options = {**CREATE, **changes}
    return run("user", "create", *(word for name, value in options.items() for word in (f"--{name}", value)))


def test_every_command_of_the_interfaces_is_there(app: Flask) -> None:
    assert set(OWN) <= set(app.cli.commands)


def test_seed_again_adds_nothing(run: Run) -> None:
    result = run("seed")
    assert result.exit_code == 0
    assert "category +0" in result.output


def test_prepare_leaves_a_database_with_records_alone(run: Run, session: Session) -> None:
    session.add(Community(code="maple", name="枫林"))
    session.commit()
    assert run("prepare").exit_code == 0
    assert session.scalars(select(Community.code)).all() == ["maple"]
    assert demo_day(session) is None


def test_prepare_a_second_time_changes_nothing(demo_database: None, run: Run, session: Session) -> None:
    def counts() -> list[int | None]:
        return [
            session.scalar(select(func.count()).select_from(table)) for table in (House, Ticket, Message, User, Setting)
        ]

    before = counts()
    result = run("prepare")
    assert result.exit_code == 0
    assert result.output == ""
    session.expire_all()
    assert counts() == before


def test_demo_data_are_loaded_once(demo_database: None, run: Run) -> None:
    result = run("demo", "load")
    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 1


def test_demo_data_go_only_into_an_empty_database(run: Run, session: Session) -> None:
    assert create(run, username="admin", role="admin").exit_code == 0
    result = run("demo", "load")
    assert (result.exit_code, len(result.output.splitlines())) == (2, 1)
    assert run("prepare").exit_code == 0
    assert session.scalar(select(func.count()).select_from(Community)) == 0


def test_demo_data_need_the_reference_data(empty_database: None, run: Run) -> None:
    assert run("db", "upgrade").exit_code == 0
    result = run("demo", "load")
    assert (result.exit_code, len(result.output.splitlines())) == (2, 1)
    assert "seed" in result.output


def test_a_login_is_made_with_its_role_and_its_place(run: Run, session: Session) -> None:
    session.add(Community(code="maple", name="枫林"))
    session.commit()
    result = create(run, community="maple", department="engineering", number="13900001111")
    assert result.exit_code == 0, result.output
    user = session.scalars(select(User).where(User.username == "lihua")).one()
    assert (user.last_name, user.first_name, [role.name for role in user.roles]) == ("李", "华", ["assistant"])
    staff = session.scalars(select(Staff)).one()
    assert (staff.number, [c.code for c in staff.communities]) == ("+8613900001111", ["maple"])


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "short"},
        {"username": "x"},
        {"username": "li hua"},
        {"email": "nowhere"},
        {"name": ""},
        {"community": "nowhere"},
        {"department": "nowhere"},
        {"number": "12"},
        {"role": "owner"},
    ],
)
def test_a_login_that_makes_no_sense_is_refused_in_one_line(
    run: Run, session: Session, changes: dict[str, str]
) -> None:
    result = create(run, **changes)
    assert (result.exit_code, len(result.output.splitlines())) == (2, 1), result.output
    assert session.scalar(select(func.count()).select_from(User)) == 0


def test_a_name_that_is_taken_is_refused(run: Run) -> None:
    assert create(run).exit_code == 0
    assert create(run, username="LiHua", email="other@example.org").exit_code == 2
    assert create(run, username="other", email="LIHUA@example.org").exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("demo", "load", "--tickets", "many"),
        ("demo", "load", "--communities", "0"),
        ("demo", "load", "--communities", "-3"),
        ("user", "create", "--role", "king"),
        ("restore",),
        ("restore", "/nowhere/at/all.tar.gz"),
        ("backup", "/proc/nowhere/kept.tar.gz"),
        ("estate", "import", "/nowhere.xlsx", "--community", "sunshine"),
        ("estate", "import", "/etc/hostname", "--community", "sunshine"),
        ("estate", "import", "/etc", "--community", "sunshine"),
        ("estate", "import", "/etc/hostname"),
        ("nonsense",),
    ],
)
def test_nonsense_is_refused_without_a_traceback(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output


def test_a_database_without_tables_is_named_as_such(empty_database: None, run: Run) -> None:
    result = run("seed")
    assert result.exit_code == 2
    assert "db upgrade" in result.output


# -- import ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: tuple[Any, ...]) -> Path:
        book = Workbook()
        page = book.active
        assert page is not None
        for row in (("楼栋", "单元", "房号", "面积", "姓名", "电话"), *rows):
            page.append(row)
        path = tmp_path / "estate.xlsx"
        book.save(path)
        return path

    return write


def test_import_looks_first_and_writes_when_told(run: Run, session: Session, sheet: Callable[..., Path]) -> None:
    session.add(Community(code="maple", name="枫林"))
    session.commit()
    file = sheet(("3", "2", "1201", 89.32, "赵晓棠", "13912345678"))
    looked = run("estate", "import", file, "--community", "maple", "--dry-run")
    assert looked.exit_code == 0, looked.output
    assert "would be imported" in looked.output
    assert session.scalar(select(func.count()).select_from(House)) == 0
    session.rollback()
    assert run("estate", "import", file, "--community", "maple").exit_code == 0
    session.expire_all()
    assert session.scalars(select(House.name)).all() == ["3幢2单元1201"]


def test_import_tells_each_problem_and_writes_nothing(run: Run, session: Session, sheet: Callable[..., Path]) -> None:
    session.add(Community(code="maple", name="枫林"))
    session.commit()
    file = sheet(("3", "2", "1201", 89.32, "赵晓棠", "1"), ("3", "2", "1202", "?", None, None))
    result = run("estate", "import", file, "--community", "maple")
    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 3
    assert session.scalar(select(func.count()).select_from(House)) == 0
    assert run("estate", "import", sheet(("3", "2", "1", 9, None, None)), "--community", "nowhere").exit_code == 2


# -- doctor ------------------------------------------------------------------------------------------------------------


def test_doctor_finds_what_is_missing(run: Run, session: Session) -> None:
    result = run("doctor")
    assert result.exit_code == 1
    assert "WRONG database" in result.output
    assert create(run, role="admin").exit_code == 0
    result = run("doctor")
    assert "WRONG database" not in result.output


def test_doctor_tells_of_calls_that_wait_and_calls_that_could_not_be_entered(run: Run, data_dir: Path) -> None:
    assert "没有取不回的录音" in run("doctor").output
    folder = data_dir / "journal"
    folder.mkdir()
    entry = {"id": "1", "kind": "status", "turn": None, "step": "", "sid": "CA1", "at": "2026-03-10T02:30:00+00:00"}
    (folder / "pending.jsonl").write_text(json.dumps({**entry, "params": {}}) + "\n")
    (folder / "failed-20260310T023000-abc.jsonl").write_text("{}\n")
    result = run("doctor")
    assert "有1条热线事件等待补录" in result.output
    assert "共1个文件" in result.output
    assert result.exit_code == 1


def test_doctor_says_that_the_database_is_not_migrated(empty_database: None, run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 1
    assert "db upgrade" in result.output


# -- backup and restore ------------------------------------------------------------------------------------------------


def test_a_backup_brings_records_and_files_back(run: Run, session: Session, data_dir: Path, tmp_path: Path) -> None:
    session.add(Community(code="maple", name="枫林"))
    session.commit()
    (data_dir / "reports").mkdir(exist_ok=True)
    (data_dir / "reports" / "a.pdf").write_bytes(b"as it was")
    target = tmp_path / "kept.tar.gz"
    made = run("backup", target)
    assert made.exit_code == 0, made.output
    assert target.stat().st_mode & 0o777 == 0o600
    session.scalars(select(Community)).one().name = "改过了"
    session.commit()
    (data_dir / "reports" / "a.pdf").write_bytes(b"changed")
    refused = run("restore", target)
    assert (refused.exit_code, len(refused.output.splitlines())) == (2, 1)
    session.remove() if hasattr(session, "remove") else session.close()
    restored = run("restore", target, "--force")
    assert restored.exit_code == 0, restored.output
    assert session.scalars(select(Community.name)).all() == ["枫林"]
    assert (data_dir / "reports" / "a.pdf").read_bytes() == b"as it was"
    session.close()


def test_backup_never_overwrites(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "there.tar.gz"
    target.write_text("precious")
    assert run("backup", target).exit_code == 2
    assert target.read_text() == "precious"


def test_restore_takes_only_archives_of_ours(run: Run, tmp_path: Path) -> None:
    for name, content in (("a.tar.gz", b"no archive"), ("b.tar.gz", _archive({"manifest.json": b'{"format": "x"}'}))):
        (tmp_path / name).write_bytes(content)
        assert run("restore", tmp_path / name).exit_code == 2


def test_an_archive_cannot_write_outside_its_place(tmp_path: Path) -> None:
    manifest = json.dumps({"format": archive.FORMAT, "database": "sqlite"}).encode()
    source = tmp_path / "evil.tar.gz"
    source.write_bytes(_archive({"manifest.json": manifest, "database.sqlite": b"x", "../outside": b"evil"}))
    home = tmp_path / "home"
    home.mkdir()
    with pytest.raises(archive.Invalid):
        restore_backup(f"sqlite:///{home / 'linli.db'}", home, source)
    assert sorted(os.listdir(tmp_path)) == ["evil.tar.gz", "home"]
    assert os.listdir(home) == []


def test_postgresql_without_its_tools_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive.shutil, "which", lambda name: None)
    monkeypatch.setattr(archive.Path, "glob", lambda self, pattern: iter(()))
    with pytest.raises(Refused, match="postgresql-client"):
        make_backup("postgresql+psycopg://a@127.0.0.1/b", tmp_path, tmp_path / "x.tar.gz", {})
    assert os.listdir(tmp_path) == []


def _archive(parts: dict[str, bytes]) -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w:gz") as made:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return output.getvalue()


def test_the_kept_password_is_made_once_and_ours_alone(tmp_path: Path) -> None:
    first = kept_demo_password(tmp_path)
    assert len(first) >= 12
    assert kept_demo_password(tmp_path) == first
    assert (tmp_path / "demo.password").stat().st_mode & 0o777 == 0o600
