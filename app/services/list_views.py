"""How a person keeps their lists: columns, page size and density of each, and named views, their own or shared with a role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, NotFound, Refused
from app.models import ListView
from app.services.actors import ROLE_NAMES, USER_ID, Actor

MOST_VIEWS = 30
LONGEST_NAME = 60
MOST_ARGUMENTS = 60
LONGEST_ARGUMENT = 200
MOST_COLUMNS = 30

Arguments = list[tuple[str, str]]
"""Names and values of an address, in their order."""


@dataclass(frozen=True)
class Saved:
    """A named view as it is offered. `own` is false where somebody else shared it."""

    id: int
    name: str
    arguments: Arguments
    columns: tuple[str, ...] = ()
    is_default: bool = False
    own: bool = True
    shared_role: str | None = None


@dataclass(frozen=True)
class Kept:
    """What one person keeps of one list."""

    columns: tuple[str, ...] = ()
    size: int | None = None
    density: str = ""
    views: list[Saved] = field(default_factory=list)

    def view(self, key: int) -> Saved | None:
        """The named view with this id, if it is offered to them."""
        return next((saved for saved in self.views if saved.id == key), None)

    @property
    def default(self) -> Saved | None:
        """The view this list opens with."""
        return next((saved for saved in self.views if saved.own and saved.is_default), None)


def kept(session: Session, actor: Actor, page: str) -> Kept:
    """What the actor keeps of the list `page`, and what others shared with a role of theirs. One statement, and none where
    finding out who asks has told that there is nothing."""
    if actor.user_id is None or (actor.kept_lists is not None and page not in actor.kept_lists):
        return Kept()
    found = session.execute(_OFFERED, {"page": page, "user_id": actor.user_id}).all()
    own = next((row for row in found if not row.name and row.user_id == actor.user_id), None)
    views = [_saved(row, actor) for row in found if row.name]
    settings = own.settings if own is not None else {}
    return Kept(_names(settings.get("columns")), _size(settings.get("size")), _word(settings.get("density")), views)


def keep(session: Session, actor: Actor, page: str, changes: Mapping[str, Any], now: datetime) -> None:
    """Keep columns, page size or density of a list; what is not named stays as it was."""
    row = _row(session, actor, page, "") or _new(actor, page, "")
    row.settings = {**(row.settings or {}), **changes}
    row.changed_at = now
    session.add(row)


def save_view(
    session: Session,
    actor: Actor,
    page: str,
    name: str,
    arguments: Sequence[tuple[str, str]],
    columns: Sequence[str],
    now: datetime,
    *,
    is_default: bool = False,
    shared_role: str | None = None,
) -> ListView:
    """Save a view under a name; the same name again replaces one's own. Raises Invalid or Refused with a sentence."""
    name = " ".join("".join(c for c in name if c.isprintable()).split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(N_("Give the view a name of at most %(most)s characters."), most=LONGEST_NAME)
    if shared_role is not None and not actor.has(shared_role):
        raise Invalid(N_("A view can only be shared with a role of your own."))
    row = _row(session, actor, page, name)
    if row is None:
        count = len(session.scalars(_own(actor, page).where(ListView.name != "").with_only_columns(ListView.id)).all())
        if count >= MOST_VIEWS:
            raise Refused(N_("There are %(most)s views already: remove one first."), most=MOST_VIEWS)
        row = _new(actor, page, name)
    if is_default:
        _no_default(session, actor, page)
    kept_arguments = [[key[:80], value[:LONGEST_ARGUMENT]] for key, value in arguments[:MOST_ARGUMENTS]]
    row.settings = {"arguments": kept_arguments, "columns": list(columns)[:MOST_COLUMNS]}
    row.is_default, row.shared_role, row.changed_at = is_default, shared_role, now
    session.add(row)
    session.flush()
    return row


def open_with(session: Session, actor: Actor, page: str, key: int | None) -> None:
    """Let the list open with this view of one's own; None: with everything."""
    row = None if key is None else _own_view(session, actor, page, key)
    _no_default(session, actor, page)
    if row is not None:
        row.is_default = True


def remove_view(session: Session, actor: Actor, page: str, key: int) -> str:
    """Remove a view of one's own; gives its name."""
    row = _own_view(session, actor, page, key)
    name = row.name
    session.delete(row)
    return name


def _own(actor: Actor, page: str) -> Any:
    return select(ListView).where(ListView.user_id == actor.user_id, ListView.page == page)


def _row(session: Session, actor: Actor, page: str, name: str) -> ListView | None:
    found: ListView | None = session.scalars(_own(actor, page).where(ListView.name == name)).first()
    return found


def _own_view(session: Session, actor: Actor, page: str, key: int) -> ListView:
    found: ListView | None = session.scalars(_own(actor, page).where(ListView.id == key, ListView.name != "")).first()
    if found is None:
        raise NotFound(N_("There is nothing here, or it is not yours to see."))
    return found


def _new(actor: Actor, page: str, name: str) -> ListView:
    if actor.user_id is None:
        raise Refused(N_("Only somebody who is logged in keeps lists."))
    return ListView(user_id=actor.user_id, page=page, name=name, settings={})


def _no_default(session: Session, actor: Actor, page: str) -> None:
    session.execute(
        update(ListView).where(ListView.user_id == actor.user_id, ListView.page == page).values(is_default=False)
    )


def _saved(row: Any, actor: Actor) -> Saved:
    pairs = row.settings.get("arguments") or []
    arguments = [(str(pair[0]), str(pair[1])) for pair in pairs if isinstance(pair, list) and len(pair) == 2]
    own = row.user_id == actor.user_id
    columns = _names(row.settings.get("columns"))
    return Saved(row.id, row.name, arguments, columns, row.is_default, own, row.shared_role)


_ROW = ListView.__table__.c
_OFFERED = (
    select(_ROW.id, _ROW.user_id, _ROW.name, _ROW.is_default, _ROW.shared_role, _ROW.settings)
    .where(
        _ROW.page == bindparam("page"),
        or_(
            _ROW.user_id == USER_ID,
            and_(_ROW.shared_role.in_(ROLE_NAMES), _ROW.name != ""),
        ),
    )
    .order_by(_ROW.name, _ROW.id)
    .limit(200)
)
"""Put together once, and read as columns: every list page asks."""


def _names(value: Any) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, list) else ()


def _size(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
