"""What the simulated telephone company knows: its calls, what was said on them, text messages, recordings, work to be done.

A small SQLite file of its own (DATA_DIR/simulator.db): the web process, the scheduler and the terminal telephone share it.
Instants are seconds since 1970 (`time.time()`): a machine's own clock, not the house's.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS leg (
  sid TEXT PRIMARY KEY, direction TEXT NOT NULL, from_number TEXT NOT NULL, to_number TEXT NOT NULL, status TEXT NOT NULL,
  created_at REAL NOT NULL, answered_at REAL, ended_at REAL, parent TEXT, queue TEXT, queued_at REAL, waiting TEXT,
  state TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS leg_created ON leg (created_at);
CREATE INDEX IF NOT EXISTS leg_live ON leg (ended_at) WHERE ended_at IS NULL;
CREATE TABLE IF NOT EXISTS event (
  id INTEGER PRIMARY KEY AUTOINCREMENT, sid TEXT NOT NULL, at REAL NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
  lang TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS event_sid ON event (sid, id);
CREATE TABLE IF NOT EXISTS task (
  id INTEGER PRIMARY KEY AUTOINCREMENT, actor TEXT NOT NULL, kind TEXT NOT NULL, args TEXT NOT NULL, due_at REAL NOT NULL,
  claimed_until REAL NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS task_due ON task (due_at);
CREATE TABLE IF NOT EXISTS sms (
  id INTEGER PRIMARY KEY AUTOINCREMENT, sid TEXT NOT NULL UNIQUE, direction TEXT NOT NULL, from_number TEXT NOT NULL,
  to_number TEXT NOT NULL, body TEXT NOT NULL, status TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS recording (
  sid TEXT PRIMARY KEY, leg TEXT NOT NULL, at REAL NOT NULL, seconds INTEGER NOT NULL, words TEXT NOT NULL);
"""
_CLAIM_SECONDS = 60.0
_KEEP_SECONDS = 3 * 86_400.0


@dataclass
class Leg:
    """One telephone line in use. `state` is the interpreter's own; `waiting` says what it waits for (gather, ring …)."""

    sid: str
    direction: str
    from_number: str
    to_number: str
    status: str
    created_at: float
    answered_at: float | None = None
    ended_at: float | None = None
    parent: str | None = None
    queue: str | None = None
    queued_at: float | None = None
    waiting: str | None = None
    state: dict[str, Any] = field(default_factory=dict)

    @property
    def seconds(self) -> int:
        """How long it has been, or was, talked."""
        return 0 if self.answered_at is None else max(0, round((self.ended_at or time.time()) - self.answered_at))


@dataclass(frozen=True)
class Task:
    """Something to do for one actor (a leg, or a leg's callbacks): an actor's tasks are done one after the other."""

    id: int
    actor: str
    kind: str
    args: dict[str, Any]


@dataclass(frozen=True)
class Event:
    """One thing that happened on a line: said, keyed, heard, connected, ended."""

    id: int
    sid: str
    at: float
    kind: str
    text: str
    lang: str


@dataclass(frozen=True)
class Sms:
    """A text message. `status` is Twilio's word."""

    sid: str
    direction: str
    from_number: str
    to_number: str
    body: str
    status: str
    at: float


def new_sid(prefix: str) -> str:
    """An id as Twilio makes them: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


class Store:
    """The file. Every method is one short transaction; any number of threads and processes may use it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.recordings_dir = path.parent / "simulator-recordings"
        self.pictures_dir = path.parent / "simulator-pictures"
        self._local = threading.local()
        with self._writing() as connection:
            connection.executescript(_SCHEMA)
        self._forget_old(time.time() - _KEEP_SECONDS)

    # ---- legs
    def add_leg(self, leg: Leg) -> None:
        """Store a new leg."""
        marks = ", ".join("?" * 13)
        with self._writing() as connection:
            connection.execute(f"INSERT INTO leg VALUES ({marks})", _leg_values(leg))

    def save_leg(self, leg: Leg) -> None:
        """Store a leg again."""
        names = "direction from_number to_number status created_at answered_at ended_at parent queue queued_at waiting state"
        assigned = ", ".join(f"{name} = ?" for name in names.split())
        with self._writing() as connection:
            connection.execute(f"UPDATE leg SET {assigned} WHERE sid = ?", (*_leg_values(leg)[1:], leg.sid))

    def leg(self, sid: str) -> Leg | None:
        """One leg by its sid."""
        found = self._legs("sid = ?", sid)
        return found[0] if found else None

    def live_legs(self) -> list[Leg]:
        """All lines in use, oldest first."""
        return self._legs("ended_at IS NULL")

    def legs_between(self, since: float, until: float) -> list[Leg]:
        """All legs begun in a span."""
        return self._legs("created_at >= ? AND created_at < ?", since, until)

    def queued(self, name: str) -> list[Leg]:
        """Who waits in a queue, longest first."""
        found = self._legs("queue = ? AND ended_at IS NULL", name)
        return sorted(found, key=lambda leg: leg.queued_at or 0)

    def _legs(self, where: str, *values: Any) -> list[Leg]:
        rows = self._connection().execute(f"SELECT * FROM leg WHERE {where} ORDER BY created_at, sid", values)
        legs = []
        for row in rows.fetchall():
            leg = Leg(*row[:-1])
            leg.state = json.loads(row[-1])
            legs.append(leg)
        return legs

    # ---- events
    def note(self, sid: str, kind: str, text: str = "", lang: str = "") -> None:
        """Write down what happened on a line."""
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO event (sid, at, kind, text, lang) VALUES (?, ?, ?, ?, ?)",
                (sid, time.time(), kind, text, lang),
            )

    def events(self, sid: str, after: int = 0) -> list[Event]:
        """What happened on a line since event number `after`."""
        rows = self._connection().execute("SELECT * FROM event WHERE sid = ? AND id > ? ORDER BY id", (sid, after))
        return [Event(*row) for row in rows.fetchall()]

    # ---- tasks
    def add_task(self, actor: str, kind: str, delay: float = 0.0, **args: Any) -> None:
        """Give an actor something to do, now or later."""
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO task (actor, kind, args, due_at) VALUES (?, ?, ?, ?)",
                (actor, kind, json.dumps(args), time.time() + delay),
            )

    def claim_task(self) -> Task | None:
        """The next thing to do whose actor is not busy; it is this worker's for a minute."""
        now = time.time()
        statement = """
            UPDATE task SET claimed_until = ? WHERE id = (
              SELECT id FROM task t WHERE t.due_at <= ? AND t.claimed_until < ?
                AND NOT EXISTS (SELECT 1 FROM task o WHERE o.actor = t.actor AND o.claimed_until >= ?)
              ORDER BY t.due_at, t.id LIMIT 1)
            RETURNING id, actor, kind, args"""
        idle = self._connection().execute("SELECT 1 FROM task WHERE due_at <= ? LIMIT 1", (now,)).fetchone()
        if idle is None:
            return None
        with self._writing() as connection:
            row = connection.execute(statement, (now + _CLAIM_SECONDS, now, now, now)).fetchone()
        return Task(row[0], row[1], row[2], json.loads(row[3])) if row else None

    def finish_task(self, task: Task) -> None:
        """It is done."""
        with self._writing() as connection:
            connection.execute("DELETE FROM task WHERE id = ?", (task.id,))

    def next_due(self) -> float | None:
        """When the next thing is to be done."""
        row = self._connection().execute("SELECT min(due_at) FROM task").fetchone()
        return float(row[0]) if row and row[0] is not None else None

    # ---- text messages
    def add_sms(self, direction: str, from_number: str, to_number: str, body: str, status: str) -> Sms:
        """A text message handed in or arrived."""
        sms = Sms(new_sid("SM"), direction, from_number, to_number, body, status, time.time())
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO sms (sid, direction, from_number, to_number, body, status, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (sms.sid, direction, from_number, to_number, body, status, sms.at),
            )
        return sms

    def set_sms_status(self, sid: str, status: str) -> None:
        """It was sent, or delivered."""
        with self._writing() as connection:
            connection.execute("UPDATE sms SET status = ? WHERE sid = ?", (status, sid))

    def sms(self, limit: int = 60) -> list[Sms]:
        """The newest messages, newest first."""
        columns = "sid, direction, from_number, to_number, body, status, at"
        rows = self._connection().execute(f"SELECT {columns} FROM sms ORDER BY id DESC LIMIT ?", (limit,))
        return [Sms(*row) for row in rows.fetchall()]

    # ---- recordings
    def add_recording(self, leg: str, seconds: int, words: str, sound: bytes, sid: str = "") -> str:
        """Keep a recording: its sound as a WAV file, and the words that were typed."""
        sid = sid or new_sid("RE")
        self.recordings_dir.mkdir(parents=True, exist_ok=True)
        (self.recordings_dir / f"{sid}.wav").write_bytes(sound)
        with self._writing() as connection:
            connection.execute("INSERT INTO recording VALUES (?, ?, ?, ?, ?)", (sid, leg, time.time(), seconds, words))
        return sid

    def recordings_of(self, leg: str) -> list[tuple[str, int]]:
        """(sid, seconds) of every recording of a leg."""
        rows = self._connection().execute("SELECT sid, seconds FROM recording WHERE leg = ? ORDER BY at", (leg,))
        return [(sid, seconds) for sid, seconds in rows.fetchall()]

    def recording(self, sid: str) -> bytes | None:
        """The sound; None when there is none."""
        path = self.recordings_dir / f"{sid}.wav"
        return path.read_bytes() if sid.isalnum() and path.exists() else None

    def drop_recording(self, sid: str) -> None:
        """Forget it."""
        if sid.isalnum():
            (self.recordings_dir / f"{sid}.wav").unlink(missing_ok=True)
            with self._writing() as connection:
                connection.execute("DELETE FROM recording WHERE sid = ?", (sid,))

    # ---- pictures of text messages
    def add_picture(self, content: bytes) -> str:
        """Keep what came with a text message; its id."""
        sid = new_sid("ME")
        self.pictures_dir.mkdir(parents=True, exist_ok=True)
        (self.pictures_dir / sid).write_bytes(content)
        return sid

    def picture(self, sid: str) -> bytes | None:
        """The file; None when there is none."""
        path = self.pictures_dir / sid
        return path.read_bytes() if sid.isalnum() and path.exists() else None

    def drop_picture(self, sid: str) -> None:
        """Forget it."""
        if sid.isalnum():
            (self.pictures_dir / sid).unlink(missing_ok=True)

    # ---- the file itself
    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=15, isolation_level=None)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            self._local.connection = connection
        return connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        if connection.in_transaction:
            connection.execute("COMMIT")

    def _forget_old(self, before: float) -> None:
        with self._writing() as connection:
            connection.execute("DELETE FROM event WHERE at < ?", (before,))
            connection.execute("DELETE FROM leg WHERE created_at < ?", (before,))
            connection.execute("DELETE FROM sms WHERE at < ?", (before,))


def _leg_values(leg: Leg) -> tuple[Any, ...]:
    return (
        leg.sid,
        leg.direction,
        leg.from_number,
        leg.to_number,
        leg.status,
        leg.created_at,
        leg.answered_at,
        leg.ended_at,
        leg.parent,
        leg.queue,
        leg.queued_at,
        leg.waiting,
        json.dumps(leg.state, ensure_ascii=False),
    )
