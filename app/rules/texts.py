"""What a text message from a household means: an answer to our question, STOP, or a matter of its own. Pure."""

from __future__ import annotations

import re
from typing import Final

from app.rules.classify import OTHER, Finding
from app.rules.codes import Kind, Priority

STOP_WORDS: Final = frozenset(
    ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "TD", "T", "退订", "拒收", "停止")
)
START_WORDS: Final = frozenset(("START", "UNSTOP", "恢复", "订阅"))
"""Twilio's own words (docs: "Advanced Opt-Out"), and what Chinese carriers use."""

_SCORE = re.compile(r"([1-5])\s*分?(?:$|[\s,，.。;；!！]+(.*))", re.DOTALL)
_SPELLED = str.maketrans("一二三四五１２３４５①②③④⑤", "123451234512345")
_KIND_WORDS: Final = (
    (Kind.COMPLAINT, ("投诉", "complain")),
    (Kind.SUGGESTION, ("建议", "suggest")),
    (Kind.PRAISE, ("表扬", "感谢", "praise", "thank")),
)
_WORDS_ONLY = frozenset(("fee", "attitude", OTHER))
"""Categories in which nothing is repaired."""


def is_stop(text: str) -> bool:
    """Whether the household wants no more messages."""
    return _bare(text) in STOP_WORDS


def is_start(text: str) -> bool:
    """Whether it wants them again."""
    return _bare(text) in START_WORDS


def score(text: str) -> tuple[int, str] | None:
    """A satisfaction answer, 1 to 5, and the words that follow it; None when the text does not begin with one."""
    stripped = text.strip()
    found = _SCORE.fullmatch(stripped[:1].translate(_SPELLED) + stripped[1:])
    return (int(found[1]), (found[2] or "").strip()) if found else None


def kind_of(text: str, finding: Finding) -> Kind:
    """What a message is about: an emergency by its words, what it calls itself, a repair of something, else a question."""
    if finding.priority == Priority.EMERGENCY:
        return Kind.EMERGENCY
    plain = text.casefold()
    for kind, words in _KIND_WORDS:
        if any(word in plain for word in words):
            return kind
    if finding.category in _WORDS_ONLY or plain.rstrip().endswith(("?", "？", "吗")):
        return Kind.CONSULTATION
    return Kind.REPAIR


def _bare(text: str) -> str:
    return text.strip().strip(" .。!！").upper()
