"""What stands in a handover (D7), and how a reader sees it: ids and facts are kept, names are looked up by the reader's rights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from app.models import CheckIn, Clock, Handover, House, Loan, Person, Tenure, Ticket
from app.rules.codes import OPEN_STATES, AccessAction, CheckInState, ClockName, ClockState
from app.services import audit, loans
from app.services.access import files, rows
from app.services.actors import Actor
from app.services.local_time import local_zone

_MOST = 500
_UNTRIED = (CheckInState.MISSED, CheckInState.HELP)
"""Without a try that ended in vain, and yet no answer that all is well."""


def content(
    session: Session, community_id: int, begins_at: datetime, changes_at: datetime, ends_at: datetime
) -> dict[str, Any]:
    """Unfinished tickets, clocks that run out and promises that fall due before the next change, who needs care, which keys and
    items are out, and who living alone did not answer in this shift or still owes one.

    No name, number or word of a household is kept: a signed paper outlives the reader's rights.
    """
    open_here = (Ticket.community_id == community_id, Ticket.state.in_(OPEN_STATES))
    tickets = session.scalars(
        select(Ticket).where(*open_here).order_by(Ticket.due_at.is_(None), Ticket.due_at, Ticket.id).limit(_MOST)
    ).all()
    due = session.execute(
        select(Clock.ticket_id, Clock.name, Clock.due_at)
        .join(Ticket, Ticket.id == Clock.ticket_id)
        .where(*open_here, Clock.state == ClockState.RUNNING, Clock.due_at < ends_at)
        .order_by(Clock.due_at, Clock.id)
        .limit(_MOST)
    ).all()
    return {
        "tickets": [_facts(ticket) for ticket in tickets],
        "clocks": [_due(*row) for row in due if row.name != ClockName.PROMISE],
        "promises": [_due(*row) for row in due if row.name == ClockName.PROMISE],
        "people": _people(session, community_id, changes_at),
        "loans": [{"id": one.id, "due_at": one.due_at.isoformat()} for one in loans.out(session, community_id, _MOST)],
        "check_ins": _check_ins(session, community_id, begins_at, changes_at),
    }


def _facts(ticket: Ticket) -> dict[str, Any]:
    return {
        "id": ticket.id,
        "number": ticket.number,
        "kind": ticket.kind,
        "priority": ticket.priority,
        "state": ticket.state,
        "due_at": ticket.due_at.isoformat() if ticket.due_at else None,
        "responsible": ticket.responsible or "",
    }


def _due(ticket_id: int, name: str, due_at: datetime) -> dict[str, Any]:
    return {"ticket_id": ticket_id, "name": name, "due_at": due_at.isoformat()}


def _people(session: Session, community_id: int, at: datetime) -> list[dict[str, int]]:
    """Who lives here and needs care, as ids."""
    today = at.astimezone(local_zone()).date()
    statement = (
        select(Tenure.person_id, Tenure.house_id)
        .join(Person, Person.id == Tenure.person_id)
        .join(House, House.id == Tenure.house_id)
        .where(House.community_id == community_id, Person.special_needs != "", Tenure.starts_on <= today)
        .where(or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today))
        .order_by(House.building_id, House.id, Tenure.person_id)
        .limit(_MOST)
    )
    return [{"person_id": person, "house_id": house} for person, house in session.execute(statement).tuples()]


def _check_ins(session: Session, community_id: int, begins_at: datetime, changes_at: datetime) -> list[dict[str, Any]]:
    """The shift's calls that nobody answered with key 1, and older ones that still wait for somebody to say what was found."""
    unheard = CheckIn.state.not_in((CheckInState.WELL, CheckInState.SKIPPED))
    tried = or_(CheckIn.result.is_not(None), CheckIn.state.in_(_UNTRIED))
    of_shift = and_(CheckIn.at >= begins_at, CheckIn.at < changes_at, tried)
    still = CheckIn.state.in_((CheckInState.ALERTED, CheckInState.CONTACTED))
    statement = select(CheckIn.id, CheckIn.state).where(
        CheckIn.community_id == community_id, unheard, or_(of_shift, still)
    )
    found = session.execute(statement.order_by(CheckIn.at, CheckIn.id).limit(_MOST)).tuples()
    return [{"id": id_, "state": state} for id_, state in found]


# ---- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Matter:
    """A ticket on the paper: as it was then, with what the reader may see of it now."""

    ticket: Ticket
    state: str
    due_at: datetime | None
    responsible: str
    clock: str = ""


@dataclass(frozen=True)
class Lent:
    """A key or an item on the paper: as it was then. `late`: past the time it was to be back, when the shift changed."""

    loan: Loan
    due_at: datetime
    late: bool


@dataclass(frozen=True)
class Unheard:
    """A check-in call on the paper that nobody answered, with how it stood then."""

    call: CheckIn
    state: str


@dataclass(frozen=True)
class Shown:
    """A handover as one reader sees it. `hidden` tickets, `unseen` check-in calls and `care` people are beyond the reader's rows or
    not opened yet."""

    tickets: list[Matter]
    clocks: list[Matter]
    promises: list[Matter]
    hidden: int
    care: int
    people: list[tuple[Person, House]]
    loans: list[Lent]
    check_ins: list[Unheard]
    unseen: int


def shown(session: Session, actor: Actor, paper: Handover, *, needs: bool, now: datetime) -> Shown:
    """The paper by the actor's row limits (D15); with `needs` also the people who need care, which goes on the audit trail."""
    facts = {one["id"]: one for one in paper.content.get("tickets", [])}
    timed = [*paper.content.get("clocks", []), *paper.content.get("promises", [])]
    ids = set(facts) | {one["ticket_id"] for one in timed}
    statement = select(Ticket).where(Ticket.id.in_(ids), rows(actor, Ticket))
    seen = {
        ticket.id: ticket
        for ticket in session.scalars(statement.options(joinedload(Ticket.house), joinedload(Ticket.category)))
    }
    unheard = _unheard(session, actor, paper)
    return Shown(
        tickets=[_matter(seen[id_], one) for id_, one in facts.items() if id_ in seen],
        clocks=[_timed(seen, facts, one) for one in paper.content.get("clocks", []) if one["ticket_id"] in seen],
        promises=[_timed(seen, facts, one) for one in paper.content.get("promises", []) if one["ticket_id"] in seen],
        hidden=len(set(facts) - set(seen)),
        care=len(_readable(session, actor, paper)),
        people=_opened(session, actor, paper, now) if needs else [],
        loans=_lent(session, actor, paper),
        check_ins=unheard,
        unseen=len(paper.content.get("check_ins", [])) - len(unheard),
    )


def _lent(session: Session, actor: Actor, paper: Handover) -> list[Lent]:
    due = {one["id"]: datetime.fromisoformat(one["due_at"]) for one in paper.content.get("loans", [])}
    if not due:
        return []
    found = select(Loan).where(Loan.id.in_(due), rows(actor, Loan)).options(joinedload(Loan.house))
    lent = [Lent(loan, due[loan.id], due[loan.id] <= paper.changes_at) for loan in session.scalars(found)]
    return sorted(lent, key=lambda one: (one.due_at, one.loan.id))


def _unheard(session: Session, actor: Actor, paper: Handover) -> list[Unheard]:
    states = {one["id"]: one["state"] for one in paper.content.get("check_ins", [])}
    if not states:
        return []
    found = select(CheckIn).where(CheckIn.id.in_(states), rows(actor, CheckIn))
    calls = session.scalars(found.options(joinedload(CheckIn.person), joinedload(CheckIn.house)).order_by(CheckIn.at))
    return [Unheard(call, states[call.id]) for call in calls]


def _matter(ticket: Ticket, facts: dict[str, Any]) -> Matter:
    due_at = datetime.fromisoformat(facts["due_at"]) if facts.get("due_at") else None
    return Matter(ticket, facts["state"], due_at, facts.get("responsible", ""))


def _timed(seen: dict[int, Ticket], facts: dict[int, dict[str, Any]], one: dict[str, Any]) -> Matter:
    known = facts.get(one["ticket_id"], {})
    due_at = datetime.fromisoformat(one["due_at"])
    return Matter(seen[one["ticket_id"]], known.get("state", ""), due_at, known.get("responsible", ""), one["name"])


def _readable(session: Session, actor: Actor, paper: Handover) -> set[int]:
    ids = {one["person_id"] for one in paper.content.get("people", [])}
    return set(session.scalars(select(Person.id).where(Person.id.in_(ids), files(actor))))


def _opened(session: Session, actor: Actor, paper: Handover, now: datetime) -> list[tuple[Person, House]]:
    may = _readable(session, actor, paper)
    homes = {one["person_id"]: one["house_id"] for one in paper.content.get("people", []) if one["person_id"] in may}
    people = session.scalars(select(Person).where(Person.id.in_(homes)).order_by(Person.id)).all()
    houses = {house.id: house for house in session.scalars(select(House).where(House.id.in_(homes.values())))}
    for person in people:
        audit.record(session, actor, AccessAction.FILE_READ, person.name, now, kind="person", row_id=person.id)
    return [(person, houses[homes[person.id]]) for person in people]
