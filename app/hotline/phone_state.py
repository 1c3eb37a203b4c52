"""What the telephone page shows: the numbers to choose from, the caller's line, the staff's telephones, text messages."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.carrier.simulator import SimulatorCarrier
from app.adapters.carrier.simulator.store import Event, Leg, Sms
from app.models import Community, HotlineNumber, House, Person, PersonPhone, Phone, Staff, Tenure
from app.services import roster
from app.services.outbox import WITHHELD

ENDED_STAY_SECONDS = 12.0
STALE_SECONDS = 3600.0
STAFF_EVENTS = 40
MESSAGES = 30
DEMO_CALLERS = ("+8613800138001", "+8613800138002", "+8613800138003")
ANONYMOUS = "+266696687"
assert ANONYMOUS in WITHHELD


@dataclass(frozen=True)
class Choice:
    """A number one may call from or to, and what stands behind it."""

    number: str
    label: str


def callers(session: Session) -> list[Choice]:
    """The demo's callers that are there, each with the people and houses behind the number."""
    rows = session.execute(
        select(Phone.number, Person.name, House.name)
        .join(PersonPhone, PersonPhone.phone_id == Phone.id)
        .join(Person, Person.id == PersonPhone.person_id)
        .join(Tenure, Tenure.person_id == Person.id)
        .join(House, House.id == Tenure.house_id)
        .where(Phone.number.in_(DEMO_CALLERS), Tenure.ends_on.is_(None))
        .order_by(Phone.number, Person.id, House.id)
    )
    known: dict[str, list[str]] = {}
    for number, person, house in rows:
        known.setdefault(number, []).append(f"{person} {house}")
    return [Choice(number, " / ".join(dict.fromkeys(parts))) for number, parts in known.items()]


def hotlines(session: Session, default: str, locale: str) -> list[Choice]:
    """The published numbers; the setting's number where none is published yet."""
    rows = session.execute(
        select(HotlineNumber.number, Community.name, Community.name_en)
        .join(Community, Community.id == HotlineNumber.community_id)
        .where(HotlineNumber.active)
        .order_by(HotlineNumber.id)
    )
    found = [Choice(number, (english or name) if locale == "en" else name) for number, name, english in rows]
    return found or [Choice(default, "")]


def state(
    session: Session, company: SimulatorCarrier, sid: str, after: int, zone: ZoneInfo, now: datetime
) -> dict[str, Any]:
    """Everything that may have changed, for one poll of the page. `after` is the newest event the page has shown."""
    legs = _staff_legs(company)
    messages = company.store.sms(MESSAGES)
    names = _names(session, {leg.to_number for leg in legs} | {sms.to_number for sms in messages}, now)
    return {
        "line": _line(company, sid, after),
        "staff": [_staff(company, leg, names) for leg in legs],
        "sms": [_sms(sms, names, zone) for sms in messages],
    }


def _line(company: SimulatorCarrier, sid: str, after: int) -> dict[str, Any] | None:
    leg = company.store.leg(sid) if sid else None
    if leg is None:
        return None
    return _leg(leg) | {"events": [_event(event) for event in company.store.events(sid, after)]}


def _leg(leg: Leg) -> dict[str, Any]:
    waited = leg.state.get("wait") or {}
    bridged = waited.get("kind") == "bridged"
    return {
        "sid": leg.sid,
        "status": leg.status,
        "ended": leg.ended_at is not None,
        "waiting": leg.waiting,
        "listens": bridged or waited.get("kind") == "record" or bool(waited.get("listens")),
        "seconds": leg.seconds,
    }


def _event(event: Event) -> dict[str, Any]:
    return {"id": event.id, "kind": event.kind, "text": event.text, "lang": event.lang}


def _staff(company: SimulatorCarrier, leg: Leg, names: dict[str, str]) -> dict[str, Any]:
    events = company.store.events(leg.sid)[-STAFF_EVENTS:]
    return _leg(leg) | {
        "number": leg.to_number,
        "name": names.get(leg.to_number, ""),
        "from": leg.from_number,
        "events": [_event(event) for event in events if event.kind not in ("error",)],
    }


def _staff_legs(company: SimulatorCarrier) -> list[Leg]:
    now = time.time()
    legs = company.store.legs_between(now - STALE_SECONDS, now + 1)
    shown = (leg for leg in legs if leg.direction != "inbound")
    return [leg for leg in shown if leg.ended_at is None or now - leg.ended_at < ENDED_STAY_SECONDS]


def _sms(sms: Sms, names: dict[str, str], zone: ZoneInfo) -> dict[str, Any]:
    return {
        "sid": sms.sid,
        "from": sms.from_number,
        "to": sms.to_number,
        "name": names.get(sms.to_number, ""),
        "body": sms.body,
        "status": sms.status,
        "incoming": sms.direction == "inbound",
        "at": f"{datetime.fromtimestamp(sms.at, UTC).astimezone(zone):%H:%M}",
    }


def _names(session: Session, numbers: set[str], now: datetime) -> dict[str, str]:
    """Staff by their own number or by the number of the shift they have now."""
    if not numbers:
        return {}
    own = session.execute(select(Staff.number, Staff.name).where(Staff.number.in_(numbers)))
    shifts = {shift.number: shift.staff.name for shift in roster.on_duty_now(session, now)}
    return {str(number): name for number, name in own.tuples()} | {
        number: name for number, name in shifts.items() if number in numbers
    }
