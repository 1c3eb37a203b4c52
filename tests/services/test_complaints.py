"""Complaints through the services (D5): the second person, the record, the closing, the path upward, the repeat."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Forbidden, Incomplete, Invalid, Refused
from app.models import Attachment, ComplaintFinding, ComplaintRung, Message, Setting, Staff, Ticket, TicketEntry
from app.services import clocks
from app.services.collective import Collective, answers
from app.services.collective import _sources as sources
from app.services.complaint_path import rise
from app.services.complaint_verbs import take
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MEASURES = {"root_cause": "human_error", "correction": "当面道歉", "prevention": "服务礼仪复训"}


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


@pytest.fixture
def complaint(session: Session, estate: SmallEstate, now: datetime) -> Ticket:
    return estate.open(session, now, kind="complaint", category_code="attitude_test", title="前台不耐烦")


class Desk:
    """Steps by name of the person, as a page or a program sends them."""

    def __init__(self, session: Session, estate: SmallEstate, ticket: Ticket, now: datetime) -> None:
        self.session, self.estate, self.ticket, self.now = session, estate, ticket, now

    def __call__(self, who: str, verb: str, **data: Any) -> Ticket:
        take(self.session, self.ticket, verb, self.estate.actor(who), self.now, data)
        return self.ticket

    def worked_off(self) -> None:
        """Up to the return visit."""
        self("supervisor", "dispatch", assignee_id=self.estate.staff["steward"].id)
        self("steward", "start")
        self("steward", "reply", way="phone", note="已说明")
        self("steward", "finish", note="已处理")
        self("assistant", "visit", score=5)

    def messages(self, purpose: str) -> list[str]:
        """To whom messages of a purpose go."""
        return list(self.session.scalars(select(Message.to).where(Message.purpose == purpose).order_by(Message.id)))

    def entries(self, verb: str) -> list[TicketEntry]:
        """Lines of the timeline."""
        wanted = (TicketEntry.ticket_id == self.ticket.id, TicketEntry.verb == verb)
        return list(self.session.scalars(select(TicketEntry).where(*wanted).order_by(TicketEntry.id)))


@pytest.fixture
def desk(session: Session, estate: SmallEstate, complaint: Ticket, now: datetime) -> Desk:
    return Desk(session, estate, complaint, now)


# ---- the record ------------------------------------------------------------------------------------------------------


def test_a_complaint_gets_its_record_at_once_and_the_supervisor_is_told(desk, complaint, estate, now):
    assert complaint.complaint.record_opened_at == now
    assert desk.messages("complaint_record") == [estate.staff["supervisor"].number]


def test_other_kinds_have_no_record(session, estate, now):
    assert estate.open(session, now).complaint is None


def test_one_settled_on_the_spot_keeps_the_households_opinion_and_needs_no_record(session, estate, now):
    ticket = estate.open(session, now, kind="complaint", on_the_spot=True, channel="desk")
    desk = Desk(session, estate, ticket, now)
    assert desk.messages("complaint_record") == []
    desk("assistant", "settle", opinion="表示理解", done="当场解释收费依据")
    assert (ticket.state, ticket.reply_way, ticket.done_at) == ("done", "word", now)
    assert (ticket.complaint.opinion, ticket.complaint.record_opened_at) == ("表示理解", None)
    assert ticket.responsible == "assistant员", "somebody is responsible from the first moment to the last"
    assert [entry.note for entry in desk.entries("settle")] == ["表示理解"], "it is in the duty record"
    assert [visit.state for visit in ticket.visits] == ["due"], "complaints are all visited, these too"
    assert {clock.name: clock.state for clock in ticket.clocks}["first_reply"] == "met"


def test_settling_needs_the_opinion_and_keeps_a_record_that_is_open(desk, complaint, now):
    with pytest.raises(Refused, match="what the household says"):
        desk("assistant", "settle", done="已解释")
    assert complaint.state == "registered"
    desk("assistant", "settle", opinion="满意")
    assert complaint.complaint.record_opened_at == now


# ---- the finding and its second person -------------------------------------------------------------------------------


def test_a_finding_takes_effect_at_once_and_waits_for_a_second_person(desk, complaint, now):
    desk("assistant", "find", validity="valid", grade="major", responsible="contractor", reasons="现场核实属实")
    finding = complaint.findings[-1]
    assert (complaint.validity, complaint.grade, complaint.complaint.party) == ("valid", "major", "contractor")
    assert (finding.state, finding.reasons, finding.finder_name) == ("waiting", "现场核实属实", "assistant员")
    assert {clock.name for clock in complaint.clocks if clock.state == "running"} >= {"reply", "plan"}
    desk("supervisor", "confirm", note="同意")
    assert (finding.state, finding.second_name, finding.second_at, finding.second_words) == (
        "confirmed", "supervisor员", now, "同意",
    )  # fmt: skip


@pytest.mark.parametrize("verb", ["confirm", "object"])
def test_nobody_is_the_second_person_of_their_own_finding(desk, complaint, verb):
    desk("supervisor", "find", validity="valid")
    with pytest.raises(Refused, match="of their own"):
        desk("supervisor", verb, note="x")
    desk("manager", verb, note="x")
    with pytest.raises(Refused, match="does not wait"):
        desk("quality", verb, note="x")


def test_the_database_itself_refuses_one_person_twice(session, desk, complaint):
    desk("supervisor", "find", validity="valid")
    finding = complaint.findings[-1]
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(update(ComplaintFinding).values(second_staff_id=finding.finder_staff_id))


@pytest.mark.parametrize("who", ["assistant", "steward", "tech_a"])
def test_who_does_not_answer_for_the_desk_is_no_second_person(desk, complaint, who):
    desk("supervisor", "find", validity="invalid")
    with pytest.raises(Forbidden):
        desk(who, "confirm")


def test_an_objection_keeps_the_finding_in_force_and_the_complaint_open_until_it_is_found_anew(desk, complaint, estate):
    desk("assistant", "find", validity="invalid", note="业户自用部位")
    desk("supervisor", "object", note="巡查记录显示我方有疏漏")
    assert complaint.validity == "invalid"
    assert desk.messages("finding") == [estate.staff["assistant"].number]
    desk.worked_off()
    with pytest.raises(Refused, match="objects to the finding"):
        desk("manager", "close", **MEASURES)
    desk("assistant", "find", validity="valid", note="复核属实")
    assert [finding.state for finding in complaint.findings] == ["superseded", "waiting"]
    desk("manager", "close", **MEASURES)
    assert complaint.state == "closed"


def test_the_same_finding_again_is_no_new_one_and_another_waits_anew(desk, complaint):
    desk("assistant", "find", validity="valid", grade="ordinary")
    desk("assistant", "find", validity="valid", reasons="补充理由")
    assert [(one.state, one.reasons) for one in complaint.findings] == [("waiting", "补充理由")]
    desk("supervisor", "confirm")
    desk("supervisor", "find", validity="valid", grade="ordinary", plan="方案")
    assert [one.state for one in complaint.findings] == ["confirmed"]
    desk("supervisor", "find", validity="valid", responsible="developer")
    assert [one.state for one in complaint.findings] == ["superseded", "waiting"]
    assert complaint.findings[-1].party == "developer"


@pytest.mark.parametrize("responsible", ["nobody", 5, ["centre"]])
def test_a_party_that_is_none_is_bad_input_and_nothing_is_written(desk, complaint, responsible):
    with pytest.raises(Invalid):
        desk("supervisor", "find", validity="valid", responsible=responsible)
    assert (complaint.validity, complaint.findings) == (None, [])


# ---- the closing -----------------------------------------------------------------------------------------------------


def test_closing_names_what_is_missing_and_takes_it_in_its_body(desk, complaint, now):
    desk.worked_off()
    with pytest.raises(Incomplete) as refusal:
        desk("supervisor", "close")
    assert refusal.value.missing == ("finding", "root_cause", "correction", "prevention")
    desk("supervisor", "find", validity="valid", responsible="centre")
    desk("supervisor", "close", root_cause="流程缺口：交接未登记", correction="补登", prevention="改交接表")
    assert (complaint.state, complaint.closed_at) == ("closed", now)
    assert (complaint.complaint.cause, complaint.root_cause) == ("process_gap", "流程缺口：交接未登记")
    assert complaint.findings[-1].state == "waiting", "owed, and the month is not signed without it"
    desk("manager", "confirm")
    assert complaint.findings[-1].state == "confirmed"


def test_what_is_recorded_before_need_not_be_brought_again(desk, complaint):
    desk.worked_off()
    desk("supervisor", "find", validity="valid")
    desk("assistant", "causes", cause="material", correction="更换")
    with pytest.raises(Incomplete) as refusal:
        desk("supervisor", "close")
    assert refusal.value.missing == ("prevention",)
    desk("supervisor", "close", prevention="列入更换计划")
    assert (complaint.complaint.cause, complaint.correction, complaint.prevention) == (
        "material",
        "更换",
        "列入更换计划",
    )


@pytest.mark.parametrize("data", [{}, {"cause": ""}, {"note": "x"}])
def test_cause_and_measures_say_something(desk, data):
    with pytest.raises(Invalid, match="Write down"):
        desk("supervisor", "causes", **data)


def test_a_complaint_marked_as_written_is_answered_in_writing_also_by_the_closing_itself(desk, complaint, now):
    desk("assistant", "mark", written=True)
    desk.worked_off()
    desk("supervisor", "find", validity="invalid")
    with pytest.raises(Refused, match="in writing"):
        desk("supervisor", "close", **MEASURES)
    desk("supervisor", "close", **MEASURES, answer="尊敬的业主：……")
    assert (complaint.state, complaint.reply_way, complaint.replied_at) == ("closed", "written", now)
    assert [entry.note for entry in desk.entries("reply")] == ["已说明", "尊敬的业主：……"]
    assert desk.entries("reply")[-1].id < desk.entries("close")[0].id


def test_a_written_answer_may_be_attached_and_counts_until_the_matter_is_opened_again(session, desk, complaint, now):
    desk("assistant", "mark", written=True)
    desk.worked_off()
    desk("supervisor", "find", validity="invalid")
    paper = {"content_type": "application/pdf", "file_path": "a.pdf", "sha256": "a", "size_bytes": 1}
    session.add(Attachment(ticket_id=complaint.id, stage="reply", uploader_name="x", at=now, **paper))
    session.flush()
    desk("supervisor", "close", **MEASURES)
    desk.now = now + HOUR
    desk("assistant", "reopen", note="不认可")
    desk("supervisor", "start", read=True)
    desk("supervisor", "reply", way="phone", note="x")
    desk("supervisor", "finish")
    desk("supervisor", "visit", score=5)
    with pytest.raises(Refused, match="in writing"):
        desk("supervisor", "close", **MEASURES)


def test_a_valid_one_the_supervisor_answered_by_phone_keeps_the_words(desk, complaint, estate):
    desk("assistant", "dispatch", assignee_id=estate.staff["supervisor"].id)
    desk("supervisor", "find", validity="valid")
    desk("supervisor", "start")
    desk("supervisor", "reply", way="phone")
    desk("supervisor", "finish")
    desk("supervisor", "visit", score=4)
    with pytest.raises(Refused, match="what was said is recorded"):
        desk("supervisor", "close", **MEASURES)
    desk("supervisor", "close", **MEASURES, words="已致歉并说明整改")
    assert complaint.state == "closed"


def test_a_collective_one_waits_for_a_visit_to_every_household(session, desk, complaint):
    left = [2]
    known = answers(lambda session, ticket: Collective(5, left[0]) if ticket is complaint else None)
    try:
        desk("supervisor", "find", validity="valid")
        desk.worked_off()
        desk("supervisor", "reply", way="in_person", note="逐户说明")
        with pytest.raises(Refused, match="every household"):
            desk("supervisor", "close", **MEASURES)
        left[0] = 0
        desk("supervisor", "close", **MEASURES)
    finally:
        sources.remove(known)
    assert complaint.state == "closed"


def test_a_centre_may_ask_for_the_second_person_before_the_closing(session, desk, complaint):
    session.add(Setting(key="complaint.second_first", value="1"))
    desk("supervisor", "find", validity="valid")
    desk.worked_off()
    for data in ({}, {"confirm": True}):
        with pytest.raises(Refused, match="waits for a second person"):
            desk("supervisor", "close", **MEASURES, **data)
    desk("manager", "close", **MEASURES, confirm=True)
    assert (complaint.state, complaint.findings[-1].state) == ("closed", "confirmed")


# ---- the path upward -------------------------------------------------------------------------------------------------


def holder(ticket: Ticket) -> tuple[str, str]:
    return ticket.complaint.level, ticket.responsible


def test_it_goes_from_the_desk_to_the_quality_department_with_one_responsible_person_each(desk, complaint, estate):
    for by, level in (("assistant", "supervisor"), ("supervisor", "manager"), ("manager", "quality")):
        who = f"{level}员"
        desk(by, "escalate", note="超出权限")
        assert holder(complaint) == (level, who)
        assert complaint.assignee.name == who
    assert desk.messages("upward") == [estate.staff[name].number for name in ("supervisor", "manager", "quality")]
    assert [entry.data["level"] for entry in desk.entries("escalate")] == ["supervisor", "manager", "quality"]
    with pytest.raises(Refused, match="gone up already"):
        desk("manager", "escalate", note="x")
    assert complaint.responsible == "quality员"


def test_who_sends_it_up_stands_at_least_on_their_own_step(desk, complaint):
    desk("manager", "escalate", note="x")
    assert holder(complaint) == ("quality", "quality员")


def test_a_decision_hands_it_back_to_whoever_had_it_or_to_somebody_named(desk, complaint, estate):
    desk("assistant", "dispatch", assignee_id=estate.staff["steward"].id)
    desk("steward", "escalate", note="涉及费用减免")
    desk("supervisor", "escalate", note="需要经理决定")
    desk("manager", "decide", note="同意减免一个月")
    assert holder(complaint) == ("supervisor", "supervisor员")
    desk("supervisor", "decide", note="由管家上门说明", assignee_id=estate.staff["tech_a"].id)
    assert holder(complaint) == ("assistant", "tech_a员")
    assert [entry.note for entry in desk.entries("decide")] == ["同意减免一个月", "由管家上门说明"]
    with pytest.raises(Invalid, match="nobody like that"):
        desk("manager", "decide", note="x", assignee_id=999_999)


def test_a_step_where_nobody_works_is_passed_over_and_a_deputy_comes_first_where_there_is_one(session, desk, complaint):
    for person in session.scalars(select(Staff).where(Staff.role == "supervisor")):
        person.active = False
    desk("assistant", "escalate", note="x")
    assert holder(complaint) == ("manager", "manager员")


def test_the_steps_are_data(session, desk, complaint, estate):
    rung = session.scalars(select(ComplaintRung).where(ComplaintRung.role == "deputy")).one()
    rung.active = True
    estate.staff["tech_b"].role = "deputy"
    session.flush()
    desk("assistant", "escalate", note="x")
    assert holder(complaint) == ("deputy", "tech_b员")


def test_dispatching_to_somebody_higher_brings_it_there_and_work_given_down_leaves_the_decision(
    desk, complaint, estate
):
    desk("assistant", "dispatch", assignee_id=estate.staff["supervisor"].id)
    assert holder(complaint) == ("supervisor", "supervisor员")
    desk("supervisor", "dispatch", assignee_id=estate.staff["tech_a"].id)
    assert holder(complaint) == ("supervisor", "tech_a员")
    desk("supervisor", "escalate", note="x")
    assert holder(complaint) == ("manager", "manager员")


def test_what_runs_out_goes_up_by_itself_once_for_each_step(session, desk, complaint, now):
    """The first response is due after 30 minutes, the contact after 2 h, first reply and completion after 24 h (D4, I8)."""
    clocks.sweep(session, now + 30 * MINUTE)
    assert holder(complaint)[0] is None, "on the very minute it is in time"
    clocks.sweep(session, now + 31 * MINUTE)
    assert holder(complaint) == ("supervisor", "supervisor员")
    clocks.sweep(session, now + 90 * MINUTE)
    assert len(desk.entries("escalate")) == 1
    clocks.sweep(session, now + 2 * HOUR + MINUTE)
    assert holder(complaint) == ("manager", "manager员")
    clocks.sweep(session, now + 24 * HOUR + MINUTE)
    assert holder(complaint) == ("quality", "quality员"), "two clocks of the same moment are one step"
    assert [entry.data["clock"] for entry in desk.entries("escalate")][:2] == ["first_response", "contact"]
    assert len(desk.entries("escalate")) == 3
    assert {entry.actor_name for entry in desk.entries("escalate")} == {"clocks"}


def test_after_a_long_standstill_it_goes_up_one_step_and_not_to_the_top(session, desk, complaint, now):
    clocks.sweep(session, now + 90 * HOUR)
    assert {clock.state for clock in complaint.clocks} == {"breached"}
    assert holder(complaint) == ("supervisor", "supervisor员")
    assert len(desk.messages("upward")) == 1


def test_at_the_top_and_after_the_visit_nothing_rises(session, desk, complaint, estate, now):
    rise(session, complaint, estate.actor("manager"), now, why="x")
    clocks.sweep(session, now + 3 * HOUR)
    assert holder(complaint) == ("quality", "quality员")
    repair = estate.open(session, now)
    clocks.sweep(session, now + 90 * HOUR)
    assert (
        session.scalars(
            select(TicketEntry.id).where(TicketEntry.ticket_id == repair.id, TicketEntry.verb == "escalate")
        ).all()
        == []
    )


# ---- the repeat ------------------------------------------------------------------------------------------------------


def test_a_repeat_is_the_supervisors_after_reading_what_was_done(desk, complaint, now):
    desk("supervisor", "find", validity="valid")
    desk.worked_off()
    desk("supervisor", "close", **MEASURES)
    desk("assistant", "reopen", note="又来了")
    assert (complaint.is_repeat, complaint.responsible, complaint.complaint.level) == (
        True,
        "supervisor员",
        "supervisor",
    )
    assert (complaint.root_cause, complaint.correction, complaint.complaint.cause) == (None, None, None)
    for verb in ("dispatch", "start"):
        with pytest.raises(Refused, match="supervisor first reads"):
            desk("assistant", verb)
    with pytest.raises(Refused, match="Read first"):
        desk("supervisor", "start", read="0")
    desk("supervisor", "start", read="1")
    own = complaint.complaint
    assert (own.read_round, own.read_at, own.read_by) == (1, now, "supervisor员")
    desk("supervisor", "reply", way="in_person", signed=True, note="当面说明")
    desk("supervisor", "finish")
    desk("supervisor", "visit", score=5)
    with pytest.raises(Incomplete) as refusal:
        desk("supervisor", "close")
    assert refusal.value.missing == ("root_cause", "correction", "prevention")
    desk("supervisor", "close", **MEASURES)
    assert desk.entries("reply")[-1].data["signed"] is True


def test_each_repeat_is_read_anew(desk, complaint):
    desk("supervisor", "find", validity="valid")
    desk.worked_off()
    desk("assistant", "reopen", note="一")
    desk("supervisor", "start")
    desk("supervisor", "finish")
    desk("supervisor", "visit", score=1)
    assert complaint.complaint.read_round == 1
    with pytest.raises(Refused, match="supervisor first reads"):
        desk("assistant", "start")
    desk("manager", "dispatch")
    assert complaint.complaint.read_round == 2


def test_a_page_that_shows_an_old_version_is_refused(desk, complaint):
    seen = complaint.revision
    desk("assistant", "escalate", note="x", revision=seen)
    with pytest.raises(Refused, match="just changed"):
        desk("manager", "decide", note="x", revision=seen)


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("escalate", {"note": "x" * 2001}),
        ("escalate", {"note": {"a": 1}}),
        ("decide", {"note": "x", "assignee_id": "somebody"}),
        ("causes", {"cause": "bad luck"}),
        ("causes", {"correction": "x" * 256}),
        ("causes", {"root_cause": "bell\x07"}),
        ("settle", {"opinion": "x", "way": "pigeon"}),
        ("settle", {"opinion": ["x"]}),
        ("mark", {}),
        ("object", {"note": 5}),
    ],
)
def test_nonsense_is_refused_before_anything_is_written(session, desk, complaint, verb, data):
    desk("assistant", "find", validity="valid")
    with pytest.raises(Invalid):
        desk("manager", verb, **data)
    assert complaint.state == "registered"
    assert [entry.verb for entry in session.scalars(select(TicketEntry).where(TicketEntry.ticket_id == complaint.id))] == [
        "register", "find",
    ]  # fmt: skip
