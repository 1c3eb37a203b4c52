"""Permissions in plain words: what a role may do, by area of work, each line a handful of FAB's technical pairs.

Tables speak for themselves: "See: Houses", "Add: Houses", "Change: Houses" carry the page and its REST twin together. What
is no table is written down in `permission_pages`. A permission of the matrix without words fails a test.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.extensions import appbuilder
from app.views.base.model_page import ModelPage
from app.views.permission_pages import PAGES

Grant = tuple[str, str]
"""A permission and the view it is for: ("can_list", "TicketView")."""


@dataclass(frozen=True)
class Line:
    """One thing that may be done: its key in forms, its words, what it stands for."""

    key: str
    words: str
    grants: frozenset[Grant]
    way: str = ""
    things: str = ""
    """Of a line about a table: one of `WAYS`, and what the table is called."""


@dataclass(frozen=True)
class Area:
    """An area of work with its lines."""

    key: str
    label: str
    lines: tuple[Line, ...]

    @property
    def tables(self) -> dict[str, dict[str, Line]]:
        """Table → way → line, in order: the grid of the role's form."""
        found: dict[str, dict[str, Line]] = {}
        for line in self.lines:
            if line.way:
                found.setdefault(line.things, {})[line.way] = line
        return found

    @property
    def steps(self) -> tuple[Line, ...]:
        """The lines that are about no table."""
        return tuple(line for line in self.lines if not line.way)


_TABLE_WAYS: tuple[tuple[str, Any, tuple[str, ...], tuple[str, ...]], ...] = (
    ("see", _("See: %(things)s"), ("can_list", "can_show"), ("can_get", "can_info")),
    ("export", _("Take along as a file: %(things)s"), ("can_export",), ()),
    ("add", _("Add: %(things)s"), ("can_add",), ()),
    ("change", _("Change: %(things)s"), ("can_edit",), ()),
)
"""Way → words, permissions of the page, permissions of its REST twin."""

WAYS: dict[str, Any] = {"see": _("See"), "export": _("Export"), "add": _("Add"), "change": _("Change")}
"""The ways as headings of columns."""


RESERVED = (
    "PersonFileView",
    "CheckInPage",
    "CheckInCallPage",
    "WorkLists.can_unheard",
    "PoolPage",
    "TicketMore.can_read_file",
    "UserView",
    "RoleView",
    "SeesPage",
    "LoginAdminPage",
    "AuditView",
    "OpenApi",
    "SwaggerView",
    "OwnerPage",
    "OwnerTickets",
    "OwnerNew",
    "OwnerHome",
    "OwnerBills",
    "OwnerServices",
    "OwnerReportQuestion",
    "OwnerReports",
    "OwnerPin",
    "OwnerAnswers",
    "OwnerSurveys",
    "OwnerCalls",
    "OwnerNotices",
)
"""What no own role is given: administration, owners' files (D15 names who), households' own pages; and what everybody has."""


def areas() -> list[Area]:
    """Every area with what may be done there, in the reader's language and the order of the menu."""
    from app.views.register import MENU

    made = []
    for section in MENU:
        lines = [line for view in section.views for line in _table_lines(view.__name__)]
        lines = [*_page_lines(section.name), *lines]
        if lines:
            made.append(Area(section.name, str(section.label), tuple(lines)))
    return made


def lines_held(grants: Iterable[Grant]) -> set[str]:
    """The keys of the lines that these pairs hold whole."""
    held = frozenset(grants)
    return {line.key for area in areas() for line in area.lines if line.grants <= held}


def grants_of(keys: Iterable[str]) -> frozenset[Grant]:
    """The pairs behind the chosen lines, and what every login has."""
    wanted = set(keys)
    chosen = [line.grants for area in areas() for line in area.lines if line.key in wanted]
    return frozenset().union(*chosen)


def offered() -> set[Grant]:
    """Every pair there is in this installation."""
    return {(name, view.class_permission_name) for view in appbuilder.baseviews for name in view.base_permissions or ()}


def is_reserved(grant: Grant) -> bool:
    """Whether no role of one's own is ever given this."""
    return grant[1] in RESERVED or f"{grant[1]}.{grant[0]}" in RESERVED


def _table_lines(name: str) -> list[Line]:
    view = next((view for view in appbuilder.baseviews if type(view).__name__ == name), None)
    if not isinstance(view, ModelPage) or name in RESERVED:
        return []
    twin, there, made = name.removesuffix("View") + "Api", offered(), []
    for way, words, own, rest in _TABLE_WAYS:
        grants = {(permission, name) for permission in own} | {(permission, twin) for permission in rest}
        grants &= there
        if any(view_name == name for _permission, view_name in grants):
            things = str(view.title)
            made.append(Line(f"{name}.{way}", str(words) % {"things": things}, frozenset(grants), way, things))
    return made


def _page_lines(section: str) -> list[Line]:
    there, made = offered(), []
    for key, words, pairs in PAGES.get(section, ()):
        grants = {(permission, view) for view, _dot, permission in (pair.partition(".") for pair in pairs)} & there
        if grants:
            made.append(Line(key, str(words), frozenset(grants)))
    return made


def role_name(name: str) -> str:
    """A role as people call it: the label of one of D1, the name an administrator gave."""
    from app.views.labels import code_label

    return gettext("Everybody, without logging in") if name == "public" else code_label("role", name)
