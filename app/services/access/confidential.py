"""What is narrower than its table (D15): personal files, arrears, the register of people living alone, calls and messages about
either."""

from typing import Any

from sqlalchemy import and_, false, or_, select, true

from app.models import (
    Call,
    CallTicket,
    CampaignTarget,
    CheckIn,
    CheckInPlan,
    CheckInStep,
    House,
    Message,
    Person,
    SignedRecord,
    Tenure,
    Ticket,
    WishEntry,
)
from app.rules.codes import MessagePurpose, Outreach, RecordKind, TicketState, WishWay
from app.rules.row_scopes import DEBTS, FILE, Scope
from app.services.access.ways import (
    HOUSES,
    PEOPLE,
    Condition,
    Way,
    Ways,
    among,
    of_community,
    of_community_or_none,
    scopes,
    within,
)
from app.services.actors import Actor
from app.services.call_store import TEST

_SETTLED = (TicketState.CLOSED, TicketState.CANCELLED)


def files(actor: Actor) -> Condition:
    """The condition on `Person` that leaves those whose file (birth date, workplace, needs …) the actor may read (D15)."""
    return true() if actor.is_system else within(actor, FILE, _FILES)


def debtors(actor: Actor) -> Condition:
    """The condition on `House` that leaves those whose arrears the actor may see house by house (D10, I8)."""
    return true() if actor.is_system else within(actor, DEBTS, HOUSES)


def _told_of_debts(actor: Actor) -> Condition:
    """A call or text that reminds of fees says who is in arrears: it is for whoever sees that house's arrears."""
    if Scope.EVERYTHING in scopes(actor, DEBTS):
        return true()
    return or_(
        CampaignTarget.purpose != Outreach.REMINDER, CampaignTarget.house_id.in_(select(House.id).where(debtors(actor)))
    )


def _written_of_debts(actor: Actor) -> Condition:
    """The same of its text message, which knows no house."""
    whole = scopes(actor, DEBTS) & {Scope.EVERYTHING, Scope.COMMUNITY}
    return true() if whole else Message.purpose != Outreach.REMINDER


def _wishes_on_debts(actor: Actor) -> Condition:
    """Key 9 on a reminder tells that a bill is open; a tick on one's own page tells nothing."""
    whole = scopes(actor, DEBTS) & {Scope.EVERYTHING, Scope.COMMUNITY}
    return true() if whole else or_(WishEntry.purpose != Outreach.REMINDER, WishEntry.way == WishWay.PAGE)


def _in_hand(actor: Actor) -> Condition:
    """An assistant handles what nobody else has been given yet, too: the desk works those tickets."""
    mine = or_(Ticket.assignee_id.is_(None), Ticket.assignee_id == actor.staff_id)
    return and_(among(Ticket.community_id, actor.community_ids), mine)


def _handled_people(actor: Actor) -> Condition:
    """The reporters of matters in hand, and who lives in the houses they are about."""
    matters = and_(_in_hand(actor), Ticket.state.not_in(_SETTLED))
    open_end = Tenure.ends_on.is_(None)
    still = open_end if actor.today is None else or_(open_end, Tenure.ends_on >= actor.today)
    at_home = select(Tenure.person_id).where(Tenure.house_id.in_(select(Ticket.house_id).where(matters)), still)
    return or_(Person.id.in_(select(Ticket.reporter_id).where(matters)), Person.id.in_(at_home))


_FILES: Ways = {**PEOPLE, Scope.HANDLED: _handled_people}


def _sent_there(actor: Actor) -> Condition:
    """Calls of the register whose steward one is, or after whose silence one was sent there."""
    if actor.staff_id is None:
        return false()
    plans = select(CheckInPlan.id).where(CheckInPlan.steward_id == actor.staff_id)
    return or_(CheckIn.alerted_id == actor.staff_id, CheckIn.plan_id.in_(plans))


def _in_my_buildings(column: Any) -> Way:
    return lambda actor: column.in_(select(House.id).where(HOUSES[Scope.BUILDING](actor)))


def _named_steward(actor: Actor) -> Condition:
    return false() if actor.staff_id is None else CheckInPlan.steward_id == actor.staff_id


CHECK_IN_PLANS: Ways = {
    **of_community(CheckInPlan.community_id),
    Scope.BUILDING: lambda actor: or_(_in_my_buildings(CheckInPlan.house_id)(actor), _named_steward(actor)),
    Scope.HANDLED: lambda actor: CheckInPlan.person_id.in_(select(Person.id).where(_handled_people(actor))),
}
CHECK_INS: Ways = {
    **of_community(CheckIn.community_id),
    Scope.BUILDING: lambda actor: or_(_in_my_buildings(CheckIn.house_id)(actor), _sent_there(actor)),
    Scope.HANDLED: lambda actor: or_(
        CheckIn.person_id.in_(select(Person.id).where(_handled_people(actor))), _sent_there(actor)
    ),
    Scope.ASSIGNMENT: _sent_there,
}


def check_in_steps(scope: Scope) -> Way:
    """The steps of one's calls, and what was done to the entries of the register one sees."""

    def way(actor: Actor) -> Condition:
        calls = CheckInStep.check_in_id.in_(select(CheckIn.id).where(CHECK_INS[scope](actor)))
        if scope not in CHECK_IN_PLANS:
            return calls
        plans = select(CheckInPlan.id).where(CHECK_IN_PLANS[scope](actor))
        return or_(calls, and_(CheckInStep.check_in_id.is_(None), CheckInStep.plan_id.in_(plans)))

    return way


def _open_files(column: Any) -> Way:
    return lambda actor: column.in_(select(Person.id).where(files(actor)))


_ABOUT_CHECK_INS = (Outreach.CHECK_IN, Outreach.CHECK_IN_CONTACT)
NARROWER: dict[type[Any], Way] = {
    # The house's own test calls are nobody's business.
    Call: lambda actor: Call.direction != TEST,
    # That somebody lives alone is told by a call or a message as well as by the register; that somebody is in arrears, too.
    CampaignTarget: lambda actor: and_(
        or_(CampaignTarget.purpose.not_in(_ABOUT_CHECK_INS), _open_files(CampaignTarget.person_id)(actor)),
        _told_of_debts(actor),
    ),
    # An appraisal is read on its own pages, by whom it is about and who signs it.
    SignedRecord: lambda actor: SignedRecord.kind != RecordKind.APPRAISAL,
    WishEntry: _wishes_on_debts,
    Message: lambda actor: and_(
        or_(Message.purpose != MessagePurpose.CHECK_IN, _open_files(Message.person_id)(actor)),
        _written_of_debts(actor),
    ),
}
"""What is left of a table's rows besides their scope, for everybody but the house itself."""
MESSAGES: Ways = {
    # What the house says of itself is every desk's; invitations and passwords of no community are nobody's but the audit's.
    Scope.COMMUNITY: lambda actor: (
        or_(
            among(Message.community_id, actor.community_ids),
            and_(Message.community_id.is_(None), Message.purpose == MessagePurpose.WATCH),
        )
        if actor.community_ids
        else false()
    ),
}
CALLS: Ways = {
    # Whoever called a number of no community is the desks' of all of them; our own test calls have none, either.
    Scope.COMMUNITY: lambda actor: and_(
        of_community_or_none(Call.community_id)[Scope.COMMUNITY](actor), Call.direction != TEST
    ),
    Scope.BUILDING: lambda actor: Call.house_id.in_(select(House.id).where(HOUSES[Scope.BUILDING](actor))),
    Scope.HANDLED: lambda actor: and_(
        among(Call.community_id, actor.community_ids),
        Call.id.in_(select(CallTicket.call_id).join(Ticket).where(_in_hand(actor))),
    ),
}
