"""A month's complaints (D5): numbers with their lists, gaps that keep it from being signed, records signed with it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.errors import Forbidden, Invalid, NotFound, Refused
from app.models import Message
from app.rules.complaint_month import Gap
from app.services import complaint_month_words, complaint_months, complaint_months_due, papers
from app.services.complaint_months import Month
from app.services.local_time import local_zone
from app.services.ticket_verbs import perform
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CASE = {"title": "夜班漏记", "happened": "夜班接到反映未登记", "lesson": "每通来电必须登记"}


@pytest.fixture
def estate(session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


@pytest.fixture
def at() -> datetime:
    """Noon of a day in the middle of a month."""
    return datetime(2026, 3, 15, 12, tzinfo=local_zone())


@pytest.fixture
def later() -> datetime:
    return datetime(2026, 4, 2, 10, tzinfo=local_zone())


def month_of(estate) -> Month:
    return Month(estate.community, "2026-03")


def complaint(session, estate, at, **given):
    facts = {"kind": "complaint", "category_code": "attitude_test", "title": "态度差", "house": estate.houses[3]}
    return estate.open(session, at, **{**facts, **given})


def found_valid(session, estate, ticket, at):
    return perform(session, ticket, "find", estate.actor("supervisor"), at, {"validity": "valid", "note": "属实"})


def reviewed(session, estate, ticket, now):
    return papers.review_again(session, estate.actor("supervisor"), papers.of_ticket(ticket), now, None)


def complete(session, estate, at, later) -> Month:
    """One valid complaint, reviewed, summed up with a case."""
    month, assistant = month_of(estate), estate.actor("assistant")
    reviewed(session, estate, found_valid(session, estate, complaint(session, estate, at), at), later)
    complaint_month_words.write(session, assistant, month, {"summary": "本月投诉集中在夜班"}, later)
    trained = {**CASE, "training_on": "2026-04-01", "attended": "全体客服"}
    complaint_month_words.keep_case(session, assistant, month, trained, later)
    return month


def test_a_complaint_belongs_to_the_month_it_came_in(session, estate, at):
    edges = [month_of(estate).starts_at, month_of(estate).ends_at - timedelta(seconds=1), month_of(estate).ends_at]
    inside = [complaint(session, estate, one) for one in edges][:2]
    cancelled = complaint(session, estate, at)
    perform(session, cancelled, "cancel", estate.actor("supervisor"), at, {"note": "误报"})
    estate.open(session, at, title="报修")
    assert [one.ticket for one in complaint_months.items(session, month_of(estate))] == inside


def test_every_number_is_its_list(session, estate, at):
    found_valid(session, estate, complaint(session, estate, at), at)
    complaint(session, estate, at + HOUR, house=estate.houses[9])
    found = complaint_months.items(session, month_of(estate))
    for by in complaint_months.GROUPS:
        pairs = complaint_months.counted(found, by)
        assert sum(number for _value, number in pairs) == len(found), by
        for value, number in pairs:
            assert len(complaint_months.group(found, by, value)) == number, by
    assert dict(complaint_months.counted(found, "finding")) == {"valid": 1, "": 1}
    assert complaint_months.in_time(session, month_of(estate))[-1] == ("2026-03", 2)
    assert complaint_months.in_time(session, month_of(estate))[0] == ("2025-10", 0)


def test_a_month_with_gaps_is_neither_reviewed_nor_signed(session, estate, at, later):
    ticket = complaint(session, estate, at)
    paper = papers.of_month(month_of(estate))
    with pytest.raises(Refused, match="not over yet"):
        papers.review(session, estate.actor("supervisor"), paper, at, None)
    with pytest.raises(Refused, match="has gaps"):
        papers.review(session, estate.actor("supervisor"), paper, later, None)
    (item,) = complaint_months.items(session, month_of(estate))
    assert item.gaps == [Gap.FINDING, Gap.UNREVIEWED]
    found_valid(session, estate, ticket, at)
    reviewed(session, estate, ticket, later)
    perform(session, ticket, "contact", estate.actor("assistant"), later + HOUR, {"note": "又联系"})
    (item,) = complaint_months.items(session, month_of(estate))
    assert item.gaps == [Gap.CHANGED]
    reviewed(session, estate, ticket, later + 2 * HOUR)
    (item,) = complaint_months.items(session, month_of(estate))
    assert item.gaps == []
    with pytest.raises(Refused, match="has gaps"):
        papers.review(session, estate.actor("supervisor"), paper, later + 2 * HOUR, None)


def test_the_signature_takes_the_records_along_and_reaches_the_quality_department(session, estate, at, later):
    month = complete(session, estate, at, later)
    paper = papers.of_month(month)
    papers.review(session, estate.actor("supervisor"), paper, later, None)
    record = papers.sign(session, estate.actor("manager"), paper, later + HOUR, None)
    (item,) = complaint_months.items(session, month)
    assert (record.state, item.record.state, item.record.signed_by) == ("signed", "signed", "manager员")
    assert record.content["records"][0]["sha256"] == item.record.sha256
    sent = session.scalars(select(Message).where(Message.purpose == "complaint_month")).all()
    assert [message.to for message in sent] == [estate.staff["quality"].number]
    assert complaint_months_due.received(session, estate.actor("manager"), later + DAY) == [record]
    perform(session, item.ticket, "contact", estate.actor("assistant"), later + DAY, {"note": "回访"})
    assert not papers.changed(paper, record.content, papers.content(session, paper, record)), "work goes on by itself"
    complaint_month_words.write(session, estate.actor("assistant"), month, {"summary": "更正"}, later + DAY)
    assert papers.changed(paper, record.content, papers.content(session, paper, record))
    papers.correct(session, estate.actor("supervisor"), paper, later + DAY, "补充", None)
    assert [one.version for one in papers.versions(session, paper)] == [2, 1]


def test_a_gap_that_comes_after_the_review_stops_the_signature(session, estate, at, later):
    month = complete(session, estate, at, later)
    paper = papers.of_month(month)
    papers.review(session, estate.actor("supervisor"), paper, later, None)
    (item,) = complaint_months.items(session, month)
    perform(session, item.ticket, "contact", estate.actor("assistant"), later + HOUR, {"note": "又联系"})
    with pytest.raises(Refused, match="has gaps"):
        papers.sign(session, estate.actor("manager"), paper, later + 2 * HOUR, None)


def test_a_signed_record_that_went_on_is_reviewed_as_a_new_version(session, estate, at, later):
    ticket = found_valid(session, estate, complaint(session, estate, at), at)
    paper = papers.of_ticket(ticket)
    reviewed(session, estate, ticket, later)
    papers.sign(session, estate.actor("manager"), paper, later, None)
    with pytest.raises(Refused):
        reviewed(session, estate, ticket, later)
    perform(session, ticket, "contact", estate.actor("assistant"), later + HOUR, {"note": "又联系"})
    new = reviewed(session, estate, ticket, later + 2 * HOUR)
    assert (new.version, new.state, bool(new.reason)) == (2, "reviewed", True)


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({**CASE, "lesson": " "}, Invalid),
        ({**CASE, "training_on": "昨天"}, Invalid),
        ({**CASE, "training_on": "0001-01-01"}, Invalid),
        ({**CASE, "ticket": "12345678"}, Invalid),
        ({**CASE, "key": "9"}, NotFound),
        ({**CASE, "happened": "3幢1单元301的业主投诉"}, Refused),
    ],
)
def test_a_case_that_cannot_be_is_refused(session, estate, at, later, sent, error):
    with pytest.raises(error):
        complaint_month_words.keep_case(session, estate.actor("assistant"), month_of(estate), sent, later)


def test_cases_are_changed_and_taken_out_by_the_desk_only(session, estate, at, later):
    month, assistant = month_of(estate), estate.actor("assistant")
    for role in ("steward", "quality"):
        with pytest.raises(Forbidden):
            complaint_month_words.keep_case(session, estate.actor(role), month, CASE, later)
    for title in ("一", "二"):
        complaint_month_words.keep_case(session, assistant, month, {**CASE, "title": title}, later)
    complaint_month_words.keep_case(session, assistant, month, {**CASE, "title": "三", "key": "1"}, later)
    complaint_month_words.drop_case(session, assistant, month, "2", later)
    with pytest.raises(NotFound):
        complaint_month_words.drop_case(session, assistant, month, "2", later)
    assert [(one["key"], one["title"]) for one in complaint_months.words(session, month).cases] == [("1", "三")]


def test_whose_turn_it_is(session, estate, at, later):
    def turn(role):
        return [
            (one.month.month, one.complaints, one.unreviewed)
            for one in complaint_months_due.waiting(session, estate.actor(role), role, later)
        ]

    assert turn("assistant") == turn("supervisor") == []
    complaint(session, estate, at)
    assert turn("assistant") == turn("supervisor") == [("2026-03", 1, 1)]
    complaint_month_words.write(session, estate.actor("assistant"), month_of(estate), {"summary": "好"}, later)
    assert (turn("assistant"), turn("supervisor")) == ([], [("2026-03", 1, 1)])


@pytest.mark.parametrize(
    "subject", ["", "testhof-2026-13", "testhof-2026-3", "nowhere-2026-03", "testhof2026-03", "2026-03"]
)
def test_a_month_that_is_none_is_not_found(session, estate, subject):
    assert complaint_months.find(session, estate.actor("manager"), subject) is None
