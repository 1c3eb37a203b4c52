"""Disputes between neighbours (D5): each side is heard by itself, what is shown is listed, talks are noted without taking sides.

Pure: what is known of the sides and talks comes in, `now` with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.errors import N_, Invalid, Refused
from app.rules.codes import EvidenceKind, StatementState, TalkOutcome, TalkWay

MOST_PARTIES = 6
LONG_AGO = timedelta(days=366 * 5)
"""Evidence may be old, but not so old that it is a slip of the pen."""

ENDS = frozenset({TalkOutcome.AGREEMENT, TalkOutcome.NO_AGREEMENT, TalkOutcome.REFERRED})
"""What ends the talks."""

AFTER_HEARING = frozenset({TalkOutcome.AGREEMENT, TalkOutcome.NO_AGREEMENT})
"""What may be noted only after each side was heard; others (the police) may take it over at any time."""

HEARD = frozenset({StatementState.CONFIRMED, StatementState.SIGNED, StatementState.REFUSED})
"""A statement that was read back, or a side that would not be heard or would not sign: it was given the word."""


@dataclass(frozen=True)
class DisputeFacts:
    """`parties`: how many sides; `unheard`: those not heard yet; `listed`: items of evidence that stand; `ended`: a talk has
    ended the matter since it was last reopened."""

    parties: int = 0
    unheard: int = 0
    listed: int = 0
    ended: bool = False

    @property
    def all_heard(self) -> bool:
        """Both sides are known, and each has had the word."""
        return self.parties >= 2 and self.unheard == 0


def unheard(parties: Iterable[int], statements: Iterable[tuple[int, str]]) -> set[int]:
    """The parties that had no word yet: `statements` are (party, state)."""
    heard = {party for party, state in statements if state in HEARD}
    return set(parties) - heard


def check_past(at: datetime | None, now: datetime) -> datetime:
    """When something was said, held or made: now where nothing is given. Raises Invalid for the future and the far past."""
    if at is None:
        return now
    if at > now + timedelta(minutes=5):
        raise Invalid(N_("This time has not come yet: write down what has happened."))
    if now - at > LONG_AGO:
        raise Invalid(N_("This time is too long ago: look at the year again."))
    return min(at, now)


def check_party(known: int) -> None:
    """One more side. Raises Refused."""
    if known >= MOST_PARTIES:
        raise Refused(N_("A dispute has at most six sides."))


def check_statement(*, words: str, declined: bool, alone: bool, why: str) -> None:
    """What is taken down is what one side said, without the other in the room. Raises Invalid."""
    if declined:
        if words:
            raise Invalid(N_("Either a statement, or that this side will not be heard: not both."))
        if not why:
            raise Invalid(N_("Write down what this side says to not being heard."))
        return
    if not words:
        raise Invalid(N_("Write down what this side says, in its own words."))
    if not alone:
        raise Invalid(N_("Each side is heard by itself: tick that nobody of another side was there."))


def check_reading(state: str, settled: StatementState | None, *, answer: str, has_sheet: bool) -> None:
    """Reading a statement back. Raises Refused once it has been, Invalid for what is missing."""
    if state != StatementState.TAKEN:
        raise Refused(N_("This statement has been read back already: what comes later is a further statement."))
    if settled is None or settled == StatementState.TAKEN:
        raise Invalid(N_("Say what came of reading it back."))
    if settled == StatementState.REFUSED and not answer:
        raise Invalid(N_("Write down why it is not confirmed, in the words of that side."))
    if settled == StatementState.SIGNED and not has_sheet:
        raise Invalid(N_("Let them sign on the screen, or add a photo of the signed sheet."))


def check_evidence(kind: EvidenceKind | None, *, what: str, files: int, kept: str) -> None:
    """An item of the list can be looked at: a file, or where its original is. Raises Invalid."""
    if kind is None:
        raise Invalid(N_("Say what kind of evidence it is."))
    if not what:
        raise Invalid(N_("Write down what it shows, without a judgement."))
    shown_by_itself = kind in (EvidenceKind.OBSERVATION, EvidenceKind.MEASUREMENT)
    if not shown_by_itself and not files and not kept:
        raise Invalid(N_("Add the file, or say where the original is kept."))


def check_talk(
    way: TalkWay | None,
    outcome: TalkOutcome | None,
    facts: DisputeFacts,
    *,
    present: Collection[int],
    notes: str,
    agreement: str,
    signed: Collection[int],
    next_at: datetime | None,
) -> None:
    """A talk and what came of it. Raises Invalid for what is missing, Refused while a side has not been heard."""
    if way is None:
        raise Invalid(N_("Say how the talk was held."))
    if not notes:
        raise Invalid(N_("Write down what was talked about, without taking sides."))
    if way != TalkWay.NOTE and not present:
        raise Invalid(N_("Tick who took part."))
    if way == TalkWay.TOGETHER and len(present) < 2:
        raise Invalid(N_("At one table sit at least two sides."))
    if outcome in AFTER_HEARING and not facts.all_heard:
        raise Refused(
            N_("Each side is heard first: no outcome is noted before. Not heard yet: %(num)s."),
            num=str(max(facts.unheard, 2 - facts.parties)),
        )
    _check_agreement(outcome, agreement, present, signed)
    if outcome == TalkOutcome.AGAIN and next_at is None:
        raise Invalid(N_("Say when the next talk is."))
    if next_at is not None and outcome != TalkOutcome.AGAIN:
        raise Invalid(N_("A day for the next talk belongs to one that is to be continued."))


def _check_agreement(
    outcome: TalkOutcome | None, agreement: str, present: Collection[int], signed: Collection[int]
) -> None:
    if outcome == TalkOutcome.AGREEMENT:
        if not agreement:
            raise Invalid(N_("Write down what was agreed: who does what, by when."))
        if len(signed) < 2:
            raise Invalid(N_("An agreement holds when at least two sides have signed it: tick who has."))
        return
    if agreement or signed:
        raise Invalid(N_("An agreement and its signatures belong to a talk that reached one."))
