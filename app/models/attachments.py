"""Photos and letters on a ticket: our own re-encoded file below DATA_DIR, with its hash; who added it, when, at which stage."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Model, UTCDateTime, one_of
from app.models.tickets import Ticket
from app.rules.codes import AttachmentStage

CONTENT_TYPES = ("image/jpeg", "application/pdf")


class Attachment(Model):
    """One file of a ticket. The same file a second time is no second row. `thumb_path` and the size are a photo's."""

    __tablename__ = "attachment"
    __table_args__ = (
        one_of("stage", AttachmentStage),
        one_of("content_type", CONTENT_TYPES),
        CheckConstraint("size_bytes > 0", name="size_positive"),
        UniqueConstraint("ticket_id", "sha256"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    stage: Mapped[str] = mapped_column(String(20))
    content_type: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120), default="")
    caption: Mapped[str] = mapped_column(String(255), default="")
    file_path: Mapped[str] = mapped_column(String(255), unique=True)
    thumb_path: Mapped[str | None] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(Integer)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    uploader_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    uploader_name: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    ticket: Mapped[Ticket] = relationship()

    def __repr__(self) -> str:
        return self.name or self.sha256[:8]
