"""What the house calls and writes to households for by itself (D7 … D10, D13): campaigns, their targets, and who wants none."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, UTCDateTime, one_of
from app.models.check_ins import CheckIn
from app.models.estate import Building, Community, House, Unit
from app.models.people import Person
from app.models.tickets import ReturnVisit, Ticket
from app.rules.codes import CampaignState, Outreach, TargetReason, TargetState, TargetWay, WishWay


class Campaign(Model):
    """One reason to call or write to many: a notice, an alert, or a day's return visits. `key` makes it the only one."""

    __tablename__ = "campaign"
    __table_args__ = (
        one_of("purpose", Outreach),
        one_of("state", CampaignState),
        Index("ix_campaign_community_created", "community_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(120), default="")
    title_en: Mapped[str] = mapped_column(String(120), default="")
    text_zh: Mapped[str] = mapped_column(Text, default="")
    text_en: Mapped[str] = mapped_column(Text, default="")
    by_voice: Mapped[bool] = mapped_column(Boolean, default=True)
    by_sms: Mapped[bool] = mapped_column(Boolean, default=False)
    by_web: Mapped[bool] = mapped_column(Boolean, default=False)
    state: Mapped[str] = mapped_column(String(20), default=CampaignState.DRAFT)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    creator_name: Mapped[str] = mapped_column(String(80), default="")
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    community: Mapped[Community] = relationship()
    ticket: Mapped[Ticket | None] = relationship()
    places: Mapped[list["CampaignPlace"]] = relationship(cascade="all, delete-orphan", order_by="CampaignPlace.id")

    def __repr__(self) -> str:
        return self.title or self.key


class CampaignPlace(Model):
    """A building a notice is for, or one unit of it."""

    __tablename__ = "campaign_place"
    __table_args__ = (UniqueConstraint("campaign_id", "building_id", "unit_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)

    building: Mapped[Building] = relationship()
    unit: Mapped[Unit | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.building} {self.unit or ''}".strip()


class CampaignTarget(Model):
    """One planned call or text to one number: dialled at most once, because it is claimed by a conditional update before.

    `key` says who is called for what, so that planning twice plans once; `flow` is where its conversation stands.
    """

    __tablename__ = "campaign_target"
    __table_args__ = (
        one_of("purpose", Outreach),
        one_of("way", TargetWay),
        one_of("state", TargetState),
        one_of("reason", TargetReason, nullable=True),
        CheckConstraint("score IS NULL OR score BETWEEN 1 AND 5", name="score_range"),
        Index("ix_campaign_target_due", "state", "way", "not_before"),
        Index("ix_campaign_target_campaign_state", "campaign_id", "state"),
        Index("ix_campaign_target_number_dialled", "number", "dialled_at"),
        Index("ix_campaign_target_dialled", "dialled_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    way: Mapped[str] = mapped_column(String(10), default=TargetWay.VOICE)
    rank: Mapped[int] = mapped_column(Integer, default=9)
    number: Mapped[str | None] = mapped_column(String(20))
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    house_id: Mapped[int | None] = mapped_column(ForeignKey("house.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("return_visit.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)
    check_in_id: Mapped[int | None] = mapped_column(ForeignKey("check_in.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), default=TargetState.PLANNED)
    reason: Mapped[str | None] = mapped_column(String(20))
    not_before: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    refusals: Mapped[int] = mapped_column(Integer, default=0)
    from_number: Mapped[str | None] = mapped_column(String(20))
    provider_sid: Mapped[str | None] = mapped_column(String(64), index=True)
    dialled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    score: Mapped[int | None] = mapped_column(Integer)
    flow: Mapped[dict[str, Any]] = mapped_column(JsonData, default=dict)
    error: Mapped[str | None] = mapped_column(String(255))

    campaign: Mapped[Campaign] = relationship()
    person: Mapped[Person | None] = relationship()
    house: Mapped[House | None] = relationship()
    ticket: Mapped[Ticket | None] = relationship()
    visit: Mapped[ReturnVisit | None] = relationship()
    check_in: Mapped[CheckIn | None] = relationship()

    def __repr__(self) -> str:
        return self.key


class CallWish(Model):
    """That a number wants no automatic calls for a purpose any more. STOP by text is the number's own (`sms_stopped_at`)."""

    __tablename__ = "call_wish"
    __table_args__ = (UniqueConstraint("number", "purpose"), one_of("purpose", Outreach))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(20))
    refused_at: Mapped[datetime] = mapped_column(UTCDateTime)

    def __repr__(self) -> str:
        return f"{self.number} {self.purpose}"


class WishEntry(Model):
    """That a number's wish was heard, each time: STOP and START by text, key 9 on a call, a household's own page.

    Append-only by trigger; `call_wish` and `phone.sms_stopped_at` say what holds now. One row for each community the number
    belongs to; `purpose` is one of `Outreach`, or `texts` for all text messages.
    """

    __tablename__ = "wish_entry"
    __table_args__ = (one_of("way", WishWay), Index("ix_wish_entry_community_at", "community_id", "at"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    number: Mapped[str] = mapped_column(String(20), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    wanted: Mapped[bool] = mapped_column(Boolean)
    way: Mapped[str] = mapped_column(String(10))
    actor_name: Mapped[str] = mapped_column(String(80), default="")

    def __repr__(self) -> str:
        return f"{self.number} {self.purpose} {self.wanted}"
