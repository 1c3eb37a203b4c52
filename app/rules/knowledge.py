"""Standard answers (D13): the states of a version and who may take it on, what words mean the same question. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Final

from app.errors import N_, Forbidden, Refused
from app.rules.codes import AnswerState, Role

REVIEWERS: Final = frozenset({Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.QUALITY})
WRITERS: Final = frozenset({Role.ADMIN, Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT, Role.STEWARD})
STEPS: Final[dict[str, tuple[frozenset[str], AnswerState]]] = {
    "review": (frozenset({AnswerState.DRAFT}), AnswerState.REVIEWED),
    "back": (frozenset({AnswerState.REVIEWED}), AnswerState.DRAFT),
    "publish": (frozenset({AnswerState.REVIEWED}), AnswerState.PUBLISHED),
    "withdraw": (frozenset({AnswerState.DRAFT, AnswerState.REVIEWED, AnswerState.PUBLISHED}), AnswerState.WITHDRAWN),
}
"""Step → from which states, to which."""

MOST_TERMS: Final = 40
LONGEST_KEYWORDS: Final = 200
_QUESTION, _KEYWORD, _ANSWER, _CATEGORY = 3, 6, 1, 2
_SMALL_TALK: Final = (
    "请问 你好 您好 麻烦 咨询 一下 想问 问问 我想 我要 我们 你们 他们 怎么办 怎么样 怎么 什么时候 什么 如何 哪里 哪儿 可以 是否 能不能 "
    "有没有 是不是 多少 几点 需要 问题 小区 业主 物业 服务 中心 现在 今天 这个 那个 家里 告诉 知道 谢谢"
).split()  # fmt: skip
_ENGLISH_SMALL_TALK: Final = frozenset(
    "the and for are was can you how what when where who why does did has have with from this that our your please "
    "about there would like want know need much many into any not".split()
)
_SMALL: Final = re.compile("|".join(sorted(map(re.escape, _SMALL_TALK), key=len, reverse=True)))
_RUNS: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[a-z0-9]+(?:['-][a-z0-9]+)*")


@dataclass(frozen=True)
class Candidate:
    """What is looked through of a published answer."""

    id: int
    category_id: int | None
    questions: str
    keywords: str
    answers: str
    used: int = 0


@dataclass(frozen=True)
class Hit:
    """An answer that was found. `sure`: it speaks of the question itself, not merely of one of its words."""

    id: int
    score: int
    sure: bool


def plain(text: str) -> str:
    """Words as they are compared: full-width letters plain, capitals small."""
    return unicodedata.normalize("NFKC", text).casefold()


def runs(text: str) -> list[str]:
    """The pieces of a text that say something: runs of Chinese characters without small talk, English words of three letters on."""
    found: list[str] = []
    for run in _RUNS.findall(plain(text)):
        if run.isascii():
            if (len(run) > 2 or run.isdecimal()) and run not in _ENGLISH_SMALL_TALK:
                found.append(run)
        else:
            found.extend(piece for piece in _SMALL.split(run) if piece)
    return found


def terms(text: str) -> list[str]:
    """What is looked for: every two neighbouring Chinese characters, every English word; each once, in their order."""
    found: dict[str, None] = {}
    for run in runs(text):
        if run.isascii() or len(run) < 2:
            found.setdefault(run)
        else:
            for place in range(len(run) - 1):
                found.setdefault(run[place : place + 2])
    return list(found)[:MOST_TERMS]


def words_of(keywords: str) -> list[str]:
    """The keywords of an answer, one by one: they are parted by commas, blanks of any kind or lines."""
    return [word for word in re.split(r"[\s,;\uFF0C\u3001\uFF1B]+", plain(keywords)) if word]


def rank(text: str, category_id: int | None, candidates: Iterable[Candidate]) -> list[Hit]:
    """The answers that fit, the best first; of equals the one used more often, then the older one.

    A term in a question counts 3, a keyword that stands whole in the text 6, a term in the answer 1, the same category 2. An
    answer of the category alone is no hit while words were given: the category is only where to look.
    """
    wanted, whole = terms(text), plain(text)
    found = []
    for one in candidates:
        questions, answers = plain(one.questions), plain(one.answers)
        asked = sum(term in questions for term in wanted)
        keys = sum(len(word) > 1 and word in whole for word in words_of(one.keywords))
        keys += sum(term in words_of(one.keywords) for term in wanted if term.isascii())
        said = sum(term in answers for term in wanted)
        same = category_id is not None and one.category_id == category_id
        score = _QUESTION * asked + _KEYWORD * keys + _ANSWER * said + (_CATEGORY if same else 0)
        sure = bool(keys) or asked >= min(2, len(wanted)) > 0
        if asked or keys or said or (same and not wanted):
            found.append((-score, -one.used, one.id, Hit(one.id, score, sure)))
    return [hit for *_order, hit in sorted(found, key=lambda row: row[:3])]


def check_step(step: str, state: str, roles: frozenset[str], *, own: bool) -> AnswerState:
    """The state after the step. Whoever wrote a version does not review it. Raises Forbidden, Refused."""
    sources, target = STEPS[step]
    if roles.isdisjoint(REVIEWERS):
        raise Forbidden(N_("Answers are reviewed and published by the supervisor, the deputy, the manager or quality."))
    if state not in sources:
        raise Refused(_NOT_NOW[step])
    if step == "review" and own:
        raise Refused(N_("A second person reviews the answer: you wrote this version yourself."))
    return target


_NOT_NOW = {
    "review": N_("Only a draft is reviewed."),
    "back": N_("Only a reviewed answer goes back to its writer."),
    "publish": N_("Only a reviewed answer is published."),
    "withdraw": N_("This version is not in force any more."),
}


def in_force(valid_from: date | None, valid_until: date | None, today: date) -> bool:
    """Whether an answer holds on a day; both ends count."""
    return (valid_from is None or valid_from <= today) and (valid_until is None or today <= valid_until)


def changed(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, str]]:
    """What was changed between two texts cut into pieces: `("same" | "gone" | "new", text)`, in reading order."""
    found: list[tuple[str, str]] = []
    for kind, one, two, three, four in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(before[one:two])))
            continue
        if two > one:
            found.append(("gone", "".join(before[one:two])))
        if four > three:
            found.append(("new", "".join(after[three:four])))
    return found


def pieces(text: str) -> list[str]:
    """A text cut for the comparison: English words whole, everything else sign by sign."""
    return re.findall(r"[A-Za-z0-9]+|.", text, re.DOTALL)
