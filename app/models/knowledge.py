"""The knowledge base 知识库 (D13): standard answers in versions, which tickets used them, whether they helped, and questions
whose search found nothing. A version that was published never changes: triggers refuse it."""

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Model, UTCDateTime, one_of
from app.models.categories import Category
from app.models.estate import Community
from app.models.tickets import Ticket
from app.rules.codes import AnswerState


class Article(Model):
    """One standard answer; without a community it holds for all of them. What it says stands in its versions."""

    __tablename__ = "article"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used: Mapped[int] = mapped_column(Integer, default=0)

    community: Mapped[Community | None] = relationship()
    versions: Mapped[list["ArticleVersion"]] = relationship(
        back_populates="article", cascade="all, delete-orphan", order_by="ArticleVersion.number"
    )

    def __repr__(self) -> str:
        return self.versions[-1].question if self.versions else str(self.id)


class ArticleVersion(Model):
    """What an answer said from when on. `questions` are further ways to ask it, one a line; `words` is what is searched."""

    __tablename__ = "article_version"
    __table_args__ = (
        one_of("state", AnswerState),
        CheckConstraint("number > 0", name="number_positive"),
        UniqueConstraint("article_id", "number"),
        # One version is in force, one is being written: the database itself holds it.
        Index(
            "uq_article_version_published",
            "article_id",
            unique=True,
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
        Index(
            "uq_article_version_open",
            "article_id",
            unique=True,
            sqlite_where=text("state IN ('draft', 'reviewed')"),
            postgresql_where=text("state IN ('draft', 'reviewed')"),
        ),
        Index("ix_article_version_state_category", "state", "category_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20), default=AnswerState.DRAFT)
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    question: Mapped[str] = mapped_column(String(120))
    question_en: Mapped[str] = mapped_column(String(200), default="")
    questions: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(Text)
    answer_en: Mapped[str] = mapped_column(Text, default="")
    keywords: Mapped[str] = mapped_column(String(200), default="")
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    is_public: Mapped[bool] = mapped_column(Boolean, default=False)
    change_note: Mapped[str] = mapped_column(String(200), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(Integer, default=1)
    written_at: Mapped[datetime] = mapped_column(UTCDateTime)
    writer_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    writer_name: Mapped[str] = mapped_column(String(80), default="")
    reviewed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reviewed_by: Mapped[str] = mapped_column(String(80), default="")
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    published_by: Mapped[str] = mapped_column(String(80), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_by: Mapped[str] = mapped_column(String(80), default="")

    article: Mapped[Article] = relationship(back_populates="versions")
    category: Mapped[Category | None] = relationship()

    __mapper_args__ = {"version_id_col": revision}

    def __repr__(self) -> str:
        return self.question


class ArticleUse(Model):
    """A ticket that was answered from a version."""

    __tablename__ = "article_use"
    __table_args__ = (UniqueConstraint("ticket_id", "version_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("article_version.id"), index=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_name: Mapped[str] = mapped_column(String(80), default="")

    version: Mapped[ArticleVersion] = relationship()
    ticket: Mapped[Ticket] = relationship()


class ArticleMark(Model):
    """What one of the staff says of a version: it helped, or it did not answer. The last word of each counts."""

    __tablename__ = "article_mark"
    __table_args__ = (UniqueConstraint("version_id", "user_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("article_version.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    helped: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class ArticleSource(Model):
    """A question of a household that an answer was written for."""

    __tablename__ = "article_source"
    __table_args__ = (UniqueConstraint("article_id", "ticket_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)


class AnswerMiss(Model):
    """A matter for whose words no published answer was found when it came."""

    __tablename__ = "answer_miss"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
