"""Keys and items that were lent out and are to come back (D7, D9, D12)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Model, UTCDateTime, one_of
from app.models.estate import Community, House
from app.rules.codes import LoanKind


class Loan(Model):
    """A key or an item in somebody's hands: `taken_by` signed for it, `due_at` is when it is to be back, `returned_at` when it was,
    `returned_by` who brought it. `house_id` is the house of a key, or of the household that borrows."""

    __tablename__ = "loan"
    __table_args__ = (
        one_of("kind", LoanKind),
        CheckConstraint("due_at > lent_at", name="due_after_lent"),
        CheckConstraint("(returned_at IS NULL) = (returned_by = '')", name="returned_by_somebody"),
        ForeignKeyConstraint(["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_loan_house"),
        Index("ix_loan_community_returned", "community_id", "returned_at"),
        Index("ix_loan_house_id", "house_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[str] = mapped_column(String(10))
    what: Mapped[str] = mapped_column(String(80))
    house_id: Mapped[int | None] = mapped_column(Integer)
    taken_by: Mapped[str] = mapped_column(String(80))
    reach: Mapped[str] = mapped_column(String(80), default="")
    lent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lent_by: Mapped[str] = mapped_column(String(80))
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    returned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    returned_by: Mapped[str] = mapped_column(String(80), default="")
    received_by: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(String(255), default="")

    community: Mapped[Community] = relationship(foreign_keys=[community_id])
    house: Mapped[House | None] = relationship(foreign_keys=[house_id], viewonly=True)

    def __repr__(self) -> str:
        return self.what
