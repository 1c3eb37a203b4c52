"""Who last wrote which field of a record through a form: what the second of two people at one record is told."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, UTCDateTime


class RecordEdit(Model):
    """The last change of one field of one row of any table. No values: those of a household's file would be here, too."""

    __tablename__ = "record_edit"
    __table_args__ = (UniqueConstraint("table_name", "row_id", "field"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    table_name: Mapped[str] = mapped_column(String(40))
    row_id: Mapped[int] = mapped_column(Integer)
    field: Mapped[str] = mapped_column(String(60))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    def __repr__(self) -> str:
        return f"{self.table_name} {self.field}"
