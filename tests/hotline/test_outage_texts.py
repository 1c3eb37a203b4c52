"""An announced outage is told by text of its own accord: whom, when, how often, again when it changes, and not after its end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.errors import Forbidden
from app.models import Building, Campaign, CampaignTarget, Message, Outage, Setting
from app.services import outages, outbound_dial, outbound_texts, wishes
from app.services.actors import Actor
from app.services.transaction import transaction
from tests.support.carrier import FakeCarrier
from tests.support.hotline import LI, SHARED, ZHANG

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 10, 12, tzinfo=ZONE)
NIGHT = datetime(2026, 3, 10, 23, tzinfo=ZONE)
SIX = "+8613800138009"
HOUR = timedelta(hours=1)
SYSTEM = Actor.system("tests")


@pytest.fixture
def desk(session, community) -> Actor:
    """An assistant of the community who is not on duty."""
    found = Actor(
        user_id=None, username="desk", display_name="前台", roles=frozenset({"assistant"}),
        community_ids=frozenset({community.id}),
    )  # fmt: skip
    session.rollback()
    return found


@pytest.fixture
def announce(app, session, community) -> Callable[..., int]:
    """announce("3", tell="notice") for building 3, at noon; no building: the whole community."""
    community_id = community.id

    def make(
        *numbers: str, tell: str = "notice", at: datetime = NOON, ends_at: datetime | None = None, actor=SYSTEM
    ) -> int:
        ids = list(session.scalars(select(Building.id).where(Building.number.in_(numbers))))
        session.rollback()
        with transaction() as writing:
            outage = Outage(
                community_id=community_id, kind="water", text_zh="3幢停水抢修。", text_en="No water in building 3.", starts_at=at,
                ends_at=ends_at, announced_at=at, announced_by="前台", tell=tell,
            )  # fmt: skip
            writing.add(outage)
            writing.flush()
            outages.announce(writing, outage, ids, actor, at)
            return outage.id

    return make


def change(
    session: Any, outage_id: int, at: datetime, actor: Actor = SYSTEM, everywhere: bool = False, **given: Any
) -> None:
    with transaction() as writing:
        outage = writing.get_one(Outage, outage_id)
        for name, value in given.items():
            setattr(outage, name, value)
        buildings = writing.scalars(select(Building)) if everywhere else outage.buildings
        outages.announce(writing, outage, [building.id for building in buildings], actor, at)


def texts(session: Any, at: datetime, seconds: int = 30) -> list[tuple[str, str]]:
    """What has left for whom, the job having run each second from `at` on."""
    for second in range(seconds):
        with transaction() as writing:
            outbound_texts.send_due(writing, at + timedelta(seconds=second))
    session.rollback()
    return [(m.to, m.body) for m in session.scalars(select(Message).order_by(Message.id))]


def receivers(session: Any, at: datetime) -> set[str]:
    return {to for to, _body in texts(session, at)}


def test_one_of_each_household_of_its_buildings_is_told(announce, session) -> None:
    announce("3", ends_at=NOON + 3 * HOUR)
    found = texts(session, NOON)
    assert {to for to, _body in found} == {ZHANG, SIX}
    assert len(found) == 2
    assert "3幢停水抢修。预计至03-10 15:00。" in found[0][1]
    session.rollback()
    assert session.scalars(select(Campaign.purpose)).all() == ["notice"]


def test_without_a_building_the_whole_community_is_told_each_number_once(announce, session) -> None:
    announce()
    found = [to for to, _body in texts(session, NOON)]
    assert sorted(found) == sorted({ZHANG, LI, SHARED, SIX})


def test_nobody_is_told_unless_it_was_chosen(announce, session) -> None:
    announce("3", tell="no")
    assert texts(session, NOON) == []
    session.rollback()
    assert session.scalars(select(Campaign.id)).all() == []


@pytest.mark.parametrize(("tell", "told"), [("notice", {SIX}), ("alert", {ZHANG, SIX})])
@pytest.mark.parametrize("wish", ["notice", "texts"])
def test_who_wants_none_gets_none_save_in_danger(announce, session, tell, told, wish) -> None:
    with transaction() as writing:
        if wish == "texts":
            wishes.set_texts(writing, ZHANG, False, "sms", NOON)
        else:
            wishes.set_calls(writing, ZHANG, "notice", False, "call", NOON)
    announce("3", tell=tell)
    assert receivers(session, NOON) == told


@pytest.mark.parametrize(("tell", "at_night"), [("notice", set()), ("alert", {ZHANG, SIX})])
def test_at_night_only_a_danger_is_told(announce, session, tell, at_night) -> None:
    announce("3", tell=tell, at=NIGHT)
    assert receivers(session, NIGHT) == at_night
    assert receivers(session, NIGHT + 10 * HOUR) == {ZHANG, SIX}, "the others in the morning"


def test_the_days_share_holds_and_a_danger_knows_none(announce, session) -> None:
    with transaction() as writing:
        writing.add(Setting(key="outbound.per_day", value="1"))
    announce("3")
    assert len(texts(session, NOON)) == 2
    announce("3")
    assert len(texts(session, NOON + HOUR)) == 2, "one a day"
    announce("3", tell="alert")
    assert len(texts(session, NOON + 2 * HOUR)) == 4


def test_what_comes_too_late_does_not_leave_any_more(announce, session) -> None:
    announce("3", at=NIGHT, ends_at=NIGHT + 2 * HOUR)
    outbound_dial.tick(transaction, FakeCarrier(), "https://h.example.org", NIGHT + 10 * HOUR)
    assert texts(session, NIGHT + 10 * HOUR) == []
    session.rollback()
    assert set(session.scalars(select(CampaignTarget.state))) == {"expired"}


def test_another_time_is_told_again_other_words_only_to_whom_they_still_reach(announce, session) -> None:
    outage_id = announce("3", at=NIGHT)
    change(session, outage_id, NIGHT + HOUR, text_zh="3幢停水，送水车在门口。")
    morning = NIGHT + 10 * HOUR
    assert {body for _to, body in texts(session, morning)} == {"【阳光花园】3幢停水，送水车在门口。"}
    change(session, outage_id, morning + HOUR, text_zh="3幢停水，送水车已到。")
    assert len(texts(session, morning + HOUR)) == 2
    change(session, outage_id, morning + 2 * HOUR, ends_at=morning + 9 * HOUR)
    found = texts(session, morning + 2 * HOUR)
    assert len(found) == 4
    assert "预计至" in found[-1][1]


def test_saving_it_once_more_tells_nobody_again(announce, session) -> None:
    outage_id = announce("3")
    change(session, outage_id, NOON + HOUR)
    assert len(texts(session, NOON + HOUR)) == 2


@pytest.mark.parametrize("what", ["ended", "taken back"])
def test_what_is_over_or_taken_back_is_not_told_in_the_morning(announce, session, what) -> None:
    outage_id = announce("3", at=NIGHT)
    if what == "ended":
        with transaction() as writing:
            outages.end(writing, writing.get_one(Outage, outage_id), SYSTEM, NIGHT + HOUR)
    else:
        change(session, outage_id, NIGHT + HOUR, tell="no")
    assert texts(session, NIGHT + 10 * HOUR) == []


def test_a_danger_is_chosen_by_who_is_on_duty_or_leads_and_nothing_is_written_else(announce, session, desk) -> None:
    with pytest.raises(Forbidden):
        announce("3", tell="alert", actor=desk)
    session.rollback()
    assert session.scalars(select(Outage.id)).all() == []
    outage_id = announce("3", tell="alert")
    change(session, outage_id, NOON + HOUR, desk, text_zh="3幢停水，请勿用电。")
    session.rollback()
    assert session.get_one(Outage, outage_id).text_zh == "3幢停水，请勿用电。", "the desk may still put its words right"


def test_a_danger_told_anew_is_asked_like_a_new_one(announce, session, desk) -> None:
    """Another building or another end is another alert at any hour."""
    outage_id = announce("3", tell="alert", ends_at=NOON + 3 * HOUR)
    texts(session, NOON)
    with pytest.raises(Forbidden):
        change(session, outage_id, NOON + HOUR, desk, ends_at=NOON + 5 * HOUR)
    with pytest.raises(Forbidden):
        change(session, outage_id, NOON + HOUR, desk, everywhere=True)
    session.rollback()
    assert session.get_one(Outage, outage_id).ends_at == NOON + 3 * HOUR
    assert len(texts(session, NOON + HOUR)) == 2
    change(session, outage_id, NOON + HOUR, desk, ends_at=NOON + HOUR)
    assert len(texts(session, NOON + HOUR)) == 2, "that it is over tells nobody"
