"""The duty roster and the escalation ladder (D7)."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Model, UTCDateTime, one_of
from app.models.estate import Community
from app.models.people import Staff
from app.models.tickets import Ticket
from app.rules.codes import AttemptState, LadderState, Tier


class DutyShift(Model):
    """Who is on duty, backup or manager of a community from an instant to an instant, and on which number.

    Made by a rotation (`rotation_id`) or by hand; an override takes the place of what was planned for its hours.
    """

    __tablename__ = "duty_shift"
    __table_args__ = (
        one_of("tier", Tier),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index("ix_duty_shift_now", "community_id", "starts_at", "ends_at"),
        UniqueConstraint("rotation_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    tier: Mapped[str] = mapped_column(String(20))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    number: Mapped[str] = mapped_column(String(20))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    rotation_id: Mapped[int | None] = mapped_column(ForeignKey("duty_rotation.id"))
    is_override: Mapped[bool] = mapped_column(Boolean, default=False)
    note: Mapped[str] = mapped_column(String(255), default="")

    community: Mapped[Community] = relationship()
    staff: Mapped[Staff] = relationship()
    rotation: Mapped["DutyRotation | None"] = relationship()  # noqa: F821

    def __repr__(self) -> str:
        return f"{self.tier} {self.starts_at:%Y-%m-%d %H:%M}"


class Ladder(Model):
    """One emergency's way up: on duty → backup → manager → again, until somebody presses 1."""

    __tablename__ = "ladder"
    __table_args__ = (
        one_of("state", LadderState),
        UniqueConstraint("ticket_id"),
        Index("ix_ladder_state_next", "state", "next_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"))
    state: Mapped[str] = mapped_column(String(20), default=LadderState.RUNNING)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    round: Mapped[int] = mapped_column(Integer, default=1)
    rung: Mapped[int] = mapped_column(Integer, default=0)
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    accepted_attempt_id: Mapped[int | None] = mapped_column(Integer)
    caller_wants_callback: Mapped[bool] = mapped_column(default=False)
    connected_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    ticket: Mapped[Ticket] = relationship()

    def __repr__(self) -> str:
        return f"{self.ticket_id} {self.state}"


class EscalationAttempt(Model):
    """One ring of a ladder, written before it is dialled; accepted only by a key press, the first one wins."""

    __tablename__ = "escalation_attempt"
    __table_args__ = (
        one_of("state", AttemptState),
        UniqueConstraint("ladder_id", "round", "rung"),
        Index("ix_escalation_attempt_state_deadline", "state", "deadline_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ladder_id: Mapped[int] = mapped_column(ForeignKey("ladder.id"), index=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    round: Mapped[int] = mapped_column(Integer)
    rung: Mapped[int] = mapped_column(Integer)
    tier: Mapped[str] = mapped_column(String(20))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    number: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default=AttemptState.PENDING)
    provider_sid: Mapped[str | None] = mapped_column(String(64), index=True)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    deadline_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str | None] = mapped_column(String(255))

    ladder: Mapped[Ladder] = relationship()
    ticket: Mapped[Ticket] = relationship(back_populates="attempts")
    staff: Mapped[Staff | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.number} {self.state}"
