"""The library of emergency plans (D7): plans with their versions, the one that was opened with an emergency, the steps ticked."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, UTCDateTime, one_of
from app.models.estate import Community
from app.models.special_events import SpecialEvent
from app.models.tickets import Ticket
from app.rules.codes import PlanKind, PlanState


class EmergencyPlan(Model):
    """A plan of one community, or (without one) of all. What it says stands in its versions."""

    __tablename__ = "emergency_plan"
    __table_args__ = (one_of("kind", PlanKind),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    retired_by: Mapped[str] = mapped_column(String(80), default="")

    community: Mapped[Community | None] = relationship()
    versions: Mapped[list["PlanVersion"]] = relationship(
        back_populates="plan", order_by="PlanVersion.number.desc()", lazy="select"
    )

    def __repr__(self) -> str:
        return self.kind


class PlanVersion(Model):
    """What a plan says from one day to another: `content` as `rules.plans` describes it, `reason` why it was written.

    One version of a plan is on its way at a time, one is in force; one that was in force never changes (a trigger). `event_id` is
    the special event whose report asked for it.
    """

    __tablename__ = "plan_version"
    __table_args__ = (
        one_of("state", PlanState),
        UniqueConstraint("plan_id", "number"),
        CheckConstraint("state <> 'in_force' OR forced_at IS NOT NULL", name="in_force_since"),
        Index(
            "uq_plan_version_on_its_way",
            "plan_id",
            unique=True,
            sqlite_where=text("state IN ('draft', 'reviewed')"),
            postgresql_where=text("state IN ('draft', 'reviewed')"),
        ),
        Index(
            "uq_plan_version_in_force",
            "plan_id",
            unique=True,
            sqlite_where=text("state = 'in_force'"),
            postgresql_where=text("state = 'in_force'"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("emergency_plan.id"))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20), default=PlanState.DRAFT)
    content: Mapped[dict[str, Any]] = mapped_column(JsonData)
    sha256: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(255), default="")
    event_id: Mapped[int | None] = mapped_column(ForeignKey("special_event.id"), index=True)
    drafted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    drafted_by: Mapped[str] = mapped_column(String(80))
    reviewed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reviewed_by: Mapped[str] = mapped_column(String(80), default="")
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    forced_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    forced_by: Mapped[str] = mapped_column(String(80), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    plan: Mapped[EmergencyPlan] = relationship(back_populates="versions")
    event: Mapped[SpecialEvent | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.plan_id} v{self.number}"


class TicketPlan(Model):
    """The version that was opened with an emergency; the latest row of a ticket is the plan that counts.

    `fits`: whether it was found for the matter, or is the general one because no other was.
    """

    __tablename__ = "ticket_plan"
    __table_args__ = (Index("ix_ticket_plan_ticket", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id"), index=True)
    fits: Mapped[bool] = mapped_column()
    word: Mapped[str] = mapped_column(String(80), default="")
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    opened_by: Mapped[str] = mapped_column(String(80))

    ticket: Mapped[Ticket] = relationship()
    version: Mapped[PlanVersion] = relationship()

    def __repr__(self) -> str:
        return f"{self.ticket_id} {self.version_id}"


class PlanTick(Model):
    """A step that was done in an emergency: by whom, when. Append-only, and once for each step."""

    __tablename__ = "plan_tick"
    __table_args__ = (UniqueConstraint("ticket_plan_id", "step"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_plan_id: Mapped[int] = mapped_column(ForeignKey("ticket_plan.id"))
    step: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = mapped_column(String(80))

    ticket_plan: Mapped[TicketPlan] = relationship()

    def __repr__(self) -> str:
        return f"{self.ticket_plan_id} {self.step}"
