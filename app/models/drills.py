"""Drills 演练 of the emergency plans (D7): planned, who takes part, how it went step by step, what was found and is to be improved."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, UTCDateTime, one_of
from app.models.estate import Community
from app.models.people import Staff
from app.models.plans import EmergencyPlan, PlanVersion
from app.rules.codes import DrillState


class PlanDrill(Model):
    """One drill of a plan in one community. `version_id` is the version that is practised, `others` who takes part besides staff;
    `steps` when each step was done, by its key, as ISO instants in UTC."""

    __tablename__ = "plan_drill"
    __table_args__ = (
        one_of("state", DrillState),
        CheckConstraint(
            "state <> 'held' OR (began_at IS NOT NULL AND ended_at IS NOT NULL AND recorded_at IS NOT NULL)",
            name="held_is_recorded",
        ),
        CheckConstraint("ended_at IS NULL OR ended_at >= began_at", name="ends_after_it_began"),
        Index("ix_plan_drill_community", "community_id", "starts_at"),
        Index("ix_plan_drill_plan", "plan_id", "community_id", "state"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("emergency_plan.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), default=DrillState.PLANNED)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    place: Mapped[str] = mapped_column(String(120), default="")
    aim: Mapped[str] = mapped_column(Text, default="")
    others: Mapped[str] = mapped_column(String(255), default="")
    leader_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    planned_at: Mapped[datetime] = mapped_column(UTCDateTime)
    planned_by: Mapped[str] = mapped_column(String(80))
    began_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    steps: Mapped[dict[str, Any]] = mapped_column(JsonData, default=dict)
    observed: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str] = mapped_column(String(80), default="")
    revision: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": revision}

    community: Mapped[Community] = relationship()
    plan: Mapped[EmergencyPlan] = relationship()
    version: Mapped[PlanVersion] = relationship()
    leader: Mapped[Staff] = relationship()
    members: Mapped[list["DrillMember"]] = relationship(
        back_populates="drill", cascade="all, delete-orphan", order_by="DrillMember.id"
    )
    findings: Mapped[list["DrillFinding"]] = relationship(back_populates="drill", order_by="DrillFinding.id")
    photos: Mapped[list["DrillPhoto"]] = relationship(back_populates="drill", order_by="DrillPhoto.id")
    entries: Mapped[list["DrillEntry"]] = relationship(back_populates="drill", order_by="DrillEntry.id")

    def __repr__(self) -> str:
        return f"{self.plan_id} {self.starts_at:%Y-%m-%d}"


class DrillMember(Model):
    """Somebody of the staff who takes part; `came` is known once the drill is recorded."""

    __tablename__ = "drill_member"
    __table_args__ = (UniqueConstraint("drill_id", "staff_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    drill_id: Mapped[int] = mapped_column(ForeignKey("plan_drill.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    came: Mapped[bool | None] = mapped_column()

    drill: Mapped[PlanDrill] = relationship(back_populates="members")
    staff: Mapped[Staff] = relationship()

    def __repr__(self) -> str:
        return f"{self.drill_id} {self.staff_id}"


class DrillFinding(Model):
    """What a drill showed, what is to be improved, by whom until when, and what was done."""

    __tablename__ = "drill_finding"
    __table_args__ = (CheckConstraint("done_at IS NULL OR done <> ''", name="done_says_what"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    drill_id: Mapped[int] = mapped_column(ForeignKey("plan_drill.id"), index=True)
    finding: Mapped[str] = mapped_column(Text)
    improvement: Mapped[str] = mapped_column(Text)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    until: Mapped[date] = mapped_column(Date)
    noted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    noted_by: Mapped[str] = mapped_column(String(80))
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_by: Mapped[str] = mapped_column(String(80), default="")
    done: Mapped[str] = mapped_column(Text, default="")

    drill: Mapped[PlanDrill] = relationship(back_populates="findings")
    staff: Mapped[Staff] = relationship()

    def __repr__(self) -> str:
        return self.finding


class DrillPhoto(Model):
    """A photo of a drill: our own re-encoded file below DATA_DIR, with its hash."""

    __tablename__ = "drill_photo"
    __table_args__ = (UniqueConstraint("drill_id", "sha256"), CheckConstraint("size_bytes > 0", name="size_positive"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    drill_id: Mapped[int] = mapped_column(ForeignKey("plan_drill.id"))
    name: Mapped[str] = mapped_column(String(120), default="")
    caption: Mapped[str] = mapped_column(String(255), default="")
    file_path: Mapped[str] = mapped_column(String(255), unique=True)
    thumb_path: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(Integer)
    uploader_name: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    drill: Mapped[PlanDrill] = relationship(back_populates="photos")

    def __repr__(self) -> str:
        return self.name or self.sha256[:8]


class DrillEntry(Model):
    """A line of a drill's history: planned, changed, cancelled, recorded, corrected (`data`: what it said before). Append-only."""

    __tablename__ = "drill_entry"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    drill_id: Mapped[int] = mapped_column(ForeignKey("plan_drill.id"), index=True)
    verb: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_name: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(JsonData, default=dict)

    drill: Mapped[PlanDrill] = relationship(back_populates="entries")

    def __repr__(self) -> str:
        return self.verb
