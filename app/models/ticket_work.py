"""Work that is handed on: to a person who accepts it (D3)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Model, UTCDateTime, one_of
from app.models.people import Staff
from app.models.tickets import Ticket
from app.rules.codes import AcceptanceState

_COUNTS = text("state IN ('asked', 'accepted')")


class TicketAcceptance(Model):
    """Work handed in to a named person, who accepts it or sends it back with a reason. Of a ticket one counts at a time."""

    __tablename__ = "ticket_acceptance"
    __table_args__ = (
        one_of("state", AcceptanceState),
        Index("uq_ticket_acceptance_counts", "ticket_id", unique=True, sqlite_where=_COUNTS, postgresql_where=_COUNTS),
        Index("ix_ticket_acceptance_acceptor", "acceptor_id", "state"),
        Index("ix_ticket_acceptance_ticket_id", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    state: Mapped[str] = mapped_column(String(20), default=AcceptanceState.ASKED)
    acceptor_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    asked_by: Mapped[str] = mapped_column(String(80))
    work: Mapped[str] = mapped_column(Text, default="")
    """What was done, in the words of whoever handed it in: the household is told them once it is accepted."""
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_by: Mapped[str] = mapped_column(String(80), default="")
    remark: Mapped[str] = mapped_column(Text, default="")

    ticket: Mapped[Ticket] = relationship()
    acceptor: Mapped[Staff] = relationship()

    def __repr__(self) -> str:
        return f"{self.ticket_id} {self.state}"
