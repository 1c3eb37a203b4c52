"""Material and working time on the repairs of the last weeks (D3): most of it the centre's, some the households', agreed and charged."""

from datetime import timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Category, Material, Staff, Ticket, TicketCost
from app.rules.codes import Bearer, CostAcceptance, CostKind, Kind
from app.rules.ticket_costs import labour_yuan, material_yuan
from app.services.demo.world import World

SINCE = timedelta(days=62)
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
        select(Ticket.id, Ticket.done_at, Ticket.reporter_name, Ticket.house_id, Category.code, Staff.name)
        .join(Category, Category.id == Ticket.category_id)
        .join(Staff, Staff.id == Ticket.assignee_id)
        .where(Ticket.community_id == world.estate.community_id, Ticket.kind == Kind.REPAIR)
        .where(Ticket.done_at >= world.cutoff - SINCE, Ticket.done_at < world.cutoff, Category.code.in_(USED))
        .order_by(Ticket.id)
    )
    for ticket_id, done_at, reporter, house_id, category, name in session.execute(statement).all():
        if random.random() > 2 / 3:
            continue
        common = {"ticket_id": ticket_id, "at": done_at, "entered_by": name}
        material = materials[random.choice(USED[category])]
        theirs = house_id is not None and category != "lighting" and random.random() < 0.3
        _material(world, material, Decimal(random.randint(1, 3)), reporter or name, theirs=theirs, **common)
        minutes = random.choice((20, 30, 45, 60))
        price = Decimal(60)
        world.writer.add(
            TicketCost, kind=CostKind.LABOUR, minutes=minutes, what="", price_yuan=price,
            amount_yuan=labour_yuan(minutes, price), bearer=Bearer.CENTRE, **common,
        )  # fmt: skip


def _material(world: World, material: Material, quantity: Decimal, who: str, *, theirs: bool, **common: object) -> None:
    agreed = {"accepted_at": common["at"], "accepted_by": who, "accepted_way": CostAcceptance.SIGNED}
    world.writer.add(
        TicketCost, kind=CostKind.MATERIAL, material_id=material.id, what=material.name, what_en=material.name_en,
        unit=material.unit, unit_en=material.unit_en, quantity=quantity, price_yuan=material.price_yuan,
        amount_yuan=material_yuan(quantity, material.price_yuan), bearer=Bearer.OWNER if theirs else Bearer.CENTRE,
        **(agreed if theirs else {}), **common,
    )  # fmt: skip
