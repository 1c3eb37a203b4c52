"""What a complaint has besides its ticket (D5): its record, the findings with their second person, the steps of its path."""

from datetime import datetime

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Model, UTCDateTime, one_of
from app.models.tickets import Ticket
from app.rules.codes import Cause, DisputeMatter, FindingState, Grade, Party, Role, Validity


class Complaint(Model):
    """One row a complaint. `level` is the role that decides now, since `level_since`; `record_opened_at` is empty where the
    matter was settled on the spot, which `opinion` then tells of; `read_round` is the reopening of which the supervisor has
    read what was done before. `dispute` says what neighbours dispute about, and is empty where it is no dispute between them."""

    __tablename__ = "complaint"
    __table_args__ = (
        one_of("party", Party, nullable=True),
        one_of("cause", Cause, nullable=True),
        one_of("level", Role, nullable=True),
        one_of("dispute", DisputeMatter, nullable=True),
        Index("ix_complaint_level", "level"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), unique=True)
    party: Mapped[str | None] = mapped_column(String(20))
    cause: Mapped[str | None] = mapped_column(String(20))
    level: Mapped[str | None] = mapped_column(String(20))
    level_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    record_opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    opinion: Mapped[str] = mapped_column(Text, default="")
    read_round: Mapped[int] = mapped_column(Integer, default=0)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    read_by: Mapped[str | None] = mapped_column(String(80))
    dispute: Mapped[str | None] = mapped_column(String(20))
    dispute_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    dispute_by: Mapped[str | None] = mapped_column(String(80))

    ticket: Mapped[Ticket] = relationship(back_populates="complaint")

    def __repr__(self) -> str:
        return str(self.ticket_id)


class ComplaintFinding(Model):
    """One finding with its reasons, and what a second person says to it. The newest is in force; it took effect at once."""

    __tablename__ = "complaint_finding"
    __table_args__ = (
        one_of("validity", Validity),
        one_of("grade", Grade, nullable=True),
        one_of("party", Party, nullable=True),
        one_of("state", FindingState),
        CheckConstraint("second_id IS NULL OR second_id <> finder_id", name="two_logins"),
        CheckConstraint("second_staff_id IS NULL OR second_staff_id <> finder_staff_id", name="two_people"),
        Index(
            "uq_complaint_finding_in_force",
            "ticket_id",
            unique=True,
            sqlite_where=text("state <> 'superseded'"),
            postgresql_where=text("state <> 'superseded'"),
        ),
        Index("ix_complaint_finding_state", "state"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    validity: Mapped[str] = mapped_column(String(20))
    grade: Mapped[str | None] = mapped_column(String(20))
    party: Mapped[str | None] = mapped_column(String(20))
    reasons: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(20), default=FindingState.WAITING)
    found_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finder_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    finder_staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    finder_name: Mapped[str] = mapped_column(String(80))
    second_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    second_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    second_staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    second_name: Mapped[str | None] = mapped_column(String(80))
    second_words: Mapped[str] = mapped_column(Text, default="")

    ticket: Mapped[Ticket] = relationship(back_populates="findings")
    finder: Mapped[User | None] = relationship(User, foreign_keys=[finder_id])
    second: Mapped[User | None] = relationship(User, foreign_keys=[second_id])

    def __repr__(self) -> str:
        return self.validity


class ComplaintRung(Model):
    """A step of the path upward: whoever has this role decides there. Smaller positions come first."""

    __tablename__ = "complaint_rung"
    __table_args__ = (one_of("role", Role), CheckConstraint("position > 0", name="position_positive"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    role: Mapped[str] = mapped_column(String(20), unique=True)
    position: Mapped[int] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    def __repr__(self) -> str:
        return self.role
