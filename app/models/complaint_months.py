"""The words of a month's complaints (D5): what the assistant sums up, and the cases others learn from."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, UTCDateTime
from app.models.estate import Community


class ComplaintMonth(Model):
    """One row a community and month, made with the first words. `cases`: a list of `{key, title, happened, lesson, ticket,
    training_on, attended}`. What was signed of it stands in the signed record."""

    __tablename__ = "complaint_month"
    __table_args__ = (
        UniqueConstraint("community_id", "month"),
        CheckConstraint("length(month) = 7", name="month_whole"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    month: Mapped[str] = mapped_column(String(7))
    summary: Mapped[str] = mapped_column(Text, default="")
    cases: Mapped[list[dict[str, Any]]] = mapped_column(JsonData, default=list)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_by: Mapped[str] = mapped_column(String(80))
    revision: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": revision}

    community: Mapped[Community] = relationship()

    def __repr__(self) -> str:
        return self.month
