"""One archive of everything: the database as it is at one instant, and the files of DATA_DIR. And the way back."""

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url

from app.errors import N_, Invalid, Refused

MANIFEST = "manifest.json"
FORMAT = "linli-backup-1"
_DUMPS = {"sqlite": "database.sqlite", "postgresql": "database.dump"}
_NEVER = ("scheduler.lock",)
BACKUPS = "backups"
"""The folder of DATA_DIR where backups go by default; they do not hold each other."""

_LONGEST_SECONDS = 3600


def make_backup(database_url: str, data_dir: Path, target: Path, facts: dict[str, Any]) -> int:
    """Write the archive (readable by us alone) and return its size in bytes. `facts` go into the manifest.

    Raises Refused when the target exists or PostgreSQL's tools are missing.
    """
    url = make_url(database_url)
    if target.exists():
        raise Refused(N_("%(file)s exists already."), file=str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="linli-backup-") as folder:
        dump = Path(folder) / _DUMPS[url.get_backend_name()]
        _dump(url, dump)
        manifest = Path(folder) / MANIFEST
        manifest.write_text(
            json.dumps({"format": FORMAT, "database": url.get_backend_name(), **facts}), encoding="utf-8"
        )
        draft = target.with_name(target.name + ".part")
        try:
            with (
                open(draft, "wb", opener=_private) as raw,
                tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as archive,
            ):
                archive.add(manifest, MANIFEST)
                archive.add(dump, dump.name)
                for path in _files(url, data_dir, (target, draft)):
                    archive.add(path, f"data/{path.relative_to(data_dir)}", recursive=False)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    return target.stat().st_size


def read_manifest(source: Path) -> dict[str, Any]:
    """The manifest of an archive. Raises Invalid for what is none of ours."""
    try:
        with tarfile.open(source, "r:gz") as archive:
            member = archive.extractfile(MANIFEST)
            manifest: dict[str, Any] = json.load(member) if member else {}
    except (OSError, tarfile.TarError, KeyError, ValueError, EOFError) as error:
        raise Invalid(N_("%(file)s is no backup of this product."), file=str(source)) from error
    if manifest.get("format") != FORMAT:
        raise Invalid(N_("%(file)s is no backup of this product."), file=str(source))
    return manifest


def restore_backup(database_url: str, data_dir: Path, source: Path) -> int:
    """Put database and files back as they were, replacing what is there. Returns the number of files.

    Raises Invalid for a broken archive or one of another kind of database; the target is only touched afterwards.
    """
    url = make_url(database_url)
    kind = url.get_backend_name()
    manifest = read_manifest(source)
    if manifest["database"] != kind:
        raise Invalid(
            N_("This is a backup of %(made)s, the database here is %(here)s."), made=manifest["database"], here=kind
        )
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=data_dir) as folder:
        try:
            with tarfile.open(source, "r:gz") as archive:
                _extract(archive, Path(folder))
        except (OSError, tarfile.TarError, EOFError, ValueError) as error:
            raise Invalid(N_("%(file)s is damaged: nothing was restored."), file=str(source)) from error
        dump = Path(folder) / _DUMPS[kind]
        if not dump.is_file():
            raise Invalid(N_("%(file)s is damaged: nothing was restored."), file=str(source))
        _load(url, dump)
        return _put_back(Path(folder) / "data", data_dir)


def _extract(archive: tarfile.TarFile, folder: Path) -> None:
    """Plain files only, and only below the folder: an archive may have been in strange hands."""
    for member in archive:
        place = (folder / member.name).resolve()
        source = archive.extractfile(member) if member.isreg() else None
        if source is None or not place.is_relative_to(folder.resolve()):
            raise ValueError(member.name)
        place.parent.mkdir(parents=True, exist_ok=True)
        with open(place, "wb", opener=_private) as file:
            shutil.copyfileobj(source, file)
        place.chmod(member.mode & 0o777)


def _put_back(unpacked: Path, data_dir: Path) -> int:
    files = [path for path in unpacked.rglob("*") if path.is_file()] if unpacked.exists() else []
    for path in files:
        place = data_dir / path.relative_to(unpacked)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, place)
    return len(files)


def _files(url: URL, data_dir: Path, without: tuple[Path, ...]) -> Iterator[Path]:
    """The files of DATA_DIR, without the database itself, locks, drafts and the archive being written."""
    skipped = {path.resolve() for path in without}
    if url.get_backend_name() == "sqlite" and url.database:
        base = Path(url.database).resolve()
        skipped |= {base, *(base.with_name(base.name + end) for end in ("-wal", "-shm", "-journal"))}
    for path in sorted(data_dir.rglob("*")):
        if not path.is_file() or path.is_symlink() or path.resolve() in skipped or path.name in _NEVER:
            continue
        top = path.relative_to(data_dir).parts[0]
        if top == BACKUPS or top.startswith(".restore-") or path.suffix == ".part":
            continue
        yield path


def _dump(url: URL, target: Path) -> None:
    if url.get_backend_name() == "sqlite":
        with (
            closing(sqlite3.connect(f"file:{url.database}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
        return
    _run(_tool("pg_dump"), "--format=custom", "--no-owner", f"--file={target}", url=url)


def _load(url: URL, dump: Path) -> None:
    if url.get_backend_name() == "sqlite":
        database = Path(str(url.database))
        for end in ("-wal", "-shm", "-journal"):
            database.with_name(database.name + end).unlink(missing_ok=True)
        shutil.move(dump, database)
        return
    _run(_tool("pg_restore"), "--clean", "--if-exists", "--no-owner", "--single-transaction", str(dump), url=url)


def _run(tool: str, *arguments: str, url: URL) -> None:
    # The password goes by the environment: command lines are seen by everybody on the machine.
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    result = subprocess.run(
        [tool, f"--dbname={plain}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=_LONGEST_SECONDS,
    )
    if result.returncode:
        reason = (result.stderr.strip().splitlines() or ["?"])[0]
        raise Refused(N_("%(tool)s failed: %(reason)s"), tool=Path(tool).name, reason=reason)


def _tool(name: str) -> str:
    """PostgreSQL's own tools, also where Debian keeps them out of the path; the newest, which reads all older servers."""
    found = shutil.which(name)
    places = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]), reverse=True
    )
    if places:
        return str(places[0])
    if found is None:
        raise Refused(N_("%(tool)s is needed and not here: install postgresql-client."), tool=name)
    return found


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
