"""Words of danger ring the roster whatever was asked and whichever key was pressed before (D7); the place is found in them."""

import pytest

from app.models import Ladder
from tests.support.hotline import LI, STRANGER


def notes(ticket) -> str:
    return " ".join(entry.note for entry in ticket.entries)


def test_danger_told_only_when_it_is_said_again_rings_the_roster(phone, ticket_of, session):
    line = phone().press("1").press("1").say("水管有点问题").press("1").press("2").say("厨房煤气泄漏了")
    assert "119" in line.said
    assert ticket_of(line).priority == "emergency"
    assert session.query(Ladder).one().ticket_id == ticket_of(line).id
    line.press("1").press("2").say("煤气泄漏，快来人")
    assert session.query(Ladder).count() == 1


@pytest.mark.parametrize("key", ["3", "4"])
def test_danger_said_as_a_question_or_a_wish_is_an_emergency(phone, ticket_of, session, key):
    line = phone().press(key).press("1").say("我家着火了怎么办")
    assert "119" in line.said
    assert line.has("Enqueue")
    ticket = ticket_of(line)
    assert (ticket.kind, ticket.category.code, ticket.house.name) == ("emergency", "fire", "3幢2单元1201")
    assert "着火" in ticket.description
    assert session.query(Ladder).one().ticket_id == ticket.id


@pytest.mark.parametrize(
    ("words", "house"), [("我家着火了快来人", None), ("三幢二单元幺二零幺着火了快来人", "3幢2单元1201")]
)
def test_danger_said_where_the_house_was_asked_is_an_emergency(phone, ticket_of, session, words, house):
    line = phone(STRANGER).press("1").say(words)
    assert line.has("Enqueue")
    ticket = ticket_of(line)
    assert (ticket.kind, ticket.house and ticket.house.name) == ("emergency", house)
    assert session.query(Ladder).one().ticket_id == ticket.id


def test_a_complaint_of_danger_is_told_how_to_ring_the_roster_and_rings_nobody_by_itself(phone, ticket_of, session):
    line = phone().press("2").press("1").say("上次电梯困人没有人道歉")
    assert "119" in line.said
    assert "请立即按9" in line.said
    assert ticket_of(line).kind == "complaint"
    assert session.query(Ladder).count() == 0
    line.press("9")
    session.rollback()
    assert session.query(Ladder).count() == 1


def test_the_house_in_the_words_of_an_emergency_is_taken_and_said_back(phone, ticket_of):
    line = phone(STRANGER).press("9").say("五号楼一单元三零二水管爆了")
    assert "5幢1单元三零二" in line.said
    assert ticket_of(line).house.name == "5幢1单元302"


def test_another_house_than_the_caller_s_own_is_taken_from_the_words(phone, ticket_of):
    line = phone().press("9").say("五号楼一单元三零二水管爆了")
    ticket = ticket_of(line)
    assert ticket.house.name == "5幢1单元302"
    assert any(entry.data.get("house_before") == "3幢2单元1201" for entry in ticket.entries)


def test_a_house_in_doubt_is_noted_and_not_taken(phone, ticket_of):
    ticket = ticket_of(phone(STRANGER).press("9").say("三动二但愿幺二零要着火了"))
    assert ticket.house is None
    assert "3幢2单元1201" in notes(ticket)


def test_whoever_takes_it_reads_the_houses_of_a_number_that_has_several(phone, ticket_of):
    ticket = ticket_of(phone(LI).press("9").press("3"))
    assert ticket.house is None
    assert "1幢1单元101" in notes(ticket)
    assert "5幢1单元302" in notes(ticket)


def test_who_takes_emergency_help_from_the_catalogue_hears_of_key_9():
    from app.rules.call_flow.model import Facts
    from app.rules.call_flow.service_words import price
    from app.rules.call_flow.world import Choice

    said = [line.msgid for line in price(Facts(item=Choice(1, "紧急救助", "Emergency help", "emergency_help")))]
    assert "press 9" in said[0]
    assert "press 9" not in price(Facts(item=Choice(2, "代订餐", "Meals", "meals")))[0].msgid


@pytest.mark.parametrize(
    ("words", "category", "advice"),
    [("厨房着火了", "fire", "从楼梯"), ("煤气泄漏了", "gas", "从楼梯"), ("大堂有人持刀", "security", "")],
)
def test_the_advice_is_that_of_the_danger(phone, ticket_of, words, category, advice):
    line = phone().press("9").say(words)
    assert ticket_of(line).category.code == category
    assert ("从楼梯" in line.said) == bool(advice)


def test_key_1_of_an_emergency_is_fire(phone, ticket_of):
    assert ticket_of(phone().press("9").press("1")).category.code == "fire"


def test_who_withholds_the_number_is_not_offered_to_be_called_back(phone, session):
    line = phone("+266696687").press("9").say("厨房着火了")
    line.post("/hotline/voice/wait", QueueTime="3")
    assert "回电" not in line.said
    line.post("/hotline/voice/wait-key", QueueTime="3", Digits="1")
    assert not line.has("Leave")
    assert not session.query(Ladder).one().caller_wants_callback
