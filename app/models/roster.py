"""What the duty roster is made of (D7): rotations, swaps, what was found wrong and told, what was done to it, calendar links."""

from datetime import date, datetime
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, UTCDateTime, one_of
from app.models.estate import Community
from app.models.people import Staff
from app.rules.codes import DutyDays, RosterTrouble, RotationPattern, SwapState, Tier


class DutyRotation(Model):
    """People who take turns on one duty. `handoffs` are local times like `08:00,20:00`, `until` is one or nothing.

    `number` is the telephone that changes hands with the shift; without one everybody's own rings.
    """

    __tablename__ = "duty_rotation"
    __table_args__ = (
        one_of("tier", Tier),
        one_of("pattern", RotationPattern),
        one_of("days", DutyDays),
        CheckConstraint("days_on > 0 AND days_off >= 0", name="days_positive"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    tier: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80))
    pattern: Mapped[str] = mapped_column(String(20))
    days: Mapped[str] = mapped_column(String(20), default=DutyDays.EVERY)
    days_on: Mapped[int] = mapped_column(Integer, default=1)
    days_off: Mapped[int] = mapped_column(Integer, default=0)
    handoffs: Mapped[str] = mapped_column(String(80))
    until: Mapped[str | None] = mapped_column(String(5))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    number: Mapped[str | None] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    revision: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": revision}

    community: Mapped[Community] = relationship()
    members: Mapped[list["RotationMember"]] = relationship(
        back_populates="rotation", order_by="RotationMember.place", cascade="all, delete-orphan"
    )

    def __repr__(self) -> str:
        return self.name


class RotationMember(Model):
    """Somebody's place in a rotation; the same person may have several."""

    __tablename__ = "rotation_member"
    __table_args__ = (UniqueConstraint("rotation_id", "place"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    rotation_id: Mapped[int] = mapped_column(ForeignKey("duty_rotation.id"))
    place: Mapped[int] = mapped_column(Integer)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)

    rotation: Mapped[DutyRotation] = relationship(back_populates="members")
    staff: Mapped[Staff] = relationship()

    def __repr__(self) -> str:
        return f"{self.rotation_id} {self.place}"


class DutySwap(Model):
    """One's shift that somebody else was asked to take, for one of theirs or for nothing. Times say which shifts: rows of
    the roster may be made anew."""

    __tablename__ = "duty_swap"
    __table_args__ = (
        one_of("tier", Tier),
        one_of("state", SwapState),
        one_of("return_tier", Tier, nullable=True),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("asker_id <> other_id", name="two_people"),
        Index("ix_duty_swap_state_starts", "state", "starts_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), default=SwapState.ASKED)
    asker_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    tier: Mapped[str] = mapped_column(String(20))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    return_tier: Mapped[str | None] = mapped_column(String(20))
    return_starts_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    return_ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    note: Mapped[str] = mapped_column(String(255), default="")
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_by: Mapped[str | None] = mapped_column(String(80))
    answer: Mapped[str] = mapped_column(String(255), default="")

    community: Mapped[Community] = relationship()
    asker: Mapped[Staff] = relationship(foreign_keys=[asker_id])
    other: Mapped[Staff] = relationship(foreign_keys=[other_id])

    def __repr__(self) -> str:
        return f"{self.tier} {self.starts_at:%Y-%m-%d %H:%M}"


class DutyEntry(Model):
    """What was done to a roster or a handover: who, when, whose shift. Append-only: a trigger in the database refuses changes."""

    __tablename__ = "duty_entry"
    __table_args__ = (Index("ix_duty_entry_community_at", "community_id", "at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    verb: Mapped[str] = mapped_column(String(30))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = mapped_column(String(80))
    tier: Mapped[str | None] = mapped_column(String(20))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    other_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    starts_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    note: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(JsonData, default=dict)

    community: Mapped[Community] = relationship()
    staff: Mapped[Staff | None] = relationship(foreign_keys=[staff_id])
    other: Mapped[Staff | None] = relationship(foreign_keys=[other_id])
    actor: Mapped[User | None] = relationship(User)

    def __repr__(self) -> str:
        return f"{self.verb} {self.at:%Y-%m-%d %H:%M}"


class RosterFinding(Model):
    """A gap or a double booking that the managers have been told of; the row goes when it is mended, so that it is told again
    if it comes back."""

    __tablename__ = "roster_finding"
    __table_args__ = (
        one_of("trouble", RosterTrouble),
        UniqueConstraint("community_id", "key"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    key: Mapped[str] = mapped_column(String(120))
    trouble: Mapped[str] = mapped_column(String(20))
    found_at: Mapped[datetime] = mapped_column(UTCDateTime)

    def __repr__(self) -> str:
        return self.key


class DutyFeed(Model):
    """The secret address under which a calendar reads somebody's shifts; only its hash is kept, a new one ends the old one."""

    __tablename__ = "duty_feed"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), unique=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    staff: Mapped[Staff] = relationship()

    def __repr__(self) -> str:
        return str(self.staff_id)
