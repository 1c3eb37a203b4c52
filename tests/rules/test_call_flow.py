"""The call flow as a table: every question × every key, and any sequence of inputs ends in a ticket (I4, I8)."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.arrears import Owed
from app.rules.call_flow import FINAL, Facts, Flow, Heard, OpenTicket, Step, World, advance, begin, end, moves_forward
from app.rules.call_flow.effects import Amend, AskAgain, Join, Open, PinTried, Receipt, StartLadder
from app.rules.call_flow.fees import MOST_HOLDS
from app.rules.call_flow.machine import HANDLERS, MAX_TURNS
from app.rules.call_flow.model import EXPECTS, Ask, Connect, HangUp, Hold, TakeRecording, Wait
from app.rules.call_flow.words import Line
from app.rules.call_flow.world import Choice, Payer, PinCheck, RecordingNow, Service
from app.rules.classify import Finding, Word
from app.rules.codes import CallOutcome
from app.rules.place import HouseKey, Match
from app.rules.prices import PriceTag
from app.rules.voice_pin import PinState

HOME = HouseKey(7, "3", "2", "1201", "3幢2单元1201")
OTHER_HOME = HouseKey(8, "5", "1", "302", "5幢1单元302")
WORDS = (Word("漏水", "water"), Word("着火", "security", "emergency"), Word("噪音", "noise"))
KNOWN = World(houses=(HOME,), words=WORDS, person_number="+862160000001", can_text=True)
UNKNOWN = World(words=WORDS)


class Caller:
    """Drives the machine as the service does: opened tickets get ids and numbers."""

    def __init__(self, world: World = KNOWN, locale: str = "zh") -> None:
        self.world = world
        self.numbers = count(1)
        self.opened: list[Open] = []
        self.effects: list = []
        self.reply = self._settle(begin(locale, "阳光花园"))

    def _settle(self, reply):
        self.effects += reply.effects
        flow = reply.flow
        for effect in reply.effects:
            if isinstance(effect, Open):
                number = next(self.numbers)
                self.opened.append(effect)
                flow = flow.know(ticket_id=number, ticket_number=f"{number:08d}")
        return replace(reply, flow=flow)

    def press(self, digits: str) -> "Caller":
        return self.send(Heard(digits=digits))

    def say(self, words: str) -> "Caller":
        return self.send(Heard(speech=words))

    def send(self, heard: Heard) -> "Caller":
        self.reply = self._settle(advance(self.reply.flow, heard, self.world))
        return self

    def hang_up(self):
        ending = end(self.reply.flow)
        for effect in ending.effects:
            if isinstance(effect, Open):
                self.opened.append(effect)
        return ending

    @property
    def step(self) -> Step:
        return self.reply.flow.step

    @property
    def facts(self) -> Facts:
        return self.reply.flow.facts

    @property
    def said(self) -> str:
        return " ".join(line.msgid for line in self.reply.lines)


def test_the_whole_way_of_a_repair():
    caller = Caller()
    assert caller.said.startswith("Thank you for calling")
    assert caller.press("1").step == Step.HOUSE
    assert caller.press("1").step == Step.DESCRIBE
    assert caller.say("厨房漏水").step == Step.PLACE
    assert caller.opened == [Open("repair", "water", "厨房漏水", found=Finding("water", category_word="漏水"))]
    assert caller.press("1").step == Step.CONFIRM
    assert caller.press("1").step == Step.END
    assert isinstance(caller.reply.verb, HangUp)
    assert Receipt() in caller.effects
    assert "Your ticket number is" in caller.said
    assert caller.hang_up().outcome == CallOutcome.TICKET
    assert len(caller.opened) == 1


@pytest.mark.parametrize(
    ("key", "kind"), [("1", "repair"), ("2", "complaint"), ("3", "consultation"), ("4", "service")]
)
def test_the_first_four_keys_are_kinds(key, kind):
    caller = Caller().press(key).press("1").say("楼上噪音")
    assert [opened.kind for opened in caller.opened] == [kind]


def test_key_8_turns_the_language():
    caller = Caller().press("8")
    assert (caller.reply.flow.locale, caller.step) == ("en", Step.MENU)
    assert Caller(locale="en").press("8").reply.flow.locale == "zh"


def test_star_repeats_without_using_up_a_try():
    caller = Caller()
    for _ in range(5):
        caller.press("*")
    assert (caller.step, caller.facts.tries) == (Step.MENU, 0)


def test_several_houses_are_offered_by_digit():
    world = replace(KNOWN, houses=(HOME, OTHER_HOME))
    assert Caller(world).press("1").press("2").facts.house == OTHER_HOME
    assert Caller(world).press("1").press("1").facts.house == HOME
    assert Caller(world).press("1").press("0").step == Step.WHICH_HOUSE
    assert Caller(world).press("1").press("5").step == Step.HOUSE


def test_an_unknown_caller_is_asked_and_doubt_is_asked_back():
    caller = Caller(UNKNOWN).press("1")
    assert caller.step == Step.WHICH_HOUSE
    caller.world = replace(UNKNOWN, match=Match(candidates=(HOME,)))
    assert caller.say("三幢一二零一").step == Step.HOUSE_CHECK
    assert caller.facts.house is None
    assert caller.press("1").facts.house == HOME


def test_after_some_tries_the_call_goes_on_without_a_house():
    caller = Caller(UNKNOWN).press("1")
    for _ in range(3):
        caller.say("不知道")
    assert (caller.step, caller.facts.house) == (Step.DESCRIBE, None)


def test_silence_everywhere_ends_with_a_recorded_message_and_a_ticket():
    caller = Caller()
    seen = []
    for _ in range(20):
        seen.append(type(caller.reply.verb))
        if isinstance(caller.reply.verb, HangUp):
            break
        caller.send(Heard())
    assert TakeRecording in seen
    assert seen[-1] is HangUp
    assert len(caller.opened) == 1
    assert caller.hang_up().outcome == CallOutcome.SILENT


def test_a_recording_is_the_second_way():
    caller = Caller().press("1").press("1").send(Heard()).send(Heard())
    assert caller.step == Step.RECORD
    assert isinstance(caller.reply.verb, TakeRecording)
    caller.send(Heard(recording=True))
    assert caller.step == Step.PLACE
    assert isinstance(caller.opened[0].description, Line)


def test_a_hang_up_during_the_recording_still_opens_the_ticket():
    caller = Caller().press("1").press("1").press("1").send(Heard(recording=True, hung_up=True))
    assert isinstance(caller.reply.verb, HangUp)
    assert len(caller.opened) == 1
    assert caller.hang_up().outcome == CallOutcome.TICKET


def test_no_at_the_read_back_starts_again_and_amends():
    caller = Caller().press("1").press("1").say("漏水").press("1").press("2")
    assert caller.step == Step.DESCRIBE
    caller.say("噪音")
    assert caller.step == Step.PLACE
    assert len(caller.opened) == 1
    assert any(isinstance(effect, Amend) and effect.description == "噪音" for effect in caller.effects)


def test_no_at_the_read_back_asks_a_house_that_was_only_heard():
    caller = Caller(UNKNOWN).press("3")
    caller.world = replace(UNKNOWN, match=Match(house=HOME))
    caller.say("三幢二单元一二零一").say("几点开门").press("2")
    assert caller.step == Step.WHICH_HOUSE


def test_a_further_contact_is_told_and_joined():
    world = replace(KNOWN, further=(OpenTicket(42, "20000042", "dispatched", "repair", "water"),))
    caller = Caller(world).press("1").press("1").say("还在漏水")
    assert (caller.step, caller.opened) == (Step.SAME, [])
    joined = Caller(world).press("1").press("1").say("还在漏水").press("2")
    assert Join(42, "还在漏水", Finding("water", None, "漏水")) in joined.effects
    assert joined.facts.ticket_number == "20000042"
    assert joined.hang_up().outcome == CallOutcome.CONTACT_ON_TICKET
    assert caller.hang_up().outcome == CallOutcome.CONTACT_ON_TICKET
    anew = Caller(world).press("1").press("1").say("还在漏水").press("1")
    assert len(anew.opened) == 1


def test_a_stranger_hears_nothing_of_a_house_it_only_named():
    world = replace(UNKNOWN, match=Match(house=HOME), further=(OpenTicket(42, "20000042", "dispatched", "", "water"),))
    caller = Caller(world).press("1").say("三幢二单元一二零一").say("漏水")
    assert (caller.step, len(caller.opened)) == (Step.PLACE, 1)


def test_words_of_danger_ring_the_roster_at_once_and_9_joins_the_same_ticket():
    caller = Caller().press("1").press("1").say("厨房着火了")
    assert caller.opened[0].priority == "emergency"
    assert StartLadder() in caller.effects
    assert "119" in caller.said
    caller.press("9")
    assert len(caller.opened) == 1
    assert caller.say("火很大").step == Step.QUEUE


def test_a_complaint_about_a_fire_of_last_year_rings_nobody():
    caller = Caller().press("2").press("1").say("去年着火以后没人管")
    assert StartLadder() not in caller.effects


def test_progress_tells_number_and_state_only():
    world = replace(KNOWN, own_tickets=(OpenTicket(1, "20000001", "dispatched"),))
    caller = Caller(world).press("5")
    assert caller.reply.lines[0].msgid == "Ticket %(number)s: %(state)s."
    ending = caller.hang_up()
    assert ending.outcome == CallOutcome.NO_MATTER
    assert ending.effects[0].quiet


def test_progress_of_an_unknown_caller_asks_the_number():
    caller = Caller(UNKNOWN).press("5")
    assert caller.step == Step.PROGRESS
    caller.world = replace(UNKNOWN, looked_up=OpenTicket(1, "20000001", "done"))
    assert caller.press("20000001").step == Step.PROGRESS_NEXT


SOME_ONES = Payer(HOME, (1,), PinState.SET)
SOMEBODY_ELSES = Payer(OTHER_HOME, (2,), PinState.SET)


@pytest.mark.parametrize(
    ("payers", "step", "said"),
    [
        ((), Step.FEES, "only to an owner"),
        ((replace(SOME_ONES, pin=PinState.NONE),), Step.FEES, "only to an owner"),
        ((replace(SOME_ONES, pin=PinState.LOCKED),), Step.FEES, "is locked"),
        ((SOME_ONES,), Step.FEES_PIN, "six-digit"),
        ((SOME_ONES, replace(SOME_ONES, house=OTHER_HOME)), Step.FEES_PIN, "six-digit"),
        ((SOME_ONES, SOMEBODY_ELSES), Step.FEES_HOUSE, "Whose bills"),
    ],
)
def test_sums_are_asked_for_with_a_pin(payers, step, said):
    caller = Caller(replace(KNOWN, payers=payers)).press("6")
    assert caller.step == step
    assert said in caller.said
    assert "yuan" not in caller.said


@pytest.mark.parametrize(
    ("keyed", "check", "owed", "step", "said", "effect"),
    [
        ("482917", PinCheck(1), Owed(2, Decimal("504.00"), Decimal("252.00")), Step.FEES, "overdue", PinTried((1,), 1)),
        (
            "482917",
            PinCheck(1),
            Owed(0, Decimal(0), Decimal(0)),
            Step.FEES,
            "All your bills are paid",
            PinTried((1,), 1),
        ),
        ("482918", PinCheck(None, 2), None, Step.FEES_PIN, "Tries left", PinTried((1,), None)),
        ("482918", PinCheck(None, 0), None, Step.FEES, "is locked", PinTried((1,), None)),
        ("4829", None, None, Step.FEES_PIN, "six digits", None),
        ("", None, None, Step.FEES_PIN, "did not hear", None),
    ],
)
def test_a_pin_is_right_wrong_or_none(keyed, check, owed, step, said, effect):
    caller = Caller(replace(KNOWN, payers=(SOME_ONES,))).press("6")
    caller.world = replace(caller.world, pin=check, owed=owed)
    caller.press(keyed)
    assert (caller.step, said in caller.said) == (step, True), caller.said
    assert [found for found in caller.effects if isinstance(found, PinTried)] == ([effect] if effect else [])


@pytest.mark.parametrize(
    ("recording", "step", "verb", "said"),
    [
        (RecordingNow.NONE, Step.FEES_PIN, Ask, "six-digit"),
        (RecordingNow.PAUSED, Step.FEES_PIN, Ask, "recording is paused"),
        (RecordingNow.RUNNING, Step.FEES_PIN, Hold, "is being paused"),
        (RecordingNow.FIXED, Step.FEES, Ask, "cannot be paused"),
    ],
)
def test_a_pin_is_asked_only_where_no_recording_hears_it(recording, step, verb, said):
    caller = Caller(replace(KNOWN, payers=(SOME_ONES,), recording=recording)).press("6")
    assert (caller.step, type(caller.reply.verb)) == (step, verb)
    assert said in caller.said
    assert ("six-digit" in caller.said) == (verb is Ask and step == Step.FEES_PIN)


@pytest.mark.parametrize("rounds", range(7))
def test_a_caller_is_held_until_it_is_paused_and_not_for_ever(rounds):
    caller = Caller(replace(KNOWN, payers=(SOME_ONES,), recording=RecordingNow.RUNNING)).press("6")
    for _ in range(min(rounds, MOST_HOLDS)):
        assert caller.step == Step.FEES_PIN
        caller.press("")
    if rounds < MOST_HOLDS:
        caller.world = replace(caller.world, recording=RecordingNow.PAUSED)
        assert "six-digit" in caller.press("").said
        assert caller.facts.holds == 0
    else:
        assert (caller.step, "cannot be paused" in caller.said) == (Step.FEES, True)


def test_owners_who_share_a_number_choose_their_house_first():
    caller = Caller(replace(KNOWN, payers=(SOME_ONES, SOMEBODY_ELSES))).press("6").press("2")
    assert (caller.step, caller.facts.payers) == (Step.FEES_PIN, (2,))
    assert Caller(replace(KNOWN, payers=(SOME_ONES, SOMEBODY_ELSES))).press("6").press("7").step == Step.FEES_HOUSE


def test_progress_is_not_told_to_a_withheld_number():
    caller = Caller(replace(UNKNOWN, withheld=True)).press("5")
    assert (caller.step, "told only to the number" in caller.said) == (Step.PROGRESS_NEXT, True)


def test_fees_speak_no_amount_and_1_makes_finance_ring_back():
    assert Caller().press("6").hang_up().outcome == CallOutcome.NO_MATTER
    caller = Caller().press("6").press("1")
    assert (caller.opened[0].kind, caller.opened[0].category, caller.opened[0].callback) == (
        "consultation",
        "fee",
        True,
    )
    assert Caller().press("6").press("2").step == Step.MENU


def test_a_person_is_dialled_and_else_a_message_is_taken():
    caller = Caller().press("0")
    assert caller.reply.verb == Connect("+862160000001", 30)
    assert caller.send(Heard(dial_status="no-answer")).step == Step.MESSAGE
    assert caller.send(Heard(recording=True)).opened[0].callback
    talked = Caller().press("0").send(Heard(dial_status="completed"))
    assert talked.hang_up().outcome == CallOutcome.CONNECTED
    assert len(talked.opened) == 1
    assert Caller(UNKNOWN).press("0").step == Step.MESSAGE


@pytest.mark.parametrize("step", sorted(EXPECTS))
def test_9_reaches_the_emergency_from_every_question(step):
    flow = Flow(step, Facts(kind="repair", offered=(HOME,)))
    reply = advance(flow, Heard(digits="9"), KNOWN)
    assert reply.flow.facts.emergency
    assert {type(effect) for effect in reply.effects} >= {Open, StartLadder}
    assert next(effect for effect in reply.effects if isinstance(effect, Open)).priority == "emergency"
    assert "119" in reply.lines[0].msgid


@pytest.mark.parametrize("key", ["1", "2", "3", "4", "5"])
def test_an_emergency_ends_in_the_queue(key):
    caller = Caller().press("9").press(key)
    assert (caller.step, caller.reply.verb) == (Step.QUEUE, Wait())
    assert caller.send(Heard(queue_result="bridged")).hang_up().outcome == CallOutcome.CONNECTED
    assert len(caller.opened) == 1


def test_a_caller_in_danger_who_says_nothing_waits_all_the_same():
    caller = Caller().press("9").send(Heard())
    assert caller.reply.verb == Wait()
    assert caller.hang_up().outcome == CallOutcome.TICKET


KEYS = ["", *"0123456789*#", "12", "999", "0630"]


@pytest.mark.parametrize("step", sorted(HANDLERS))
@pytest.mark.parametrize("key", KEYS)
def test_every_key_at_every_question_leads_on(step, key):
    flow = Flow(step, Facts(kind="repair", offered=(HOME, OTHER_HOME), turn=3, tries=5))
    reply = advance(flow, Heard(digits=key), KNOWN)
    assert reply.flow.facts.turn == 4
    assert isinstance(reply.verb, Ask | TakeRecording | Connect | Wait | HangUp)
    if isinstance(reply.verb, Ask):
        assert reply.lines


NOW = datetime(2026, 3, 10, 6, 28, tzinfo=UTC)
CATALOGUE = (
    Service(Choice(1, "叫醒服务", "Wake-up call", "wake_up")),
    Service(
        Choice(2, "复印", "Copying", "copy", paid=True),
        (
            Choice(1, "A4", "A4", price=PriceTag("fixed", "0.50", "张", "sheet")),
            Choice(2, "A3", "A3", price=PriceTag("fixed", "1.00", "张", "sheet")),
        ),
    ),
    *(Service(Choice(number, f"服务{number}")) for number in range(3, 20)),
)
INPUTS = st.one_of(
    st.builds(Heard, digits=st.sampled_from(KEYS)),
    st.builds(Heard, speech=st.sampled_from(["漏水", "着火", "复印", "叫醒服务", "喂", "x" * 500])),
    st.builds(Heard, recording=st.booleans(), hung_up=st.booleans()),
    st.builds(Heard, dial_status=st.sampled_from(["completed", "no-answer", "busy", "failed"])),
    st.builds(Heard, queue_result=st.sampled_from(["bridged", "leave", "hangup", "error"])),
)
WORLDS = st.sampled_from(
    [
        KNOWN,
        UNKNOWN,
        replace(KNOWN, houses=(HOME, OTHER_HOME)),
        replace(UNKNOWN, match=Match(house=HOME)),
        replace(UNKNOWN, match=Match(candidates=(HOME, OTHER_HOME))),
        replace(KNOWN, further=(OpenTicket(42, "20000042", "dispatched", "repair", "water"),)),
        replace(KNOWN, own_tickets=(OpenTicket(1, "20000001", "dispatched"),)),
        replace(KNOWN, catalogue=CATALOGUE, local_now=NOW, own_number="+8613800138001"),
        replace(UNKNOWN, catalogue=CATALOGUE, local_now=NOW, keyed_number="+8613700137000"),
        replace(KNOWN, payers=(SOME_ONES, SOMEBODY_ELSES), pin=PinCheck(None, 1)),
    ]
)


@given(WORLDS, st.lists(INPUTS, max_size=30))
def test_whatever_a_caller_does_the_call_ends_in_a_ticket(world, inputs):
    caller = Caller(world)
    for heard in inputs:
        caller.send(heard)
        assert Facts.from_json(caller.facts.to_json()) == caller.facts
    ending = caller.hang_up()
    joined = any(isinstance(effect, Join) for effect in [*caller.effects, *ending.effects])
    assert caller.opened or joined
    assert ending.outcome in set(CallOutcome)


@given(WORLDS, st.lists(st.sampled_from(["1", "2", "7", ""]), min_size=1, max_size=4))
def test_no_call_goes_round_for_ever(world, keys):
    caller = Caller(world)
    for turn in range(MAX_TURNS + 20):
        caller.press(keys[turn % len(keys)])
        if isinstance(caller.reply.verb, HangUp | Wait):
            return
    raise AssertionError("still talking")


def test_states_only_move_forward():
    assert moves_forward("ringing", "in-progress")
    assert not moves_forward("in-progress", "ringing")
    for final in FINAL:
        assert moves_forward("in-progress", final)
        assert not moves_forward(final, "completed")
    assert not moves_forward("ringing", "nonsense")


def test_whoever_asks_for_the_progress_of_an_open_matter_urges_it():
    world = replace(KNOWN, own_tickets=(OpenTicket(1, "20000001", "waiting"), OpenTicket(2, "20000002", "done")))
    caller = Caller(world).press("5")
    assert AskAgain((1,)) in caller.effects
    assert caller.reply.lines[2].msgid.startswith("That you ask again")
    settled = Caller(replace(KNOWN, own_tickets=(OpenTicket(2, "20000002", "done"),))).press("5")
    assert not [effect for effect in settled.effects if isinstance(effect, AskAgain)]
