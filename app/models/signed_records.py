"""Records that the supervisor reviews and the manager signs (D5, D7), version by version. A signed row never changes."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, UTCDateTime, one_of
from app.models.estate import Community
from app.rules.codes import RecordState


class SignedRecord(Model):
    """One version of a record: exactly what is signed (`content`, plain JSON) and its hash.

    `kind` is one of `codes.RecordKind`; no constraint says so, because SQLite could not change it without losing the guard.
    `subject` is what it is about, by its kind: an event's id, a ticket's number, a month. `reason` says why there is a new
    version after a signed one. What the hash is made over: `services.signed_records.fingerprint`.
    """

    __tablename__ = "signed_record"
    __table_args__ = (
        UniqueConstraint("kind", "community_id", "subject", "version"),
        one_of("state", RecordState),
        CheckConstraint("version >= 1", name="version_positive"),
        CheckConstraint("version = 1 OR length(reason) > 0", name="corrected_with_reason"),
        CheckConstraint("length(sha256) = 64", name="sha256_whole"),
        CheckConstraint(
            "state = 'draft' OR (reviewed_at IS NOT NULL AND reviewed_by IS NOT NULL)", name="reviewed_by_somebody"
        ),
        CheckConstraint(
            "state <> 'signed' OR (signed_at IS NOT NULL AND signed_by IS NOT NULL)", name="signed_by_somebody"
        ),
        Index("ix_signed_record_community_state", "community_id", "state"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    subject: Mapped[str] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(Integer, default=1)
    state: Mapped[str] = mapped_column(String(20), default=RecordState.DRAFT)
    reason: Mapped[str] = mapped_column(String(255), default="")
    content: Mapped[dict[str, Any]] = mapped_column(JsonData)
    sha256: Mapped[str] = mapped_column(String(64))
    drafted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    drafted_by: Mapped[str] = mapped_column(String(80))
    reviewed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reviewed_by: Mapped[str | None] = mapped_column(String(80))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    signed_by: Mapped[str | None] = mapped_column(String(80))
    signer_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))

    community: Mapped[Community] = relationship()

    def __repr__(self) -> str:
        return f"{self.kind} {self.subject} v{self.version}"
