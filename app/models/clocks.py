"""The clocks of tickets (D4): the rules that start them, what happens to them, and the calendars they are counted in."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, UTCDateTime, one_of
from app.models.tickets import Ticket
from app.rules.codes import (
    CalendarName,
    Channel,
    ClockEnd,
    ClockEventKind,
    ClockName,
    ClockState,
    DraftState,
    Grade,
    Kind,
    Priority,
    Validity,
)


class WorkCalendar(Model):
    """Working hours of a week, a line a day as people write them: "08:30-12:00, 14:00-17:30"; empty is closed.

    `make_up` are the hours of a weekend day that is worked to make up for a holiday. Two are always there: `always`, round the
    clock, and `desk`, the desk's hours of every community that has no calendar of its own.
    """

    __tablename__ = "work_calendar"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60), default="")
    mon: Mapped[str] = mapped_column(String(90), default="")
    tue: Mapped[str] = mapped_column(String(90), default="")
    wed: Mapped[str] = mapped_column(String(90), default="")
    thu: Mapped[str] = mapped_column(String(90), default="")
    fri: Mapped[str] = mapped_column(String(90), default="")
    sat: Mapped[str] = mapped_column(String(90), default="")
    sun: Mapped[str] = mapped_column(String(90), default="")
    make_up: Mapped[str] = mapped_column(String(90), default="")
    follows_holidays: Mapped[bool] = mapped_column(Boolean, default=True)

    @property
    def hours(self) -> str:
        """The lines of the week as one."""
        return "; ".join(filter(None, (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)))

    def __repr__(self) -> str:
        return self.name


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
    calendar: Mapped[str] = mapped_column(String(40), default=CalendarName.ALWAYS)
    warn_percent: Mapped[int] = mapped_column(Integer, default=75)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    source: Mapped[str] = mapped_column(String(120), default="")

    def __repr__(self) -> str:
        return self.name


def _start(context: Any) -> Any:
    return context.get_current_parameters()["started_at"]


def _first_check(context: Any) -> Any:
    row = context.get_current_parameters()
    if row.get("state", ClockState.RUNNING) != ClockState.RUNNING:
        return None
    return row["due_at"] if row.get("warned_at") else row.get("warn_at") or row["due_at"]


class Clock(Model):
    """One deadline of a ticket as it stands after its events. Times are instants; `paused_seconds` counts in the clock's calendar.

    `policy_id` is empty for a promise and for the default that stands in where no rule speaks. `check_at` is when the sweep has
    to look at it next: at the warning, then at the deadline; empty when it does not run. `changed_at` is its newest event.
    """

    __tablename__ = "clock"
    __table_args__ = (
        one_of("name", ClockName),
        one_of("state", ClockState),
        one_of("end_reason", ClockEnd, nullable=True),
        Index("ix_clock_state_due", "state", "due_at"),
        Index(
            "ix_clock_check",
            "check_at",
            "id",
            sqlite_where=text("check_at IS NOT NULL"),
            postgresql_where=text("check_at IS NOT NULL"),
        ),
        Index(
            "ix_clock_promise",
            "due_at",
            "id",
            sqlite_where=text("name = 'promise'"),
            postgresql_where=text("name = 'promise'"),
        ),
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
    calendar: Mapped[str] = mapped_column(String(40), default=CalendarName.ALWAYS)
    minutes: Mapped[int | None] = mapped_column(Integer)
    warn_percent: Mapped[int] = mapped_column(Integer, default=75)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    warn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    check_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=_first_check)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=_start)
    warned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    breached_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    met_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    paused_seconds: Mapped[int] = mapped_column(Integer, default=0)
    end_reason: Mapped[str | None] = mapped_column(String(20))

    ticket: Mapped[Ticket] = relationship(back_populates="clocks")
    events: Mapped[list["ClockEvent"]] = relationship(back_populates="clock", order_by="(ClockEvent.at, ClockEvent.id)")

    def __repr__(self) -> str:
        return f"{self.name} {self.due_at:%Y-%m-%d %H:%M}"


class ClockEvent(Model):
    """One thing that happened to a clock: state and deadline are computed from these. Append-only by trigger.

    `due_at` and `warn_at` stand where they do not follow from the time allowed: of a promise, of a clock that ends with the day,
    after a change of the calendar. `reason` is what somebody wrote about it.
    """

    __tablename__ = "clock_event"
    __table_args__ = (one_of("kind", ClockEventKind), Index("ix_clock_event_clock_at", "clock_id", "at"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clock.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    kind: Mapped[str] = mapped_column(String(20))
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    warn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(255), default="")
    end: Mapped[str | None] = mapped_column(String(20))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = mapped_column(String(80), default="")

    clock: Mapped[Clock] = relationship(back_populates="events")

    def __repr__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class ClockDraft(Model):
    """A change of the clock rules that is tried on past months before it is put in force.

    `rows`: each a rule as it is to be (`says`), and as it stood when the draft was made (`id`, `was`; neither for a new one).
    """

    __tablename__ = "clock_draft"
    __table_args__ = (one_of("state", DraftState), Index("ix_clock_draft_state", "state", "made_at"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(20), default=DraftState.OPEN)
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JsonData, default=list)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    made_by: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(255), default="")
    revision: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": revision}

    def __repr__(self) -> str:
        return self.title
