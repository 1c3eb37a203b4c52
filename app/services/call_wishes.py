"""Which automatic calls and texts a household wants (D13), number by number: the same wishes as key 9 on a call and STOP by text.

A wish belongs to the number, whoever pressed the key; danger, and what was booked or agreed, knows no wish.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, NotFound
from app.models import CallWish, House, Person, PersonPhone, Phone
from app.rules.codes import Outreach, WishWay
from app.rules.outbound import PURPOSES
from app.services import my_home
from app.services.actors import Actor
from app.services.outbox import sms_number
from app.services.wishes import TEXTS, set_calls, set_texts

REFUSABLE: tuple[str, ...] = tuple(str(purpose) for purpose in Outreach if PURPOSES[purpose].may_refuse)
"""What may be switched off: return visits, notices, reminders, surveys."""


@dataclass(frozen=True)
class NumberWishes:
    """A number with what it wants. `texts` is None where it takes none (a landline); `shared`: another household's, too."""

    phone_id: int
    number: str
    names: tuple[str, ...]
    wanted: frozenset[str]
    texts: bool | None
    stopped_at: datetime | None
    shared: bool


def of_household(session: Session, actor: Actor, houses: list[House], today: date) -> list[NumberWishes]:
    """The numbers that are the actor's to keep: one's own, and those of the family one keeps (`my_home`)."""
    links: dict[int, PersonPhone] = {}
    for home in my_home.homes(session, actor, houses, today):
        links |= {link.id: link for member in home.members for link in member.phones or ()}
    if actor.person_id is not None and not houses:
        own = session.get(Person, actor.person_id)
        links |= {link.id: link for link in (own.phone_links if own else ())}
    return _wishes(session, links.values())


def of_person(session: Session, person: Person) -> list[NumberWishes]:
    """The same of one person's numbers, for the desk to look at."""
    return _wishes(session, person.phone_links)


def save(
    session: Session,
    actor: Actor,
    houses: list[House],
    phone_id: int,
    wanted: Collection[str],
    now: datetime,
    today: date,
) -> list[str]:
    """Keep what a number wants from now on: purposes, and `texts`. Gives what changed; every change is written down."""
    known = next((one for one in of_household(session, actor, houses, today) if one.phone_id == phone_id), None)
    if known is None:
        raise NotFound(N_("This number is not in the list any more."))
    if not set(wanted) <= {*REFUSABLE, TEXTS}:
        raise Invalid(N_("There is no such kind of call."))
    before = known.wanted | ({TEXTS} if known.texts else set())
    offered = {*REFUSABLE, *([TEXTS] if known.texts is not None else [])}
    changed = sorted(one for one in offered if (one in before) != (one in wanted))
    for purpose in changed:
        _set(session, actor, houses, known.number, purpose, purpose in wanted, now)
        what = "wish_on" if purpose in wanted else "wish_off"
        my_home.note(session, actor, actor.person_id or 0, what, f"{known.number} {purpose}", now)
    session.flush()
    return changed


def set_language(session: Session, actor: Actor, locale: str, now: datetime) -> bool:
    """The language of calls, texts and mails to oneself. True when it changed."""
    person = session.get(Person, actor.person_id) if actor.person_id is not None else None
    if person is None or locale not in ("zh", "en"):
        raise Invalid(N_("This language is not offered."))
    if person.locale == locale:
        return False
    person.locale = locale
    my_home.note(session, actor, person.id, "file_changed", "locale", now)
    session.flush()
    return True


def _set(
    session: Session, actor: Actor, houses: list[House], number: str, purpose: str, wanted: bool, now: datetime
) -> None:
    home, by = houses[0].community_id if houses else None, actor.display_name
    if purpose == TEXTS:
        set_texts(session, number, wanted, WishWay.PAGE, now, community_id=home, by=by)
    else:
        set_calls(session, number, purpose, wanted, WishWay.PAGE, now, community_id=home, by=by)


def _wishes(session: Session, links: Iterable[PersonPhone]) -> list[NumberWishes]:
    """Two statements, however many numbers."""
    found: dict[int, list[PersonPhone]] = {}
    for link in sorted(links, key=lambda link: (not link.is_primary, link.id)):
        found.setdefault(link.phone_id, []).append(link)
    phones = [held[0].phone for held in found.values()]
    numbers = [phone.number for phone in phones]
    refused: dict[str, set[str]] = {}
    pairs = session.execute(select(CallWish.number, CallWish.purpose).where(CallWish.number.in_(numbers)))
    for number, purpose in pairs.tuples():
        refused.setdefault(number, set()).add(purpose)
    people = select(PersonPhone.phone_id, func.count()).where(PersonPhone.phone_id.in_(found))
    held_by = dict(session.execute(people.group_by(PersonPhone.phone_id)).tuples().all())
    return [
        _one(phone, found[phone.id], refused.get(phone.number, set()), held_by.get(phone.id, 0)) for phone in phones
    ]


def _one(phone: Phone, links: list[PersonPhone], refused: set[str], holders: int) -> NumberWishes:
    return NumberWishes(
        phone_id=phone.id,
        number=phone.number,
        names=tuple(dict.fromkeys(link.person.name for link in links)),
        wanted=frozenset(REFUSABLE) - refused,
        texts=phone.sms_stopped_at is None if sms_number(phone.number) else None,
        stopped_at=phone.sms_stopped_at,
        shared=holders > len(links),
    )
