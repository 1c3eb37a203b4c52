"""The demo data of I7: a fixed seed and the date of the day decide everything."""

from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.services.demo.estate import build_estate
from app.services.demo.people import build_households
from app.services.demo.staff import add_household_logins, build_roster, build_team
from app.services.demo.writer import Writer
from app.services.demo_logins import mark_demo

SEED = 20_240_501


def load(
    session: Session,
    now: datetime,
    zone: ZoneInfo,
    hotline_number: str,
    communities: int = 1,
    tickets: int | None = None,
    password: str | None = None,
) -> dict[str, int]:
    """Write `communities` estates with people, staff, roster and twelve months of records into a seeded database.

    `tickets` is their number in all (None: as many as a real estate has). Returns the rows written by table.
    """
    today = now.astimezone(zone).date()
    first_day = today.replace(year=today.year - 1, day=1)
    writer = Writer(session)
    for index in range(communities):
        random = Random(f"{SEED}:{index}")
        estate = build_estate(writer, random, index, today, hotline_number)
        households = build_households(writer, random, estate, first_day, today)
        writer.flush()
        team = build_team(session, writer, estate, households, now, password)
        build_roster(writer, estate, team, first_day, today, zone)
        writer.flush()
        if index == 0:
            add_household_logins(session, households, now, password)
    mark_demo(session, today.isoformat())
    writer.close()
    return dict(writer.written)
