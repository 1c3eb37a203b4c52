"""Several processes do the same job at once, as when two believe that they lead: each ring and each call is placed once (G4, D7)."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select

from app.adapters.clock import now as present
from app.models import Campaign, CampaignTarget, Community, EscalationAttempt, Ladder, Setting
from app.rules.codes import Outreach
from tests.support.hotline import ON_DUTY
from tests.support.server import ROOT
from tests.support.town import BACKUP, Town, until

WORKERS = 3
TARGETS = 24


@pytest.fixture(scope="module")
def town(new_town, company) -> Town:
    made = new_town(company).settle()
    for key, value in (("from_hour", 0), ("until_hour", 24), ("lines", 40), ("carrier_per_minute", 300)):
        made.session.add(Setting(key=f"outbound.{key}", value=str(value)))
    made.session.commit()
    made.start("web")
    return made


@pytest.fixture
def hands(town: Town) -> Iterator[Callable[..., list[subprocess.Popen[str]]]]:
    """hands("ladder") lets several processes begin that job in the same moment."""
    begun: list[subprocess.Popen[str]] = []

    def begin(*jobs: str) -> list[subprocess.Popen[str]]:
        words = [sys.executable, "-m", "tests.support.hands", *jobs]
        for number in range(WORKERS):
            with open(town.folder / f"hands-{len(begun)}-{number}.log", "wb") as log:
                begun.append(
                    subprocess.Popen(
                        words, cwd=ROOT, env={**town.servers[0].environ, "PYTHONPATH": f"{ROOT}:{ROOT}/tests/support/guarded"},
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                    )
                )  # fmt: skip
        for one in begun:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in begun:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        return begun

    yield begin
    for one in begun:
        assert one.stdin is not None
        one.stdin.close()
    for one in begun:
        with one:
            assert one.wait(60) == 0


def test_each_ring_of_a_ladder_is_placed_by_one(town, company, hands):
    lines = [town.dial(number).press("9") for number in ("+8613800138001", "+8613800138002", "+8613712345678")]
    hands("ladder")
    assert until(lambda: len(town.rung) >= len(lines))
    assert len(town.rung) == len(lines)
    assert {number for _, number in town.rung} == {ON_DUTY}
    # Every telephone is busy at once: all the ladders move in the same moment, and each to one ring.
    for call, (url, _) in zip(list(company.calls), list(town.rung), strict=True):
        assert town.staff(call, url).progress("busy") == 204
    assert until(lambda: len(town.rung) >= 2 * len(lines))
    for call, (url, number) in list(zip(company.calls, town.rung, strict=True))[len(lines) :]:
        assert number == BACKUP
        town.staff(call, url).press("1")
    assert set(town.look().scalars(select(Ladder.state))) == {"accepted"}
    attempts = town.look().scalar(select(func.count(EscalationAttempt.id)))
    assert attempts == len(town.rung) == 2 * len(lines)
    for line in lines:
        line.hang_up()
    town.balanced()


def test_each_call_of_a_campaign_is_placed_by_one(town, company, hands):
    before = len(town.rung)
    session = town.look()
    community = session.scalars(select(Community.id)).first()
    campaign = Campaign(
        key="two", community_id=community, purpose=Outreach.NOTICE, text_zh="明天上午停水", by_voice=True, state="running",
        created_at=present(), started_at=present(),
    )  # fmt: skip
    session.add(campaign)
    session.flush()
    for number in range(TARGETS):
        session.add(
            CampaignTarget(
                key=f"two:{number}", campaign_id=campaign.id, community_id=community, purpose=Outreach.NOTICE, way="voice",
                number=f"+86138009900{number:02d}", not_before=present(),
            )
        )  # fmt: skip
    session.commit()
    hands("campaigns")
    assert until(lambda: len(town.rung) - before >= TARGETS), town.rung
    dialled = Counter(number for _, number in town.rung[before:])
    assert dialled == {f"+86138009900{number:02d}": 1 for number in range(TARGETS)}
    known = {str(call["sid"]) for call in company.calls[before:]}
    assert until(lambda: set(town.look().scalars(select(CampaignTarget.provider_sid))) == known), "each is written down"
    assert len(known) == TARGETS
    town.balanced()
