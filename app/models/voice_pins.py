"""The PIN an owner says on the telephone before sums are told (D15): stored as a digest, wrong tries counted over calls."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Model, UTCDateTime
from app.models.people import Person


class VoicePin(Model):
    """One person's telephone PIN. `failures` are the wrong tries since it was last right; with `locked_at` no try counts."""

    __tablename__ = "voice_pin"
    __table_args__ = (CheckConstraint("failures >= 0", name="failures_not_negative"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    digest: Mapped[str] = mapped_column(String(255))
    failures: Mapped[int] = mapped_column(Integer, default=0)
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)
    locked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    person: Mapped[Person] = relationship()

    def __repr__(self) -> str:
        return str(self.person_id)
