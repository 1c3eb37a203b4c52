"""Records the house writes and people sign: complaint, shift, handover (D5, D7, issue 5): laid out, reviewed, signed, corrected."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import Forbidden, Invalid, Refused
from app.models import DutyShift, Handover, SignedRecord
from app.rules.codes import RecordKind
from app.services import handovers, papers, papers_due
from app.services.signed_records import is_whole
from app.services.ticket_verbs import perform
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

HOUR = timedelta(hours=1)


@pytest.fixture
def estate(session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


@pytest.fixture
def shifts(session, estate, now) -> None:
    """The steward, then the technician; the change is now."""
    for name, start in (("steward", -12), ("tech_a", 0)):
        session.add(
            DutyShift(
                community_id=estate.community.id, tier="on_duty", staff_id=estate.staff[name].id, number="+8613900139001",
                starts_at=now + start * HOUR, ends_at=now + (start + 12) * HOUR,
            )
        )  # fmt: skip
    session.flush()


def complaint(session, estate, now):
    return estate.open(
        session, now, kind="complaint", category_code="attitude_test", title="态度差", house=estate.houses[3]
    )


def made(session, kind: str) -> list[SignedRecord]:
    session.flush()
    return list(session.scalars(select(SignedRecord).where(SignedRecord.kind == kind).order_by(SignedRecord.id)))


def test_a_complaint_is_reviewed_with_a_remark_and_signed_as_it_was(session, estate, now):
    ticket = complaint(session, estate, now)
    paper = papers.of_ticket(ticket)
    supervisor, manager = estate.actor("supervisor"), estate.actor("manager")
    seen = papers.signed_records.fingerprint("complaint", ticket.number, 1, papers.content(session, paper))
    record = papers.review(session, supervisor, paper, now, seen, "已约业户")
    assert (record.state, record.content["remark"], record.reviewed_by) == ("reviewed", "已约业户", "supervisor员")
    papers.sign(session, manager, paper, now + HOUR, record.sha256)
    assert (record.state, record.signed_by, is_whole(record)) == ("signed", "manager员", True)
    ticket.title = "改了标题"
    assert record.content["words"]["title"] == "态度差", "what is signed keeps its words"
    with pytest.raises(Refused):
        papers.review(session, supervisor, paper, now, None)


def test_what_changed_since_it_was_read_is_not_reviewed_nor_signed(session, estate, now):
    ticket = complaint(session, estate, now)
    paper = papers.of_ticket(ticket)
    seen = papers.signed_records.fingerprint("complaint", ticket.number, 1, papers.content(session, paper))
    perform(session, ticket, "contact", estate.actor("assistant"), now, {"note": "已电话联系"})
    with pytest.raises(Refused, match="changed since you opened it"):
        papers.review(session, estate.actor("supervisor"), paper, now, seen)
    record = papers.review(session, estate.actor("supervisor"), paper, now, None)
    perform(session, ticket, "contact", estate.actor("assistant"), now, {"note": "又联系"})
    with pytest.raises(Refused, match="has to review it anew"):
        papers.sign(session, estate.actor("manager"), paper, now, record.sha256)
    again = papers.review(session, estate.actor("supervisor"), paper, now, None)
    assert (again.id, again.version) == (record.id, 1)
    papers.sign(session, estate.actor("manager"), paper, now, again.sha256)


@pytest.mark.parametrize("role", ["assistant", "manager", "steward"])
def test_only_the_supervisor_reviews_and_only_the_manager_signs(session, estate, now, role):
    paper = papers.of_ticket(complaint(session, estate, now))
    with pytest.raises(Forbidden):
        papers.review(session, estate.actor(role), paper, now, None)
    papers.review(session, estate.actor("supervisor"), paper, now, None)
    if role != "manager":
        with pytest.raises(Forbidden):
            papers.sign(session, estate.actor(role), paper, now, None)


def test_a_correction_is_a_new_version_that_says_why(session, estate, now):
    paper = papers.of_ticket(complaint(session, estate, now))
    supervisor, manager = estate.actor("supervisor"), estate.actor("manager")
    with pytest.raises(Refused):
        papers.correct(session, supervisor, paper, now, "错字", None)
    papers.review(session, supervisor, paper, now, None, "一")
    papers.sign(session, manager, paper, now, None)
    with pytest.raises(Invalid):
        papers.correct(session, supervisor, paper, now, " ", "二")
    with pytest.raises(Forbidden):
        papers.correct(session, estate.actor("steward"), paper, now, "错字", "二")
    papers.correct(session, supervisor, paper, now, "更正日期", "二")
    new, old = papers.versions(session, paper)
    assert (new.version, new.state, new.reason, new.content["remark"]) == (2, "draft", "更正日期", "二")
    assert (old.version, old.state, old.content["remark"]) == (1, "signed", "一")


def test_a_shift_is_laid_out_when_it_is_over_and_signed_line_by_line(session, estate, now, shifts):
    estate.open(session, now - HOUR, house=estate.houses[3], title="水管漏水")
    assert papers_due.prepare(session, estate.community, now - 2 * HOUR) == 0
    assert papers_due.prepare(session, estate.community, now) == 1
    assert papers_due.prepare(session, estate.community, now + HOUR) == 0, "a second time it is there"
    (record,) = made(session, RecordKind.DUTY)
    assert (record.state, record.drafted_by) == ("draft", "records")
    whole = papers.duty_paper.duty_record.record(session, papers.HOUSE, estate.community.id, now - 12 * HOUR, now)
    assert [(one["source"], one["id"]) for one in record.content["lines"]] == [
        (one.what.source, one.what.id) for one in whole.lines
    ]
    assert record.content["lines"]
    assert "水管漏水" not in str(record.content), "whose words these are is looked up by the reader's rows"
    paper = papers.find(session, estate.actor("supervisor"), "duty", record.subject)
    papers.review(session, estate.actor("supervisor"), paper, now, record.sha256)
    papers.sign(session, estate.actor("manager"), paper, now, None)


def test_a_line_beyond_the_readers_rows_is_counted_and_not_shown(session, estate, now, shifts):
    estate.open(session, now - HOUR, house=estate.houses[3], title="三幢")
    estate.open(session, now - HOUR, house=estate.houses[9], title="九幢")
    shift = papers.duty_paper.find(session, papers.HOUSE, papers.duty_paper.subject(estate.community, now - 12 * HOUR))
    kept = papers.duty_paper.content(session, shift)
    lines, hidden = papers.duty_paper.read(session, estate.actor("manager"), shift, kept)
    assert (len(lines), hidden, [one.changed for one in lines]) == (len(kept["lines"]), 0, [False] * len(lines))
    mine, beyond = papers.duty_paper.read(session, estate.actor("tech_a"), shift, kept)
    assert beyond > 0
    assert len(mine) + beyond == len(lines)


def test_a_running_shift_and_a_handover_of_one_side_are_not_reviewed(session, estate, now, shifts):
    subject = papers.duty_paper.subject(estate.community, now)
    running = papers.find(session, estate.actor("supervisor"), "duty", subject)
    with pytest.raises(Refused, match="not over yet"):
        papers.review(session, estate.actor("supervisor"), running, now + HOUR, None)
    handovers.write_due(session, estate.community, now)
    (paper,) = session.scalars(select(Handover)).all()
    handovers.sign(session, estate.actor("steward"), paper, now, words="钥匙两把")
    found = papers.find(session, estate.actor("supervisor"), "handover", str(paper.id))
    with pytest.raises(Refused, match="both sides"):
        papers.review(session, estate.actor("supervisor"), found, now, None)
    handovers.sign(session, estate.actor("tech_a"), paper, now)
    papers_due.prepare(session, estate.community, now + HOUR)
    (record,) = made(session, RecordKind.HANDOVER)
    assert [one["remark"] for one in record.content["sides"]] == ["钥匙两把", ""]


@pytest.mark.parametrize(
    ("kind", "subject"),
    [("duty", "x"), ("duty", "testhof-20260101T0000Z"), ("duty", "testhof-00010101T0000Z"), ("handover", "²"),
     ("handover", "99999999999"), ("complaint", "99999999"), ("special_event", "1"), ("nothing", "1")],
)  # fmt: skip
def test_what_there_is_not_is_not_found(session, estate, now, kind, subject):
    assert papers.find(session, estate.actor("manager"), kind, subject) is None


def test_a_closed_complaint_waits_and_one_that_went_on_gets_a_new_version(session, estate, now):
    ticket = complaint(session, estate, now)
    paper = papers.of_ticket(ticket)
    papers.review(session, estate.actor("supervisor"), paper, now, None)
    papers.sign(session, estate.actor("manager"), paper, now, None)
    ticket.state, ticket.closed_at = "closed", now + HOUR
    session.flush()
    assert papers_due.prepare(session, estate.community, now + 2 * HOUR) == 1
    new, _old = papers.versions(session, paper)
    assert (new.version, new.state, bool(new.reason)) == (2, "draft", True)
    assert papers_due.prepare(session, estate.community, now + 3 * HOUR) == 0
    other = complaint(session, estate, now)
    other.state, other.closed_at = "closed", now
    session.flush()
    assert papers_due.prepare(session, estate.community, now + HOUR) == 1
    counted = {
        role: session.scalar(select(papers_due.waiting_count(estate.actor(role))))
        for role in ("supervisor", "manager", "assistant")
    }
    assert counted == {"supervisor": 2, "manager": 0, "assistant": 0}
