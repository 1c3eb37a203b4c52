"""What an address asks of a list, with what its reader keeps of it: filters, order, columns, page. Nonsense is left out, and said."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from flask import request
from flask_babel import gettext
from sqlalchemy import ColumnElement
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.services import list_views
from app.services.list_views import Arguments, Kept, Saved
from app.views.base.actor import current_actor
from app.views.base.arguments import BIGGEST_PAGE, LONGEST_TEXT, had_no_numbers, number_in
from app.views.base.filter_values import condition
from app.views.base.listing import DENSITIES, EVERYTHING, Listing, preset_of
from app.views.base.rows import LONGEST_PAGE
from app.views.base.search import filter_keys, search_fields

MOST_NOTES = 5


def read_listing(view: Any) -> Listing:
    """The list that this request asks for. Nonsense in the address is left out, and said where it could mislead."""
    name, actor = type(view).__name__, current_actor()
    kept = list_views.kept(db.session(), actor, name) if actor is not None else Kept()
    chosen, pairs = _wishes(view, kept)
    arguments: MultiDict[str, str] = MultiDict(pairs)
    asked = search_fields(view, arguments)
    words = arguments.get("q", "")[:LONGEST_TEXT].replace("\x00", "").strip() if view.quick_columns else ""
    listing = Listing(view, kept, pairs, chosen, asked.fields, asked.notes, words)
    listing.columns = _columns(view, kept, listing.saved)
    listing.order = _order(view, arguments, listing.notes)
    listing.size = number_in(request.args.get(f"psize_{name}"), kept.size or view.page_size, 1, LONGEST_PAGE)
    listing.number = number_in(request.args.get(f"page_{name}"), 0, 0, BIGGEST_PAGE)
    listing.from_end = number_in(request.args.get(f"end_{name}"), 0, 0, BIGGEST_PAGE)
    listing.notes += _unknown(view)
    listing.density = kept.density if kept.density in DENSITIES else DENSITIES[0]
    return listing


def conditions(listing: Listing) -> list[ColumnElement[bool]]:
    """What the filters ask of the rows."""
    view = listing.view
    made = [view.text_filters[f.column](f.value, f.way) if f.kind == "text" and f.column in view.text_filters
            else condition(view.datamodel.obj, f) for f in listing.active]  # fmt: skip
    return [*made, view.quick_condition(listing.words)] if listing.words else made


@lru_cache(maxsize=200)
def wish_names(view: Any) -> frozenset[str]:
    """The names an address may hold that limit or order this list."""
    name = type(view).__name__
    filters = (key for column in view.search_columns for key in filter_keys(column))
    return frozenset((*filters, "q", f"_oc_{name}", f"_od_{name}"))


def _unknown(view: Any) -> list[str]:
    """Sentences about what the address asks for and this list does not know: filters, and pages that are no numbers."""
    known = wish_names(view)
    names = dict.fromkeys(name for name in request.args if name.startswith("_flt_") and name not in known)
    columns = [name.removeprefix("_flt_").partition("_")[2] or name for name in names][:MOST_NOTES]
    notes = [
        gettext("The filter “%(label)s” was not understood and is left out.", label=column[:40].replace("\x00", ""))
        for column in columns
    ]
    if had_no_numbers():
        notes.append(gettext("The page or page size asked for was not understood; the usual one is shown."))
    return notes


def _wishes(view: Any, kept: Kept) -> tuple[str, Arguments]:
    """The chosen view and what it and the address ask for. What the address says itself stands for all of the view's."""
    known = wish_names(view)
    given = [
        (key, value[:LONGEST_TEXT]) for key, value in request.args.items(multi=True) if key in known and value.strip()
    ]
    chosen = request.args.get("view", "")[:20]
    preset, saved = preset_of(view, chosen), kept.view(int(chosen)) if chosen.isascii() and chosen.isdecimal() else None
    if preset is None and saved is None and chosen != EVERYTHING:
        chosen = ""
    if given:
        return chosen, given
    if not chosen and kept.default is not None:
        saved, chosen = kept.default, str(kept.default.id)
    if preset is not None:
        return chosen, list(preset.arguments)
    return chosen, [(key, value) for key, value in saved.arguments if key in known] if saved is not None else []


def _columns(view: Any, kept: Kept, saved: Saved | None) -> tuple[str, ...]:
    """The columns of the saved view, else the kept ones, else the declared; what no longer exists is passed over."""
    wanted: Sequence[str] = (saved.columns if saved is not None else ()) or kept.columns
    known = view.all_columns()
    return tuple(dict.fromkeys(column for column in wanted if column in known)) or tuple(view.list_columns)


def _order(view: Any, arguments: MultiDict[str, str], notes: list[str]) -> tuple[str, str]:
    name = type(view).__name__
    column, direction = arguments.get(f"_oc_{name}"), arguments.get(f"_od_{name}", "asc")
    if column is None:
        base: tuple[str, str] = view.base_order
        return base
    if column not in view.order_columns or direction not in ("asc", "desc"):
        notes.append(gettext("This list cannot be sorted so; it is in its usual order."))
        return tuple(view.base_order)  # type: ignore[return-value]
    return column, direction
