"""Emergencies with their ladders (D7): rung after rung until somebody pressed 1, the work, and the time it took."""

from datetime import datetime, timedelta

from app.errors import N_
from app.models import EscalationAttempt, Ladder
from app.rules import dispatch as dispatch_rules
from app.rules.call_flow.words import Line
from app.rules.codes import AttemptState, Channel, Kind, LadderState, Priority, Tier
from app.services.demo.calls import call_of, ticket_fields
from app.services.demo.estate import DemoHouse
from app.services.demo.flows import as_far_as_it_goes, follow_up
from app.services.demo.life import HOTLINE, LADDER, Life
from app.services.demo.people import Contact
from app.services.demo.plans import follow
from app.services.demo.staff import Worker, duty_number, on_duty
from app.services.demo.stories import Story
from app.services.demo.world import World
from app.services.spoken_lines import keep, write
from app.services.tickets import SENTENCE

_ACCEPT_LIMIT = timedelta(seconds=60)
_TAKERS = (0,) * 78 + (1,) * 17 + (2,) * 5
"""Which rung took it, in so many of a hundred cases."""


def emergency(world: World, at: datetime, contact: Contact, house: DemoHouse, story: Story) -> None:
    """One emergency call, from the first ring to the closing."""
    known_at = at + timedelta(seconds=world.random.randint(25, 50))
    fields = ticket_fields(Kind.EMERGENCY, story.category, Channel.HOTLINE, Priority.EMERGENCY, contact, house)
    fields |= {"title": story.said, "description": story.said}
    life = Life(world, known_at, HOTLINE, fields, world.reserve_number(at))
    call_of(world, life, at, contact, house, story.said)
    with as_far_as_it_goes(life):
        taker, taken_at = _ring(world, life, known_at)
        life.act("dispatch", LADDER, taken_at, to=taker, reason=dispatch_rules.ACCEPTED)
        life.act("start", taker, taken_at)
        spoken_at = taken_at + timedelta(seconds=world.random.randint(6, 14))
        _note(life, "connect", spoken_at, N_("%(name)s speaks with the caller."), name=taker.name)
        life.act("contact", taker, spoken_at)
        _finish(world, life, taker, story, known_at, spoken_at)
        follow_up(world, life, story)
    life.save()


def _finish(world: World, life: Life, taker: Worker, story: Story, known_at: datetime, since: datetime) -> None:
    late = world.chance(4)
    end = since + (world.minutes(125, 190) if late else world.minutes(22, 100))
    follow(world, life, taker, known_at, since, end)
    life.act("finish", taker, end, note=story.done)


def _ring(world: World, life: Life, at: datetime) -> tuple[Worker, datetime]:
    """Write the ladder and its attempts. Returns who took it and when."""
    _note(life, "ladder", at, N_("Emergency: the duty roster is being rung."))
    wanted = world.random.choice(_TAKERS)
    ladder_id = world.writer.reserve(Ladder)
    starts = at + timedelta(seconds=world.random.randint(1, 4))
    for rung, tier in enumerate(Tier):
        person = on_duty(world.team, tier, world.local(starts))
        if rung == wanted:
            break
        ended = starts + _ACCEPT_LIMIT
        _attempt(world, life, ladder_id, rung, tier, person, starts, None, ended)
        _note(life, "unanswered", ended, N_("%(name)s did not answer."), name=person.name)
        starts = ended + timedelta(seconds=world.random.randint(1, 3))
    accepted = starts + timedelta(seconds=world.random.randint(12, 48))
    attempt_id = _attempt(
        world, life, ladder_id, wanted, tier, person, starts, accepted, accepted + timedelta(minutes=3)
    )
    _note(life, "accept", accepted, N_("%(name)s has taken the emergency."), name=person.name)
    world.writer.add(
        Ladder,
        id=ladder_id,
        ticket_id=life.ticket["id"],
        state=LadderState.ACCEPTED,
        started_at=at,
        round=1,
        rung=wanted,
        ended_at=accepted,
        accepted_attempt_id=attempt_id,
        connected_at=accepted + timedelta(seconds=8),
    )
    return person, accepted


def _note(life: Life, verb: str, at: datetime, msgid: str, **params: str) -> None:
    said = Line(msgid, params)
    life.entry(verb, LADDER, at, life.ticket["state"], write(said), {SENTENCE: keep(said)})


def _attempt(
    world: World,
    life: Life,
    ladder_id: int,
    rung: int,
    tier: Tier,
    person: Worker,
    starts: datetime,
    accepted: datetime | None,
    ended: datetime,
) -> int:
    return world.writer.add(
        EscalationAttempt,
        ladder_id=ladder_id,
        ticket_id=life.ticket["id"],
        round=1,
        rung=rung,
        tier=tier,
        staff_id=person.staff_id,
        number=duty_number(world.estate, tier),
        state=AttemptState.ACCEPTED if accepted else AttemptState.NO_ANSWER,
        provider_sid=f"CA{world.random.getrandbits(128):032x}",
        started_at=starts,
        deadline_at=starts + _ACCEPT_LIMIT,
        answered_at=accepted - timedelta(seconds=5) if accepted else None,
        accepted_at=accepted,
        ended_at=ended,
        error=None if accepted else "not accepted in time",
    )
