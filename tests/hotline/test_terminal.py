"""The telephone in the terminal, from a pipe, against the whole product in one process (I1, issue 2 line 5)."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from app.models import Call, Ladder, Message, Ticket
from tests.support.hotline import ON_DUTY, STRANGER, ZHANG

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def terminal(app, community, start_server) -> Callable[..., str]:
    """terminal("1\\n…") dials, does each line, and gives what was printed."""
    server = start_server("")

    def call(lines: str, *options: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "run", "hotline", "call", *options],
            input=lines,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**server.environ, "PORT": str(server.port)},
            timeout=180,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    return call


def test_a_repair_and_then_an_emergency_until_both_speak(terminal, session) -> None:
    printed = terminal("1\n1\n厨房水管漏水\n1\n1\nw 2\n", "--from", ZHANG)
    session.rollback()
    ticket = session.scalars(select(Ticket)).one()
    assert (ticket.kind, ticket.house.name, ticket.description) == ("repair", "3幢2单元1201", "厨房水管漏水")
    assert ticket.number in printed.split("✉", 1)[1]

    printed = terminal("9\n客厅着火了\na\nk 1\nw 1\n我在窗边\nt 马上到\nx\nw 1\n", "--from", STRANGER)
    session.expire_all()
    session.rollback()
    ladder = session.scalars(select(Ladder)).one()
    assert (ladder.state, ladder.ticket.assignee.name) == ("accepted", "值班管家")
    assert ladder.connected_at is not None
    assert f"[{ON_DUTY}] 我在窗边" in printed
    assert "马上到" in printed
    assert session.scalars(select(Message.state).where(Message.purpose == "receipt")).all() == ["delivered"] * 2

    printed = terminal("w 1\n", "--from", "withheld", "--lang", "en")
    assert "For a repair, press 1." in printed
    session.expire_all()
    session.rollback()
    calls = session.scalars(select(Call).order_by(Call.id)).all()
    assert [call.status for call in calls] == ["completed"] * 3
    assert calls[-1].from_number is None


def test_without_the_product_it_says_so(app, community, runner) -> None:
    result = runner.invoke(args=["hotline", "call", "--lang", "en"], input="")
    assert result.exit_code == 1
    assert "is the product running?" in result.output


@pytest.mark.parametrize("number", ["", "a b", "+86-138", "1"])
def test_a_number_that_is_none_is_refused(runner, number: str) -> None:
    assert runner.invoke(args=["hotline", "call", "--from", number]).exit_code == 1
