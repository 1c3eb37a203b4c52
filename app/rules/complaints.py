"""Complaints (D5) as tables: the form a reply needs, and what must be there before one is closed.

Pure: what is known of a complaint comes in as facts, what a form brings as `brought`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from app.errors import N_
from app.rules.codes import Cause, Channel, TicketState, Validity
from app.rules.disputes import DisputeFacts

if TYPE_CHECKING:
    from app.rules.ticket_states import TicketFacts

REPLY_WAYS = ("written", "in_person", "phone", "word")
"""How a reply reaches the household (D5): in writing, in person, by phone, by word at the desk."""

MEASURES = ("root_cause", "correction", "prevention")
"""What closing a complaint records (D5)."""


@dataclass(frozen=True)
class ComplaintFacts:
    """What is known of a complaint besides its ticket.

    `measures`: which of MEASURES are recorded. `worded`: the ways of reply whose words were recorded; `signed`: the
    household signed a reply. `unvisited`: households of a collective matter that nobody has visited. `waiting`,
    `objected`: what a second person says to the finding in force; `own_finding`: the actor made it; `second_first`: it
    must be confirmed before closing. `unread`: a repeat of which the supervisor has not read yet what was done.
    `outside_open`: outside bodies that wait for our answer or owe us theirs. `dispute`: of a dispute between neighbours, who was heard.
    """

    measures: frozenset[str] = frozenset()
    worded: frozenset[str] = frozenset()
    signed: bool = False
    unvisited: int = 0
    waiting: bool = False
    objected: bool = False
    own_finding: bool = False
    second_first: bool = False
    unread: bool = False
    outside_open: int = 0
    dispute: DisputeFacts | None = None


# ---- the form of the reply -------------------------------------------------------------------------------------------


def needed_reply_ways(facts: TicketFacts) -> frozenset[str]:
    """The reply forms that satisfy D5 for this complaint: a written one in writing, a collective one in person."""
    if facts.written or facts.channel in (Channel.EMAIL, Channel.LETTER):
        return frozenset({"written"})
    if facts.collective:
        return frozenset({"in_person"})
    if _supervised(facts):
        return frozenset({"in_person", "phone"})
    return frozenset(REPLY_WAYS)


def _supervised(facts: TicketFacts) -> bool:
    return facts.validity == Validity.VALID and facts.handled_by_supervisor


def _ways(facts: TicketFacts, brought: Mapping[str, Any]) -> frozenset[str]:
    return facts.reply_ways | ({"written"} if brought.get("answer") else set())


def _is_answered(facts: TicketFacts, brought: Mapping[str, Any]) -> bool:
    return bool(needed_reply_ways(facts) & _ways(facts, brought))


def _has_words(facts: TicketFacts, brought: Mapping[str, Any]) -> bool:
    """A valid one handled by the supervisor and answered by phone alone: what was said is recorded."""
    ways = needed_reply_ways(facts) & _ways(facts, brought)
    if not _supervised(facts) or ways != {"phone"}:
        return True
    return "phone" in facts.complaint.worded or bool(brought.get("words"))


# ---- before it is closed ---------------------------------------------------------------------------------------------


class Part(StrEnum):
    """What a complaint needs before it may be closed, in the order of the work."""

    FINDING = "finding"
    OBJECTION = "objection"
    SECOND = "second"
    READ = "read"
    REPLY = "reply"
    WORDS = "words"
    SIGNATURE = "signature"
    HOUSEHOLDS = "households"
    OUTSIDE = "outside"
    SIDES = "sides"
    TALK = "talk"
    EVIDENCE = "evidence"
    RETURN_VISIT = "return_visit"
    ROOT_CAUSE = "root_cause"
    CORRECTION = "correction"
    PREVENTION = "prevention"


Test = Callable[["TicketFacts", Mapping[str, Any]], bool]


@dataclass(frozen=True)
class Need:
    """A row of the table. `label` names the part on the list; `alone` is the sentence when nothing else is missing, `short`
    its words among others. `asked`: whether this complaint needs it; `met`: whether it is there; `blocks`: whether the
    closing waits for it."""

    part: Part
    label: str
    alone: str
    short: str
    met: Test
    asked: Test = lambda facts, brought: True
    blocks: Test = lambda facts, brought: True


@dataclass(frozen=True)
class Item:
    """One line of the list: what is needed, whether it is there, whether the closing waits for it."""

    part: Part
    label: str
    met: bool
    blocks: bool


def _measure(*names: str) -> Test:
    return lambda facts, brought: names[0] in facts.complaint.measures or any(brought.get(name) for name in names)


def _is_dispute(facts: TicketFacts, brought: Mapping[str, Any]) -> bool:
    return facts.complaint.dispute is not None


def _dispute(facts: TicketFacts) -> DisputeFacts:
    return facts.complaint.dispute or DisputeFacts()


def _confirms(facts: TicketFacts, brought: Mapping[str, Any]) -> bool:
    """Whoever closes it may be the second person, but never the one who made the finding."""
    return bool(brought.get("confirm")) and not facts.complaint.own_finding


NEEDS: tuple[Need, ...] = (
    Need(
        Part.FINDING,
        N_("Finding: valid, assistance or invalid"),
        N_("A complaint is not closed without a finding: valid, assistance or invalid."),
        N_("the finding: valid, assistance or invalid"),
        lambda facts, brought: facts.validity is not None,
    ),
    Need(
        Part.OBJECTION,
        N_("New finding after the objection"),
        N_("A second person objects to the finding: record a new one before it is closed."),
        N_("a new finding, as a second person objects to this one"),
        lambda facts, brought: not facts.complaint.objected,
        lambda facts, brought: facts.complaint.objected,
    ),
    Need(
        Part.SECOND,
        N_("Finding confirmed by a second person"),
        N_("The finding waits for a second person: it is closed after that."),
        N_("a second person's word on the finding"),
        lambda facts, brought: not facts.complaint.waiting or _confirms(facts, brought),
        lambda facts, brought: facts.validity is not None and not facts.complaint.objected,
        lambda facts, brought: facts.complaint.second_first,
    ),
    Need(
        Part.READ,
        N_("The supervisor has read what was done before"),
        N_("The household rejected the outcome: the supervisor first reads what was done, then takes it over."),
        N_("the supervisor's reading of what was done before"),
        lambda facts, brought: not facts.complaint.unread,
        lambda facts, brought: facts.complaint.unread,
    ),
    Need(
        Part.REPLY,
        N_("Reply in the form it needs"),
        N_("A complaint is not closed before the household has been replied to."),
        N_("a reply: the household has not been replied to"),
        _is_answered,
    ),
    Need(
        Part.WORDS,
        N_("The words of the reply by phone"),
        N_("A valid complaint that the supervisor answered by phone is closed when what was said is recorded."),
        N_("the words of the reply by phone"),
        _has_words,
        lambda facts, brought: _supervised(facts) and needed_reply_ways(facts) & facts.reply_ways == {"phone"},
    ),
    Need(
        Part.SIGNATURE,
        N_("The household's signature, where possible"),
        N_("The household's signature, where possible"),
        N_("the household's signature"),
        lambda facts, brought: facts.complaint.signed,
        lambda facts, brought: _supervised(facts) and "in_person" in facts.reply_ways,
        lambda facts, brought: False,
    ),
    Need(
        Part.HOUSEHOLDS,
        N_("Every household of the collective matter visited"),
        N_("A collective complaint is closed after every household has been visited in person."),
        N_("a visit to every household of the collective matter"),
        lambda facts, brought: facts.complaint.unvisited == 0,
        lambda facts, brought: facts.collective,
    ),
    Need(
        Part.OUTSIDE,
        N_("Every outside body answered, or heard from"),
        N_("An outside body waits for an answer or owes us one: note it before the complaint is closed."),
        N_("the answer to or from an outside body"),
        lambda facts, brought: facts.complaint.outside_open == 0,
        lambda facts, brought: facts.complaint.outside_open > 0,
    ),
    Need(
        Part.SIDES,
        N_("Each side heard by itself, its statement read back"),
        N_("In a dispute between neighbours each side is heard by itself before the complaint is closed."),
        N_("a statement of each side, read back to it"),
        lambda facts, brought: _dispute(facts).all_heard,
        _is_dispute,
    ),
    Need(
        Part.TALK,
        N_("How the talks ended"),
        N_("A dispute between neighbours is closed when it is noted how the talks ended."),
        N_("how the talks ended"),
        lambda facts, brought: _dispute(facts).ended,
        _is_dispute,
    ),
    Need(
        Part.EVIDENCE,
        N_("A list of the evidence"),
        N_("A list of the evidence"),
        N_("a list of the evidence"),
        lambda facts, brought: _dispute(facts).listed > 0,
        _is_dispute,
        lambda facts, brought: False,
    ),
    Need(
        Part.RETURN_VISIT,
        N_("Return visit"),
        N_("A complaint is closed only after its return visit."),
        N_("the return visit: a complaint is closed only after it"),
        lambda facts, brought: facts.state in (TicketState.VISITED, TicketState.CLOSED),
    ),
    Need(
        Part.ROOT_CAUSE,
        N_("Root cause"),
        N_("A complaint is closed when its root cause is recorded: process gap, human error, material or outside."),
        N_("the root cause"),
        _measure("root_cause", "cause"),
    ),
    Need(
        Part.CORRECTION,
        N_("Correction"),
        N_("A complaint is closed when the correction is recorded: what was put right."),
        N_("the correction"),
        _measure("correction"),
    ),
    Need(
        Part.PREVENTION,
        N_("Prevention"),
        N_("A complaint is closed when the prevention is recorded: what keeps it from happening again."),
        N_("the prevention"),
        _measure("prevention"),
    ),
)
"""What D5 asks for, a row each. A hindrance that no form can take away comes before what the closing form brings."""

IN_WRITING = (
    N_("A complaint that came in writing is answered in writing before it is closed."),
    N_("an answer in writing"),
)
IN_PERSON = (
    N_("This complaint is answered in person before it is closed."),
    N_("an answer in person"),
)

INCOMPLETE = N_("This complaint cannot be closed yet. Still missing: %(parts)s.")


def checklist(facts: TicketFacts, brought: Mapping[str, Any] | None = None) -> list[Item]:
    """What this complaint needs, each with whether it is there."""
    given = brought or {}
    return [
        Item(need.part, need.label, need.met(facts, given), need.blocks(facts, given))
        for need in NEEDS
        if need.asked(facts, given)
    ]


def missing(facts: TicketFacts, brought: Mapping[str, Any]) -> list[tuple[Part, str, str]]:
    """(part, sentence when it is the only one, words among others) of what still keeps the complaint from being closed."""
    return [
        (need.part, *_words_of(need, facts, brought))
        for need in NEEDS
        if need.asked(facts, brought) and need.blocks(facts, brought) and not need.met(facts, brought)
    ]


def _words_of(need: Need, facts: TicketFacts, brought: Mapping[str, Any]) -> tuple[str, str]:
    """A reply in a wrong form says which form is needed."""
    if need.part == Part.REPLY and _ways(facts, brought):
        return IN_WRITING if needed_reply_ways(facts) == {"written"} else IN_PERSON
    return need.alone, need.short


# ---- the root cause --------------------------------------------------------------------------------------------------

CAUSE_WORDS: tuple[tuple[Cause, tuple[str, ...]], ...] = (
    (Cause.PROCESS_GAP, ("process", "procedure", "流程", "制度", "程序")),
    (Cause.HUMAN_ERROR, ("human", "staff error", "人为", "疏忽", "失误", "责任心")),
    (Cause.MATERIAL, ("material", "equipment", "材料", "设备", "配件", "老化")),
    (Cause.OUTSIDE, ("outside", "external", "third party", "外部", "第三方", "外界", "开发商")),
)
"""How a cause that is told in words names its kind; the first that fits."""


def read_cause(code: str | None, words: str) -> tuple[str | None, str]:
    """(kind of cause, words) of what a caller sends: a code by itself, or words that name it. The kind is None where the
    words name none."""
    plain = words.strip().casefold()
    known = {str(cause) for cause in Cause}
    if code is None and plain.replace(" ", "_") in known:
        return plain.replace(" ", "_"), ""
    if code is None:
        code = next((str(cause) for cause, names in CAUSE_WORDS if any(name in plain for name in names)), None)
    return code, words
