"""Bodies outside the service centre, and the complaints that lie with them under a number and a deadline of their own (D5)."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Model, UTCDateTime, one_of
from app.models.estate import Community
from app.models.tickets import Ticket
from app.rules.codes import Direction, LetterWay, OutsideKind


class OutsideBody(Model):
    """A community's developer, 12345 hotline, street office, community police or another body, and how it is reached."""

    __tablename__ = "outside_body"
    __table_args__ = (one_of("kind", OutsideKind), Index("ix_outside_body_community_kind", "community_id", "kind"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    contact: Mapped[str] = mapped_column(String(80), default="")
    phone: Mapped[str | None] = mapped_column(String(40))
    email: Mapped[str | None] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(255), default="")
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    community: Mapped[Community] = relationship()

    def __repr__(self) -> str:
        return self.name


class ExternalReference(Model):
    """A complaint as an outside body has it: its number and deadline beside ours. `direction` says who put it to whom; `words`
    are what it asks, or what we wrote; `next_at` is when the sweep has to look at it again."""

    __tablename__ = "external_reference"
    __table_args__ = (
        one_of("kind", OutsideKind),
        one_of("direction", Direction),
        one_of("way", LetterWay, nullable=True),
        CheckConstraint("direction <> 'out' OR words <> ''", name="letter_has_words"),
        Index("ix_external_reference_next", "next_at"),
        Index("ix_external_reference_number", "number"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    body_id: Mapped[int | None] = mapped_column(ForeignKey("outside_body.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    direction: Mapped[str] = mapped_column(String(5))
    way: Mapped[str | None] = mapped_column(String(10))
    number: Mapped[str] = mapped_column(String(60), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    noted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    noted_by: Mapped[str] = mapped_column(String(80))
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    warn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    warned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    late_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_by: Mapped[str | None] = mapped_column(String(80))
    answer: Mapped[str] = mapped_column(Text, default="")

    ticket: Mapped[Ticket] = relationship(back_populates="references")
    body: Mapped[OutsideBody | None] = relationship()

    def __repr__(self) -> str:
        return self.number or self.kind
