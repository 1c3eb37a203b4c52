"""What a walk through all pages of a role begins with, and what kinds of pages it must have met."""

from __future__ import annotations

import re
from zlib import crc32

from app.rules.codes import Role
from app.views.matrix import MATRIX
from tests.support.lived import Lived

HOUSEHOLD = (Role.OWNER, Role.RESIDENT)
DISPUTE, CLOSED_SURVEY = "the ticket of a dispute", "a survey that is closed"


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
