"""A dispute between neighbours (D5): its parties, what each said by itself, the evidence list, the talks and what came of them.

That a complaint is one says `Complaint.dispute`. What was said, handed in and agreed is never changed or taken away: triggers
hold the words of a statement, an item of evidence and a talk.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.attachments import Attachment
from app.models.base import JsonData, Model, UTCDateTime, one_of
from app.models.estate import House
from app.models.people import Person
from app.models.tickets import Ticket
from app.rules.codes import EvidenceKind, StatementState, StatementWay, TalkOutcome, TalkWay


class DisputeParty(Model):
    """One side, by its place among them (1 is who complains). `person` is set where it is somebody of a household we know."""

    __tablename__ = "dispute_party"
    __table_args__ = (
        UniqueConstraint("ticket_id", "place"),
        # A ticket and its party are named together where something hangs on both.
        UniqueConstraint("id", "ticket_id"),
        CheckConstraint("place BETWEEN 1 AND 6", name="place_known"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    place: Mapped[int] = mapped_column(Integer)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    house_id: Mapped[int | None] = mapped_column(ForeignKey("house.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str | None] = mapped_column(String(40))
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    added_by: Mapped[str] = mapped_column(String(80))

    ticket: Mapped[Ticket] = relationship()
    person: Mapped[Person | None] = relationship()
    house: Mapped[House | None] = relationship()

    def __repr__(self) -> str:
        return self.name


class DisputeStatement(Model):
    """What one side said, taken down by itself. Without words it refused to be heard, `answer` says why or what it adds."""

    __tablename__ = "dispute_statement"
    __table_args__ = (
        one_of("way", StatementWay),
        one_of("state", StatementState),
        UniqueConstraint("ticket_id", "number"),
        ForeignKeyConstraint(
            ["party_id", "ticket_id"],
            ["dispute_party.id", "dispute_party.ticket_id"],
            name="fk_dispute_statement_party",
        ),
        CheckConstraint("(state = 'taken') = (settled_at IS NULL)", name="settled_when"),
        CheckConstraint("words <> '' OR state = 'refused'", name="words_or_refused"),
        Index("ix_dispute_statement_party_id", "party_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    party_id: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)
    way: Mapped[str] = mapped_column(String(20))
    heard_at: Mapped[datetime] = mapped_column(UTCDateTime)
    words: Mapped[str] = mapped_column(Text)
    taken_at: Mapped[datetime] = mapped_column(UTCDateTime)
    taken_by: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(20), default=StatementState.TAKEN)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_by: Mapped[str] = mapped_column(String(80), default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    sheet_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    """The signature, or the photo of the signed sheet."""

    party: Mapped[DisputeParty] = relationship(viewonly=True)
    sheet: Mapped[Attachment | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.ticket_id} {self.number}"


class DisputeEvidence(Model):
    """One item of the evidence list; without a party it was found by the service centre. `kept` says where the original is.

    An item that was handed back or turns out wrong is struck with its reason, and stays on the list.
    """

    __tablename__ = "dispute_evidence"
    __table_args__ = (
        one_of("kind", EvidenceKind),
        UniqueConstraint("ticket_id", "number"),
        ForeignKeyConstraint(
            ["party_id", "ticket_id"], ["dispute_party.id", "dispute_party.ticket_id"], name="fk_dispute_evidence_party"
        ),
        CheckConstraint("(struck_at IS NULL) = (struck_why = '')", name="struck_with_reason"),
        Index("ix_dispute_evidence_party_id", "party_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    party_id: Mapped[int | None] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(20))
    what: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    kept: Mapped[str] = mapped_column(String(255), default="")
    taken_at: Mapped[datetime] = mapped_column(UTCDateTime)
    taken_by: Mapped[str] = mapped_column(String(80))
    struck_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    struck_by: Mapped[str] = mapped_column(String(80), default="")
    struck_why: Mapped[str] = mapped_column(String(255), default="")

    party: Mapped[DisputeParty | None] = relationship(viewonly=True)
    files: Mapped[list["DisputeFile"]] = relationship(order_by="DisputeFile.id")

    def __repr__(self) -> str:
        return f"{self.ticket_id} {self.number}"


class DisputeFile(Model):
    """A file of an item of evidence."""

    __tablename__ = "dispute_file"
    __table_args__ = (UniqueConstraint("evidence_id", "attachment_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("dispute_evidence.id"))
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), index=True)

    attachment: Mapped[Attachment] = relationship()


class DisputeTalk(Model):
    """A talk, or a neutral note. `present` are the places of the parties that took part, `signed` of those that signed the
    agreement; `others` who else was there. Append-only."""

    __tablename__ = "dispute_talk"
    __table_args__ = (
        one_of("way", TalkWay),
        one_of("outcome", TalkOutcome, nullable=True),
        UniqueConstraint("ticket_id", "number"),
        CheckConstraint(
            "(agreement <> '') = (outcome IS NOT NULL AND outcome = 'agreement')", name="agreement_has_words"
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    number: Mapped[int] = mapped_column(Integer)
    way: Mapped[str] = mapped_column(String(20))
    held_at: Mapped[datetime] = mapped_column(UTCDateTime)
    present: Mapped[list[Any]] = mapped_column(JsonData, default=list)
    others: Mapped[str] = mapped_column(String(255), default="")
    notes: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(String(20))
    agreement: Mapped[str] = mapped_column(Text, default="")
    signed: Mapped[list[Any]] = mapped_column(JsonData, default=list)
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    noted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    noted_by: Mapped[str] = mapped_column(String(80))

    def __repr__(self) -> str:
        return f"{self.ticket_id} {self.number}"
