"""A dispute between neighbours of the demo (D5): both sides heard, two items of evidence, a first talk, the next one still to come."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.models import DisputeEvidence, DisputeParty, DisputeStatement, DisputeTalk
from app.rules.codes import DisputeMatter, EvidenceKind, StatementState, StatementWay, TalkOutcome, TalkWay
from app.services.demo.people import OWNER_HOUSES

if TYPE_CHECKING:
    from app.services.demo.life import Life
    from app.services.demo.staff import Worker
    from app.services.demo.world import World

_SAID = (
    "我的固定车位近半个月被同一辆车占了五次，晚上回来只能停到外面，打电话对方也不接。",
    "我以为那是访客位，画线不清楚。占过两次，接到电话就下来挪了，没有五次那么多。",
)
_LISTED = (
    (EvidenceKind.PHOTO, 1, "三张车位被占照片，可见车牌与日期", "当事人手机，原图留存"),
    (EvidenceKind.OBSERVATION, None, "现场查看：车位编号清晰，画线磨损约一半", ""),
)
_NOBODY = "报事业户"
_NOTES = "双方均同意重新画线；业主希望对方书面承诺不再占用，对方愿先口头承诺，一周后再谈。"


def begin_dispute(world: World, life: Life, by: Worker) -> None:
    """Make a complaint in hand a dispute with somebody of the same building, as the steps on its page would."""
    assert life.complaint is not None
    at = life.now + timedelta(minutes=4)
    life.go_to(at)
    life.complaint.row |= {"dispute": DisputeMatter.PARKING, "dispute_at": at, "dispute_by": by.name}
    sides = [_side(world, life, by, place, at) for place in (1, 2)]
    _note(life, by, at, "dispute", matter=str(DisputeMatter.PARKING))
    for place, (side, words) in enumerate(zip(sides, _SAID, strict=True), 1):
        at += timedelta(minutes=35)
        _hear(world, life, by, place, side, words, at)
    for number, (kind, giver, what, kept) in enumerate(_LISTED, 1):
        at += timedelta(minutes=6)
        world.writer.add(
            DisputeEvidence,
            ticket_id=life.ticket["id"],
            party_id=sides[giver - 1] if giver else None,
            number=number,
            kind=kind,
            what=what,
            made_at=at - timedelta(hours=2),
            kept=kept,
            taken_at=at,
            taken_by=by.name,
            struck_by="",
            struck_why="",
        )
        life.go_to(at)
        _note(life, by, at, "dispute_evidence", side=giver, item=number, evidence=str(kind))
    at += timedelta(minutes=40)
    _talk(world, life, by, at)


def _side(world: World, life: Life, by: Worker, place: int, at: Any) -> int:
    ticket = life.ticket
    who = {
        "name": ticket["reporter_name"] or _NOBODY,
        "phone": ticket["reporter_phone"],
        "person_id": ticket["reporter_id"],
    }
    house_id = ticket["house_id"]
    if place == 2:
        house = next(
            one
            for one in world.estate.houses
            if one.building_number == 5 and one.id != ticket["house_id"] and one.name not in OWNER_HOUSES
            if world.households.contacts.get(one.id) and world.households.at_home_on(one.id, world.today)
        )
        contact = world.households.at_home_on(house.id, world.today)[0]
        who = {"name": contact.name, "phone": contact.phone, "person_id": contact.person_id}
        house_id = house.id
    pk = world.writer.add(
        DisputeParty, ticket_id=ticket["id"], place=place, house_id=house_id, added_at=at, added_by=by.name, **who
    )
    _note(life, by, at, "dispute_party", side=place)
    return pk


def _hear(world: World, life: Life, by: Worker, place: int, side: int, words: str, at: Any) -> None:
    life.go_to(at)
    world.writer.add(
        DisputeStatement,
        ticket_id=life.ticket["id"],
        party_id=side,
        number=place,
        way=StatementWay.IN_PERSON if place == 1 else StatementWay.AT_HOME,
        heard_at=at,
        words=words,
        taken_at=at,
        taken_by=by.name,
        state=StatementState.CONFIRMED,
        settled_at=at + timedelta(minutes=5),
        settled_by=by.name,
        answer="",
    )
    _note(life, by, at, "dispute_statement", side=place, item=place)
    later = at + timedelta(minutes=5)
    life.go_to(later)
    _note(life, by, later, "dispute_read", side=place, item=place, statement=str(StatementState.CONFIRMED))


def _talk(world: World, life: Life, by: Worker, at: Any) -> None:
    life.go_to(at)
    world.writer.add(
        DisputeTalk,
        ticket_id=life.ticket["id"],
        number=1,
        way=TalkWay.TOGETHER,
        held_at=at,
        present=[1, 2],
        others="",
        notes=_NOTES,
        outcome=TalkOutcome.AGAIN,
        agreement="",
        signed=[],
        next_at=world.at(world.today + timedelta(days=1), 15),
        noted_at=at,
        noted_by=by.name,
    )
    _note(life, by, at, "dispute_talk", item=1, talk=str(TalkWay.TOGETHER), outcome=str(TalkOutcome.AGAIN))


def _note(life: Life, by: Worker, at: Any, verb: str, **data: Any) -> None:
    life.entry(verb, by, at, life.ticket["state"], data=data)
