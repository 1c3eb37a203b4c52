"""The demo data of I7: a fixed seed and the date of the day decide everything."""

from datetime import UTC, date, datetime, time
from random import Random
from zoneinfo import ZoneInfo

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import N_, Refused
from app.models import Category, Community, Ticket
from app.services.calendars import read_book
from app.services.demo.answers import write_answers
from app.services.demo.appraising import appraise
from app.services.demo.banking import bank
from app.services.demo.care import look_after
from app.services.demo.collection import collect
from app.services.demo.estate import build_estate, demo_hotline_number
from app.services.demo.fees import bill_months
from app.services.demo.handed_on import hand_on
from app.services.demo.lending import lend
from app.services.demo.metering import put_in_meters
from app.services.demo.pending import leave_open
from app.services.demo.people import build_households
from app.services.demo.plans import write_plans
from app.services.demo.special import TICKETS as SPECIAL_TICKETS
from app.services.demo.special import special_matters
from app.services.demo.spending import charge, spend
from app.services.demo.staff import add_household_logins, build_roster, build_team
from app.services.demo.stories import ALL_STORIES
from app.services.demo.surveying import make_surveys
from app.services.demo.visiting import Draws
from app.services.demo.world import World, read_categories, read_policies
from app.services.demo.writer import Writer
from app.services.demo.year import TICKETS_A_DAY, live_through
from app.services.demo_logins import DEMO_LOGINS, demo_day, mark_demo

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

    `tickets` is their number in all (None: as many as a real estate has). Returns the rows written by table. Raises
    Refused for a database that is not empty, or not seeded.
    """
    hindrance = hindrance_to_load(session)
    if hindrance is not None:
        raise Refused(hindrance)
    today = now.astimezone(zone).date()
    first_day = first_day_of(today)
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
        world = World(
            writer=writer,
            random=random,
            zone=zone,
            today=today,
            cutoff=datetime.combine(today, time(), zone).astimezone(UTC),
            estate=estate,
            households=households,
            team=team,
            categories=read_categories(session),
            policies=read_policies(session),
            book=read_book(session),
            hotline_number=demo_hotline_number(index, hotline_number),
            draws=Draws(writer, estate.community_id, zone),
        )
        world.plans.update(write_plans(world))
        share = _share(tickets, communities, index, (today - first_day).days)
        live_through(world, first_day, max(0, share - SPECIAL_TICKETS))
        leave_open(world)
        special_matters(session, world)
        world.draws.save()
        look_after(world, now)
        lend(world)
        make_surveys(world, f"{SEED}:{index}")
        write_answers(world)
        bill_months(world, full_months(first_day, today))
        writer.flush()
        collect(world, now)
        spend(session, world, f"{SEED}:{index}")
        hand_on(world, f"{SEED}:{index}")
    mark_demo(session, today.isoformat())
    writer.close()
    first = session.scalar(select(func.min(Community.id)))
    if first is not None:
        # As of the day, not of the hour: the same day gives the same data.
        begins = datetime.combine(today, time(), zone).astimezone(UTC)
        charge(session, str(SEED), begins)
        appraise(session, first, full_months(first_day, today), begins)
        bank(session, first, begins)
        put_in_meters(session, first, begins)
    return dict(writer.written)


def hindrance_to_load(session: Session) -> str | None:
    """Why the demo data cannot go into this database, as a msgid; None when they can."""
    if demo_day(session) is not None:
        return N_("This database holds the demo data already.")
    if session.scalar(select(Community.id).limit(1)) or session.scalar(select(Ticket.id).limit(1)):
        return N_("Demo data go only into an empty database: this one holds records.")
    if session.scalar(select(User.id).where(User.username.in_(DEMO_LOGINS)).limit(1)):
        return N_("Demo data go only into an empty database: this one has a login with the name of a demo login.")
    needed = {row.category for rows in ALL_STORIES for row in rows}
    if needed - set(session.scalars(select(Category.code))):
        return N_("The reference data are missing: run `flask --app run seed`.")
    return None


def _share(tickets: int | None, communities: int, index: int, days: int) -> int:
    """How many of the tickets this community gets, besides the few that are left open."""
    if tickets is None:
        return round(TICKETS_A_DAY * days)
    return tickets // communities + (index < tickets % communities)


def first_day_of(today: date) -> date:
    """The first day of the demo year: twelve full months before the present one."""
    return date(today.year - 1, today.month, 1)


def full_months(first_day: date, today: date) -> list[date]:
    """First days of the full months from `first_day` on: the present one is not over."""
    months = [first_day]
    while True:
        last = months[-1]
        following = date(last.year + last.month // 12, last.month % 12 + 1, 1)
        if following >= today.replace(day=1):
            return months
        months.append(following)
