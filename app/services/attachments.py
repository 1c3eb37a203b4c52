"""Photos and letters on a ticket: checked, painted anew, kept below DATA_DIR, noted on the timeline.

Files first, rows after: `taken_in` checks and writes the files before any transaction begins, and takes them away again
when its block raises; `attach` writes the rows inside the transaction. What a crash leaves between the two is swept later.

```python
with taken_in(data_dir, uploads, at, limits(session)) as files:
    with transaction() as session:
        ticket = …
        attach(session, ticket, files, stage="report", actor=actor, now=at)
```
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from app.adapters.files import inside, write_whole
from app.errors import N_, Invalid
from app.models import Attachment, DrillPhoto, Ticket
from app.models.base import BIGGEST_ID
from app.rules.codes import AttachmentStage
from app.services.access import rows
from app.services.actors import Actor
from app.services.attachments_content import PDF, Content, read_content
from app.services.policies import figure, figures
from app.services.ticket_input import SHORT_LIMIT, choice, clean_text
from app.services.tickets import add_entry

FOLDER = "attachments"
ORPHAN_AFTER = timedelta(hours=24)
MB = 1024 * 1024
FIGURES = ("uploads.most_files", "uploads.most_megabytes")


@dataclass(frozen=True)
class Limits:
    """What one form may bring: the administrator's figures."""

    files: int
    megabytes: int

    @property
    def bytes_each(self) -> int:
        """Of one file, as it was sent."""
        return self.megabytes * MB

    @property
    def request_bytes(self) -> int:
        """What a form with photos may weigh in all."""
        return self.files * self.bytes_each + 4 * MB


def limits(session: Session) -> Limits:
    """The limits in force. One statement."""
    return Limits(*figures(session, *FIGURES).values())


class Upload(Protocol):
    """A file of a form, as Werkzeug and others hand it over."""

    filename: str | None

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""


@dataclass(frozen=True)
class Taken:
    """A checked file that lies below DATA_DIR already; no row knows it yet."""

    content: Content
    file_path: str
    thumb_path: str | None
    sha256: str


@contextmanager
def taken_in(data_dir: Path, uploads: Iterable[Any], now: datetime, most: Limits) -> Iterator[list[Taken]]:
    """Check every file, then write them; empty fields of a form are passed over. Raises Invalid before anything is written.

    When the block raises, the files are taken away again.
    """
    contents = _checked([upload for upload in uploads if upload is not None and upload.filename], most)
    taken: list[Taken] = []
    try:
        for content in contents:
            taken.append(_written(data_dir, content, now))
        yield taken
    except BaseException:
        discard(data_dir, taken)
        raise


def attach(
    session: Session,
    ticket: Ticket,
    files: Sequence[Taken],
    *,
    stage: str,
    caption: str = "",
    actor: Actor,
    now: datetime,
    signed: bool = False,
) -> list[Attachment]:
    """Write the rows and one line of the timeline. A file the ticket has already is passed over. Never commits.

    `signed`: a household signed a return visit; nothing else becomes a signature. The caller has checked that the actor may
    see the ticket. Raises Invalid for a wrong stage or too many files.
    """
    chosen = choice(stage, AttachmentStage)
    if chosen is None or (chosen == AttachmentStage.SIGNATURE) != signed:
        raise Invalid(N_("Say what the photos show: as reported, before, after, our answer, or evidence."))
    text = clean_text(caption, SHORT_LIMIT)
    if not files:
        return []
    if any(item.content.content_type == PDF for item in files) and chosen not in _LETTERS:
        raise Invalid(N_("A PDF is kept as what was reported, as our written answer or as evidence."))
    known = set(session.scalars(select(Attachment.sha256).where(Attachment.ticket_id == ticket.id)))
    fresh = {item.sha256: item for item in files if item.sha256 not in known}
    most = figure(session, "uploads.most_on_ticket")
    if len(known) + len(fresh) > most:
        raise Invalid(N_("A ticket holds at most %(most)s files."), most=most)
    made = [_row(ticket, item, chosen, text, actor, now) for item in fresh.values()]
    session.add_all(made)
    session.flush()
    if made:
        shown = [{"id": row.id, "type": row.content_type, "name": row.name} for row in made]
        data = {"stage": str(chosen), "files": shown}
        add_entry(session, ticket, "photo", actor, now, before=ticket.state, note=text, data=data)
        session.flush()
    return made


_LETTERS = (AttachmentStage.REPORT, AttachmentStage.REPLY, AttachmentStage.EVIDENCE, AttachmentStage.SIGNATURE)


def find_attachment(session: Session, actor: Actor, attachment_id: int) -> Attachment | None:
    """The file of this id, if it is the actor's to see."""
    if not 0 < attachment_id <= BIGGEST_ID:
        return None
    return session.scalars(select(Attachment).where(Attachment.id == attachment_id, rows(actor, Attachment))).first()


def attachments_of(session: Session, actor: Actor, ticket_id: int) -> list[Attachment]:
    """The files of a ticket that the actor may see, the oldest first: one statement."""
    statement = select(Attachment).where(Attachment.ticket_id == ticket_id, rows(actor, Attachment))
    return list(session.scalars(statement.order_by(Attachment.at, Attachment.id)))


def discard(data_dir: Path, files: Iterable[Taken]) -> None:
    """Take files away again that no row knows."""
    for item in files:
        for relative in (item.file_path, item.thumb_path):
            if relative:
                inside(data_dir, relative).unlink(missing_ok=True)


def sweep(session: Session, data_dir: Path, now: datetime) -> int:
    """Remove files that no row knows and that are older than a day: what a crash left between file and row."""
    folder = data_dir / FOLDER
    if not folder.is_dir():
        return 0
    before = (now - ORPHAN_AFTER).timestamp()
    old = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_mtime < before]
    columns = union_all(*(select(model.file_path, model.thumb_path) for model in (Attachment, DrillPhoto)))
    known = {name for row in session.execute(columns) for name in row if name}
    orphans = [path for path in old if path.relative_to(data_dir).as_posix() not in known]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _checked(uploads: list[Any], most: Limits) -> list[Content]:
    if len(uploads) > most.files:
        raise Invalid(N_("At most %(most)s files at a time."), most=most.files)
    return [read_content(upload.filename or "", upload.read(most.bytes_each + 1), most.megabytes) for upload in uploads]


def _written(data_dir: Path, content: Content, now: datetime) -> Taken:
    name = f"{FOLDER}/{now:%Y/%m}/{secrets.token_hex(16)}"
    file_path = f"{name}.{content.suffix}"
    thumb_path = f"{name}.thumb.jpg" if content.thumb else None
    made = Taken(content, file_path, thumb_path, hashlib.sha256(content.data).hexdigest())
    try:
        write_whole(inside(data_dir, file_path), content.data)
        if content.thumb and thumb_path:
            write_whole(inside(data_dir, thumb_path), content.thumb)
    except BaseException:
        discard(data_dir, [made])
        raise
    return made


def _row(ticket: Ticket, item: Taken, stage: AttachmentStage, caption: str, actor: Actor, now: datetime) -> Attachment:
    content = item.content
    return Attachment(
        ticket_id=ticket.id,
        stage=stage,
        content_type=content.content_type,
        name=content.name,
        caption=caption,
        file_path=item.file_path,
        thumb_path=item.thumb_path,
        sha256=item.sha256,
        size_bytes=len(content.data),
        width=content.width,
        height=content.height,
        uploader_id=actor.user_id,
        uploader_name=actor.display_name[:80],
        at=now,
    )
