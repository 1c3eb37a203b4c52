"""What matters are about, and the words that tell it (D3)."""

from sqlalchemy import Boolean, ForeignKey, Integer, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Coded, Model, one_of
from app.models.people import Department, Skill
from app.rules.codes import Priority


class Category(Coded, Model):
    """What a matter is about, the department it goes to, and how urgent it is unless somebody says otherwise."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("code"), one_of("default_priority", Priority))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    default_priority: Mapped[str] = mapped_column(String(20), default=Priority.NORMAL)
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    skill_id: Mapped[int | None] = mapped_column(ForeignKey("skill.id"), index=True)
    """What whoever does it must be able to do; empty: anybody of the department."""
    photo_after: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Whether a photo of the finished work is owed before it is done."""
    needs_acceptance: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Whether a named person accepts the work before it is done, also where one department did it alone (D3)."""

    department: Mapped[Department | None] = relationship()
    skill: Mapped[Skill | None] = relationship()
    words: Mapped[list["CategoryWord"]] = relationship(back_populates="category")


class CategoryWord(Model):
    """A word heard in a description that points to a category and, where given, an urgency."""

    __tablename__ = "category_word"
    __table_args__ = (UniqueConstraint("word"), one_of("priority", Priority, nullable=True))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    word: Mapped[str] = mapped_column(String(40))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), index=True)
    priority: Mapped[str | None] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    category: Mapped[Category] = relationship(back_populates="words")

    def __repr__(self) -> str:
        return self.word
