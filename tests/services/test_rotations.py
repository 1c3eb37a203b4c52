"""Rotations fill in the roster, overrides win, what is wrong is found and told once (D7)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound, Refused
from app.models import Community, DutyEntry, DutyShift, Message, RosterFinding, Setting
from app.services import rotation_input, rotations, shifts
from app.services.roster import coming_gaps, on_duty, staff_on_duty
from app.services.roster_calendar import roster
from app.services.roster_watch import findings, tell_of_troubles
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EIGHT = datetime(2026, 3, 10, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai, two and a half hours before `now`


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


def make(session, estate, now, *names: str, tier: str = "on_duty", rotation=None, **given):
    asked = {
        "community": estate.community.id, "tier": tier, "name": "管家轮班", "handoffs": "08:00, 20:00",
        "starts_on": "2026-03-10", "pattern": "each_shift", **given,
    }  # fmt: skip
    people = [estate.staff[name].id for name in names or ("steward", "tech_a", "tech_b")]
    draft = rotation_input.read(session, estate.actor("manager"), asked, people)
    return rotations.save(session, estate.actor("manager"), draft, now, rotation)


def held(session, estate, at, tier="on_duty") -> list[str]:
    names = {person.id: name for name, person in estate.staff.items()}
    return [names[shift.staff_id] for shift in on_duty(session, estate.community.id, tier, at)]


def rows(session, rotation) -> list[tuple[datetime, datetime, int]]:
    found = select(DutyShift).where(DutyShift.rotation_id == rotation.id).order_by(DutyShift.starts_at)
    return [(shift.starts_at, shift.ends_at, shift.staff_id) for shift in session.scalars(found)]


def put(session, estate, now, name: str, start: datetime, end: datetime, tier: str = "on_duty", **given) -> DutyShift:
    asked = {"community": estate.community.id, "tier": tier, "staff": estate.staff[name].id, **given}
    return shifts.override(session, estate.actor("manager"), asked | {"starts_at": start, "ends_at": end}, now)


# ---- rotations -------------------------------------------------------------------------------------------------------
def test_a_rotation_covers_every_hour_from_now_on_for_sixty_days(session, estate, now):
    rotation = make(session, estate, now)
    found = rows(session, rotation)
    assert found[0][:2] == (now, EIGHT + 12 * HOUR)
    assert found[1][:2] == (EIGHT + 12 * HOUR, EIGHT + DAY)
    assert found[-1][1] >= now + 60 * DAY
    assert [held(session, estate, EIGHT + hours * HOUR) for hours in (3, 13, 25, 37)] == [
        ["steward"], ["tech_a"], ["tech_b"], ["steward"],
    ]  # fmt: skip
    gaps = [gap for gap in coming_gaps(session, now) if gap.community == estate.community]
    assert {gap.tier for gap in gaps} == {"backup", "manager"}


def test_filling_in_again_changes_nothing_and_later_adds_only_what_has_come_nearer(session, estate, now):
    rotation = make(session, estate, now)
    before = rows(session, rotation)
    assert rotations.fill(session, rotation, now) == (0, 0)
    assert rotations.fill(session, rotation, now + HOUR) == (0, 0)
    assert rotations.fill(session, rotation, now + DAY) == (2, 0)
    assert rows(session, rotation)[: len(before)] == before


def test_a_changed_rotation_leaves_what_has_begun_and_gaps_nothing(session, estate, now):
    rotation = make(session, estate, now)
    later = now + 3 * DAY
    past = [row for row in rows(session, rotation) if row[0] <= later]
    make(session, estate, later, "supervisor", "assistant", rotation=rotation, handoffs="09:00", pattern="daily")
    after = rows(session, rotation)
    assert after[: len(past)] == past
    assert all(one[1] == other[0] for one, other in zip(after, after[1:], strict=False))
    assert {row[2] for row in after[len(past) :]} == {estate.staff["supervisor"].id, estate.staff["assistant"].id}


def test_an_ended_rotation_keeps_the_running_shift_only(session, estate, now):
    rotation = make(session, estate, now)
    assert rotations.end(session, estate.actor("manager"), rotation, now + HOUR) > 100
    assert rows(session, rotation) == [(now, EIGHT + 12 * HOUR, estate.staff["steward"].id)]
    assert rotations.fill_all(session, now + DAY)["added"] == 0


def test_who_has_left_gets_no_shift_and_the_gap_is_seen(session, estate, now):
    rotation = make(session, estate, now)
    estate.staff["tech_a"].active = False
    assert rotations.fill(session, rotation, now + HOUR)[1] > 10
    assert held(session, estate, EIGHT + 13 * HOUR) == []
    gap = next(gap for gap in coming_gaps(session, now) if gap.tier == "on_duty" and gap.community == estate.community)
    assert (gap.gap.starts_at, gap.gap.ends_at) == (EIGHT + 12 * HOUR, EIGHT + DAY)


def test_the_telephone_that_changes_hands_rings_else_everybodys_own(session, estate, now):
    shared = make(session, estate, now, number="139 0013 9099")
    assert {shift.number for shift in session.scalars(select(DutyShift).where(DutyShift.rotation_id == shared.id))} == {
        "+8613900139099"
    }
    own = make(session, estate, now, "tech_a", tier="backup")
    assert [shift.number for shift in on_duty(session, estate.community.id, "backup", now)] == [
        estate.staff["tech_a"].number
    ]
    assert own.members[0].staff == estate.staff["tech_a"]


def test_the_figure_says_how_far_ahead(session, estate, now):
    session.add(Setting(key="roster.plan_days", value="14"))
    session.flush()
    assert now + 14 * DAY <= rows(session, make(session, estate, now))[-1][1] < now + 15 * DAY


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"handoffs": "8 Uhr"}, "time of day"), ({"handoffs": ""}, "one to six"), ({"handoffs": "25:00"}, "time of day"),
        ({"handoffs": "1:00 2:00 3:00 4:00 5:00 6:00 7:00"}, "one to six"), ({"until": "12:00"}, "The last shift"),
        ({"starts_on": "2026-02-30"}, "not a day"), ({"starts_on": ""}, "not a day"), ({"starts_on": "0001-01-01"}, "not a day"),
        ({"ends_on": "2026-03-01"}, "before the start"), ({"tier": "king"}, "Choose one of"), ({"tier": ""}, "which duty"),
        ({"name": " "}, "a name"), ({"number": "abc"}, "telephone number"), ({"pattern": "x"}, "Choose one of"),
        ({"pattern": "on_off", "days_on": "2", "days_off": "3"}, "multiple"),
        ({"pattern": "on_off", "days_on": "2", "days_off": "2"}, "need 2 people"),
        ({"pattern": "on_off", "days_on": "0", "days_off": "2"}, "whole number"),
        ({"pattern": "on_off"}, "how many days"), ({"days": "never"}, "Choose one of"),
    ],
)  # fmt: skip
def test_a_rotation_that_cannot_be_is_refused_in_a_sentence(session, estate, now, given, sentence):
    with pytest.raises(Invalid, match=sentence):
        make(session, estate, now, **given)


def test_people_and_places_of_other_communities_cannot_be_named(session, estate, now):
    other = Community(code="elsewhere", name="别处")
    session.add(other)
    session.flush()
    with pytest.raises(NotFound):
        make(session, estate, now, community=other.id)
    estate.staff["quality"].community_links.clear()
    session.flush()
    with pytest.raises(Invalid, match="does not work"):
        make(session, estate, now, "quality")
    with pytest.raises(Invalid, match="at least one"):
        rotation_input.read(
            session, estate.actor("manager"),
            {"community": estate.community.id, "tier": "backup", "name": "x", "handoffs": "8:00", "starts_on": "2026-03-10"},
            ["", ""],
        )  # fmt: skip


# ---- overrides -------------------------------------------------------------------------------------------------------
def test_an_override_wins_for_its_hours_and_can_be_taken_back(session, estate, now):
    make(session, estate, now)
    shift = put(session, estate, now, "supervisor", now + HOUR, now + 3 * HOUR, note="发烧")
    assert [held(session, estate, now + hours * HOUR) for hours in (0, 1, 2.9, 3)] == [
        ["steward"], ["supervisor"], ["supervisor"], ["steward"],
    ]  # fmt: skip
    assert staff_on_duty(session, [estate.community.id], now + HOUR) == {estate.staff["supervisor"].id}
    shifts.take_back(session, estate.actor("manager"), shift, now + 2 * HOUR)
    assert held(session, estate, now + 2 * HOUR) == ["steward"]
    assert held(session, estate, now + HOUR) == ["supervisor"], "what was stays"
    with pytest.raises(Refused, match="over"):
        shifts.take_back(session, estate.actor("manager"), shift, now + 5 * HOUR)


def test_only_overrides_are_taken_back_and_a_coming_one_goes_altogether(session, estate, now):
    make(session, estate, now)
    with pytest.raises(Refused, match="Only an override"):
        shifts.take_back(
            session, estate.actor("manager"), on_duty(session, estate.community.id, "on_duty", now)[0], now
        )
    shift = put(session, estate, now, "supervisor", now + DAY, now + DAY + HOUR)
    shifts.take_back(session, estate.actor("manager"), shift, now)
    assert session.scalar(select(DutyShift.id).where(DutyShift.is_override)) is None


@pytest.mark.parametrize(
    ("hours", "given", "sentence"),
    [((3, 1), {}, "before the start"), ((-5, -1), {}, "have passed"), ((0, 24 * 70), {}, "two months"),
     ((0, 1), {"staff": 999999}, "works in this community"), ((0, 1), {"tier": ""}, "which duty")],
)  # fmt: skip
def test_an_override_that_cannot_be_is_refused(session, estate, now, hours, given, sentence):
    with pytest.raises(Invalid, match=sentence):
        put(session, estate, now, "steward", now + hours[0] * HOUR, now + hours[1] * HOUR, **given)


def test_what_was_done_to_a_roster_stands_written_and_cannot_be_changed(session, estate, now):
    rotation = make(session, estate, now)
    put(session, estate, now, "supervisor", now, now + HOUR)
    rotations.end(session, estate.actor("manager"), rotation, now)
    verbs = session.scalars(select(DutyEntry.verb).order_by(DutyEntry.id)).all()
    assert verbs == ["rotation_added", "override_added", "rotation_ended"]
    with pytest.raises(DatabaseError, match="append-only"), session.begin_nested():
        session.execute(text("UPDATE duty_entry SET note = 'x'"))


# ---- what is wrong ---------------------------------------------------------------------------------------------------
def test_gaps_and_double_bookings_are_found_for_the_community_they_are_in(session, estate, now):
    make(session, estate, now)
    make(session, estate, now, "manager", tier="manager", pattern="weekly", handoffs="08:00")
    make(session, estate, now, "tech_a", tier="backup", handoffs="08:00", pattern="daily")
    found = findings(session, now, now + DAY, [estate.community.id])
    assert [(one.trouble, one.tiers, one.starts_at, one.ends_at, one.names) for one in found] == [
        ("same_person", ("backup", "on_duty"), EIGHT + 12 * HOUR, EIGHT + DAY, ("tech_a员",)),
    ]  # fmt: skip


def test_the_managers_are_told_of_each_trouble_once(session, estate, now):
    def told() -> int:
        return len(session.scalars(select(Message).where(Message.purpose == "roster_gap")).all())

    rotation = make(session, estate, now)
    make(session, estate, now, "manager", tier="manager", handoffs="08:00", pattern="daily")
    assert tell_of_troubles(session, now)["told"] == told() == 1
    assert [tell_of_troubles(session, now + hours * HOUR)["told"] for hours in (1, 2, 20)] == [0, 0, 0]
    body = session.scalar(select(Message.body).where(Message.purpose == "roster_gap"))
    assert "测试小区" in body and "备班" in body, body
    make(session, estate, now, "tech_a", "tech_b", tier="backup", rotation=None)
    rotations.end(session, estate.actor("manager"), rotation, now)
    assert tell_of_troubles(session, now + 21 * HOUR)["told"] == 1
    assert {row.trouble for row in session.scalars(select(RosterFinding))} == {"nobody"}


def test_a_double_booking_that_runs_already_is_the_same_an_hour_later(session, estate, now):
    for tier, name in (("on_duty", "steward"), ("manager", "manager"), ("backup", "steward")):
        make(session, estate, now, name, tier=tier, handoffs="08:00", pattern="daily")
    assert tell_of_troubles(session, now)["told"] == 1
    keys = set(session.scalars(select(RosterFinding.key)))
    tell_of_troubles(session, now + HOUR)
    assert keys <= set(session.scalars(select(RosterFinding.key)))


# ---- the calendar ----------------------------------------------------------------------------------------------------
def test_a_night_shift_stands_on_the_day_it_begins_with_its_true_hours(session, estate, now):
    make(session, estate, now - 3 * DAY, starts_on="2026-03-07")
    days = roster(session, estate.community.id, date(2026, 3, 9), 7, now).days
    assert [day.kind for day in days] == ["work"] * 5 + ["weekend"] * 2
    tuesday = days[1].duties["on_duty"]
    assert [(part.starts_at, part.ends_at) for part in tuesday] == [
        (EIGHT, EIGHT + 12 * HOUR), (EIGHT + 12 * HOUR, EIGHT + DAY),
    ]  # fmt: skip
    monday = days[0].duties["on_duty"]
    assert monday[0].starts_at == EIGHT - DAY - 12 * HOUR, "who has the first night of what is shown"
    assert days[6].duties["on_duty"][-1].ends_at == EIGHT + 6 * DAY
    assert {part.trouble for day in days for part in day.duties["on_duty"]} == {""}
    assert all(day.trouble for day in days[1:]), "nobody has the backup"


def test_holidays_and_make_up_days_stand_in_the_calendar(session, estate, now):
    days = roster(session, estate.community.id, date(2026, 4, 27), 14, now).days
    kinds = {day.day: day.kind for day in days}
    assert kinds[date(2026, 5, 1)] == "holiday"
    assert kinds[date(2026, 5, 9)] == "make_up"
