"""The table of clock rules: what a row may say, which one speaks of a matter, where the default does (D4)."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import Invalid, Refused
from app.models import ClockPolicy
from app.rules.clock_policies import Matter
from app.services import clock_rules
from app.services.policies import change_figure
from tests.support.databases import Databases
from tests.support.tickets import SYSTEM, SmallEstate, unsaved_estate

GOOD: dict[str, Any] = {
    **dict.fromkeys(clock_rules.COLUMNS), "name": "done", "starts_when": "registered", "kind": "repair", "minutes": 60,
    "ends_same_day": False, "calendar": "always", "warn_percent": 75, "active": True,
}  # fmt: skip


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


def test_a_rule_that_makes_sense_is_taken(session, estate):
    clock_rules.check(session, GOOD)
    clock_rules.check(session, {**GOOD, "minutes": 0, "category_code": "water_test", "calendar": "desk"})
    clock_rules.check(session, {**GOOD, "minutes": None, "ends_same_day": True})
    clock_rules.check(session, {**GOOD, "name": "reply", "kind": None, "starts_when": "found", "validity": "valid"})


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ({"minutes": None}, "end with the day"),
        ({"minutes": -1}, "from 0 to 527040"),
        ({"minutes": 527_041}, "from 0 to 527040"),
        ({"warn_percent": None}, "1 to 100 percent"),
        ({"warn_percent": 0}, "1 to 100 percent"),
        ({"warn_percent": 101}, "1 to 100 percent"),
        ({"name": "promise"}, "sets its own time"),
        ({"name": "lunch"}, "sets its own time"),
        ({"starts_when": "someday"}, "when the clock starts"),
        ({"starts_when": "found"}, "Only a complaint"),
        ({"validity": "valid"}, "Only a complaint"),
        ({"kind": "complaint", "grade": "major"}, "comes after the registration"),
        ({"kind": None, "validity": "valid"}, "comes after the registration"),
        ({"starts_when": "done"}, "work is finished then"),
        ({"name": "plan", "starts_when": "done"}, "work is finished then"),
        ({"calendar": "lunar"}, "no such calendar"),
        ({"category_code": "moon"}, "no such category"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_the_reason(session, estate, says, why):
    with pytest.raises(Invalid, match=why):
        clock_rules.check(session, GOOD | says)


def test_no_two_rules_in_use_speak_of_exactly_the_same(session, estate):
    seeded = session.scalars(select(ClockPolicy).where(ClockPolicy.name == "first_response")).one()
    twin = clock_rules.values_of(seeded) | {"minutes": 5}
    with pytest.raises(Refused, match="exactly this already"):
        clock_rules.check(session, twin)
    clock_rules.check(session, twin, seeded.id)
    clock_rules.check(session, twin | {"active": False})
    clock_rules.check(session, twin | {"kind": "repair"})
    seeded.active = False
    session.flush()
    clock_rules.check(session, twin)


def test_the_page_shows_every_rule_once_by_its_clock_and_the_default_as_such(session, estate):
    session.execute(update(ClockPolicy).where(ClockPolicy.name == "contact").values(active=False))
    groups = {group.name: group for group in clock_rules.groups(session)}
    assert sum(len(group.rules) + len(group.resting) for group in groups.values()) == len(
        session.scalars(select(ClockPolicy)).all()
    )
    assert [len(groups["contact"].rules), len(groups["contact"].resting)] == [0, 2]
    assert [(one.name, one.minutes) for one in groups["first_response"].fallbacks] == [("first_response", 30)]
    assert [(one.starts_when, one.minutes) for one in groups["done"].fallbacks] == [
        ("registered", 1440),
        ("reopened", 1440),
    ]
    assert "promise" not in groups


def test_of_a_matter_it_is_said_which_rule_wins_and_over_which(session, estate):
    session.add(ClockPolicy(**GOOD | {"category_code": "water_test", "minutes": 15}))
    session.flush()
    found = clock_rules.speaking(session, Matter("repair", "hotline", "normal", category_code="water_test"))
    done = next(one for one in found["registered"] if one.rule.name == "done")
    assert (done.rule.minutes, done.is_default, [one.priority for one in done.others]) == (15, False, ["normal"])
    assert [one.rule.name for one in found["registered"]] == ["first_response", "done"]
    assert found["found"] == []


def test_where_no_rule_speaks_the_default_is_named(session, estate, now):
    session.execute(update(ClockPolicy).values(active=False))
    change_figure(session, "clocks.first_response_minutes", "45", SYSTEM, now)
    found = clock_rules.speaking(session, Matter("praise", "web", "low"))
    said = [(one.rule.name, one.rule.minutes, one.is_default) for one in found["registered"]]
    assert said == [("first_response", 45, True), ("done", 1440, True)]
    assert [(one.rule.name, one.is_default) for one in found["reopened"]] == [("done", True)]
