"""Work that is handed on: to a person who accepts it when it is done, to somebody else who goes on with it (D3)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Model, UTCDateTime, one_of
from app.models.people import Department, Staff
from app.models.tickets import Ticket
from app.rules.codes import AcceptanceState, OfferState

_COUNTS = text("state IN ('asked', 'accepted')")
_ASKED = text("state = 'asked'")
_OPEN = text("state = 'open'")


class TicketAcceptance(Model):
    """Work handed in to a named person, who accepts it or sends it back with a reason. Of a ticket one counts at a time."""

    __tablename__ = "ticket_acceptance"
    __table_args__ = (
        one_of("state", AcceptanceState),
        Index("uq_ticket_acceptance_counts", "ticket_id", unique=True, sqlite_where=_COUNTS, postgresql_where=_COUNTS),
        Index("ix_ticket_acceptance_acceptor", "acceptor_id", "state"),
        Index("ix_ticket_acceptance_ticket_id", "ticket_id"),
        Index("ix_ticket_acceptance_waits", "warn_at", sqlite_where=_ASKED, postgresql_where=_ASKED),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    state: Mapped[str] = mapped_column(String(20), default=AcceptanceState.ASKED)
    acceptor_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    asked_by: Mapped[str] = mapped_column(String(80))
    work: Mapped[str] = mapped_column(Text, default="")
    """What was done, in the words of whoever handed it in: the household is told them once it is accepted."""
    warn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When whoever is asked now is reminded, and when the work is passed on."""
    warned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    breached_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the time ran out with nobody left to pass it on to."""
    passed_from: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """Who let it lapse last."""
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_by: Mapped[str] = mapped_column(String(80), default="")
    remark: Mapped[str] = mapped_column(Text, default="")

    ticket: Mapped[Ticket] = relationship()
    acceptor: Mapped[Staff] = relationship()

    def __repr__(self) -> str:
        return f"{self.ticket_id} {self.state}"


class TicketOffer(Model):
    """Work that whoever has it in hand offers to a person or a department, with the reason. Until it is accepted it is theirs:
    an offer counts only while the giver still has the work."""

    __tablename__ = "ticket_offer"
    __table_args__ = (
        one_of("state", OfferState),
        CheckConstraint("(to_id IS NULL) <> (department_id IS NULL)", name="to_one"),
        Index("uq_ticket_offer_open", "ticket_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_ticket_offer_ticket_id", "ticket_id"),
        Index("ix_ticket_offer_to", "to_id", "state"),
        Index("ix_ticket_offer_department", "department_id", "state"),
        Index("ix_ticket_offer_waits", "offered_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    state: Mapped[str] = mapped_column(String(20), default=OfferState.OPEN)
    giver_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    to_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    reason: Mapped[str] = mapped_column(Text)
    offered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the head of the department was told that nobody had answered."""
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_by: Mapped[str] = mapped_column(String(80), default="")
    answer: Mapped[str] = mapped_column(Text, default="")

    ticket: Mapped[Ticket] = relationship()
    giver: Mapped[Staff] = relationship(foreign_keys=[giver_id])
    to: Mapped[Staff | None] = relationship(foreign_keys=[to_id])
    department: Mapped[Department | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.ticket_id} {self.state}"
