"""`/search`: one box for a ticket number, a telephone, a house, a name or a word; only what is the actor's to see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from flask import Response, jsonify, redirect, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.extensions import db
from app.models import Call, House, Staff, Ticket
from app.rules.search_words import SearchWords, read
from app.services import search
from app.services.actors import Actor
from app.services.search import Resident
from app.services.ticket_view import find_ticket
from app.views.base import BasePage, expose, has_access, permission_name
from app.views.base.arguments import number_in
from app.views.base.cells import named, phone_text
from app.views.base.kept_pieces import kept_page, slot
from app.views.base.local import local
from app.views.frame import frame_key
from app.views.labels import code_label
from app.views.look import Look
from app.views.permitted import may

FIRST = 5
"""Of each group on the page of all groups."""
PAGE = 25
FURTHEST = 1_000
SUGGESTED = 4

LABELS = {
    "tickets": _("Tickets"),
    "houses": _("Houses"),
    "people": _("People"),
    "calls": _("Calls"),
    "staff": _("Staff"),
}
ICONS = {"tickets": "ticket", "houses": "house", "people": "user", "calls": "phone", "staff": "user"}


@dataclass
class Group:
    """What was found of one type. `more` says that others follow."""

    code: str
    found: Sequence[Any] = ()
    more: bool = False

    @property
    def label(self) -> str:
        """The type in words."""
        return str(LABELS[self.code])


@dataclass
class Line:
    """A suggestion: what it is called, its second line, where it leads. `data`: it is a record's own words, in no language."""

    label: str
    hint: str
    icon: str
    href: str
    data: bool = field(default=True)


class SearchPage(BasePage):
    """What the top bar's box leads to."""

    route_base = ""
    default_view = "search"

    @expose("/search")
    @has_access
    def search(self) -> Any:
        """Every type at once, the first of each; `?in=tickets&page=1` shows one type whole."""
        session, actor = db.session(), self.actor()
        words = search.clean_words(request.args.get("q"))
        meant = read(words)
        if meant.ticket and find_ticket(session, actor, meant.ticket) is not None:
            return redirect(f"/ticket/{meant.ticket}")
        only = request.args.get("in", "")
        only = only if only in LABELS else ""
        page = number_in(request.args.get("page"), 0, 0, FURTHEST) if only else 0
        at = now()
        size = PAGE if only else FIRST
        groups = [
            _group(code, session, actor, words, at, size, page) for code in ([only] if only else types_meant(meant))
        ]
        return self._page(words, [group for group in groups if group.found], at, only, page)

    def _page(self, words: str, groups: list[Group], at: datetime, only: str, page: int) -> str:
        """The finds within their page, which is the same for everything that one person looks for."""
        given = {"search_words": words, "now": at, "groups": groups, "only": only, "page": page}
        found = Markup(render_template("workbench/found.html", **given, icons=ICONS, href=address))
        frame = frame_key()
        if frame is None or only or not words:
            return str(self.render_template("workbench/search.html", **given, found=found))
        left_open = {"search_words": slot("words"), "found": slot("found"), "only": ""}
        return kept_page(
            (frame, "search"),
            lambda: str(self.render_template("workbench/search.html", **left_open)),
            {"words": escape(words), "found": found},
        )

    @expose("/search/suggest")
    @has_access
    @permission_name("search")
    def suggest(self) -> Response:
        """The first of each type for what is being typed: `{groups: [{label, found: [{label, hint, icon, href}]}], best}`."""
        session, actor = db.session(), self.actor()
        words = search.clean_words(request.args.get("q"))
        at = now()
        groups = [
            _group(code, session, actor, words, at, SUGGESTED, 0, briefly=True) for code in types_meant(read(words))
        ]
        by_code = {group.code: group.found for group in groups}
        certain = search.best(words, by_code.get("tickets", ()), by_code.get("houses", ()), by_code.get("people", ()))
        return jsonify(
            groups=[
                {"label": group.label, "found": [asdict(_LINES[group.code](one)) for one in group.found]}
                for group in groups
                if group.found
            ],
            best=address(certain) if certain is not None else "",
        )


def address(found: Ticket | House | Resident | Call | Staff) -> str:
    """Where a result is read, for one who may open it there; a person whose file is shut leads to the house."""
    if isinstance(found, Ticket):
        return f"/ticket/{found.number}"
    if isinstance(found, Call):
        return f"/callview/show/{found.id}"
    if isinstance(found, Staff):
        return f"/staffview/show/{found.id}"
    if isinstance(found, House):
        return f"/houseview/show/{found.id}"
    return f"/personview/show/{found.id}" if may("can_show", "PersonView") else f"/houseview/show/{found.house_id}"


def types_meant(meant: SearchWords) -> list[str]:
    """The types that can be meant, the likeliest first."""
    if meant.ticket:
        return ["tickets", "people", "calls"]
    if meant.is_place and not meant.whole_phone:
        return ["houses", "tickets", "people"] if meant.phone else ["houses", "tickets"]
    if meant.phone:
        return ["people", "houses", "calls", "tickets", "staff"]
    return ["people", "houses", "tickets", "staff"]


def _group(
    code: str, session: Session, actor: Actor, words: str, at: datetime, size: int, page: int, *, briefly: bool = False
) -> Group:
    most, skip = size + 1, page * size
    found: Sequence[Any]
    if not words:
        found = []
    elif code == "tickets":
        found = search.tickets(session, actor, words, most, skip, briefly=briefly)
    elif code == "houses":
        found = search.houses(session, actor, words, most, skip, by_people=bool(read(words).phone))
    elif code == "people":
        found = search.residents(session, actor, local(at).date(), words=words, most=most, skip=skip)
    elif code == "staff":
        found = search.colleagues(session, actor, words, most, skip) if may("can_show", "StaffView") else []
    elif may("can_show", "CallView"):
        found = search.calls(session, actor, words, most, skip)
    else:
        found = []
    return Group(code, found[:size], len(found) > size)


def _ticket_line(ticket: Ticket) -> Line:
    place = ticket.house.name if ticket.house else ticket.place or ""
    words = (ticket.number, code_label("kind", ticket.kind), code_label("ticket_state", ticket.state), place)
    return Line(ticket.title, _joined(words), ICONS["tickets"], address(ticket))


def _house_line(found: tuple[House, str]) -> Line:
    house, community = found
    words = (community, code_label("house_state", house.state))
    return Line(house.name, _joined(words), ICONS["houses"], address(house))


def _person_line(person: Resident) -> Line:
    words = (person.house, code_label("tenure_role", person.role), *person.phones[:1])
    return Line(person.name, _joined(words), ICONS["people"], address(person))


def _staff_line(one: Staff) -> Line:
    words = (code_label("role", one.role), named(one.department), phone_text(one.number))
    return Line(one.name, _joined(words), ICONS["staff"], address(one))


def _call_line(call: Call) -> Line:
    outcome = code_label("call_outcome", call.outcome) if call.outcome else ""
    words = (Look().when(call.started_at), outcome, call.house.name if call.house else "")
    return Line(call.from_number or gettext("Number withheld"), _joined(words), ICONS["calls"], address(call))


def _joined(words: tuple[str, ...]) -> str:
    return " · ".join(word for word in words if word)


_LINES: dict[str, Callable[[Any], Line]] = {
    "tickets": _ticket_line,
    "houses": _house_line,
    "people": _person_line,
    "calls": _call_line,
    "staff": _staff_line,
}
