"""Monthly appraisals (D16): the weights of each role with validity, and each person's sheet. What is signed: `SignedRecord`."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, UTCDateTime, one_of
from app.models.estate import Community
from app.models.people import Staff
from app.rules.codes import AppraisalState


class AppraisalPlan(Model):
    """The weights of a role from a month on: `lines` each with figure, scope, weight, target, floor (strings of digits)."""

    __tablename__ = "appraisal_plan"
    __table_args__ = (UniqueConstraint("role", "starts_on"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    starts_on: Mapped[date] = mapped_column(Date)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JsonData)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    made_by: Mapped[str] = mapped_column(String(80))

    def __repr__(self) -> str:
        return f"{self.role} {self.starts_on:%Y-%m}"


class Appraisal(Model):
    """One person's month. `lines`: each figure with value, points and the tickets it was made from; `inspections`: scores of an
    outside inspector; `checked`: last month's items with what became of them; `items`: new ones with a date."""

    __tablename__ = "appraisal"
    __table_args__ = (
        one_of("state", AppraisalState),
        UniqueConstraint("community_id", "staff_id", "month"),
        CheckConstraint("length(month) = 7", name="month_whole"),
        Index("ix_appraisal_staff_month", "staff_id", "month"),
        Index("ix_appraisal_state", "state", "community_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    month: Mapped[str] = mapped_column(String(7))
    role: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default=AppraisalState.OPEN)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JsonData, default=list)
    inspections: Mapped[list[dict[str, Any]]] = mapped_column(JsonData, default=list)
    checked: Mapped[list[dict[str, Any]]] = mapped_column(JsonData, default=list)
    items: Mapped[list[dict[str, Any]]] = mapped_column(JsonData, default=list)
    total: Mapped[str | None] = mapped_column(String(5))
    remark: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revision: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": revision}

    community: Mapped[Community] = relationship()
    staff: Mapped[Staff] = relationship()

    def __repr__(self) -> str:
        return f"{self.staff_id} {self.month}"
