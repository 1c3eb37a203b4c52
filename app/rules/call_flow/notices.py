"""Announced outages (issue 4): callers of their buildings hear of them first, and may ask to be told when they are over."""

from app.errors import N_
from app.rules.call_flow import matter
from app.rules.call_flow.asking import ask
from app.rules.call_flow.effects import TellOutages
from app.rules.call_flow.model import Flow, Reply, Step
from app.rules.call_flow.words import Line, line
from app.rules.call_flow.world import Notice
from app.rules.place import HouseKey

KEY = "7"
ASKED = "outage"


def told(notices: tuple[Notice, ...]) -> list[Line]:
    """What is said of each."""
    lines = []
    for notice in notices:
        lines.append(line(N_("A notice for your building: %(text)s"), text=notice.named))
        if notice.until:
            lines.append(line(N_("It is expected to last until %(until)s."), until=notice.until))
        if notice.late:
            late = N_("It should have been over at %(time)s; that is being checked now.")
            lines.append(line(late, time=notice.late))
    return lines


def of_house(notices: tuple[Notice, ...], house: HouseKey | None) -> tuple[Notice, ...]:
    """Those of the house's building, and those of the whole community."""
    return tuple(one for one in notices if not one.buildings or (house is not None and house.building in one.buildings))


def tell(flow: Flow, notices: tuple[Notice, ...], can_text: bool) -> tuple[Flow, list[Line], list[TellOutages]]:
    """Take up what this call has not been told yet."""
    known = {notice.id for notice in flow.facts.notices}
    fresh = tuple(notice for notice in notices if notice.id not in known)
    if not fresh:
        return flow, [], []
    flow = flow.know(notices=(*flow.facts.notices, *fresh), may_subscribe=can_text and not flow.facts.subscribed)
    return flow, told(fresh), [TellOutages(tuple(notice.id for notice in fresh))]


def subscribe(flow: Flow) -> Reply:
    """7: a text message when it is over. In the menu the menu goes on; where a matter was asked for, that was the matter."""
    wanted = TellOutages(tuple(notice.id for notice in flow.facts.notices), wants_end=True)
    asked = flow.facts.asked if ASKED in flow.facts.asked else (*flow.facts.asked, ASKED)
    flow = flow.know(subscribed=True, may_subscribe=False, answered=True, asked=asked)
    thanks = line(N_("You will get a text message when it is over."))
    if flow.step == Step.DESCRIBE and flow.facts.ticket_id is None:
        return matter.goodbye(flow.know(kind=None)).first(thanks).also(wanted)
    return ask(flow.at(flow.step)).first(thanks).also(wanted)
