"""Hotline calls of the year: with a matter, a further contact, only a question to the machine, or cut short."""

from datetime import datetime, timedelta
from typing import Any

from app.models import Call, CallTicket
from app.rules.codes import CallOutcome, Channel, Kind, Priority, TicketState
from app.services.demo.estate import DemoHouse
from app.services.demo.life import HOTLINE, Life
from app.services.demo.messages import receipt
from app.services.demo.people import Contact
from app.services.demo.world import World


def add_call(
    world: World,
    at: datetime,
    seconds: int,
    outcome: CallOutcome,
    *,
    number: str,
    contact: Contact | None,
    house: DemoHouse | None,
    facts: dict[str, Any],
    status: str = "completed",
) -> tuple[int, str]:
    """One inbound call that ended after so many seconds. Returns its id and the carrier's."""
    sid = f"CA{world.random.getrandbits(128):032x}"
    call_id = world.writer.add(
        Call,
        provider_sid=sid,
        from_number=contact.phone if contact else None,
        to_number=world.hotline_number,
        community_id=world.estate.community_id,
        status=status,
        outcome=outcome,
        started_at=at,
        ended_at=at + timedelta(seconds=seconds),
        duration_seconds=seconds,
        step="end",
        facts=facts,
        ticket_number=number,
        person_id=contact.person_id if contact else None,
        house_id=house.id if house else None,
    )
    return call_id, sid


def call_of(
    world: World, life: Life, at: datetime, contact: Contact | None, house: DemoHouse | None, text: str
) -> None:
    """The call a ticket came from: it began a minute or two before, and its caller got the number by SMS."""
    connected = life.ticket["kind"] == Kind.CONSULTATION and world.chance(20)
    seconds = world.random.randint(55, 170)
    outcome = CallOutcome.CONNECTED if connected else CallOutcome.TICKET
    facts = {
        "turn": world.random.randint(4, 7),
        "answered": True,
        "kind": str(life.ticket["kind"]),
        "category": life.category.code,
        "description": text,
        "ticket_id": life.ticket["id"],
        "ticket_number": life.ticket["number"],
        "confirmed": True,
        "ended": True,
    }
    call_id, sid = add_call(
        world, at, seconds, outcome, number=life.ticket["number"], contact=contact, house=house, facts=facts
    )
    world.writer.add(CallTicket, call_id=call_id, ticket_id=life.ticket["id"])
    receipt(world, life.ticket, sid, at + timedelta(seconds=seconds))


def further_contact(world: World, life: Life, at: datetime, contact: Contact, house: DemoHouse | None) -> None:
    """The household rings again about the open ticket (I8)."""
    words = world.random.choice(("想催一下进度", "请问师傅几点到", "情况比上午严重了一点"))
    data = {"channel": Channel.HOTLINE, "reporter_phone": contact.phone}
    life.entry("further_contact", HOTLINE, at, life.ticket["state"], words, data)
    facts: dict[str, Any] = {
        "turn": 4,
        "answered": True,
        "kind": str(life.ticket["kind"]),
        "description": words,
        "joined": True,
    }
    facts |= {"ticket_id": life.ticket["id"], "ticket_number": life.ticket["number"], "ended": True}
    number = world.reserve_number(at)
    seconds = world.random.randint(40, 90)
    call_id, _ = add_call(
        world,
        at - timedelta(seconds=30),
        seconds,
        CallOutcome.CONTACT_ON_TICKET,
        number=number,
        contact=contact,
        house=house,
        facts=facts,
    )
    world.writer.add(CallTicket, call_id=call_id, ticket_id=life.ticket["id"])


def only_asked(world: World, at: datetime, contact: Contact, house: DemoHouse) -> None:
    """The caller asked the machine for progress or fees: a ticket that is closed at once and counts nowhere (I8)."""
    about_fees = world.chance(55)
    number = world.reserve_number(at)
    seconds = world.random.randint(30, 75)
    ended = at + timedelta(seconds=seconds)
    fields = ticket_fields(
        Kind.CONSULTATION, "fee" if about_fees else "other", Channel.HOTLINE, Priority.NORMAL, contact, house
    )
    fields |= {
        "title": "来电：咨询",
        "description": "来电人只查询了工单进度或费用。",
        "counts_in_figures": False,
    }
    life = Life(world, ended, HOTLINE, fields, number)
    life.ticket.update(state=TicketState.CLOSED, done_at=ended, closed_at=ended)
    life.entry("close", HOTLINE, ended, TicketState.REGISTERED)
    life.save()
    facts: dict[str, Any] = {
        "turn": 3,
        "answered": True,
        "asked": ["fees" if about_fees else "progress"],
        "ended": True,
    }
    facts |= {"ticket_id": life.ticket["id"], "ticket_number": number}
    call_id, _ = add_call(
        world, at, seconds, CallOutcome.NO_MATTER, number=number, contact=contact, house=house, facts=facts
    )
    world.writer.add(CallTicket, call_id=call_id, ticket_id=life.ticket["id"])


def cut_short(world: World, at: datetime, contact: Contact | None, house: DemoHouse | None) -> Life:
    """The caller hung up or never spoke: a ticket to ring back (I8). The caller of this function lets it live."""
    silent = world.chance(40)
    number = world.reserve_number(at)
    seconds = world.random.randint(8, 45)
    ended = at + timedelta(seconds=seconds)
    fields = ticket_fields(Kind.CONSULTATION, "other", Channel.HOTLINE, Priority.NORMAL, contact, house)
    fields |= {
        "title": "来电：咨询",
        "description": "来电人没有说话。" if silent else "来电人在提问结束前挂断。",
        "callback_due": True,
    }
    life = Life(world, ended, HOTLINE, fields, number)
    life.entry("callback_due", HOTLINE, ended, TicketState.REGISTERED, "待办：给来电人回电。")
    facts: dict[str, Any] = {"turn": 1 if silent else 3, "answered": not silent, "callback": True}
    facts |= {"ticket_id": life.ticket["id"], "ticket_number": number}
    outcome = CallOutcome.SILENT if silent else CallOutcome.ABANDONED
    call_id, _ = add_call(
        world, at, seconds, outcome, number=number, contact=contact, house=house, facts=facts, status="completed"
    )
    world.writer.add(CallTicket, call_id=call_id, ticket_id=life.ticket["id"])
    return life


def ticket_fields(
    kind: Kind, category: str, channel: Channel, priority: Priority, contact: Contact | None, house: DemoHouse | None
) -> dict[str, Any]:
    """The columns every registered ticket begins with; house and reporter where they are known."""
    return {
        "kind": kind,
        "category": category,
        "channel": channel,
        "priority": priority,
        "house_id": house.id if house else None,
        "building_id": house.building_id if house else None,
        "reporter_id": contact.person_id if contact else None,
        "reporter_name": (contact.name or None) if contact else None,
        "reporter_phone": contact.phone if contact else None,
        "is_written": channel in (Channel.EMAIL, Channel.LETTER),
    }
