"""Ticket numbers: eight digits, unique in the company, never used twice (I8)."""

from datetime import datetime
from typing import cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from app.models import TicketNumber

_FIRST = 20_000_000
_ROWS = cast(Table, TicketNumber.__table__)


def reserve_ticket_number(session: Session, now: datetime) -> str:
    """Reserve the next number. Gaps are fine: a number once spoken must stay taken even if its call comes to nothing."""
    row_id = session.execute(insert(_ROWS).values(reserved_at=now).returning(_ROWS.c.id)).scalar_one()
    return str(_FIRST + row_id)
