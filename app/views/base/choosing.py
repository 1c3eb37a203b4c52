"""What a picker offers: rows of one's own whose name (or number, or telephone) holds what was typed, each with a second
line that tells two of the same name apart. Also the way back from typed words to the one row they can mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import ColumnElement, String, or_, select

from app.extensions import db
from app.models import Building, Community, Department, House, Person, Staff, Tenure, Ticket, Unit
from app.models.spelled import Spelled
from app.services import search
from app.services.access import rows
from app.services.pinyin_search import spelled_so
from app.views.base.actor import current_actor
from app.views.base.arguments import BIGGEST_PAGE, LONGEST_TEXT, number_in
from app.views.base.cells import named
from app.views.base.rows import RowInterface
from app.views.labels import code_label

OFFERED = 20
_NAMES = ("name", "number", "code", "title", "name_en")
Details = dict[int, str]


@dataclass(frozen=True)
class Choice:
    """One row as a picker shows it."""

    id: int
    text: str
    detail: str = ""

    @property
    def label(self) -> str:
        """Both lines in one, for a field without scripts."""
        return f"{self.text}（{self.detail}）" if self.detail else self.text


def offered(other: RowInterface) -> dict[str, Any]:
    """The answer to a picker: `{results: [{id, text, detail}], pagination: {more}}` for the address's `q` and `page`."""
    number = number_in(request.args.get("page"), 1, 1, BIGGEST_PAGE) - 1
    page = other.read_page(
        _conditions(other.obj, typed_words(request.args.get("q"))), _order(other.obj), number, OFFERED, counted=False
    )
    found = [vars(choice) for choice in with_details(other.obj, page.items)]
    return {"results": found, "pagination": {"more": page.more}}


def typed_words(text: str | None) -> str:
    """What was typed, short and without what a database cannot hold."""
    return "".join(letter for letter in (text or "")[:LONGEST_TEXT] if letter.isprintable()).strip()


def the_one(other: RowInterface, text: str) -> Any | None:
    """The only row these typed words can mean, else None: an exact name counts before names that hold the words."""
    words = typed_words(text).partition("（")[0]
    if not words:
        return None
    page = other.read_page(_conditions(other.obj, words), _order(other.obj), 0, OFFERED, counted=False)
    exact = [item for item in page.items if words in (named(item), str(item))]
    if len(exact) == 1:
        return exact[0]
    return page.items[0] if len(page.items) == 1 and not page.more else None


def with_details(model: type[Any], items: Sequence[Any]) -> list[Choice]:
    """The rows with their second lines."""
    detail = _DETAILS.get(model)
    lines = detail([item.id for item in items]) if detail and items else {}
    return [Choice(item.id, _text(item), lines.get(item.id, "")) for item in items]


def _text(item: Any) -> str:
    return f"{item.number} {item.title}" if isinstance(item, Ticket) else named(item)


def _order(model: type[Any]) -> list[Any]:
    names = ("position", "name") if hasattr(model, "position") else ("name", "number", "code")
    return [getattr(model, name) for name in names if hasattr(model, name)][:2]


def _conditions(model: type[Any], words: str) -> list[ColumnElement[bool]]:
    if not words:
        return []
    texts = [getattr(model, name) for name in _NAMES if hasattr(model, name)]
    ways = [text.icontains(words, autoescape=True) for text in texts if isinstance(text.type, String)]
    spelled = spelled_so(model, words) if issubclass(model, Spelled) else None
    if spelled is not None:
        ways.append(spelled)
    if model is House:
        ways.append(search.house_condition(words))
    if model is Person and (people := search.people_condition(db.session(), words)) is not None:
        ways.append(people)
    if model is Unit:
        ways.append(Unit.building_id.in_(select(Building.id).where(Building.name.icontains(words, autoescape=True))))
    return [or_(*ways)] if ways else []


# -- second lines: one statement each ------------------------------------------------------------------------------------


def _pairs(statement: Any, limit: int = 2) -> Details:
    lines: dict[int, list[str]] = {}
    for key, *words in db.session().execute(statement):
        line = " · ".join(str(word) for word in words if word)
        kept = lines.setdefault(key, [])
        if line and line not in kept:
            kept.append(line)
    return {key: "、".join(kept[:limit]) for key, kept in lines.items()}


def _houses(ids: Iterable[int]) -> Details:
    return _pairs(
        select(House.id, Community.name).join(Community, Community.id == House.community_id).where(House.id.in_(ids))
    )


def _buildings(ids: Iterable[int]) -> Details:
    return _pairs(
        select(Building.id, Community.name)
        .join(Community, Community.id == Building.community_id)
        .where(Building.id.in_(ids))
    )


def _units(ids: Iterable[int]) -> Details:
    return _pairs(
        select(Unit.id, Building.name, Community.name)
        .join(Building, Building.id == Unit.building_id)
        .join(Community, Community.id == Building.community_id)
        .where(Unit.id.in_(ids))
    )


def _people(ids: Iterable[int]) -> Details:
    actor = current_actor()
    if actor is None:
        return {}
    return _pairs(
        select(Tenure.person_id, House.name)
        .join(House, House.id == Tenure.house_id)
        .where(Tenure.person_id.in_(ids), Tenure.ends_on.is_(None), rows(actor, House))
        .order_by(House.id)
    )


def _staff(ids: Iterable[int]) -> Details:
    found = db.session().execute(
        select(Staff.id, Staff.role, Department.name)
        .outerjoin(Department, Department.id == Staff.department_id)
        .where(Staff.id.in_(ids))
    )
    return {key: " · ".join(filter(None, (code_label("role", role), name))) for key, role, name in found}


_DETAILS: dict[type[Any], Callable[[Iterable[int]], Details]] = {
    House: _houses,
    Building: _buildings,
    Unit: _units,
    Person: _people,
    Staff: _staff,
}
