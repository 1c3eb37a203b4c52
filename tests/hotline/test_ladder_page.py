"""An emergency is taken on a page while telephones are just being dialled: each is dialled once, and nobody else is rung (D7, G3)."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.adapters.carrier.base import CallOrder, CarrierError
from app.models import Ladder, Staff, StaffCommunity
from app.services import alarms
from app.services.actors import Actor
from app.services.escalation_dial import advance, tick
from app.services.transaction import transaction
from tests.support.carrier import FakeCarrier
from tests.support.hotline import ON_DUTY
from tests.support.ladder import BACKUP, BASE, MANAGER, Scene

NO_ANSWER = CarrierError("no answer", unknown=True)


def take(scene: Scene, number: str) -> None:
    """Whoever has this number takes the emergency on a page."""
    with transaction() as session:
        staff = session.scalars(select(Staff).where(Staff.number == number)).one()
        where = session.scalars(select(StaffCommunity.community_id).where(StaffCommunity.staff_id == staff.id))
        actor = Actor(
            user_id=None,
            username="x",
            display_name=staff.name,
            roles=frozenset({"manager"}),
            staff_id=staff.id,
            community_ids=frozenset(where),
        )
        ladder_id = session.scalars(select(Ladder.id)).one()
        assert alarms.take(session, ladder_id, actor, scene.start)[0].yours


@pytest.fixture
def meanwhile(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Have something happen between the carrier's hearing of a dial and our hearing of its answer."""

    def arrange(what: Callable[[], None]) -> None:
        dial = FakeCarrier.create_call

        def create_call(carrier: FakeCarrier, order: CallOrder) -> str:
            monkeypatch.setattr(FakeCarrier, "create_call", dial)
            with scene.app.app_context():
                what()
            return dial(carrier, order)

        monkeypatch.setattr(FakeCarrier, "create_call", create_call)

    return arrange


def test_taken_while_the_own_telephone_is_being_dialled_it_rings_once(scene: Scene, meanwhile) -> None:
    def another() -> None:
        take(scene, ON_DUTY)
        tick(transaction, scene.carrier, BASE, scene.start)

    meanwhile(another)
    scene.at(0).at(1)
    assert (scene.carrier.rung, scene.attempts) == ([ON_DUTY], [(ON_DUTY, "accepted")])
    leg = scene.leg(1).take().press("1")
    assert leg.xml.find("Dial/Queue") is not None
    leg.progress("completed")
    scene.due()
    assert scene.carrier.rung == [ON_DUTY, BACKUP], "the line broke before they spoke"


@pytest.mark.parametrize("when", ["before", "after"])
def test_taken_while_the_answer_to_the_own_dial_is_lost_it_is_looked_up(scene: Scene, meanwhile, when: str) -> None:
    scene.carrier.fail[ON_DUTY] = NO_ANSWER
    scene.carrier.took.append(ON_DUTY)
    if when == "before":
        meanwhile(lambda: take(scene, ON_DUTY))
    scene.at(0)
    if when == "after":
        take(scene, ON_DUTY)
    scene.at(40).at(41)
    assert (scene.carrier.rung, scene.carrier.looked_up) == ([ON_DUTY], [ON_DUTY])
    assert scene.attempts == [(ON_DUTY, "accepted")]


def test_a_dial_the_carrier_never_saw_makes_way_although_it_was_taken(scene: Scene, meanwhile) -> None:
    scene.carrier.fail[ON_DUTY] = NO_ANSWER
    meanwhile(lambda: take(scene, ON_DUTY))
    scene.at(0).at(40)
    assert scene.carrier.rung == [ON_DUTY, BACKUP]


def test_a_refused_dial_makes_way_although_it_was_taken(scene: Scene, meanwhile) -> None:
    scene.carrier.fail[ON_DUTY] = CarrierError("cannot", permanent=True)
    meanwhile(lambda: take(scene, ON_DUTY))
    scene.at(0).at(40)
    assert scene.carrier.rung == [ON_DUTY, BACKUP]


def test_a_carrier_that_answers_no_look_up_holds_the_caller_up_for_a_while_only(scene: Scene, meanwhile) -> None:
    scene.carrier.fail[ON_DUTY], scene.carrier.blind = NO_ANSWER, True
    meanwhile(lambda: take(scene, ON_DUTY))
    for second in range(0, 90, 15):
        scene.at(second)
    assert scene.carrier.rung == [ON_DUTY]
    scene.at(100)
    assert scene.carrier.rung == [ON_DUTY, BACKUP]


def test_who_takes_it_on_the_page_is_dialled_once_though_the_job_died(scene: Scene) -> None:
    scene.at(0)
    take(scene, MANAGER)
    scene.carrier.took.append(MANAGER)
    with transaction() as writing:
        assert advance(writing, scene.ladder.id, scene.start) is not None
    scene.at(40)
    assert scene.carrier.rung == [ON_DUTY], "looked up, not dialled again"
    assert scene.carrier.looked_up == [MANAGER]


def test_who_takes_it_on_the_page_is_looked_up_when_the_dial_had_no_answer(scene: Scene) -> None:
    scene.carrier.fail[MANAGER] = NO_ANSWER
    scene.carrier.took.append(MANAGER)
    scene.at(0)
    take(scene, MANAGER)
    for second in (1, 35, 45, 60):
        scene.at(second)
    assert scene.carrier.rung == [ON_DUTY, MANAGER]
    assert scene.carrier.looked_up == [MANAGER]
    assert scene.attempts[-1] == (MANAGER, "accepted")
