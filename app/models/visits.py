"""What hangs on a return visit (D8), three records apart: the staff's tries, the household's answers, the quality check.

Beside them the draws of the month, written so that anybody can recount them, and the one-time links households answer by.
"""

from datetime import date, datetime

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Model, UTCDateTime, one_of
from app.models.surveys import SurveyHousehold
from app.models.tickets import ReturnVisit, Ticket
from app.rules.codes import CheckResult, DrawKind, VisitResult, VisitWay

LINK_PURPOSES = ("visit", "survey")


class VisitTry(Model):
    """One try to ask a household: when, who, how, what happened. Append-only: a trigger refuses changes."""

    __tablename__ = "visit_try"
    __table_args__ = (
        one_of("way", VisitWay),
        one_of("result", VisitResult),
        Index("ix_visit_try_visit_at", "visit_id", "at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("return_visit.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    way: Mapped[str] = mapped_column(String(20))
    result: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text, default="")

    visit: Mapped[ReturnVisit] = relationship(back_populates="try_rows")

    def __repr__(self) -> str:
        return f"{self.way} {self.result}"


class VisitAnswer(Model):
    """What a household said. The first answer to a visit `counts`, later ones are kept as further. Append-only."""

    __tablename__ = "visit_answer"
    __table_args__ = (
        one_of("way", VisitWay),
        CheckConstraint("score BETWEEN 1 AND 5", name="score_range"),
        Index("ix_visit_answer_visit_at", "visit_id", "at"),
        # Two answers in the same instant: the database itself lets one of them count.
        Index(
            "uq_visit_answer_counts",
            "visit_id",
            unique=True,
            sqlite_where=text("counts"),
            postgresql_where=text("counts"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("return_visit.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    way: Mapped[str] = mapped_column(String(20))
    score: Mapped[int] = mapped_column(Integer)
    words: Mapped[str] = mapped_column(Text, default="")
    counts: Mapped[bool] = mapped_column(Boolean)
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    taken_by: Mapped[str] = mapped_column(String(80))

    visit: Mapped[ReturnVisit] = relationship(back_populates="answers")

    def __repr__(self) -> str:
        return f"{self.visit_id}: {self.score}"


class VisitCheck(Model):
    """The quality check of one visit: drawn or chosen, then what the checker found. It changes neither visit nor score."""

    __tablename__ = "visit_check"
    __table_args__ = (
        one_of("way", VisitWay, nullable=True),
        one_of("result", CheckResult, nullable=True),
        CheckConstraint("score IS NULL OR score BETWEEN 1 AND 5", name="score_range"),
        Index("ix_visit_check_open", "checked_at", "due_on"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("return_visit.id"), unique=True)
    drawn: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_on: Mapped[date] = mapped_column(Date)
    checked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    checker_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    checker_name: Mapped[str] = mapped_column(String(80), default="")
    way: Mapped[str | None] = mapped_column(String(20))
    result: Mapped[str | None] = mapped_column(String(20))
    score: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(Text, default="")

    visit: Mapped[ReturnVisit] = relationship(back_populates="check")
    checker: Mapped[User | None] = relationship(User)

    def __repr__(self) -> str:
        return f"{self.visit_id} {self.result or ''}".strip()


class DrawRound(Model):
    """A month's draw in a community with one percentage (`key` says all of it): its seed, and how many members it has so far."""

    __tablename__ = "draw_round"
    __table_args__ = (
        one_of("kind", DrawKind),
        CheckConstraint("percent BETWEEN 1 AND 100", name="percent_range"),
        Index("ix_draw_round_community_id_month", "community_id", "month"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    month: Mapped[date] = mapped_column(Date)
    percent: Mapped[int] = mapped_column(Integer)
    seed: Mapped[str] = mapped_column(String(64))
    members: Mapped[int] = mapped_column(Integer, default=0)

    def __repr__(self) -> str:
        return self.key


class Draw(Model):
    """One member of a round at its place, and whether it was taken. `turn` tells a reopened ticket's finishings apart."""

    __tablename__ = "draw"
    __table_args__ = (
        UniqueConstraint("round_id", "place"),
        Index("ix_draw_ticket_turn", "ticket_id", "turn"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("draw_round.id"))
    place: Mapped[int] = mapped_column(Integer)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    turn: Mapped[int] = mapped_column(Integer, default=0)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("return_visit.id"), index=True)
    taken: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    round: Mapped[DrawRound] = relationship()
    ticket: Mapped[Ticket] = relationship()

    def __repr__(self) -> str:
        return f"{self.round_id} {self.place}"


class AnswerLink(Model):
    """A one-time link a household answers by, without logging in. Only the keyed digest of its code is stored; the code itself
    is derived from `nonce` and SECRET_KEY as the message leaves."""

    __tablename__ = "answer_link"
    __table_args__ = (one_of("purpose", LINK_PURPOSES), Index("ix_answer_link_visit", "visit_id"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("return_visit.id"))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("survey_household.id"), index=True)
    nonce: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    visit: Mapped[ReturnVisit | None] = relationship()
    household: Mapped[SurveyHousehold | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.purpose} {self.id}"
