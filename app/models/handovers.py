"""The paper of a shift change (D7)."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, UTCDateTime, one_of
from app.models.estate import Community
from app.models.people import Staff
from app.rules.codes import HandoverState


class Handover(Model):
    """What one person on duty leaves to the next, written by the house, signed by both; a trigger guards a signed one.

    `content` holds numbers, states and times as they were: who is concerned is looked up by the reader's own rights.
    """

    __tablename__ = "handover"
    __table_args__ = (
        one_of("state", HandoverState),
        UniqueConstraint("community_id", "changes_at"),
        CheckConstraint("going_id <> coming_id", name="two_people"),
        CheckConstraint(
            "state <> 'signed' OR (going_signed_at IS NOT NULL AND coming_signed_at IS NOT NULL)", name="signed_by_both"
        ),
        Index("ix_handover_state_changes", "state", "changes_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    state: Mapped[str] = mapped_column(String(20), default=HandoverState.OPEN)
    begins_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changes_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    going_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    coming_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    content: Mapped[dict[str, Any]] = mapped_column(JsonData, default=dict)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime] = mapped_column(UTCDateTime)
    going_remark: Mapped[str] = mapped_column(Text, default="")
    coming_remark: Mapped[str] = mapped_column(Text, default="")
    going_signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    going_signed_by: Mapped[str | None] = mapped_column(String(80))
    coming_signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    coming_signed_by: Mapped[str | None] = mapped_column(String(80))
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revision: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": revision}

    community: Mapped[Community] = relationship()
    going: Mapped[Staff] = relationship(foreign_keys=[going_id])
    coming: Mapped[Staff] = relationship(foreign_keys=[coming_id])

    def __repr__(self) -> str:
        return f"{self.changes_at:%Y-%m-%d %H:%M}"
