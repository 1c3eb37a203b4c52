"""A list as it is asked for: which filters, columns, order and page, which saved view; and the addresses that change one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext, ngettext

from app.rules.digits import is_number
from app.services.list_views import Arguments, Kept, Saved
from app.views.base.actor import current_actor
from app.views.base.rows import Page
from app.views.base.search import Chip, SearchField

SIZES = (10, 25, 50, 100)
DENSITIES = ("comfortable", "compact")
EVERYTHING = "0"
STEADY = ("choice", "bool", "pick")
"""Filters that ask for the same rows at any moment."""


@dataclass(frozen=True)
class Preset:
    """A view that the list brings along: `open`, `overdue`. `empty` is said where nothing is in it: good news, mostly."""

    key: str
    label: Any
    arguments: tuple[tuple[str, str], ...]
    empty: Any = ""
    not_for_all: bool = False
    """Only for somebody who is staff: it asks for "me"."""


@dataclass(frozen=True)
class Tab:
    """One view to choose: its name, its address, whether it is the present one, and the saved view behind it."""

    label: str
    href: str
    here: bool
    saved: Saved | None = None


@dataclass
class Listing:
    """Everything a list page is made from. `pairs` is what the list is limited and ordered by, as an address has it."""

    view: Any
    kept: Kept
    pairs: Arguments
    chosen: str
    fields: list[SearchField] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    words: str = ""
    columns: tuple[str, ...] = ()
    order: tuple[str, str] = ("id", "desc")
    number: int = 0
    from_end: int = 0
    size: int = 25
    density: str = DENSITIES[0]
    page: Page | None = None

    # -- addresses -------------------------------------------------------------------------------------------------

    @property
    def base(self) -> str:
        """The address of the list without any wish."""
        return f"{self.view.route_base}/list/"

    def address(self, pairs: Iterable[tuple[str, str]], **more: Any) -> str:
        """The list under these wishes, in the present view."""
        given = [*pairs, *((key, str(value)) for key, value in more.items())]
        if self.chosen:
            given.append(("view", self.chosen))
        return f"{self.base}?{urlencode(given)}" if given else self.base

    def without(self, *names: str) -> Arguments:
        """The wishes but for these."""
        return [(key, value) for key, value in self.pairs if key not in names]

    @property
    def query(self) -> str:
        """The present wishes, for forms that come back here."""
        chosen = [("view", self.chosen)] if self.chosen else []
        return urlencode([*self.pairs, *chosen])

    def order_href(self, column: str) -> str:
        """Sorted by this column, the other way round where it is sorted so already."""
        name = type(self.view).__name__
        turned = "desc" if self.order == (column, "asc") else "asc"
        kept = self.without(f"_oc_{name}", f"_od_{name}")
        return self.address([*kept, (f"_oc_{name}", column), (f"_od_{name}", turned)])

    @property
    def clear_href(self) -> str:
        """Everything, also where the list opens with a view."""
        return f"{self.base}?view={EVERYTHING}" if self.kept.default else self.base

    # -- what is shown ---------------------------------------------------------------------------------------------

    @cached_property
    def active(self) -> list[SearchField]:
        """The filters that limit the list."""
        return [found for found in self.fields if found.active]

    @property
    def is_limited(self) -> bool:
        """Whether some rows may be left out."""
        return bool(self.words or self.active)

    @property
    def chips(self) -> list[Chip]:
        """Each filter in words, with the way to take it away."""
        made = []
        if self.words:
            made.append(Chip(gettext("Holds"), f"“{self.words}”", self.address(self.without("q"))))
        for found in self.active:
            made.append(Chip(found.label, found.words(), self.address(self.without(*found.keys))))
        return made

    @property
    def tabs(self) -> list[Tab]:
        """The views to choose from: everything, the list's own, then saved ones."""
        actor = current_actor()
        staff = actor is not None and actor.staff_id is not None
        tabs = [Tab(gettext("All"), self.clear_href, self.chosen in ("", EVERYTHING) and not self.is_limited)]
        for preset in self.view.presets:
            if staff or not preset.not_for_all:
                tabs.append(Tab(str(preset.label), f"{self.base}?view={preset.key}", self.chosen == preset.key))
        for saved in self.kept.views:
            tabs.append(Tab(saved.name, f"{self.base}?view={saved.id}", self.chosen == str(saved.id), saved))
        return tabs

    @property
    def saved(self) -> Saved | None:
        """The saved view that is open."""
        return self.kept.view(int(self.chosen)) if is_number(self.chosen) else None

    @property
    def empty_words(self) -> str:
        """What the present view says where nothing is in it; nothing where the list is limited otherwise."""
        preset = preset_of(self.view, self.chosen)
        if preset is None or sorted(preset.arguments) != sorted(self.pairs):
            return ""
        return str(preset.empty)

    @property
    def count_words(self) -> str:
        """`1,234 entries`, `10,000+ entries`."""
        if self.page is None or self.page.count is None:
            return ""
        if self.page.capped:
            return gettext("%(count)s+ entries", count=f"{self.page.count:,}")
        count = f"{self.page.count:,}"
        return ngettext("%(count)s entry", "%(count)s entries", self.page.count, count=count)

    @property
    def place_words(self) -> str:
        """Which rows these are: `26–50`."""
        page = self.page
        if page is None or not page.items or (self.number == 0 and not page.more and not self.from_end):
            return ""
        if self.from_end:
            return (
                gettext("Last page")
                if self.from_end == 1
                else gettext("Page %(page)d from the end", page=self.from_end)
            )
        first = self.number * self.size + 1
        return gettext("rows %(rows)s", rows=f"{first:,}–{first + len(page.items) - 1:,}")

    @property
    def pager(self) -> dict[str, str]:
        """Addresses of the first, previous, next and last page, as far as there are any. Pages near the end count from it:
        so the last one costs no more than the first, however long the list."""
        page, name = self.page, type(self.view).__name__
        if page is None:
            return {}
        front, back = f"page_{name}", f"end_{name}"

        def at(key: str, number: int) -> str:
            return (
                self.address(self.pairs, **{key: number}) if (key, number) != (front, 0) else self.address(self.pairs)
            )

        if self.from_end:
            ways = {"first": at(front, 0), "back": at(back, self.from_end + 1)} if page.more else {}
            return ways | ({"on": at(back, self.from_end - 1)} if self.from_end > 1 else {})
        ways = {"first": at(front, 0), "back": at(front, self.number - 1)} if self.number else {}
        if page.more:
            exact = None if page.capped or page.count is None else (page.count - 1) // self.size
            ways |= {"on": at(front, self.number + 1), "last": at(back, 1) if exact is None else at(front, exact)}
        return ways

    def fields_of(self, names: Sequence[str], *, other: bool = False) -> list[SearchField]:
        """The filters with these names, in that order; or the others."""
        if other:
            return [found for found in self.fields if found.column not in names]
        by_name = {found.column: found for found in self.fields}
        return [by_name[name] for name in names if name in by_name]

    @property
    def rows_key(self) -> tuple[Any, ...] | None:
        """What the statement of the rows depends on besides who asks; None where it depends on the moment or on statistics."""
        if self.words or any(found.kind not in STEADY for found in self.active):
            return None
        limits = tuple((found.column, found.values) for found in self.active)
        return (type(self.view).__name__, self.columns, self.order, self.size, limits)

    @property
    def page_key(self) -> tuple[Any, ...]:
        """What the list's page depends on besides who asks and the rows themselves."""
        page = self.page
        shown = (page.count, page.capped, page.more, len(page.items)) if page is not None else ()
        views = tuple(
            (saved.id, saved.name, saved.is_default, saved.own, saved.shared_role) for saved in self.kept.views
        )
        picked = tuple(found.picked for found in self.active)
        place = (self.number, self.from_end, self.size, self.order, self.columns, self.density)
        return (type(self.view).__name__, self.chosen, tuple(self.pairs), place, shown, views, picked)

    @property
    def plain_key(self) -> tuple[str, ...] | None:
        """Under which the filter bar is kept: while nothing is asked for it is the same for everybody."""
        return None if self.pairs else ("filters", type(self.view).__name__, self.chosen)

    @property
    def columns_key(self) -> tuple[Any, ...]:
        """Under which the choice of columns is kept."""
        return ("columns", type(self.view).__name__, self.columns, self.density, self.size)

    def choosable(self) -> list[tuple[str, str, bool]]:
        """Every column there is as (column, label, shown), the shown ones first and in their order."""
        rest = [column for column in self.view.all_columns() if column not in self.columns]
        return [(c, str(self.view.label_of(c)), c in self.columns) for c in (*self.columns, *rest)]


def preset_of(view: Any, key: str) -> Preset | None:
    """The list's own view with this key."""
    return next((preset for preset in view.presets if preset.key == key), None)
