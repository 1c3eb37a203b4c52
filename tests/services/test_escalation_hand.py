"""An emergency in the portal stops ringing as soon as somebody takes it there, by whatever step (D7)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.models import DutyShift, EscalationAttempt, Ladder, TicketEntry
from app.services.escalation_dial import tick
from app.services.ticket_verbs import perform
from app.services.transaction import transaction
from tests.support.carrier import FakeCarrier
from tests.support.tickets import SmallEstate, small_estate

BASE = "http://h.example.org"
SOON = timedelta(hours=1)


class Scene:
    """A ticket whose ladder rings the supervisor's telephone."""

    def __init__(self, session, now) -> None:
        self.session, self.now, self.carrier = session, now, FakeCarrier()
        with transaction() as writing:
            self.estate: SmallEstate = small_estate(writing)
            supervisor = self.estate.staff["supervisor"]
            supervisor.number = "+8613900139009"
            writing.add(
                DutyShift(
                    community_id=self.estate.community.id,
                    tier="on_duty",
                    staff_id=supervisor.id,
                    number="+8613900139009",
                    starts_at=now - SOON,
                    ends_at=now + SOON,
                )
            )
            ticket = self.estate.open(writing, now, kind="emergency", channel="desk")
            self.ticket_id = ticket.id
        tick(transaction, self.carrier, BASE, now)

    def step(self, who: str, verb: str, **data: object) -> None:
        from app.models import Ticket

        with transaction() as writing:
            perform(writing, writing.get_one(Ticket, self.ticket_id), verb, self.estate.actor(who), self.now, data)

    @property
    def ladder(self) -> Ladder:
        self.session.expire_all()
        self.session.rollback()
        return self.session.scalars(select(Ladder)).one()

    @property
    def states(self) -> list[str]:
        self.session.rollback()
        return list(self.session.scalars(select(EscalationAttempt.state).order_by(EscalationAttempt.id)))

    def rings_on(self) -> bool:
        """Whether the telephone still rings after the job's next run, and the next minute rings again."""
        tick(transaction, self.carrier, BASE, self.now + timedelta(seconds=1))
        tick(transaction, self.carrier, BASE, self.now + timedelta(seconds=61))
        return not self.carrier.hung_up or len(self.carrier.orders) > 1


@pytest.fixture
def scene(session, now) -> Scene:
    made = Scene(session, now)
    assert made.carrier.rung == ["+8613900139009"]
    return made


def test_who_starts_the_work_has_taken_it(scene: Scene) -> None:
    scene.step("supervisor", "dispatch", assignee_id=scene.estate.staff["tech_a"].id)
    assert scene.ladder.state == "running"
    scene.step("tech_a", "start")
    assert (scene.ladder.state, scene.states) == ("accepted", ["cancelled", "accepted"])
    assert scene.carrier.hung_up == []
    assert not scene.rings_on()
    assert scene.ladder.ticket.responsible == scene.estate.staff["tech_a"].name


def test_the_one_who_is_being_rung_may_take_it_on_the_page_too(scene: Scene) -> None:
    scene.step("supervisor", "dispatch", assignee_id=scene.estate.staff["supervisor"].id)
    assert (scene.ladder.state, scene.states) == ("accepted", ["accepted"])


@pytest.mark.parametrize(
    ("who", "verb", "data"),
    [
        ("assistant", "dispatch", {"department": "engineering"}),
        ("assistant", "contact", {"way": "phone", "note": "called back"}),
    ],
)
def test_a_step_that_takes_nothing_in_hand_leaves_it_ringing(scene: Scene, who, verb, data) -> None:
    scene.step(who, verb, **data)
    assert scene.ladder.state == "running"
    assert scene.rings_on()


def test_who_cancels_the_ticket_ends_the_ringing_at_once(scene: Scene) -> None:
    scene.step("supervisor", "cancel", reason="a mistake")
    assert (scene.ladder.state, scene.states) == ("cancelled", ["cancelled"])
    assert not scene.rings_on()


def test_the_timeline_says_who_has_taken_it_once(scene: Scene) -> None:
    scene.step("supervisor", "dispatch", assignee_id=scene.estate.staff["tech_a"].id)
    scene.step("tech_a", "start")
    scene.step("tech_a", "finish", note="valve closed")
    assert len(scene.session.scalars(select(TicketEntry.id).where(TicketEntry.verb == "accept")).all()) == 1
