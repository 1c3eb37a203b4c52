"""Material and working time on the repairs of the last weeks (D3): most of it the centre's, some the households', agreed and charged."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import Category, Material, Staff, StaffCommunity, Ticket, TicketCost, TicketEntry
from app.rules.codes import Bearer, CostAcceptance, CostKind, Kind, Role
from app.rules.ticket_costs import labour_yuan, material_yuan
from app.services import cost_months, payments, ticket_costs
from app.services.actors import Actor
from app.services.demo.people import OWNER_HOUSES
from app.services.demo.world import World

SINCE, MOST = timedelta(days=62), 10_000
USED = {
    "water": ("tap", "angle_valve", "hose_40", "seal_tape", "ppr_pipe_20"),
    "drainage": ("drain_kit", "silicone"),
    "power": ("switch_1", "socket_5", "breaker_2p", "wire_25"),
    "lighting": ("led_bulb", "sound_lamp"),
    "door": ("lock_core", "door_closer"),
}
"""Category → materials it usually takes."""


def spend(session: Session, world: World, seed: str) -> None:
    """Write the lines of two in three finished repairs. Chance of its own: what comes after stays as it is without it."""
    random = Random(f"{seed}:costs")
    materials = {one.code: one for one in session.scalars(select(Material))}
    statement = (
        select(
            Ticket.id, Ticket.done_at, Ticket.reporter_name, Ticket.house_id, Ticket.filed_at, Category.code, Staff.name
        )
        .join(Category, Category.id == Ticket.category_id)
        .join(Staff, Staff.id == Ticket.assignee_id)
        .where(Ticket.community_id == world.estate.community_id, Ticket.kind == Kind.REPAIR)
        .where(Ticket.done_at >= world.cutoff - SINCE, Ticket.done_at < world.cutoff, Category.code.in_(USED))
        .order_by(Ticket.id)
    )
    for ticket_id, done_at, reporter, house_id, filed_at, category, name in session.execute(statement).all():
        if random.random() > 2 / 3:
            continue
        common = {"ticket_id": ticket_id, "at": done_at, "entered_by": name}
        material = materials[random.choice(USED[category])]
        theirs = house_id is not None and category != "lighting" and random.random() < 0.3
        # What is filed owes nothing any more.
        theirs = theirs and filed_at is None
        _material(world, material, Decimal(random.randint(1, 3)), reporter or name, theirs=theirs, **common)
        minutes = random.choice((20, 30, 45, 60))
        price = Decimal(60)
        world.writer.add(
            TicketCost, kind=CostKind.LABOUR, minutes=minutes, what="", price_yuan=price,
            amount_yuan=labour_yuan(minutes, price), bearer=Bearer.CENTRE, **common,
        )  # fmt: skip


def charge(session: Session, seed: str, begins: datetime) -> None:
    """Finance has charged the households for most of what was done before `begins`, the day's first instant; what is due is paid
    but for a few. The people of I7 are left out: who owes what is told of them. Written by the services themselves."""
    random = Random(f"{seed}:cost-bills")
    finance = _finance(session)
    waiting = cost_months.uncharged(session, Actor.system("demo"), most=MOST)
    for ticket in sorted((one.ticket for one in waiting), key=lambda one: (one.done_at or begins, one.id)):
        last = select(func.max(TicketEntry.at)).where(TicketEntry.ticket_id == ticket.id)
        at = (session.scalar(last) or begins) + timedelta(hours=random.randint(2, 14))
        chance, house = random.random(), ticket.house
        if house is None or house.name in OWNER_HOUSES or at > begins or chance < 0.15:
            continue
        actor = finance[ticket.community_id]
        total = ticket_costs.charge(session, ticket, actor, at)
        paid_at = at + timedelta(days=random.randint(1, 6))
        if paid_at > begins or chance > 0.9:
            continue
        line = next(one for one in ticket_costs.costs_of(session, actor, ticket.id).lines if one.bill is not None)
        payer = line.bill.payer_id if line.bill is not None else 0
        sent = {"payer_id": payer, "amount": str(total), "way": "wechat", "bills": [line.bill_id]}
        payments.take(session, house, sent, actor, paid_at)


def _finance(session: Session) -> dict[int, Actor]:
    """Community → who posts there."""
    found = (
        select(StaffCommunity.community_id, Staff)
        .join(Staff, Staff.id == StaffCommunity.staff_id)
        .where(Staff.role == Role.FINANCE, Staff.active)
        .order_by(Staff.id.desc())
    )
    return {
        community: Actor(
            user_id=one.user_id, username=one.name, display_name=one.name, roles=frozenset({Role.FINANCE}),
            staff_id=one.id, community_ids=frozenset({community}),
        )
        for community, one in session.execute(found).tuples()
    }  # fmt: skip


def _material(world: World, material: Material, quantity: Decimal, who: str, *, theirs: bool, **common: object) -> None:
    agreed = {"accepted_at": common["at"], "accepted_by": who, "accepted_way": CostAcceptance.SIGNED}
    world.writer.add(
        TicketCost, kind=CostKind.MATERIAL, material_id=material.id, what=material.name, what_en=material.name_en,
        unit=material.unit, unit_en=material.unit_en, quantity=quantity, price_yuan=material.price_yuan,
        amount_yuan=material_yuan(quantity, material.price_yuan), bearer=Bearer.OWNER if theirs else Bearer.CENTRE,
        **(agreed if theirs else {}), **common,
    )  # fmt: skip
