"""Houses and buildings said where no house was asked: taken when certain, noted on the ticket otherwise (D2)."""

# ruff: noqa: F811  (fixtures of a neighbour)

import pytest
from sqlalchemy import select

from app.models import Message, Ticket
from app.services import alarms
from app.services.actors import Actor
from app.services.escalation_tell import where
from tests.hotline.test_sms import text, tickets  # noqa: F401
from tests.support.hotline import LI, STRANGER, ZHANG


def notes(ticket) -> str:
    return " ".join(entry.note for entry in ticket.entries)


def desk(ticket) -> Actor:
    return Actor(1, "desk", "desk", frozenset({"assistant"}), community_ids=frozenset({ticket.community_id}))


def told(ticket) -> tuple[str | None, str | None]:
    return ticket.house and ticket.house.name, ticket.building and ticket.building.name


@pytest.mark.parametrize(
    ("number", "words", "place"),
    [
        (STRANGER, "三号楼电梯", (None, "3幢")),
        (ZHANG, "三号楼电梯", ("3幢2单元1201", "3幢")),
        (ZHANG, "五号楼大厅", ("3幢2单元1201", "5幢")),
        (ZHANG, "小区大门口", ("3幢2单元1201", "3幢")),
        (STRANGER, "小区大门口", (None, None)),
        (STRANGER, "3幢2单元1201门口", (None, "3幢")),
        (STRANGER, "the lift of building 5", (None, "5幢")),
    ],
)
def test_the_building_of_a_public_area_is_taken_from_the_words(phone, ticket_of, number, words, place):
    line = phone(number).press("1")
    line = line.press("1") if number == ZHANG else line.press("0")
    ticket = ticket_of(line.say("电梯有怪声").press("2").say(words).press("1").hang_up())
    assert (told(ticket), ticket.place) == (place, words)


def test_a_building_in_doubt_is_noted(phone, ticket_of):
    ticket = ticket_of(phone(STRANGER).press("1").press("0").say("路灯坏了").press("2").say("三号楼和五号楼之间"))
    assert told(ticket) == (None, None)
    assert "可能是以下楼栋之一：3, 5" in notes(ticket)


def test_who_names_a_building_where_the_house_is_asked_has_it_on_the_ticket(phone, ticket_of):
    line = phone(STRANGER).press("1").say("三号楼的电梯").press("0").press("0")
    ticket = ticket_of(line.say("电梯不动了"))
    assert told(ticket) == (None, "3幢")
    line.press("2").say("轿厢里").press("")
    assert "楼栋：3号楼" in line.said


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("三号楼电梯坏了", (None, "3幢")),
        ("3幢2单元1201厨房漏水", ("3幢2单元1201", "3幢")),
        ("有一个水龙头漏水", (None, None)),
    ],
)
def test_a_description_without_a_house_tells_it(phone, ticket_of, words, place):
    line = phone(STRANGER).press("1").press("0").say(words)
    assert told(ticket_of(line)) == place
    if place[0]:
        assert "3幢2单元幺二零幺" in line.press("1").said, "read back, so that the caller can correct it"


def test_another_building_than_the_chosen_house_s_is_noted(phone, ticket_of):
    ticket = ticket_of(phone().press("1").press("1").say("五幢装修的声音吵"))
    assert told(ticket) == ("3幢2单元1201", "3幢")
    assert "来电内容提到另一楼栋：5" in notes(ticket)


@pytest.mark.parametrize(
    ("number", "words", "place", "said"),
    [
        (STRANGER, "三号楼电梯里有人被困", (None, "3幢"), "3号楼"),
        (LI, "五号楼着火了", (None, "5幢"), "5号楼"),
        (ZHANG, "五号楼着火了", (None, "5幢"), "5号楼"),
        (ZHANG, "三号楼着火了", ("3幢2单元1201", "3幢"), ""),
    ],
)
def test_the_building_of_an_emergency_is_taken_and_said_back(phone, ticket_of, number, words, place, said, session):
    line = phone(number).press("9").say(words)
    ticket = ticket_of(line)
    assert told(ticket) == place
    assert said in line.said
    assert (place[0] or place[1]) in where(ticket), "who is rung hears where it is"
    (alarm,) = alarms.ringing(session, desk(ticket), ticket.created_at)
    assert (place[0] or place[1]) in alarm.where


def test_danger_in_another_building_is_not_assumed_at_the_caller_s_home(phone, ticket_of):
    line = phone().press("3").press("2").say("五号楼着火了")
    assert "3幢2单元" not in line.said
    assert told(ticket_of(line)) == (None, "5幢")


def test_danger_described_for_a_chosen_house_is_where_the_words_say(phone, ticket_of):
    ticket = ticket_of(phone().press("1").press("1").say("五号楼楼道着火了"))
    assert (ticket.priority, told(ticket)) == ("emergency", ("3幢2单元1201", "5幢"))
    assert "5幢" in where(ticket)


@pytest.mark.parametrize(
    ("number", "body", "place"),
    [
        (STRANGER, "3幢2单元楼道着火了", (None, "3幢")),
        (ZHANG, "3幢2单元楼道着火了", ("3幢2单元1201", "3幢")),
        (ZHANG, "5号楼电梯坏了", (None, "5幢")),
        (STRANGER, "3幢2单元1201厨房漏水", ("3幢2单元1201", "3幢")),
        (LI, "五幢水管漏水", ("5幢1单元302", "5幢")),
        (LI, "水管漏水", (None, None)),
        (ZHANG, "厨房水龙头漏水", ("3幢2单元1201", "3幢")),
    ],
)
def test_a_text_message_tells_house_or_building(text, session, number, body, place):
    text(body, number)
    (ticket,) = tickets(session)
    assert told(ticket) == place


def test_a_stranger_who_texts_about_a_house_is_told_nothing_of_its_matters(text, session):
    text("厨房水龙头漏水")
    text("3幢2单元1201水龙头漏水", STRANGER)
    assert session.query(Ticket).count() == 2
    bodies = session.scalars(select(Message.body).where(Message.to == STRANGER)).all()
    assert not any("已补充到" in body for body in bodies)


def test_the_place_of_a_text_message_in_doubt_is_noted(text, session):
    text("三号楼1201漏水", STRANGER)
    (ticket,) = tickets(session)
    assert told(ticket) == (None, "3幢")
    assert "3幢2单元1201" in notes(ticket)
    assert "3幢1单元1201" in notes(ticket)
