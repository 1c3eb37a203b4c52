"""Files of a bank (D10): uploaded and kept with their hash, their columns named once, looked at line by line before anything is
booked. Booking is `services.bank_taking`.

A file is looked at, then taken over as a whole: no line may be unclear then. Until that nothing is in the books.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, joinedload

from app.adapters.delimited import read_table
from app.adapters.workbook import Cell, Page
from app.errors import N_, Invalid, Refused
from app.models import BankFile, BankFormat, BankLine, Community
from app.rules.bank_sheet import (
    FIELDS,
    BankRow,
    check_columns,
    find_header,
    guess,
    merged_below,
    read_rows,
    signature,
)
from app.rules.codes import BankFileState, BankLineState
from app.rules.digits import is_number
from app.rules.sheet_cells import Problem
from app.services import bank_matching
from app.services.access import rows
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.one_at_a_time import About, wait_for_turn
from app.services.ticket_input import clean_text
from app.services.uploads import check_size

SHOWN_ROWS = 5
NEWEST = 30


class BankSheetRefused(Invalid):
    """The file has problems: nothing of it was taken. `problems` name row and column."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(N_("The file was not read: %(count)s problems."), count=len(self.problems))


@dataclass(frozen=True)
class Columns:
    """A file whose columns are asked for: its titles, the first lines, and what is guessed of each field."""

    titles: list[str]
    lines: list[list[str]]
    guessed: dict[str, int]


def upload(session: Session, community: Community, content: Any, name: str, actor: Actor, now: datetime) -> BankFile:
    """Keep a file and read it where its columns are known, else ask for them (state `columns`). `content`: bytes or a stream.

    Raises Invalid for what is no table, Refused for a file that is here already, BankSheetRefused for what it says."""
    raw = check_size(content, name)
    short = clean_text(name.replace("\\", "/").rpartition("/")[2][-80:], 80, lines=False) or "?"
    _page, header, cells = _opened(session, community.id, raw)
    wait_for_turn(session, About.BANK, community.id)
    digest = hashlib.sha256(raw).hexdigest()
    _refuse_known(session, community.id, digest)
    known = _format(session, community.id, signature(cells[header]))
    file = BankFile(
        community_id=community.id, name=short, sha256=digest, size_bytes=len(raw), content=raw,
        state=BankFileState.COLUMNS, uploaded_at=now, uploaded_by=actor.display_name[:80],
    )  # fmt: skip
    session.add(file)
    session.flush()
    if known is not None:
        _read(session, file, known, cells, header, now)
    return file


def columns_of(session: Session, file: BankFile) -> Columns:
    """What the page shows to have the columns named."""
    _page, header, cells = _opened(session, file.community_id, content_of(session, file))
    width = max((len(row) for row in cells[header : header + SHOWN_ROWS + 1]), default=0)
    titles = [_shown(cells[header], place) or f"{place + 1}" for place in range(width)]
    lines = [[_shown(row, place) for place in range(width)] for row in cells[header + 1 : header + 1 + SHOWN_ROWS]]
    return Columns(titles, lines, guess(cells[header]))


def remember(session: Session, file: BankFile, sent: Mapping[str, Any], actor: Actor, now: datetime) -> BankFormat:
    """Keep which column is what for every file with these titles. `sent`: name, and of each field the number of its column."""
    still(file, BankFileState.COLUMNS)
    _page, header, cells = _opened(session, file.community_id, content_of(session, file))
    name = clean_text(sent.get("name"), 80, lines=False)
    if not name:
        raise Invalid(N_("Write which bank these files come from."))
    given = {field: str(sent.get(f"column_{field}", "")).strip() for field in FIELDS}
    if not all(is_number(place, 3) for place in given.values() if place):
        raise Invalid(N_("Choose the columns from the list."))
    columns = check_columns({field: int(place) for field, place in given.items() if place}, len(cells[header]))
    mark = signature(cells[header])
    kept = _format(session, file.community_id, mark)
    if kept is None:
        kept = BankFormat(community_id=file.community_id, signature=mark)
        session.add(kept)
    kept.name, kept.columns, kept.kept_at, kept.kept_by = name, columns, now, actor.display_name[:80]
    session.flush()
    return kept


def read_again(session: Session, file: BankFile, now: datetime) -> None:
    """Read a kept file by the columns that are known by now. Raises BankSheetRefused; the file stays as it was then."""
    still(file, BankFileState.COLUMNS)
    _page, header, cells = _opened(session, file.community_id, content_of(session, file))
    known = _format(session, file.community_id, signature(cells[header]))
    if known is None:
        raise Refused(N_("The columns of this file are not known yet: name them first."))
    _read(session, file, known, cells, header, now)


def match_again(session: Session, file: BankFile) -> None:
    """Look anew whose money each line is: what somebody decided by hand or set aside stays."""
    still(file, BankFileState.LOOKED)
    open_states = (BankLineState.FOUND, BankLineState.UNCLEAR, BankLineState.DUPLICATE)
    mine = select(BankLine).where(BankLine.file_id == file.id).order_by(BankLine.number)
    lines = session.scalars(mine.where(BankLine.state.in_(open_states), BankLine.decided_by == "")).all()
    decided = session.scalars(mine.where(BankLine.decided_by != "")).all()
    read = [bank_matching.row_of(line) for line in lines]
    made = bank_matching.match(session, file.community_id, read, file.id, decided)
    for line, found in zip(lines, made, strict=True):
        line.state, line.found, line.doubt, line.twin = found.state, found.found, found.doubt, found.twin
        line.house_id, line.payer_id = found.house_id, found.payer_id
    session.flush()


def drop(session: Session, file: BankFile) -> None:
    """Put a file away that was not taken over: its lines count no more, and it may be uploaded again."""
    if file.state not in (BankFileState.COLUMNS, BankFileState.LOOKED):
        raise Refused(N_("This file is taken over: its payments are reversed one by one where they are wrong."))
    file.state = BankFileState.DROPPED
    session.execute(delete(BankLine).where(BankLine.file_id == file.id))
    session.flush()


def own(session: Session, actor: Actor, key: int, *, locked: bool = False) -> BankFile | None:
    """One file, if it is the actor's to see; `locked`: nobody else changes it meanwhile."""
    wanted = select(BankFile).where(BankFile.id == key, rows(actor, BankFile))
    if not locked:
        return session.scalars(
            wanted.options(joinedload(BankFile.community), joinedload(BankFile.format))
        ).one_or_none()
    return session.scalars(wanted.with_for_update(of=BankFile).execution_options(populate_existing=True)).one_or_none()


def newest(session: Session, actor: Actor, community_id: int) -> list[BankFile]:
    """The newest files of a community, without those that were dropped."""
    wanted = (rows(actor, BankFile), BankFile.community_id == community_id, BankFile.state != BankFileState.DROPPED)
    found = select(BankFile).where(*wanted).options(joinedload(BankFile.format))
    return list(session.scalars(found.order_by(BankFile.id.desc()).limit(NEWEST)))


def formats(session: Session, actor: Actor, community_id: int) -> list[BankFormat]:
    """The banks whose columns are known."""
    wanted = (rows(actor, BankFormat), BankFormat.community_id == community_id)
    return list(session.scalars(select(BankFormat).where(*wanted).order_by(BankFormat.name, BankFormat.id)))


def _opened(session: Session, community_id: int, raw: bytes) -> tuple[Page, int, list[tuple[Cell, ...]]]:
    """The sheet, the place of its titles and its rows. Raises Invalid for a wrong sheet or merged cells."""
    pages = read_table(raw)
    known = session.scalars(select(BankFormat.signature).where(BankFormat.community_id == community_id)).all()
    header = find_header(pages[0].rows, known)
    if header is None:
        other = next((page.title for page in pages[1:] if find_header(page.rows, known) is not None), None)
        if other is not None:
            raise Invalid(
                N_("The first sheet “%(first)s” holds no payments, the sheet “%(other)s” does: move it to the front."),
                first=pages[0].title, other=other,
            )  # fmt: skip
        raise Invalid(
            N_(
                "No row of titles was found on the sheet “%(sheet)s”: the file needs columns for day, sum and reference."
            ),
            sheet=pages[0].title,
        )
    merged = merged_below(pages[0].merged, header)
    if merged:
        raise Invalid(
            N_("The cells %(cells)s are merged: undo the merging, so that every line says by itself what it is."),
            cells=", ".join(merged[:5]),
        )
    return pages[0], header, pages[0].rows


def _refuse_known(session: Session, community_id: int, digest: str) -> None:
    same = (
        BankFile.community_id == community_id, BankFile.sha256 == digest, BankFile.state != BankFileState.DROPPED,
    )  # fmt: skip
    before = session.scalars(select(BankFile).where(*same)).first()
    if before is not None:
        raise Refused(
            N_("This file is here already: %(name)s, uploaded on %(day)s by %(who)s."),
            name=before.name, day=f"{before.uploaded_at.astimezone(local_zone()):%Y-%m-%d %H:%M}", who=before.uploaded_by,
        )  # fmt: skip


def _read(
    session: Session, file: BankFile, known: BankFormat, cells: Sequence[Sequence[Cell]], header: int, now: datetime
) -> None:
    columns = check_columns(known.columns, len(cells[header]))
    read, problems = read_rows(cells, header, columns, now.astimezone(local_zone()).date())
    if problems:
        raise BankSheetRefused(problems)
    made = bank_matching.match(session, file.community_id, read, file.id)
    values = [_values(file, row, found) for row, found in zip(read, made, strict=True)]
    session.execute(insert(BankLine), values)
    file.format_id, file.state = known.id, BankFileState.LOOKED
    session.flush()


def _values(file: BankFile, row: BankRow, found: bank_matching.Matched) -> dict[str, Any]:
    return {
        "file_id": file.id, "community_id": file.community_id, "number": row.row, "paid_on": row.paid_on,
        "amount": row.yuan, "reference": row.reference, "payer": row.payer, "account": row.account,
        "house_text": row.house, "bill_text": row.bill, "memo": row.memo, "state": found.state, "found": found.found,
        "doubt": found.doubt, "twin": found.twin, "house_id": found.house_id, "payer_id": found.payer_id, "note": "",
        "decided_by": "",
    }  # fmt: skip


def _format(session: Session, community_id: int, mark: str) -> BankFormat | None:
    wanted = (BankFormat.community_id == community_id, BankFormat.signature == mark)
    return session.scalars(select(BankFormat).where(*wanted)).one_or_none()


def content_of(session: Session, file: BankFile) -> bytes:
    """The file as it was uploaded."""
    found = session.scalar(select(BankFile.content).where(BankFile.id == file.id))
    assert found is not None
    return found


def still(file: BankFile, state: BankFileState) -> None:
    """Raises Refused where the file has left this state."""
    if file.state != state:
        raise Refused(N_("This file has gone on meanwhile: look at it again."))


def _shown(row: Sequence[Cell], place: int) -> str:
    value = row[place] if place < len(row) else None
    return "" if value is None else str(value)[:60]
