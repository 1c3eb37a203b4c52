"""The month's review of complaints (D5) as tables: what is missing of each record and of the summary before it is signed.

Pure: what is known comes in as facts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.errors import N_


class Gap(StrEnum):
    """What may be missing of one complaint."""

    RECORD = "record"
    OPINION = "opinion"
    FINDING = "finding"
    OBJECTED = "objected"
    REPLY = "reply"
    CAUSE = "cause"
    CORRECTION = "correction"
    PREVENTION = "prevention"
    UNREVIEWED = "unreviewed"
    CHANGED = "changed"


@dataclass(frozen=True)
class RecordFacts:
    """What is known of a complaint of the month. `on_the_spot`: settled there, so that the household's opinion stands for a
    record of its own; `changed`: something was done since the supervisor reviewed it."""

    closed: bool = False
    on_the_spot: bool = False
    has_record: bool = True
    opinion: bool = False
    validity: bool = False
    objected: bool = False
    replied: bool = False
    cause: bool = False
    correction: bool = False
    prevention: bool = False
    reviewed: bool = False
    changed: bool = False


_ROWS: tuple[tuple[Gap, str, Callable[[RecordFacts], bool]], ...] = (
    (Gap.RECORD, N_("has no complaint record"), lambda f: not f.on_the_spot and not f.has_record),
    (
        Gap.OPINION,
        N_("settled on the spot without the household's opinion"),
        lambda f: f.on_the_spot and not f.has_record and not f.opinion,
    ),
    (Gap.FINDING, N_("has no finding"), lambda f: not f.validity),
    (Gap.OBJECTED, N_("a second person objects to its finding"), lambda f: f.objected),
    (Gap.REPLY, N_("closed without a reply to the household"), lambda f: f.closed and not f.replied),
    (Gap.CAUSE, N_("closed without a root cause"), lambda f: f.closed and not f.cause),
    (Gap.CORRECTION, N_("closed without a correction"), lambda f: f.closed and not f.correction),
    (Gap.PREVENTION, N_("closed without a prevention"), lambda f: f.closed and not f.prevention),
    (Gap.UNREVIEWED, N_("not reviewed by the supervisor yet"), lambda f: not f.reviewed),
    (Gap.CHANGED, N_("went on since the supervisor reviewed it"), lambda f: f.reviewed and f.changed),
)

GAP_WORDS: dict[Gap, str] = {gap: words for gap, words, _missing in _ROWS}


def gaps_of(facts: RecordFacts) -> list[Gap]:
    """What is missing of one complaint, in the order of the work."""
    return [gap for gap, _words, missing in _ROWS if missing(facts)]


class MonthGap(StrEnum):
    """What may be missing of the summary itself."""

    RUNNING = "running"
    SUMMARY = "summary"
    CASE = "case"
    TRAINING = "training"
    ATTENDED = "attended"


MONTH_WORDS: dict[MonthGap, str] = {
    MonthGap.RUNNING: N_("The month is not over yet."),
    MonthGap.SUMMARY: N_("The summary is not written."),
    MonthGap.CASE: N_("There were valid complaints, and no case is written from which others can learn."),
    MonthGap.TRAINING: N_("A case has no day on which it is used for training."),
    MonthGap.ATTENDED: N_("A training has been held, and nobody is noted as having attended."),
}


@dataclass(frozen=True)
class CaseFacts:
    """A case of the month: when it is used for training, and whether it says who attended."""

    training_on: date | None
    attended: bool


def month_gaps(
    *, over: bool, summary: bool, complaints: int, valid: int, cases: Sequence[CaseFacts], today: date
) -> list[MonthGap]:
    """What is missing of the summary. A month without complaints needs no words."""
    missing = [
        (MonthGap.RUNNING, not over),
        (MonthGap.SUMMARY, complaints > 0 and not summary),
        (MonthGap.CASE, valid > 0 and not cases),
        (MonthGap.TRAINING, any(one.training_on is None for one in cases)),
        (
            MonthGap.ATTENDED,
            any(one.training_on is not None and one.training_on <= today and not one.attended for one in cases),
        ),
    ]
    return [gap for gap, is_missing in missing if is_missing]
