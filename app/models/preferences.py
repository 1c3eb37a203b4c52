"""What a login keeps for itself: language, theme, the tour seen, and small choices of single pages."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import JsonData, Model, UTCDateTime, one_of

LOCALES = ("zh", "en")
THEMES = ("light", "dark", "auto")


class UserPreference(Model):
    """One row a login, made at its first choice. `choices` holds small things by key: a list's columns, say."""

    __tablename__ = "user_preference"
    __table_args__ = (one_of("locale", LOCALES, nullable=True), one_of("theme", THEMES, nullable=True))

    user_id: Mapped[int] = mapped_column(
        Integer, ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    locale: Mapped[str | None] = mapped_column(String(8))
    theme: Mapped[str | None] = mapped_column(String(8))
    tour_done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    choices: Mapped[dict[str, Any]] = mapped_column(JsonData, default=dict)

    def __repr__(self) -> str:
        return str(self.user_id)
