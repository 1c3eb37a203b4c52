"""Standard answers in words: in which language they are shown, their steps, what two versions differ in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_pgettext
from flask_babel import lazy_gettext as _

from app.models import ArticleVersion
from app.rules import knowledge as rules
from app.views.base.cells import named
from app.views.survey_words import own


@dataclass(frozen=True)
class StepWords:
    """A step of an answer: the button, what it does, whether it is hard to undo."""

    label: Any
    lead: Any
    danger: bool = False


STEPS = {
    "review": StepWords(_("Reviewed"), _("You have read it: right, plain, in both languages.")),
    "back": StepWords(_("Send back"), _("It is a draft again and can be changed.")),
    "publish": StepWords(
        _("Publish"), _("The staff finds it from now on; an earlier version is kept and can be read.")
    ),
    "withdraw": StepWords(
        _("Withdraw"), _("Nobody finds it any more. Tickets that used it still lead to it."), danger=True
    ),
}
DONE = {
    "review": _("The answer is reviewed."),
    "back": _("The answer is a draft again."),
    "publish": _("The answer is published."),
    "withdraw": _("The answer is withdrawn."),
}
FIELDS = {
    "question": _("Question"),
    "question_en": _("Question in English"),
    "questions": _("Further ways to ask"),
    "answer": lazy_pgettext("knowledge", "Answer"),
    "answer_en": _("Answer in English"),
    "keywords": _("Keywords"),
}


@dataclass(frozen=True)
class Difference:
    """A field that two versions differ in: pieces that stayed, went or came."""

    label: Any
    pieces: list[tuple[str, str]]


def differences(before: ArticleVersion, after: ArticleVersion) -> list[Difference]:
    """What a version changed against the one before, field by field."""
    texts = [(label, getattr(before, name) or "", getattr(after, name) or "") for name, label in FIELDS.items()]
    texts += [
        (
            _("Category"),
            named(before.category) if before.category else "",
            named(after.category) if after.category else "",
        ),
        (_("Valid from"), _day(before.valid_from), _day(after.valid_from)),
        (_("Valid until"), _day(before.valid_until), _day(after.valid_until)),
        (_("For owners"), _yes(before.is_public), _yes(after.is_public)),
    ]
    return [
        Difference(label, rules.changed(rules.pieces(old), rules.pieces(new)))
        for label, old, new in texts
        if old != new
    ]


def questions_of(version: ArticleVersion) -> list[str]:
    """The further ways to ask it."""
    return [line for line in version.questions.split("\n") if line]


def _day(value: Any) -> str:
    return value.isoformat() if value else ""


def _yes(value: bool) -> str:
    return gettext("yes") if value else gettext("no")


def answer_in(version: ArticleVersion, name: str, tongue: str = "") -> str:
    """Question or answer in the household's language (`tongue`), else in the reader's."""
    if not tongue:
        return own(version, name)
    return (getattr(version, f"{name}_en") if tongue == "en" else "") or getattr(version, name)


WORDS = {"own": own, "answer_in": answer_in}
