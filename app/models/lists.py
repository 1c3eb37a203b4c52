"""How somebody keeps a list: its columns and density, and the views they named."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import JsonData, Model, UTCDateTime


class ListView(Model):
    """A person's way of looking at one list. Without a name: the columns, page size and density they keep; with one: a saved
    view with its filters and order, for themselves or, where `shared_role` says so, for all of a role."""

    __tablename__ = "list_view"
    __table_args__ = (
        UniqueConstraint("user_id", "page", "name"),
        Index("ix_list_view_page_role", "page", "shared_role"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    page: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(60), default="")
    is_default: Mapped[bool] = mapped_column(Boolean, default=False)
    shared_role: Mapped[str | None] = mapped_column(String(64))
    settings: Mapped[dict[str, Any]] = mapped_column(JsonData, default=dict)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)

    def __repr__(self) -> str:
        return self.name or self.page
