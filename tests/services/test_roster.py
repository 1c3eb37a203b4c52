"""Who is on duty, whom an emergency rings, and who gets a ticket (D3, D7)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import DutyShift
from app.services import roster_watch, workbench_figures
from app.services.actors import Actor
from app.services.roster import coming_gaps, ladder, on_duty, supervisor_of
from app.services.ticket_verbs import perform
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

HOUR = timedelta(hours=1)


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


def shift(session, estate, now, tier: str, name: str, start: int = -1, end: int = 8, number: str | None = None) -> None:
    person = estate.staff[name]
    session.add(
        DutyShift(
            community_id=estate.community.id,
            tier=tier,
            staff_id=person.id,
            number=number or person.number,
            starts_at=now + start * HOUR,
            ends_at=now + end * HOUR,
        )
    )
    session.flush()


def rings(session, estate, now) -> list[tuple[str, str]]:
    names = {person.number: name for name, person in estate.staff.items()}
    return [(rung.tier, names.get(rung.number, rung.number)) for rung in ladder(session, estate.community.id, now)]


def test_the_ladder_rings_on_duty_then_backup_then_manager(session, estate, now):
    shift(session, estate, now, "manager", "manager")
    shift(session, estate, now, "backup", "tech_a")
    shift(session, estate, now, "on_duty", "steward")
    shift(session, estate, now, "on_duty", "tech_b", -12, -1)  # yesterday's
    shift(session, estate, now, "on_duty", "assistant", 8, 20)  # the next one
    assert rings(session, estate, now) == [("on_duty", "steward"), ("backup", "tech_a"), ("manager", "manager")]


def test_a_shift_begins_at_its_first_and_ends_before_its_last_instant(session, estate, now):
    shift(session, estate, now, "on_duty", "steward", 0, 8)
    shift(session, estate, now, "on_duty", "tech_a", 8, 16)

    def there(at):
        return [s.staff_id for s in on_duty(session, estate.community.id, "on_duty", at)]

    assert there(now) == [estate.staff["steward"].id]
    assert there(now + 8 * HOUR) == [estate.staff["tech_a"].id]


def test_an_empty_roster_rings_the_manager_and_then_every_supervisor(session, estate, now):
    assert rings(session, estate, now) == [("manager", "manager"), ("manager", "supervisor")]


def test_a_roster_without_a_manager_has_the_centres_manager_ring(session, estate, now):
    shift(session, estate, now, "on_duty", "steward")
    assert rings(session, estate, now) == [("on_duty", "steward"), ("manager", "manager")]


def test_one_number_rings_once_a_round_and_the_shifts_number_counts(session, estate, now):
    shift(session, estate, now, "on_duty", "steward", number="+8613900139099")
    shift(session, estate, now, "backup", "tech_a", number="+8613900139099")
    shift(session, estate, now, "manager", "manager")
    assert rings(session, estate, now) == [("on_duty", "+8613900139099"), ("manager", "manager")]


def test_who_has_left_does_not_ring(session, estate, now):
    estate.staff["manager"].active = False
    assert rings(session, estate, now) == [("manager", "supervisor")]


def test_a_shift_of_who_has_left_rings_nobody_and_is_a_gap(session, estate, now):
    shift(session, estate, now, "on_duty", "steward", -1, 200)
    shift(session, estate, now, "backup", "tech_a", -1, 200)
    shift(session, estate, now, "manager", "manager", -1, 200)
    estate.staff["steward"].active = False
    session.flush()
    assert rings(session, estate, now) == [("backup", "tech_a"), ("manager", "manager")]
    assert on_duty(session, estate.community.id, "on_duty", now) == []
    week = now + 7 * 24 * HOUR
    gaps = [gap for gap in coming_gaps(session, now) if gap.community == estate.community]
    assert [(g.tier, g.gap.starts_at, g.gap.ends_at) for g in gaps] == [("on_duty", now, week)]
    found = roster_watch.findings(session, now, week, [estate.community.id])
    assert [(one.trouble, one.tiers) for one in found] == [("nobody", ("on_duty",))]
    holes = workbench_figures.roster_holes(session, Actor.system("tests"), now, 7)
    assert [hole.tier for hole in holes if hole.community == estate.community] == ["on_duty"]


def test_where_who_took_over_has_left_the_one_planned_rings(session, estate, now):
    shift(session, estate, now, "on_duty", "steward")
    shift(session, estate, now, "on_duty", "tech_b")
    taken = session.scalars(select(DutyShift).where(DutyShift.staff_id == estate.staff["tech_b"].id)).one()
    taken.is_override = True
    session.flush()
    assert rings(session, estate, now)[0] == ("on_duty", "tech_b")
    estate.staff["tech_b"].active = False
    session.flush()
    assert rings(session, estate, now)[0] == ("on_duty", "steward")


def test_gaps_of_the_coming_seven_days_are_found_a_tier_at_a_time(session, estate, now):
    shift(session, estate, now, "on_duty", "steward", -1, 24)
    shift(session, estate, now, "on_duty", "tech_a", 30, 200)
    shift(session, estate, now, "backup", "tech_a", -1, 200)
    gaps = [gap for gap in coming_gaps(session, now) if gap.community == estate.community]
    assert [(g.tier, g.gap.starts_at, g.gap.ends_at) for g in gaps] == [
        ("on_duty", now + 24 * HOUR, now + 30 * HOUR),
        ("manager", now, now + 7 * 24 * HOUR),
    ]


def test_where_there_is_no_supervisor_the_manager_takes_over(session, estate, now):
    assert supervisor_of(session, estate.community.id) == estate.staff["supervisor"]
    estate.staff["supervisor"].active = False
    assert supervisor_of(session, estate.community.id) == estate.staff["manager"]


# ---- dispatch --------------------------------------------------------------------------------------------------------
def dispatched(session, estate, now, **given):
    ticket = estate.open(session, now, **given)
    perform(session, ticket, "dispatch", estate.actor("assistant"), now, {})
    return ticket


def test_the_technician_at_work_in_the_same_building_gets_the_ticket(session, estate, now):
    far, near = estate.staff["tech_a"], estate.staff["tech_b"]
    for technician, building in ((far, 9), (near, 3), (near, 3)):
        ticket = estate.open(session, now, house=estate.houses[building])
        perform(session, ticket, "dispatch", estate.actor("assistant"), now, {"assignee_id": technician.id})
    ticket = dispatched(session, estate, now)
    assert (ticket.assignee, ticket.dispatch_reason) == (near, "on duty, at work in the same building")
    neighbour = dispatched(session, estate, now, house=estate.houses[4])
    assert (neighbour.assignee, neighbour.dispatch_reason) == (near, "on duty, at work in a neighbouring building")


def test_without_anybody_near_the_one_with_fewest_tickets_gets_it(session, estate, now):
    for _ in range(2):
        ticket = estate.open(session, now, house=estate.houses[9])
        perform(session, ticket, "dispatch", estate.actor("assistant"), now, {"assignee_id": estate.staff["tech_a"].id})
    ticket = dispatched(session, estate, now, house=estate.houses[1])
    assert (ticket.assignee, ticket.dispatch_reason) == (estate.staff["tech_b"], "on duty, fewest open tickets")


def test_at_night_the_one_on_the_roster_gets_it(session, estate, now):
    night = now + 12 * HOUR
    shift(session, estate, now, "on_duty", "tech_b", 8, 20)
    assert dispatched(session, estate, night).assignee == estate.staff["tech_b"]
    assert dispatched(session, estate, night).dispatch_reason.startswith("on duty")


def test_a_complaint_goes_to_the_steward_of_the_building(session, estate, now):
    ticket = dispatched(session, estate, now, kind="complaint", category_code="attitude_test")
    assert (ticket.assignee, ticket.dispatch_reason) == (estate.staff["steward"], "steward of the building")


def test_with_nobody_to_name_the_department_is_responsible(session, estate, now):
    ticket = dispatched(session, estate, now, category_code="attitude_test")
    assert (ticket.assignee, ticket.responsible) == (None, "客服部")
    ticket = estate.walk(session, ticket, now, "start", by="supervisor")
    assert (ticket.assignee, ticket.responsible) == (estate.staff["supervisor"], "supervisor员")
