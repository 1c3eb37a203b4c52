"""Tickets (D3), their append-only timeline and return visits (D8); their clocks: `models.clocks`."""

from datetime import date, datetime
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, UTCDateTime, one_of
from app.models.categories import Category
from app.models.estate import Building, Community, House
from app.models.people import Department, Person, Staff
from app.rules.codes import (
    Channel,
    Grade,
    Kind,
    Priority,
    TicketState,
    Validity,
    VisitReason,
    VisitState,
    VisitWay,
)
from app.rules.urges import waits_for_word

_WAITS = text("state = 'waiting'")
_FILED, _TO_FILE = text("filed_at IS NOT NULL"), text("filed_at IS NULL AND state IN ('closed', 'cancelled')")


class TicketNumber(Model):
    """Where ticket numbers come from: one row each, so that reserving one locks nobody else out. See `services.numbers`."""

    __tablename__ = "ticket_number"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    reserved_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Ticket(Model):
    """A matter from registered to closed. `number` is eight digits and never changes; `revision` guards against two clicks at once.

    `clocks_ended`, `clocks_met`, `clocks_live` (run or paused) and `responded_seconds` (to the first response) repeat what its
    clocks say, for the figures of a month: triggers on `clock` keep them, nobody else writes them.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        ForeignKeyConstraint(["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_ticket_house"),
        one_of("kind", Kind),
        one_of("channel", Channel),
        one_of("priority", Priority),
        one_of("state", TicketState),
        one_of("validity", Validity, nullable=True),
        one_of("grade", Grade, nullable=True),
        CheckConstraint("length(number) = 8", name="number_eight_digits"),
        Index("ix_ticket_community_created", "community_id", "created_at"),
        Index("ix_ticket_community_state_due", "community_id", "state", "due_at"),
        Index("ix_ticket_house_category", "house_id", "category_id", "state"),
        Index("ix_ticket_reporter_phone", "reporter_phone"),
        Index("ix_ticket_assignee_state", "assignee_id", "state"),
        Index("ix_ticket_done_at", "done_at"),
        # What lists are limited and sorted by; the ties stand in the index, so that a page is read and never sorted.
        Index("ix_ticket_building_created", "building_id", "created_at"),
        Index("ix_ticket_assignee_created", "assignee_id", "created_at"),
        Index("ix_ticket_house_created", "house_id", "created_at"),
        Index("ix_ticket_category_created", "category_id", "created_at"),
        Index("ix_ticket_due", "due_at", "created_at", "id"),
        Index("ix_ticket_state_created", "state", "created_at", "id"),
        Index("ix_ticket_kind_created", "kind", "created_at", "id"),
        Index("ix_ticket_priority_created", "priority", "created_at", "id"),
        Index("ix_ticket_reporter_name", "reporter_name"),
        Index("ix_ticket_urged", "urged_at", "id"),
        # What a collective matter is found by, with each new complaint and repair (I8).
        Index("ix_ticket_matter", "community_id", "category_id", "created_at"),
        Index("ix_ticket_filed", "community_id", "filed_at", "id", sqlite_where=_FILED, postgresql_where=_FILED),
        Index("ix_ticket_to_file", "state", "closed_at", sqlite_where=_TO_FILE, postgresql_where=_TO_FILE),
        Index("ix_ticket_waiting_until", "waiting_until", sqlite_where=_WAITS, postgresql_where=_WAITS),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(String(8), unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(20))
    priority: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default=TicketState.REGISTERED)
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="")
    demand: Mapped[str | None] = mapped_column(String(255))
    house_id: Mapped[int | None] = mapped_column(ForeignKey("house.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"), index=True)
    place: Mapped[str | None] = mapped_column(String(255))
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    reporter_name: Mapped[str | None] = mapped_column(String(80))
    reporter_phone: Mapped[str | None] = mapped_column(String(20))
    reporter_locale: Mapped[str] = mapped_column(String(8), default="zh")
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    found_by: Mapped[dict[str, Any] | None] = mapped_column(JsonData)
    dispatch_reason: Mapped[str | None] = mapped_column(String(255))
    validity: Mapped[str | None] = mapped_column(String(20))
    grade: Mapped[str | None] = mapped_column(String(20))
    responsible: Mapped[str | None] = mapped_column(String(80))
    is_written: Mapped[bool] = mapped_column(Boolean, default=False)
    is_repeat: Mapped[bool] = mapped_column(Boolean, default=False)
    is_collective: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    callback_due: Mapped[bool] = mapped_column(Boolean, default=False)
    counts_in_figures: Mapped[bool] = mapped_column(Boolean, default=True)
    waiting_reason: Mapped[str | None] = mapped_column(String(255))
    waiting_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sent_back: Mapped[str | None] = mapped_column(String(255))
    """Why the work came back to whoever has it in hand, until they take the next step with it."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    dispatched_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Since when whoever has it is on the way; with `arrived_at` the way is over."""
    arrived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    replied_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reply_way: Mapped[str | None] = mapped_column(String(20))
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    visited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    filed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When it was filed, by building and category: since then it is read, and changes only by being reopened."""
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reopened_count: Mapped[int] = mapped_column(Integer, default=0)
    urged_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    urged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    clocks_ended: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    clocks_met: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    clocks_live: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    responded_seconds: Mapped[int | None] = mapped_column(Integer)
    root_cause: Mapped[str | None] = mapped_column(String(255))
    correction: Mapped[str | None] = mapped_column(String(255))
    prevention: Mapped[str | None] = mapped_column(String(255))
    revision: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": revision}

    community: Mapped[Community] = relationship(foreign_keys=[community_id])
    house: Mapped[House | None] = relationship(foreign_keys=[house_id], viewonly=True)
    building: Mapped[Building | None] = relationship()
    category: Mapped[Category | None] = relationship()
    reporter: Mapped[Person | None] = relationship()
    department: Mapped[Department | None] = relationship()
    assignee: Mapped[Staff | None] = relationship()
    entries: Mapped[list["TicketEntry"]] = relationship(
        back_populates="ticket", order_by="(TicketEntry.at, TicketEntry.id)"
    )
    clocks: Mapped[list["Clock"]] = relationship(  # noqa: F821
        back_populates="ticket", order_by="Clock.id"
    )
    visits: Mapped[list["ReturnVisit"]] = relationship(back_populates="ticket", order_by="ReturnVisit.id")
    calls: Mapped[list["Call"]] = relationship(  # noqa: F821
        secondary="call_ticket", viewonly=True, order_by="Call.started_at"
    )
    attempts: Mapped[list["EscalationAttempt"]] = relationship(  # noqa: F821
        back_populates="ticket", order_by="EscalationAttempt.id"
    )
    complaint: Mapped["Complaint | None"] = relationship(back_populates="ticket")  # noqa: F821
    findings: Mapped[list["ComplaintFinding"]] = relationship(  # noqa: F821
        back_populates="ticket", order_by="ComplaintFinding.id"
    )
    acceptance: Mapped["TicketAcceptance | None"] = relationship(  # noqa: F821
        primaryjoin="and_(Ticket.id == TicketAcceptance.ticket_id, TicketAcceptance.state.in_(('asked', 'accepted')))",
        viewonly=True,
        uselist=False,
    )
    offer: Mapped["TicketOffer | None"] = relationship(  # noqa: F821
        primaryjoin="and_(Ticket.id == foreign(TicketOffer.ticket_id), TicketOffer.state == 'open',"
        " TicketOffer.giver_id == Ticket.assignee_id)",
        viewonly=True,
        uselist=False,
    )
    references: Mapped[list["ExternalReference"]] = relationship(  # noqa: F821
        back_populates="ticket", order_by="ExternalReference.id"
    )

    @property
    def on_the_way(self) -> bool:
        """Whether whoever has it in hand has left, and not arrived yet."""
        return self.left_at is not None and self.arrived_at is None

    @property
    def urges(self) -> int:
        """How often the household asked again about what it still waits for; none once that is done."""
        return self.urged_count if waits_for_word(self.state) else 0

    def __repr__(self) -> str:
        return self.number


class TicketEntry(Model):
    """One step of a ticket: who, when, from, to, note. Append-only: a trigger in the database refuses changes."""

    __tablename__ = "ticket_entry"
    __table_args__ = (Index("ix_ticket_entry_ticket_at", "ticket_id", "at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    verb: Mapped[str] = mapped_column(String(30))
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str | None] = mapped_column(String(20))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(JsonData, default=dict)

    ticket: Mapped[Ticket] = relationship(back_populates="entries")
    actor: Mapped[User | None] = relationship(User)

    def __repr__(self) -> str:
        return f"{self.verb} {self.at:%Y-%m-%d %H:%M}"


class ReturnVisit(Model):
    """The household asked afterwards (D8): the staff's record. `worker_id` did the work and does not visit; `score` repeats
    the household's answer that counts (`VisitAnswer`)."""

    __tablename__ = "return_visit"
    __table_args__ = (
        one_of("way", VisitWay, nullable=True),
        one_of("state", VisitState),
        CheckConstraint("score IS NULL OR score BETWEEN 1 AND 5", name="score_range"),
        Index("ix_return_visit_state_due", "state", "due_on"),
        Index("ix_return_visit_assigned_state", "assigned_id", "state"),
        Index("ix_return_visit_visited_at", "visited_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), default=VisitState.DUE)
    reason: Mapped[str] = mapped_column(String(20), default=VisitReason.ASKED)
    due_on: Mapped[date] = mapped_column(Date)
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    assigned_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    way: Mapped[str | None] = mapped_column(String(20))
    visited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    visitor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    score: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(Text, default="")
    signature_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    unsigned_why: Mapped[str] = mapped_column(String(255), default="")

    ticket: Mapped[Ticket] = relationship(back_populates="visits")
    visitor: Mapped[User | None] = relationship(User)
    assigned: Mapped[Staff | None] = relationship(foreign_keys=[assigned_id])
    try_rows: Mapped[list["VisitTry"]] = relationship(  # noqa: F821
        back_populates="visit", order_by="(VisitTry.at, VisitTry.id)"
    )
    answers: Mapped[list["VisitAnswer"]] = relationship(  # noqa: F821
        back_populates="visit", order_by="(VisitAnswer.at, VisitAnswer.id)"
    )
    check: Mapped["VisitCheck | None"] = relationship(back_populates="visit")  # noqa: F821

    def __repr__(self) -> str:
        return f"{self.ticket_id} {self.state}"
