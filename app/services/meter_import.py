"""Readings from a sheet (CSV or Excel): every line is tried first, then all of them are written or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.delimited import read_table
from app.adapters.workbook import write_template
from app.errors import N_, Invalid, LinliError
from app.models import Community, Meter
from app.rules.meter_sheet import REQUIRED, TITLES, read_rows
from app.rules.sheet_cells import Problem
from app.services import meters
from app.services.access import rows
from app.services.actors import Actor

CHUNK = 500


class ReadingsRefused(Invalid):
    """The sheet has problems: nothing was written. `problems` name row and column."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(N_("The sheet was not imported: %(count)s problems."), count=len(self.problems))


@dataclass(frozen=True)
class Taken:
    """What a sheet brings: how many readings, and what was used in all by them."""

    readings: int
    used: Decimal


def take(session: Session, community: Community, content: bytes, sure: bool, actor: Actor, now: datetime) -> Taken:
    """Write the readings of a sheet. For a dry run the caller rolls back: the outcome is the same. `sure`: what is doubtful was
    looked at again. Raises Invalid for what is no table, ReadingsRefused with every problem."""
    found, problems = read_rows(read_table(content)[0].rows)
    known: dict[str, Meter] = {}
    numbers = sorted({row.number for row in found})
    for start in range(0, len(numbers), CHUNK):
        wanted = (
            Meter.community_id == community.id,
            Meter.number.in_(numbers[start : start + CHUNK]),
            rows(actor, Meter),
        )
        known |= {meter.number: meter for meter in session.scalars(select(Meter).where(*wanted))}
    used = Decimal(0)
    for row in sorted(found, key=lambda one: (one.read_on, one.row)):
        meter = known.get(row.number)
        if meter is None:
            problems.append(
                Problem(row.row, "number", N_("There is no meter %(number)s of yours here."), {"number": row.number})
            )
            continue
        sent = {"value": row.value, "read_on": row.read_on, "note": row.note, "sure": sure}
        try:
            used += meters.enter(session, meter, sent, actor, now).used
        except LinliError as error:
            problems.append(Problem(row.row, "value", error.msgid, error.params))
    if problems:
        raise ReadingsRefused(sorted(problems, key=lambda one: one.row))
    return Taken(len(found), used)


def template() -> bytes:
    """The sheet to fill in."""
    columns = [
        (f"{names[0]}{' *' if name in REQUIRED else ''}", "@" if name != "value" else "")
        for name, names in TITLES.items()
    ]
    return write_template(columns, (("W-0001", "2026-03-25", 1234.5, ""),), _HELP)


_HELP = (
    "一行是一块表的一次读数。带 * 的列必填：表号与系统登记一致，日期写作 2026-03-25。",
    "先试运行；有任何一行错误时，整张表都不会写入。",
    "One line is one reading of one meter. Columns with * must be filled: the number as it is registered, the day as 2026-03-25.",
    "Try it as a dry run first. With any line wrong nothing is written.",
)
