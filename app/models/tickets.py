"""Tickets (D3), their append-only timeline, clocks (D4) and return visits (D8)."""

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
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Coded, JsonData, Model, UTCDateTime, one_of
from app.models.estate import Building, Community, House
from app.models.people import Department, Person, Staff
from app.rules.codes import (
    CalendarName,
    Channel,
    ClockName,
    ClockState,
    Grade,
    Kind,
    Priority,
    TicketState,
    Validity,
    VisitState,
    VisitWay,
)


class Category(Coded, Model):
    """What a matter is about, the department it goes to, and how urgent it is unless somebody says otherwise."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("code"), one_of("default_priority", Priority))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    default_priority: Mapped[str] = mapped_column(String(20), default=Priority.NORMAL)
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    department: Mapped[Department | None] = relationship()
    words: Mapped[list["CategoryWord"]] = relationship(back_populates="category")


class CategoryWord(Model):
    """A word heard in a description that points to a category and, where given, an urgency."""

    __tablename__ = "category_word"
    __table_args__ = (UniqueConstraint("word"), one_of("priority", Priority, nullable=True))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    word: Mapped[str] = mapped_column(String(40))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), index=True)
    priority: Mapped[str | None] = mapped_column(String(20))

    category: Mapped[Category] = relationship(back_populates="words")

    def __repr__(self) -> str:
        return self.word


class TicketNumber(Model):
    """Where ticket numbers come from: one row each, so that reserving one locks nobody else out. See `services.numbers`."""

    __tablename__ = "ticket_number"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    reserved_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Ticket(Model):
    """A matter from registered to closed. `number` is eight digits and never changes; `revision` guards against two clicks at once."""

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
    dispatch_reason: Mapped[str | None] = mapped_column(String(255))
    validity: Mapped[str | None] = mapped_column(String(20))
    grade: Mapped[str | None] = mapped_column(String(20))
    responsible: Mapped[str | None] = mapped_column(String(80))
    is_written: Mapped[bool] = mapped_column(Boolean, default=False)
    is_repeat: Mapped[bool] = mapped_column(Boolean, default=False)
    callback_due: Mapped[bool] = mapped_column(Boolean, default=False)
    counts_in_figures: Mapped[bool] = mapped_column(Boolean, default=True)
    waiting_reason: Mapped[str | None] = mapped_column(String(255))
    waiting_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    dispatched_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    replied_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reply_way: Mapped[str | None] = mapped_column(String(20))
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    visited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reopened_count: Mapped[int] = mapped_column(Integer, default=0)
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
    clocks: Mapped[list["Clock"]] = relationship(back_populates="ticket", order_by="Clock.id")
    visits: Mapped[list["ReturnVisit"]] = relationship(back_populates="ticket", order_by="ReturnVisit.id")
    calls: Mapped[list["Call"]] = relationship(  # noqa: F821
        secondary="call_ticket", viewonly=True, order_by="Call.started_at"
    )
    attempts: Mapped[list["EscalationAttempt"]] = relationship(  # noqa: F821
        back_populates="ticket", order_by="EscalationAttempt.id"
    )

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


class ClockPolicy(Model):
    """Which clock a ticket gets, and how long it runs (D4). Empty columns match everything; the most specific row wins."""

    __tablename__ = "clock_policy"
    __table_args__ = (
        one_of("name", ClockName),
        one_of("kind", Kind, nullable=True),
        one_of("priority", Priority, nullable=True),
        one_of("grade", Grade, nullable=True),
        one_of("validity", Validity, nullable=True),
        one_of("channel", Channel, nullable=True),
        one_of("calendar", CalendarName),
        CheckConstraint("minutes IS NULL OR minutes >= 0", name="minutes_positive"),
        CheckConstraint("warn_percent BETWEEN 1 AND 100", name="warn_percent_range"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(30))
    kind: Mapped[str | None] = mapped_column(String(20))
    priority: Mapped[str | None] = mapped_column(String(20))
    grade: Mapped[str | None] = mapped_column(String(20))
    validity: Mapped[str | None] = mapped_column(String(20))
    channel: Mapped[str | None] = mapped_column(String(20))
    category_code: Mapped[str | None] = mapped_column(String(40))
    starts_when: Mapped[str] = mapped_column(String(20), default="registered")
    minutes: Mapped[int | None] = mapped_column(Integer)
    ends_same_day: Mapped[bool] = mapped_column(Boolean, default=False)
    calendar: Mapped[str] = mapped_column(String(20), default=CalendarName.ALWAYS)
    warn_percent: Mapped[int] = mapped_column(Integer, default=75)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    source: Mapped[str] = mapped_column(String(120), default="")

    def __repr__(self) -> str:
        return self.name


class Clock(Model):
    """One running deadline of a ticket. Times are instants; `paused_seconds` counts in the clock's own calendar."""

    __tablename__ = "clock"
    __table_args__ = (
        one_of("name", ClockName),
        one_of("state", ClockState),
        one_of("calendar", CalendarName),
        Index("ix_clock_state_due", "state", "due_at"),
        Index("ix_clock_state_warn", "state", "warn_at"),
        Index(
            "uq_clock_live_name",
            "ticket_id",
            "name",
            unique=True,
            sqlite_where=text("state IN ('running', 'paused')"),
            postgresql_where=text("state IN ('running', 'paused')"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("clock_policy.id"))
    name: Mapped[str] = mapped_column(String(30))
    state: Mapped[str] = mapped_column(String(20), default=ClockState.RUNNING)
    calendar: Mapped[str] = mapped_column(String(20), default=CalendarName.ALWAYS)
    minutes: Mapped[int | None] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    warn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    warned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    breached_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    met_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    paused_seconds: Mapped[int] = mapped_column(Integer, default=0)

    ticket: Mapped[Ticket] = relationship(back_populates="clocks")

    def __repr__(self) -> str:
        return f"{self.name} {self.due_at:%Y-%m-%d %H:%M}"


class ReturnVisit(Model):
    """The household asked afterwards (D8). The score is 1 to 5; whoever did the work does not visit."""

    __tablename__ = "return_visit"
    __table_args__ = (
        one_of("way", VisitWay, nullable=True),
        one_of("state", VisitState),
        CheckConstraint("score IS NULL OR score BETWEEN 1 AND 5", name="score_range"),
        Index("ix_return_visit_state_due", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), default=VisitState.DUE)
    reason: Mapped[str] = mapped_column(String(20), default="policy")
    due_on: Mapped[date] = mapped_column(Date)
    way: Mapped[str | None] = mapped_column(String(20))
    visited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    visitor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    score: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(Text, default="")

    ticket: Mapped[Ticket] = relationship(back_populates="visits")
    visitor: Mapped[User | None] = relationship(User)

    def __repr__(self) -> str:
        return f"{self.ticket_id} {self.state}"
