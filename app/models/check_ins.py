"""Check-in calls to people living alone (D13): who is called when, what came of each time, every step. Confidential (D15)."""

from datetime import date, datetime
from typing import Any

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
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, UTCDateTime, one_of
from app.models.estate import Community, House
from app.models.people import Person, Staff
from app.models.tickets import Ticket
from app.rules.codes import CheckInFinding, CheckInState, TargetState


class CheckInPlan(Model):
    """An entry of the register: one a person. `weekdays` are ISO numbers (`12345`), `times` local ones (`08:30,19:00`).

    `next_at` is the next booked instant, None while there is none. An entry that has ended is taken up again in its own row.
    """

    __tablename__ = "check_in_plan"
    __table_args__ = (
        ForeignKeyConstraint(
            ["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_check_in_house"
        ),
        CheckConstraint("paused_until IS NULL OR paused_until >= paused_from", name="pause_ends_after_start"),
        CheckConstraint("weekdays <> '' AND times <> ''", name="some_time"),
        CheckConstraint("consent_by <> ''", name="somebody_consented"),
        CheckConstraint("active OR next_at IS NULL", name="ended_calls_nobody"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    house_id: Mapped[int] = mapped_column(Integer, index=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    number: Mapped[str] = mapped_column(String(20))
    weekdays: Mapped[str] = mapped_column(String(7))
    times: Mapped[str] = mapped_column(String(40))
    consent_by: Mapped[str] = mapped_column(String(80))
    consented_on: Mapped[date] = mapped_column(Date)
    consent_noted_by: Mapped[str] = mapped_column(String(80))
    steward_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    note: Mapped[str] = mapped_column(String(255), default="")
    paused_from: Mapped[date | None] = mapped_column(Date)
    paused_until: Mapped[date | None] = mapped_column(Date)
    pause_note: Mapped[str] = mapped_column(String(120), default="")
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revision: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": revision}

    person: Mapped[Person] = relationship()
    house: Mapped[House] = relationship(foreign_keys=[house_id, community_id], viewonly=True)
    community: Mapped[Community] = relationship(foreign_keys=[community_id])
    steward: Mapped[Staff | None] = relationship()
    contacts: Mapped[list["CheckInContact"]] = relationship(
        back_populates="plan", order_by="CheckInContact.place", cascade="all, delete-orphan"
    )

    def __repr__(self) -> str:
        return f"{self.person} {self.weekdays} {self.times}"


class CheckInContact(Model):
    """Whom somebody living alone named for the case that nobody hears from them, in the order they are told."""

    __tablename__ = "check_in_contact"
    __table_args__ = (UniqueConstraint("plan_id", "place"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("check_in_plan.id"))
    place: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(80))
    relation: Mapped[str] = mapped_column(String(40), default="")
    number: Mapped[str] = mapped_column(String(20))
    locale: Mapped[str] = mapped_column(String(8), default="zh")

    plan: Mapped[CheckInPlan] = relationship(back_populates="contacts")

    def __repr__(self) -> str:
        return f"{self.name} {self.number}"


class CheckIn(Model):
    """One booked time of somebody: `key` (`plan:instant`) makes it the only one. `next_at` is when the next step is taken
    whatever else happens or fails to happen; None once only a person can go on, or it is over."""

    __tablename__ = "check_in"
    __table_args__ = (
        ForeignKeyConstraint(
            ["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_check_in_call_house"
        ),
        one_of("state", CheckInState),
        one_of("result", TargetState, nullable=True),
        one_of("finding", CheckInFinding, nullable=True),
        CheckConstraint("state <> 'found' OR (finding IS NOT NULL AND found_at IS NOT NULL)", name="found_says_what"),
        Index("ix_check_in_state_next", "state", "next_at"),
        Index("ix_check_in_plan_at", "plan_id", "at"),
        Index("ix_check_in_community_at", "community_id", "at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("check_in_plan.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    house_id: Mapped[int] = mapped_column(Integer, index=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(String(20), default=CheckInState.CALLING)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    result: Mapped[str | None] = mapped_column(String(20))
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    alerted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    alerted_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    contacted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finding: Mapped[str | None] = mapped_column(String(20))
    found_note: Mapped[str] = mapped_column(Text, default="")
    found_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    found_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    found_by: Mapped[str] = mapped_column(String(80), default="")
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)

    plan: Mapped[CheckInPlan] = relationship()
    person: Mapped[Person] = relationship()
    house: Mapped[House] = relationship(foreign_keys=[house_id, community_id], viewonly=True)
    community: Mapped[Community] = relationship(foreign_keys=[community_id])
    alerted: Mapped[Staff | None] = relationship()
    ticket: Mapped[Ticket | None] = relationship()

    def __repr__(self) -> str:
        return self.key


class CheckInStep(Model):
    """What was done about an entry of the register or one of its calls. Append-only: a trigger refuses changes."""

    __tablename__ = "check_in_step"
    __table_args__ = (Index("ix_check_in_step_plan_at", "plan_id", "at"), Index("ix_check_in_step_at", "at"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("check_in_plan.id"))
    check_in_id: Mapped[int | None] = mapped_column(ForeignKey("check_in.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    verb: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(JsonData, default=dict)

    plan: Mapped[CheckInPlan] = relationship()
    check_in: Mapped[CheckIn | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.verb} {self.note}"
