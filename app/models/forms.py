"""What forms that were sent leave behind: the address each led to, so that sending one again leads there too."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, UTCDateTime


class FormKey(Model):
    """A form that was sent: its key (one a form and content), by whom, and the address of what it made."""

    __tablename__ = "form_key"
    __table_args__ = (UniqueConstraint("user_id", "key"), Index("ix_form_key_at", "at"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    address: Mapped[str] = mapped_column(String(255), default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    def __repr__(self) -> str:
        return self.address
