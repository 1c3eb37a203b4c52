"""What a walk through all pages of a role begins with, and what kinds of pages it must have met."""

from __future__ import annotations

import re
from zlib import crc32

from flask import Flask
from flask_appbuilder.security.sqla.models import User

from app.adapters.clock import now
from app.rules.codes import Role
from app.views.matrix import MATRIX
from tests.support.estate import Estate
from tests.support.languages import known_data, let_things_happen
from tests.support.lived import Lived, live


def lived_in(app: Flask, estate: Estate) -> tuple[Lived, set[str]]:
    """The estate with one record of each kind as of now, committed, and every word of its records. Logins are called `u-` and
    their role, and get names that are no words of ours."""
    from app.extensions import db

    with app.app_context():
        session = db.session()
        for user in session.query(User).filter(User.username.in_([*Role, "stranger"])):
            user.first_name, user.username = f"Login-{user.username}", f"u-{user.username}"
        session.commit()
        let_things_happen(session, estate.tickets.values(), now())
        lived = live(session, estate, now())
        session.commit()
        found = known_data(session)
        db.session.remove()
    return lived, found


HOUSEHOLD = (Role.OWNER, Role.RESIDENT)
DISPUTE, CLOSED_SURVEY = "the ticket of a dispute", "a survey that is closed"
HANDED_IN, ACCEPTED, SENT_BACK = "a ticket handed in", "a ticket accepted", "a ticket sent back"
OFFERED, DECLINED, FILED = "a ticket that is offered", "a ticket nobody took", "a ticket that is filed"


def shape(path: str) -> str:
    """What kind of page an address is: numbers and searches do not make another kind, nor does what a figure counted."""
    kind = re.sub(r"\d+(-\d+)*", "N", path.partition("?")[0])
    return re.sub(r"^(/figures/N|/settingview/edit|/help|/work/age|/work/day/N|/work/messages)/[\w.]+$", r"\1/x", kind)


_TABLE = re.compile(r"/(\w+view)/(?:list|show|add|edit)(?:/|$)")
_WAYS = ("can_list", "can_show", "can_add", "can_edit")


def looks_at(role: str, kind: str) -> bool:
    """Whether it is this role's turn to look at a kind of page. The pages of the tables are made by the same templates for everybody:
    each table is looked at by one of those who may do most there, by whom its name decides."""
    found = _TABLE.match(kind)
    if found is None or role in MUST_MEET.get(kind, ()):
        return True
    grants = next((lines for view, lines in MATRIX.items() if view.lower() == found[1]), ())
    may = {each: {way for roles, ways in grants if each in roles for way in ways if way in _WAYS} for each in Role}
    most = max(map(len, may.values()))
    able = sorted(each for each, ways in may.items() if ways and len(ways) == most)
    return not able or able[crc32(found[1].encode()) % len(able)] == role


def beginnings(lived: Lived, role: str) -> dict[str, str]:
    """Addresses → their kinds: of many alike the one on which most stands comes first, so that it is the one that is read."""
    if role in HOUSEHOLD:
        return {f"/owner/ticket/{lived.emergency}": "/owner/ticket/N"}
    found = {f"/ticket/{lived.emergency}": "/ticket/N"}
    work = lived.work
    kinds = {HANDED_IN: work.handed_in, ACCEPTED: work.accepted, SENT_BACK: work.sent_back, OFFERED: work.offered,
             DECLINED: work.declined, FILED: work.filed}  # fmt: skip
    found |= {f"/ticket/{number}": kind for kind, number in kinds.items() if role in MUST_MEET[kind]}
    if role == Role.SUPERVISOR:
        found[f"/ticket/{lived.dispute}"] = DISPUTE
    if role == Role.MANAGER:
        found[f"/survey/{lived.open_survey}"] = "/survey/N"
        found[f"/survey/{lived.closed_survey}"] = CLOSED_SURVEY
        found[f"/appraisals/{lived.sheet}"] = "/appraisals/N"
    return found


_LEAD = (Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR)
_DESK = (*_LEAD, Role.ASSISTANT)
_FIELD = (*_DESK, Role.STEWARD)
_READERS = (Role.ADMIN, *_FIELD, Role.QUALITY)
_STAFF = (*_READERS, Role.TECHNICIAN, Role.FINANCE)
_TAKERS = (Role.SUPERVISOR, Role.ASSISTANT, Role.STEWARD, Role.FINANCE)
_BOOKS = (Role.ADMIN, Role.MANAGER, Role.FINANCE)
_APPRAISED = (Role.SUPERVISOR, Role.ASSISTANT, Role.STEWARD, Role.TECHNICIAN)

MUST_MEET: dict[str, tuple[str, ...]] = {
    # a dispute between neighbours
    DISPUTE: (Role.SUPERVISOR,),
    "/ticket/N/dispute/file": (Role.SUPERVISOR,),
    "/owner/said/N": (Role.OWNER,),
    # material and working time
    "/ticket/N/costs": _STAFF,
    "/ticket/N/costs/N": (Role.TECHNICIAN, Role.ASSISTANT),
    "/costs/": (Role.ADMIN, *_LEAD, Role.FINANCE),
    # work handed on: offered, accepted, filed
    HANDED_IN: (Role.TECHNICIAN, Role.STEWARD),
    ACCEPTED: (Role.STEWARD, Role.ASSISTANT),
    SENT_BACK: (Role.TECHNICIAN, Role.SUPERVISOR),
    OFFERED: (Role.TECHNICIAN, Role.ASSISTANT),
    DECLINED: (Role.TECHNICIAN,),
    FILED: (Role.ASSISTANT, Role.QUALITY),
    "/offer/": (Role.TECHNICIAN, Role.STEWARD),
    "/offer/N/decline": (Role.TECHNICIAN, Role.STEWARD),
    "/ticket/N/offer": (Role.TECHNICIAN,),
    "/ticket/N/submit": (Role.TECHNICIAN,),
    "/ticket/N/approve": (Role.STEWARD,),
    "/ticket/N/return": (Role.STEWARD,),
    "/archive/": (Role.ASSISTANT, Role.QUALITY),
    # surveys
    "/survey/N": _READERS,
    "/survey/N/households": _FIELD,
    "/survey/N/household/N": _FIELD,
    "/questions/N": _READERS,
    "/questions/N/item/N": (Role.ADMIN, Role.MANAGER),
    CLOSED_SURVEY: (Role.MANAGER,),
    "/survey/N/words": (Role.MANAGER,),
    "/owner/survey/N": (Role.RESIDENT,),
    # appraisals
    "/appraisals/": (*_APPRAISED, Role.MANAGER, Role.QUALITY),
    "/appraisals/N": (*_APPRAISED, Role.MANAGER, Role.QUALITY),
    "/appraisals/N/evidence/N": (Role.TECHNICIAN, Role.MANAGER),
    "/appraisals/weights": (Role.ADMIN, Role.MANAGER),
    # the knowledge base
    "/knowledge/N": (*_READERS, Role.TECHNICIAN),
    "/answers/N/edit": _FIELD,
    "/owner/answers": HOUSEHOLD,
    # money
    "/billview/show/N": _BOOKS,
    "/bank/": _BOOKS,
    "/bank/N": _BOOKS,
    "/meters/": (*_BOOKS, Role.STEWARD),
    "/meters/N": (*_BOOKS, Role.STEWARD),
    "/payments/N": (Role.ASSISTANT, Role.FINANCE),
    "/payments/house/N": _TAKERS,
    "/books/": _BOOKS,
    "/books/house/N": _BOOKS,
    "/books/cash": (Role.FINANCE,),
    "/arrears/house/N": (*_BOOKS, Role.STEWARD),
    "/owner/bills/N": (Role.OWNER,),
    # special events and emergency plans
    "/special/N": _READERS,
    "/special/N/report": (Role.ADMIN, *_DESK, Role.QUALITY),
    "/plan/N": (*_READERS, Role.TECHNICIAN),
    "/plan/N/edit": _LEAD,
    "/plan/ticket/N": _STAFF,
    "/drill/": (*_READERS, Role.TECHNICIAN),
    "/drill/N": (*_READERS, Role.TECHNICIAN),
    "/drill/N/record": _LEAD,
}  # fmt: skip
"""Kind of page → the roles that must have met one."""


def missed(role: str, kinds: set[str]) -> list[str]:
    """The kinds of pages that a role's walk should have met and has not."""
    return sorted({kind for kind, roles in MUST_MEET.items() if role in roles} - kinds)
