"""Disputes between neighbours (D5): each side heard by itself, evidence listed, talks noted, and what closing asks."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid, LinliError, Refused
from app.models import DisputeEvidence, DisputeParty, DisputeStatement, DisputeTalk, Person, Tenure, Ticket, TicketEntry
from app.rules import disputes as rules
from app.rules.codes import EvidenceKind, TalkOutcome, TalkWay
from app.rules.complaints import Part, checklist
from app.rules.disputes import DisputeFacts
from app.services import complaint_content, disputes
from app.services.complaint_verbs import take
from app.services.ticket_facts import facts_of
from app.services.ticket_verbs import perform
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

A_SAYS = "楼上每晚十一点后跳绳，持续一个月"
B_SAYS = "孩子九点就睡，声音不是我家的"
MEASURES = {"root_cause": "outside", "correction": "双方达成约定", "prevention": "加铺隔音垫"}


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


class Case:
    """A dispute and its steps by name of the person."""

    def __init__(self, session: Session, estate: SmallEstate, now: datetime, **given: Any) -> None:
        self.session, self.estate, self.now = session, estate, now
        facts = {"kind": "complaint", "category_code": "attitude_test", "title": "楼上吵闹", "reporter_name": "钱先生"}
        self.ticket: Ticket = estate.open(session, now, **{**facts, "house": estate.houses[1], **given})

    def __call__(self, step: str, *, by: str = "assistant", at: datetime | None = None, **sent: Any) -> None:
        actor, moment = self.estate.actor(by), at or self.now
        if step == "dispute":
            take(self.session, self.ticket, step, actor, moment, sent)
        else:
            disputes.take(self.session, self.ticket, step, actor, moment, sent)

    def all(self, model: Any) -> list[Any]:
        order = model.place if model is DisputeParty else model.number
        return list(self.session.scalars(select(model).where(model.ticket_id == self.ticket.id).order_by(order)))

    def side(self, place: int) -> str:
        return str(self.all(DisputeParty)[place - 1].id)

    def heard(self, *places: int) -> None:
        for place in places:
            self("statement", party_id=self.side(place), words=A_SAYS if place == 1 else B_SAYS, alone="1")
            self("read", statement_id=str(self.all(DisputeStatement)[-1].id), state="confirmed")

    def part(self, part: Part) -> Any:
        facts = facts_of(self.session, self.ticket, self.estate.actor("supervisor"))
        return next((item for item in checklist(facts) if item.part == part), None)


@pytest.fixture
def case(session: Session, estate: SmallEstate, now: datetime) -> Case:
    made = Case(session, estate, now)
    made("dispute", matter="disturbance", name="2幢201孙女士", house_id=estate.houses[2].id)
    return made


# ---- the rules -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statements", "left"),
    [
        ([], {1, 2}),
        ([(1, "taken")], {1, 2}),
        ([(1, "confirmed")], {2}),
        ([(1, "signed"), (2, "taken")], {2}),
        ([(1, "signed"), (2, "refused")], set()),
        ([(2, "taken"), (2, "confirmed"), (1, "confirmed")], set()),
    ],
)
def test_who_has_had_the_word(statements, left):
    assert rules.unheard([1, 2], statements) == left


TALK = {"present": [1, 2], "notes": "各自说明", "agreement": "", "signed": [], "next_at": None}
DONE = DisputeFacts(parties=2, unheard=0)


@pytest.mark.parametrize(
    ("outcome", "facts", "given", "refused"),
    [
        (None, DisputeFacts(2, 2), {}, ""),
        ("referred", DisputeFacts(2, 2), {}, ""),
        ("no_agreement", DisputeFacts(2, 1), {}, "Each side is heard first"),
        ("no_agreement", DisputeFacts(1, 0), {}, "Each side is heard first"),
        ("no_agreement", DONE, {}, ""),
        ("no_agreement", DONE, {"agreement": "铺垫"}, "belong to a talk"),
        ("agreement", DONE, {}, "what was agreed"),
        ("agreement", DONE, {"agreement": "铺垫", "signed": [1]}, "at least two sides"),
        ("agreement", DONE, {"agreement": "铺垫", "signed": [1, 2]}, ""),
        ("again", DONE, {}, "when the next talk"),
        (None, DONE, {"next_at": datetime(2026, 3, 11)}, "to be continued"),  # noqa: DTZ001
        (None, DONE, {"present": [1]}, "at least two sides"),
        (None, DONE, {"present": []}, "who took part"),
        (None, DONE, {"notes": ""}, "without taking sides"),
    ],
)
def test_what_may_come_of_a_talk(outcome, facts, given, refused):
    def check() -> None:
        rules.check_talk(TalkWay.TOGETHER, TalkOutcome(outcome) if outcome else None, facts, **{**TALK, **given})

    if not refused:
        check()
        return
    with pytest.raises(LinliError, match=refused):
        check()


@pytest.mark.parametrize(
    ("kind", "files", "kept", "fine"),
    [
        ("photo", 1, "", True), ("photo", 0, "", False), ("recording", 0, "3号U盘", True), ("recording", 0, "", False),
        ("document", 0, "", False), ("observation", 0, "", True), ("measurement", 0, "", True),
    ],
)  # fmt: skip
def test_an_item_can_be_looked_at(kind, files, kept, fine):
    if fine:
        rules.check_evidence(EvidenceKind(kind), what="x", files=files, kept=kept)
        return
    with pytest.raises(Invalid):
        rules.check_evidence(EvidenceKind(kind), what="x", files=files, kept=kept)


# ---- the sides -------------------------------------------------------------------------------------------------------


def test_who_complains_is_the_first_side_and_the_other_is_added(case, estate):
    first, second = case.all(DisputeParty)
    assert (first.place, first.name, first.house_id) == (1, "钱先生", estate.houses[1].id)
    assert (second.place, second.name, second.house_id) == (2, "2幢201孙女士", estate.houses[2].id)
    assert (case.ticket.complaint.dispute, case.ticket.complaint.dispute_by) == ("disturbance", "assistant员")
    with pytest.raises(Refused, match="known already"):
        case("party", name="2幢201孙女士", house_id=str(estate.houses[2].id))
    for number in range(4):
        case("party", name=f"邻居{number}")
    with pytest.raises(Refused, match="at most six"):
        case("party", name="邻居9")


def test_somebody_of_the_house_is_known_by_name(session, estate, now):
    person = Person(name="孙女士")
    session.add(person)
    session.flush()
    session.add(Tenure(person_id=person.id, house_id=estate.houses[2].id, role="owner", starts_on=now.date()))
    session.flush()
    case = Case(session, estate, now)
    case("dispute", matter="pets", name="孙女士")
    assert case.all(DisputeParty)[1].person_id is None
    case("party", name="孙女士", house_id=str(estate.houses[2].id), phone="13900000011")
    assert case.all(DisputeParty)[1].person_id == person.id
    case("dispute", matter="smoke")
    assert len(case.all(DisputeParty)) == 2, "what it is about may be put right, nobody is added twice"
    assert case.ticket.complaint.dispute == "smoke"


def test_only_complaints_and_only_where_it_was_said(session, estate, now):
    case = Case(session, estate, now)
    with pytest.raises(Refused, match="not a dispute"):
        case("party", name="x")
    with pytest.raises(Invalid, match="dispute about"):
        case("dispute", name="x")
    with pytest.raises(Invalid, match="house of this community"):
        case("dispute", matter="disturbance", name="x", house_id=999_999)
    with pytest.raises(Refused, match="Only a complaint"):
        Case(session, estate, now, kind="repair", category_code="water_test")("dispute", matter="disturbance")


@pytest.mark.parametrize("who", ["tech_a", "quality"])
def test_who_hears_the_sides(case, who):
    with pytest.raises(Forbidden):
        case("statement", by=who, party_id=case.side(1), words=A_SAYS, alone="1")


# ---- statements ------------------------------------------------------------------------------------------------------


def test_a_statement_is_taken_alone_read_back_and_then_fixed(session, case, now):
    with pytest.raises(Invalid, match="heard by itself"):
        case("statement", party_id=case.side(1), words=A_SAYS)
    with pytest.raises(Invalid, match="own words"):
        case("statement", party_id=case.side(1), alone="1")
    with pytest.raises(Invalid, match="not come yet"):
        case(
            "statement", party_id=case.side(1), words=A_SAYS, alone="1", heard_at=(now + timedelta(days=1)).isoformat()
        )
    case("statement", party_id=case.side(1), words=A_SAYS, alone="1", way="at_home")
    said = case.all(DisputeStatement)[0]
    assert (said.number, said.words, said.state, said.way, said.taken_by) == (
        1,
        A_SAYS,
        "taken",
        "at_home",
        "assistant员",
    )
    with pytest.raises(Invalid, match="sign on the screen"):
        case("read", statement_id=str(said.id), state="signed")
    with pytest.raises(Invalid, match="why it is not confirmed"):
        case("read", statement_id=str(said.id), state="refused")
    case("read", by="steward", statement_id=str(said.id), state="confirmed", answer="还要补一句")
    assert (said.state, said.settled_by, said.settled_at, said.answer) == ("confirmed", "steward员", now, "还要补一句")
    with pytest.raises(Refused, match="further statement"):
        case("read", statement_id=str(said.id), state="refused", answer="x")
    for values in ({"words": "改"}, {"state": "refused"}, {"answer": "改"}):
        with pytest.raises(DatabaseError), session.begin_nested():
            session.execute(update(DisputeStatement).where(DisputeStatement.id == said.id).values(**values))


def test_a_side_may_refuse_to_be_heard_and_has_had_the_word(case):
    with pytest.raises(Invalid, match="not being heard"):
        case("statement", party_id=case.side(2), declined="1")
    with pytest.raises(Invalid, match="not both"):
        case("statement", party_id=case.side(2), declined="1", words=B_SAYS, why="x")
    case("statement", party_id=case.side(2), declined="1", why="不愿多谈")
    assert case.all(DisputeStatement)[0].state == "refused"
    assert not case.part(Part.SIDES).met
    case.heard(1)
    assert case.part(Part.SIDES).met


def test_another_disputes_side_or_statement_is_none_of_this_one(session, estate, case, now):
    other = Case(session, estate, now)
    other("dispute", matter="leak", name="x")
    other("statement", party_id=other.side(1), words=A_SAYS, alone="1")
    for step, sent in (
        ("statement", {"party_id": other.side(1), "words": "x", "alone": "1"}),
        ("read", {"statement_id": str(other.all(DisputeStatement)[0].id), "state": "confirmed"}),
        ("evidence", {"party_id": other.side(1), "kind": "observation", "what": "x"}),
    ):
        with pytest.raises(Invalid):
            case(step, **sent)


# ---- evidence and talks ----------------------------------------------------------------------------------------------


def test_the_list_is_numbered_and_what_is_struck_stays(session, case, now):
    case(
        "evidence",
        kind="measurement",
        party_id=case.side(1),
        what="23:10卧室内52分贝",
        made_at=(now - timedelta(days=2)).isoformat(),
    )
    case("evidence", kind="observation", what="楼上地面未铺地毯")
    one, two = case.all(DisputeEvidence)
    assert [(item.number, item.party_id is None) for item in (one, two)] == [(1, False), (2, True)]
    assert case.part(Part.EVIDENCE).met
    with pytest.raises(Invalid, match="why it is struck"):
        case("strike", evidence_id=str(one.id))
    case("strike", evidence_id=str(one.id), why="当事人收回")
    with pytest.raises(Refused, match="already"):
        case("strike", evidence_id=str(one.id), why="x")
    case("strike", evidence_id=str(two.id), why="记错楼层")
    assert not case.part(Part.EVIDENCE).met
    assert [item.number for item in case.all(DisputeEvidence)] == [1, 2]
    for values in ({"what": "改"}, {"struck_why": "改"}):
        with pytest.raises(DatabaseError), session.begin_nested():
            session.execute(update(DisputeEvidence).where(DisputeEvidence.id == one.id).values(**values))


def test_talks_end_with_an_agreement_after_each_side_was_heard(session, case, now):
    talk = {"way": "together", "present_1": "1", "present_2": "1", "notes": "各自说明"}
    agreed = {"outcome": "agreement", "agreement": "21:30后不跳绳，本周铺隔音垫", "signed_1": "1", "signed_2": "1"}
    with pytest.raises(Refused, match="Not heard yet: 2"):
        case("talk", **talk, **agreed)
    case.heard(1, 2)
    case("talk", way="note", notes="今晚到场，走廊可闻跳动声")
    assert not case.part(Part.TALK).met
    with pytest.raises(Invalid, match="which side"):
        case("talk", **{**talk, **agreed, "signed_3": "1"})
    case("talk", **talk, others="居委会周主任", **agreed)
    assert case.part(Part.TALK).met
    made = case.all(DisputeTalk)[-1]
    assert (made.number, made.present, made.signed, made.others) == (2, [1, 2], [1, 2], "居委会周主任")
    with pytest.raises(DatabaseError), session.begin_nested():
        session.execute(update(DisputeTalk).where(DisputeTalk.id == made.id).values(agreement="改"))


def test_a_dispute_is_closed_after_both_were_heard_and_the_talks_have_ended(session, estate, case, now):
    take(session, case.ticket, "find", estate.actor("assistant"), now, {"validity": "assistance", "note": "邻里协助"})
    take(session, case.ticket, "confirm", estate.actor("supervisor"), now, {})
    for verb, sent in (
        ("dispatch", {}), ("start", {}), ("reply", {"way": "phone", "note": "已告知"}), ("finish", {"note": "已调解"}),
        ("visit", {"score": 5, "way": "phone"}),
    ):  # fmt: skip
        perform(session, case.ticket, verb, estate.actor("supervisor"), now, sent)
    with pytest.raises(Refused, match=r"statement of each side.*how the talks ended"):
        take(session, case.ticket, "close", estate.actor("manager"), now, MEASURES)
    case.heard(1, 2)
    with pytest.raises(Refused, match="how the talks ended"):
        take(session, case.ticket, "close", estate.actor("manager"), now, MEASURES)
    case("talk", way="separately", present_1="1", notes="各执一词", outcome="no_agreement")
    take(session, case.ticket, "reopen", estate.actor("assistant"), now + timedelta(minutes=1), {"note": "仍吵"})
    assert not case.part(Part.TALK).met, "of a matter reopened, new talks"
    assert case.part(Part.SIDES).met


def test_neither_sides_words_or_names_are_on_the_timeline_or_in_the_record(session, case):
    case.heard(1, 2)
    case("evidence", kind="recording", party_id=case.side(2), what="我家录的十点后安静", kept="本人手机")
    case("talk", way="phone", present_2="1", notes="孙女士情绪激动")
    entries = session.scalars(select(TicketEntry).where(TicketEntry.ticket_id == case.ticket.id)).all()
    told = repr([(entry.note, entry.data) for entry in entries])
    kept = complaint_content.content(session, case.ticket)
    record = repr(kept)
    for secret in (A_SAYS, B_SAYS, "孙女士", "安静", "本人手机", "情绪激动"):
        assert secret not in told, secret
        assert secret not in record, secret
    assert [one["side"] for one in kept["dispute"]["statements"]] == [1, 2]
    assert {len(one["mark"]) for one in kept["dispute"]["statements"]} == {64}
    assert {entry.verb for entry in entries} >= {"dispute", "dispute_party", "dispute_statement", "dispute_read"}


def test_a_record_of_another_complaint_stays_what_it_was(session, estate, now):
    assert "dispute" not in complaint_content.content(session, Case(session, estate, now).ticket)
