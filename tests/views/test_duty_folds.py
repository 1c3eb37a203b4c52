"""The duty record on a screen: folds and pages hide, paper has every line in its order."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models import EscalationAttempt, Ladder, Message, Ticket
from app.services.actors import Actor
from app.services.duty_record import RecordLine
from app.services.escalation import SPEAKS
from app.services.ticket_timeline import Happening
from app.services.tickets import add_entry
from app.services.transaction import transaction
from app.views.duty_folds import PAGE, SHORTEST, pieces
from app.views.timeline_words import Line
from tests.support.client import Client
from tests.support.estate import Estate

START = datetime(2026, 3, 10, tzinfo=UTC)


def shown(sources: list[str]) -> list[tuple[RecordLine, Line]]:
    made = []
    for number, source in enumerate(sources):
        at = START + timedelta(seconds=number)
        code, who = ("alarm", "ladder") if source == "alarm" else ("x", "")
        what = Happening("entry" if source == "alarm" else source, number, at, code, who, None, None, "")
        made.append(
            (
                RecordLine(what, [("20000001", "漏水")] if source == "ring" else [], ""),
                Line(at, "", "", "", "", "", None),
            )
        )
    return made


@given(st.lists(st.sampled_from(["call", "entry", "ring", "message", "alarm", "duty"]), max_size=400), st.booleans())
def test_every_line_stands_once_and_in_its_order(sources, fold):
    lines = shown(sources)
    made = pieces(lines, fold=fold)
    assert [one for piece in made for one in piece.lines] == lines
    assert [piece.page for piece in made] == sorted(piece.page for piece in made)
    for page in {piece.page for piece in made}:
        own = [piece for piece in made if piece.page == page]
        assert sum(1 if piece.folded else len(piece.lines) for piece in own) <= PAGE
    for piece in made:
        hidden = {one.what.source for one, _ in piece.lines}
        assert not piece.folded or (len(piece.lines) >= SHORTEST and hidden <= {"ring", "message", "entry"})


def test_a_ladder_s_night_is_one_line():
    night = ["call", "entry"] + ["ring", "ring", "alarm", "message", "message"] * 40 + ["entry"]
    first, fold, last = pieces(shown(night))
    assert (len(first.lines), fold.folded, len(last.lines)) == (2, True, 1)
    assert fold.counts == {"ring": 80, "message": 80, "entry": 40}
    assert fold.tickets == [("20000001", 80)]


def test_that_caller_and_taker_speak_is_not_folded_away():
    lines = shown(["ring", "ring", "alarm", "ring", "ring", "ring"])
    spoke = Happening(
        "entry", 9, START, "note", "ladder", None, None, "", {"sentence": {"msgid": SPEAKS, "params": {}}}
    )
    lines[2] = (RecordLine(spoke, [], ""), lines[2][1])
    assert [piece.folded for piece in pieces(lines)] == [False, True]


def test_two_messages_are_no_run():
    assert [piece.folded for piece in pieces(shown(["call", "message", "message", "entry"]))] == [False]


@pytest.fixture
def lively(session: Any, estate: Estate, now: datetime) -> int:
    """A night of rings and texts, and a hundred steps of people; how many lines that is."""
    with transaction() as session:
        ticket = session.get_one(Ticket, estate.tickets["own"])
        ladder = Ladder(ticket_id=ticket.id, started_at=now, next_at=now)
        session.add(ladder)
        session.flush()
        for number in range(60):
            at = now + timedelta(seconds=number)
            rung = {"round": number, "rung": 1, "tier": "on_duty", "number": "+8613900139001"}
            span = {"started_at": at, "deadline_at": at}
            session.add(EscalationAttempt(ladder_id=ladder.id, ticket_id=ticket.id, state="no_answer", **rung, **span))
            session.add(
                Message(
                    key=f"x{number}", channel="sms", to="+8613900139001", purpose="ladder", body="紧急", created_at=at,
                    community_id=estate.home, ticket_id=ticket.id,
                )
            )  # fmt: skip
        for number in range(100):
            at = now + timedelta(minutes=5, seconds=number)
            add_entry(session, ticket, "note", Actor.system("tests"), at, before=ticket.state, note=f"记录{number}")
    return 220


def rows_of(page: str) -> tuple[int, int]:
    """(all lines, those a screen shows at first)."""
    everything = len(re.findall("<tr data-source=", page))
    bodies = re.findall(r'<tbody class="([^"]*)">(.*?)</tbody>', page, re.DOTALL)
    visible = sum(
        len(re.findall(r'<tr data-source="\w+"><td', body)) + len(re.findall("fold__head", body))
        for classes, body in bodies
        if "is-away" not in classes
    )
    return everything, visible


def test_a_lively_shift_is_short_on_the_screen_and_whole_on_paper(
    frozen: Any, client: Client, lively: int, estate: Estate, now: datetime
) -> None:
    client.login("manager")
    seen, number, more = 0, 0, True
    while more:
        page = client.get(f"/dutyrecord/?community={estate.home}&day=2026-03-10&page={number}").get_data(as_text=True)
        everything, visible = rows_of(page)
        assert everything >= lively, "the print is whole whatever the page"
        assert 0 < visible <= PAGE
        seen, number, more = seen + visible, number + 1, 'rel="next"' in page
    assert number > 1
    hidden = page.count("fold__row")
    assert (hidden >= 120, page.count("fold__head")) == (True, 1)
    assert seen == everything - hidden + 1, "the rings and texts are one line"
    assert client.get("/dutyrecord/?day=2026-03-10&page=999999999999999").status_code == 200


def test_who_asks_for_rings_only_gets_them_unfolded(frozen: Any, client: Client, lively: int, estate: Estate) -> None:
    client.login("manager")
    page = client.get("/dutyrecord/?day=2026-03-10&show=emergencies").get_data(as_text=True)
    assert "fold__head" not in page
    assert rows_of(page) == (60, PAGE)
