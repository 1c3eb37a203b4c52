"""Hotline calls (D6): the raw events as they came, the call they add up to, its recordings and the tickets it carried."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, UTCDateTime, one_of
from app.models.estate import Community, House
from app.models.people import Person
from app.models.tickets import Ticket
from app.rules.codes import CallOutcome, PictureState


class HotlineEvent(Model):
    """One webhook exactly as it came. `key` is its natural key (G3): the same event a second time is no second row."""

    __tablename__ = "hotline_event"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    kind: Mapped[str] = mapped_column(String(30))
    call_sid: Mapped[str | None] = mapped_column(String(64), index=True)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    params: Mapped[dict[str, Any]] = mapped_column(JsonData, default=dict)
    answer: Mapped[str | None] = mapped_column(Text)

    def __repr__(self) -> str:
        return self.key


class Call(Model):
    """One telephone call. `status` keeps Twilio's words; `step` and `facts` are the call flow's state and what it knows so far."""

    __tablename__ = "call"
    __table_args__ = (
        one_of("outcome", CallOutcome, nullable=True),
        Index("ix_call_community_started", "community_id", "started_at"),
        Index("ix_call_from_started", "from_number", "started_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    provider_sid: Mapped[str] = mapped_column(String(64), unique=True)
    direction: Mapped[str] = mapped_column(String(20), default="inbound")
    from_number: Mapped[str | None] = mapped_column(String(64))
    to_number: Mapped[str | None] = mapped_column(String(64))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))
    status: Mapped[str] = mapped_column(String(20), default="ringing")
    outcome: Mapped[str | None] = mapped_column(String(20))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    duration_seconds: Mapped[int | None] = mapped_column(Integer)
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    step: Mapped[str] = mapped_column(String(40), default="start")
    facts: Mapped[dict[str, Any]] = mapped_column(JsonData, default=dict)
    ticket_number: Mapped[str | None] = mapped_column(String(8), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    house_id: Mapped[int | None] = mapped_column(ForeignKey("house.id"), index=True)

    community: Mapped[Community | None] = relationship()
    person: Mapped[Person | None] = relationship()
    house: Mapped[House | None] = relationship()
    recordings: Mapped[list["Recording"]] = relationship(back_populates="call", order_by="Recording.id")
    tickets: Mapped[list[Ticket]] = relationship(secondary="call_ticket", viewonly=True, order_by="Ticket.id")
    ticket_links: Mapped[list["CallTicket"]] = relationship(back_populates="call")

    def __repr__(self) -> str:
        return self.provider_sid


class CallTicket(Model):
    """A call may carry several matters, a ticket several calls (I5)."""

    __tablename__ = "call_ticket"
    __table_args__ = (UniqueConstraint("call_id", "ticket_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)

    call: Mapped[Call] = relationship(back_populates="ticket_links")
    ticket: Mapped[Ticket] = relationship()


class CallerConfirmation(Model):
    """That the desk, on the line with a caller whose number nobody knows there, takes them for one of a household."""

    __tablename__ = "caller_confirmation"
    __table_args__ = (UniqueConstraint("call_id", "house_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    house_id: Mapped[int] = mapped_column(ForeignKey("house.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    confirmed_by: Mapped[str] = mapped_column(String(80))
    confirmed_at: Mapped[datetime] = mapped_column(UTCDateTime)

    def __repr__(self) -> str:
        return f"{self.call_id} {self.house_id}"


class Recording(Model):
    """A voice recording: where the carrier keeps it, and, once fetched, our file with its hash."""

    __tablename__ = "recording"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    provider_sid: Mapped[str] = mapped_column(String(64), unique=True)
    step: Mapped[str] = mapped_column(String(40), default="record")
    url: Mapped[str | None] = mapped_column(String(500))
    status: Mapped[str] = mapped_column(String(20), default="in-progress")
    duration_seconds: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    file_path: Mapped[str | None] = mapped_column(String(255))
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    pause: Mapped[str | None] = mapped_column(String(12))
    fetch_tries: Mapped[int] = mapped_column(Integer, default=0)
    fetch_after: Mapped[datetime | None] = mapped_column(UTCDateTime)
    carrier_deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    expired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    call: Mapped[Call] = relationship(back_populates="recordings")

    def __repr__(self) -> str:
        return self.provider_sid


class TextPicture(Model):
    """A picture that came with a text message: waits to be fetched, then lies on the ticket as an attachment of its own."""

    __tablename__ = "text_picture"
    __table_args__ = (one_of("state", PictureState), Index("ix_text_picture_state", "state", "fetch_after"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    message_sid: Mapped[str] = mapped_column(String(64))
    media_sid: Mapped[str] = mapped_column(String(64), unique=True)
    account_sid: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20), default=PictureState.WAITING)
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    fetch_after: Mapped[datetime | None] = mapped_column(UTCDateTime)
    carrier_deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str | None] = mapped_column(String(255))

    ticket: Mapped[Ticket] = relationship()

    def __repr__(self) -> str:
        return self.media_sid
