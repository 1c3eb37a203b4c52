"""Announced outages (issue 4): what a caller of the buildings hears first, and who wants to hear of the end."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, UTCDateTime, one_of
from app.models.estate import Building, Community
from app.rules.codes import OutageKind, OutageTell


class Outage(Model):
    """An outage of a community's buildings, of all of them where none is named. `ends_at` is when it is expected to end,
    `ended_at` when it did, `asked_at` when the staff were last asked whether it is over; `tell`: whether its households are texted."""

    __tablename__ = "outage"
    __table_args__ = (
        one_of("kind", OutageKind),
        one_of("tell", OutageTell),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_after_start"),
        UniqueConstraint("id", "community_id"),
        Index("ix_outage_community_ended", "community_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[str] = mapped_column(String(20))
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text, default="")
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    announced_at: Mapped[datetime] = mapped_column(UTCDateTime)
    announced_by: Mapped[str] = mapped_column(String(80))
    tell: Mapped[str] = mapped_column(String(10), default=OutageTell.NO)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    community: Mapped[Community] = relationship()
    building_links: Mapped[list["OutageBuilding"]] = relationship(
        back_populates="outage", cascade="all, delete-orphan", foreign_keys="OutageBuilding.outage_id"
    )
    buildings: Mapped[list[Building]] = relationship(
        secondary="outage_building",
        primaryjoin="Outage.id == OutageBuilding.outage_id",
        secondaryjoin="Building.id == OutageBuilding.building_id",
        viewonly=True,
        order_by="Building.position",
    )

    def __repr__(self) -> str:
        return self.text_zh[:40]


class OutageBuilding(Model):
    """That an outage is one of a building."""

    __tablename__ = "outage_building"
    __table_args__ = (
        UniqueConstraint("outage_id", "building_id"),
        ForeignKeyConstraint(
            ["outage_id", "community_id"], ["outage.id", "outage.community_id"], name="fk_outage_building_outage"
        ),
        ForeignKeyConstraint(
            ["building_id", "community_id"], ["building.id", "building.community_id"], name="fk_outage_building"
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    outage_id: Mapped[int] = mapped_column(Integer)
    building_id: Mapped[int] = mapped_column(Integer, index=True)
    community_id: Mapped[int] = mapped_column(Integer)

    outage: Mapped[Outage] = relationship(
        back_populates="building_links", foreign_keys=[outage_id], primaryjoin="Outage.id == OutageBuilding.outage_id"
    )

    def __repr__(self) -> str:
        return f"{self.outage_id} {self.building_id}"


class OutageCaller(Model):
    """A call that was told of an outage; with `wants_end` its number gets a text message when it is over."""

    __tablename__ = "outage_caller"
    __table_args__ = (UniqueConstraint("outage_id", "call_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    outage_id: Mapped[int] = mapped_column(ForeignKey("outage.id"))
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    number: Mapped[str | None] = mapped_column(String(20))
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    wants_end: Mapped[bool] = mapped_column(default=False)
    told_at: Mapped[datetime] = mapped_column(UTCDateTime)

    def __repr__(self) -> str:
        return f"{self.outage_id} {self.call_id}"


class OutageEntry(Model):
    """What was announced, changed and ended, as it was said then. Append-only by trigger: the outage's row keeps the latest."""

    __tablename__ = "outage_entry"
    __table_args__ = (Index("ix_outage_entry_at", "at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    outage_id: Mapped[int] = mapped_column(ForeignKey("outage.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    verb: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = mapped_column(String(80))
    data: Mapped[dict[str, Any]] = mapped_column(JsonData, default=dict)

    outage: Mapped[Outage] = relationship()

    def __repr__(self) -> str:
        return f"{self.outage_id} {self.verb}"
