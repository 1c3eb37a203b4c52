"""The hotline without its database (G4): webhooks go to a local file, fsynced before the answer, and are replayed later
with the times they came at. `DATA_DIR/journal/pending.jsonl`, one JSON object a line.
"""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.models import HotlineEvent
from app.rules.call_flow import Reply
from app.services import calls, sms
from app.services.call_recording import WHOLE
from app.services.call_store import Webhook, answer_of, insert_once, is_sid

log = logging.getLogger(__name__)

FAILED = "failed"


@dataclass(frozen=True)
class Entry:
    """One journaled webhook. `id` is its own, so that a replay that was cut short is taken up where it stopped."""

    id: str
    kind: str
    turn: int | None
    step: str
    webhook: Webhook


def append(kind: str, webhook: Webhook, *, turn: int | None = None, step: str = "") -> None:
    """Write a webhook to the journal and make it durable before returning. Raises OSError when even that fails."""
    entry = {
        "id": secrets.token_hex(8),
        "kind": kind,
        "turn": turn,
        "step": step,
        "sid": webhook.sid,
        "at": webhook.received_at.isoformat(),
        "params": dict(webhook.params),
    }
    line = json.dumps(entry, ensure_ascii=True).encode("ascii") + b"\n"
    with _locked() as folder:
        _add_line(folder / "pending.jsonl", line)


def _add_line(path: Path, line: bytes) -> None:
    """All of a line or nothing of it: a torn one, of a full disk or a power failure, must not spoil the next."""
    with path.open("ab+", buffering=0) as file:
        start = file.seek(0, os.SEEK_END)
        if start:
            file.seek(start - 1)
            line = line if file.read(1) == b"\n" else b"\n" + line
        try:
            if file.write(line) != len(line):
                raise OSError(errno.ENOSPC, "the disk is full")
            os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                file.truncate(start)
            raise


def replay_journal(session: Session, now: datetime) -> dict[str, int]:
    """Replay what the journal holds, oldest first, with the original times. Returns how many were replayed and refused.

    A file is put aside only when a later run finds all of it committed: until then every run may safely start again.
    """
    counts = {"replayed": 0, "failed": 0}
    with _locked("replay.lock") as folder:
        # Not held while the database is asked: a webhook that has just found it silent wants to write here.
        with _locked():
            pending = folder / "pending.jsonl"
            if pending.exists():
                pending.rename(folder / f"replay-{now.astimezone(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}.jsonl")
        for file in sorted(folder.glob("replay-*.jsonl")):
            entries = list(_entries(file))
            answers = [answer_of(session, _marker(entry)) for entry in entries]
            missing = [entry for entry, answer in zip(entries, answers, strict=True) if answer is None]
            if not missing:
                result = FAILED if FAILED in answers else "done"
                file.rename(folder / file.name.replace("replay-", f"{result}-"))
            for entry in missing:
                counts[_replay(session, entry)] += 1
    return counts


def waiting_entries() -> int:
    """How many webhooks wait in the journal (shown by doctor and /metrics)."""
    folder = _folder()
    files = [folder / "pending.jsonl", *folder.glob("replay-*.jsonl")] if folder.exists() else []
    return sum(1 for file in files if file.exists() for _ in _entries(file))


def failed_files() -> int:
    """How many files put aside hold a webhook that could not be replayed for a fault of ours: its words stand there alone."""
    return sum(1 for _ in _folder().glob("failed-*.jsonl"))


def forget_done(before: datetime) -> int:
    """Remove the files put aside whose replay began before then: they hold callers' numbers and words. Returns how many."""
    removed = 0
    with _locked("replay.lock") as folder:
        for result in ("done", FAILED):
            first = f"{result}-{before.astimezone(UTC):%Y%m%dT%H%M%S}"
            for file in folder.glob(f"{result}-*.jsonl"):
                if file.name < first:
                    file.unlink(missing_ok=True)
                    removed += 1
    return removed


def _replay(session: Session, entry: Entry) -> str:
    """One entry in a savepoint of its own: a bad one is marked and never blocks the rest. Raises OperationalError: what the
    database could not do just now (a deadlock, a lost connection) is no fault of the entry, and the next run starts again."""
    try:
        with session.begin_nested():
            _HANDLERS[entry.kind](session, entry)
            _mark(session, entry, "replayed")
    except OperationalError:
        raise
    except Exception:
        log.exception("journal entry %s of call %s could not be replayed", entry.id, entry.webhook.sid)
        with session.begin_nested():
            _mark(session, entry, FAILED)
        return FAILED
    return "replayed"


def _mark(session: Session, entry: Entry, result: str) -> None:
    values: dict[str, Any] = {
        "key": _marker(entry),
        "kind": "journal",
        "call_sid": entry.webhook.sid,
        "received_at": entry.webhook.received_at,
        "params": {"kind": entry.kind, "step": entry.step},
        "answer": result,
    }
    insert_once(session, HotlineEvent.__table__, values, "key")


def _marker(entry: Entry) -> str:
    return f"journal:{entry.id}"


def _silent(reply: Reply) -> str:
    return ""


_HANDLERS: dict[str, Callable[[Session, Entry], Any]] = {
    "voice": lambda session, entry: calls.receive_call(session, entry.webhook, _silent, lambda locale: ""),
    "step": lambda session, entry: calls.take_step(session, entry.webhook, entry.turn, entry.step, _silent),
    "status": lambda session, entry: calls.take_status(session, entry.webhook),
    "recording": lambda session, entry: calls.take_recording(session, entry.webhook, entry.step == WHOLE),
    "fallback": lambda session, entry: calls.take_fallback(session, entry.webhook, _silent),
    "wait": lambda session, entry: calls.take_wait(session, entry.webhook),
    "wait-key": lambda session, entry: calls.take_wait_key(session, entry.webhook),
    "sms": lambda session, entry: sms.receive(session, entry.webhook),
    "sms-status": lambda session, entry: sms.take_status(session, entry.webhook, entry.turn),
}


def _entries(file: Path) -> Iterator[Entry]:
    for text in file.read_text(encoding="ascii", errors="replace").splitlines():
        try:
            data = json.loads(text)
            webhook = Webhook(data["sid"], data["params"], datetime.fromisoformat(data["at"]))
            entry = Entry(data["id"], data["kind"], data["turn"], data["step"], webhook)
        except (ValueError, KeyError, TypeError):
            # A line cut short by a power failure: the answer it belonged to never left.
            log.warning("an unreadable line in %s", file.name)
            continue
        if entry.kind in _HANDLERS and is_sid(webhook.sid):
            yield entry


def _folder() -> Path:
    return Path(current_app.extensions["settings"].data_dir) / "journal"


@contextmanager
def _locked(name: str = "lock") -> Iterator[Path]:
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
