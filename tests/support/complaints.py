"""Complaints on the estate of `tests.support.estate`, for tests of pages and REST."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask

from app.models import House
from app.services.actors import Actor
from app.services.tickets import open_ticket
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate


def complaint_of_each_house(app: Flask, estate: Estate, now: datetime) -> dict[str, str]:
    """Key of the house → number of its complaint."""
    made = {}
    with app.app_context(), transaction() as session:
        for key, house_id in estate.houses.items():
            house = session.get_one(House, house_id)
            ticket = open_ticket(
                session,
                community=house.community,
                kind="complaint",
                channel="desk",
                title=f"{key} 楼上吵闹",
                house=house,
                category_code="noise",
                reporter_phone="+8613900000001",
                actor=Actor.system("tests"),
                now=now,
            )
            made[key] = ticket.number
    return made


def logged_in(new_client: Any, role: str) -> Client:
    """A browser of its own with this login."""
    made: Client = new_client()
    made.login(role)
    return made
