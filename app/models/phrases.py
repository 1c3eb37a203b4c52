"""Stock phrases: short texts to start from, kept by administrators in both languages."""

from sqlalchemy import Boolean, CheckConstraint, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of
from app.rules.codes import PhraseUse


class Phrase(Model):
    """One text offered in the form of a step. `use` says in which."""

    __tablename__ = "phrase"
    __table_args__ = (
        one_of("use", PhraseUse),
        CheckConstraint("length(text) > 0 AND length(text_en) > 0", name="in_both_languages"),
        Index("ix_phrase_use_position", "use", "position"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    use: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(String(255))
    text_en: Mapped[str] = mapped_column(String(255))
    position: Mapped[int] = mapped_column(Integer, default=0)
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    @property
    def name_en(self) -> str:
        """The English text, by the name every kept list has it under."""
        return self.text_en

    def __repr__(self) -> str:
        return self.text
