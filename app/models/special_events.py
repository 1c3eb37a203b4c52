"""Special events (D5, D7, I5): collective matters and emergencies, their tickets, the households to be visited, and what happened."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, UTCDateTime, one_of
from app.models.categories import Category
from app.models.estate import Building, Community, House
from app.models.outages import Outage
from app.models.tickets import Ticket
from app.rules.codes import HouseVisitState, MemberState, SpecialKind, SpecialState


def event_number(opened: date, event_id: int) -> str:
    """The year an event was opened in, by the estate's calendar, and a number of its own: 2026-00012."""
    return f"{opened:%Y}-{event_id:05d}"


class SpecialEvent(Model):
    """A matter of five households, or an emergency to be reported on.

    A collective one is of one category and of a building, or of a place as people stated it (`place`; `place_key` is what
    is compared). `number` is what papers and people call it (`event_number`). `households` and `ticket_count` count what is
    proposed or linked; `texts` are the words of its report.
    """

    __tablename__ = "special_event"
    __table_args__ = (
        one_of("kind", SpecialKind),
        one_of("state", SpecialState),
        CheckConstraint("state <> 'rejected' OR length(reject_reason) > 0", name="rejected_with_reason"),
        Index("ix_special_event_community_state", "community_id", "state", "opened_at"),
        Index("ix_special_event_confirmed", "community_id", "confirmed_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    number: Mapped[str | None] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(20), default=SpecialKind.COLLECTIVE)
    state: Mapped[str] = mapped_column(String(20), default=SpecialState.PROPOSED)
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"), index=True)
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"), index=True)
    place: Mapped[str | None] = mapped_column(String(255))
    place_key: Mapped[str | None] = mapped_column(String(255))
    households: Mapped[int] = mapped_column(Integer, default=0)
    ticket_count: Mapped[int] = mapped_column(Integer, default=0)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    first_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(String(80))
    rejected_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    rejected_by: Mapped[str | None] = mapped_column(String(80))
    reject_reason: Mapped[str] = mapped_column(String(255), default="")
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(80))
    tell_general_manager: Mapped[bool | None] = mapped_column(Boolean)
    tell_developer: Mapped[bool | None] = mapped_column(Boolean)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decision_note: Mapped[str] = mapped_column(String(255), default="")
    texts: Mapped[dict[str, str]] = mapped_column(JsonData, default=dict)
    outage_id: Mapped[int | None] = mapped_column(ForeignKey("outage.id"), index=True)

    community: Mapped[Community] = relationship()
    category: Mapped[Category | None] = relationship()
    building: Mapped[Building | None] = relationship()
    outage: Mapped[Outage | None] = relationship()
    members: Mapped[list["SpecialEventTicket"]] = relationship(back_populates="event", order_by="SpecialEventTicket.id")
    tickets: Mapped[list[Ticket]] = relationship(
        secondary="special_event_ticket",
        primaryjoin="and_(SpecialEvent.id == SpecialEventTicket.event_id, SpecialEventTicket.state.in_(('proposed', 'linked')))",
        viewonly=True,
        order_by=Ticket.created_at,
    )

    def __repr__(self) -> str:
        return self.number or ""


class SpecialEventTicket(Model):
    """A ticket of a special event. One that is proposed or linked is so in one event only: the database holds it."""

    __tablename__ = "special_event_ticket"
    __table_args__ = (
        UniqueConstraint("event_id", "ticket_id"),
        one_of("state", MemberState),
        Index("ix_special_event_ticket_ticket", "ticket_id"),
        Index(
            "uq_special_event_ticket_live",
            "ticket_id",
            unique=True,
            sqlite_where=text("state IN ('proposed', 'linked')"),
            postgresql_where=text("state IN ('proposed', 'linked')"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("special_event.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    state: Mapped[str] = mapped_column(String(20), default=MemberState.PROPOSED)
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(255), default="")

    event: Mapped[SpecialEvent] = relationship(back_populates="members")
    ticket: Mapped[Ticket] = relationship()

    def __repr__(self) -> str:
        return f"{self.event_id} {self.ticket_id}"


class SpecialEventHouse(Model):
    """A household of a confirmed collective matter: visited in person, or explained why not (D5). `words` are the household's
    opinion, or the explanation."""

    __tablename__ = "special_event_house"
    __table_args__ = (
        UniqueConstraint("event_id", "house_id"),
        one_of("state", HouseVisitState),
        CheckConstraint("state = 'due' OR (at IS NOT NULL AND by_name IS NOT NULL)", name="recorded_whole"),
        CheckConstraint("state <> 'explained' OR length(words) > 0", name="explained_in_words"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("special_event.id"))
    house_id: Mapped[int] = mapped_column(ForeignKey("house.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), default=HouseVisitState.DUE)
    at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    by_name: Mapped[str | None] = mapped_column(String(80))
    words: Mapped[str] = mapped_column(Text, default="")

    house: Mapped[House] = relationship()

    def __repr__(self) -> str:
        return f"{self.event_id} {self.house_id}"


class SpecialEventEntry(Model):
    """One step of a special event: who, when, what. Append-only: a trigger in the database refuses changes."""

    __tablename__ = "special_event_entry"
    __table_args__ = (Index("ix_special_event_entry_event_at", "event_id", "at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("special_event.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    verb: Mapped[str] = mapped_column(String(30))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(JsonData, default=dict)

    def __repr__(self) -> str:
        return f"{self.verb} {self.at:%Y-%m-%d %H:%M}"
