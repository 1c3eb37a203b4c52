"""The monthly service report (D14): every version with its frozen data. A published row never changes: a trigger sees to it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, UTCDateTime, one_of
from app.models.estate import Community
from app.models.people import Person
from app.rules.codes import ReportState


class Report(Model):
    """One version of one community's report of one month (`YYYY-MM`)."""

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("community_id", "month", "version"),
        one_of("state", ReportState),
        CheckConstraint("length(month) = 7", name="month_is_month"),
        CheckConstraint("version >= 1", name="version_positive"),
        CheckConstraint(
            "state NOT IN ('published', 'superseded') OR (sha256 IS NOT NULL AND file_path IS NOT NULL"
            " AND signed_at IS NOT NULL AND published_at IS NOT NULL)",
            name="published_is_complete",
        ),
        Index("ix_report_community_month", "community_id", "month"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    month: Mapped[str] = mapped_column(String(7))
    version: Mapped[int] = mapped_column(Integer, default=1)
    state: Mapped[str] = mapped_column(String(20), default=ReportState.DRAFT)
    erratum_reason: Mapped[str | None] = mapped_column(String(255))
    dataset: Mapped[dict[str, Any]] = mapped_column(JsonData, default=dict)
    texts: Mapped[dict[str, Any]] = mapped_column(JsonData, default=dict)
    drafted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reviewed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reviewed_by: Mapped[str | None] = mapped_column(String(80))
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    signed_by: Mapped[str | None] = mapped_column(String(80))
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    published_by: Mapped[str | None] = mapped_column(String(80))
    sha256: Mapped[str | None] = mapped_column(String(64))
    previous_sha256: Mapped[str | None] = mapped_column(String(64))
    file_path: Mapped[str | None] = mapped_column(String(255))
    size_bytes: Mapped[int | None] = mapped_column(Integer)
    sha256_en: Mapped[str | None] = mapped_column(String(64))
    file_path_en: Mapped[str | None] = mapped_column(String(255))
    template_version: Mapped[str | None] = mapped_column(String(40))
    font_hash: Mapped[str | None] = mapped_column(String(64))
    reminded_on: Mapped[str | None] = mapped_column(String(10))

    community: Mapped[Community] = relationship()

    def __repr__(self) -> str:
        return f"{self.month} v{self.version}"


class ReportQuestion(Model):
    """What a ticket asks about: a section of a published version, or one figure in it."""

    __tablename__ = "report_question"
    __table_args__ = (Index("ix_report_question_report_id", "report_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), unique=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"))
    section: Mapped[str] = mapped_column(String(40))
    figure: Mapped[str | None] = mapped_column(String(40))


class ReportSupplement(Model):
    """A household's own part of a month, made when its person first opened it and kept: the frozen content and its files."""

    __tablename__ = "report_supplement"
    __table_args__ = (
        UniqueConstraint("community_id", "month", "person_id"),
        CheckConstraint("length(month) = 7", name="month_is_month"),
        Index("ix_report_supplement_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    month: Mapped[str] = mapped_column(String(7))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    content: Mapped[dict[str, Any]] = mapped_column(JsonData)
    content_sha256: Mapped[str] = mapped_column(String(64))
    file_path: Mapped[str | None] = mapped_column(String(255))
    sha256: Mapped[str | None] = mapped_column(String(64))
    file_path_en: Mapped[str | None] = mapped_column(String(255))
    sha256_en: Mapped[str | None] = mapped_column(String(64))

    community: Mapped[Community] = relationship()
    person: Mapped[Person] = relationship()


class ReportOpening(Model):
    """How often households opened a published version as a file or as a page: a number, never who."""

    __tablename__ = "report_opening"

    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"), primary_key=True)
    way: Mapped[str] = mapped_column(String(20), primary_key=True)
    openings: Mapped[int] = mapped_column(Integer, default=0)
