"""`/duty/…`: the roster as a calendar, overrides, rotations: who may, what is refused in a sentence, whose community."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import DutyRotation, DutyShift, DutySwap, Outage, Staff, Ticket
from app.rules.codes import Role
from app.services import outages, wishes
from app.services.actors import Actor
from app.services.tickets import add_entry
from app.services.transaction import transaction
from app.views.duty_forms import hours
from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_statements import statements_of

STAFF = [role.value for role in Role if role not in (Role.OWNER, Role.RESIDENT)]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _at_now(frozen: Any) -> None:
    """These pages know what has passed."""


@pytest.fixture
def numbered(app: Flask, estate: Estate) -> Estate:
    with app.app_context(), transaction() as session:
        for order, staff in enumerate(session.scalars(select(Staff).order_by(Staff.id))):
            staff.number = f"+86139001390{order:02d}"
    return estate


def rotation(estate: Estate, **given: Any) -> dict[str, Any]:
    people = [str(estate.staff[name]) for name in ("steward", "technician", "assistant")]
    return {
        "community": str(estate.home), "tier": "on_duty", "name": "日夜轮值", "handoffs": "8:00，20:00", "pattern": "each_shift",
        "days": "every", "starts_on": "2026-03-10", "people": people, **given,
    }  # fmt: skip


def override(estate: Estate, **given: Any) -> dict[str, Any]:
    return {
        "community": str(estate.home), "tier": "backup", "staff": str(estate.staff["technician"]),
        "starts_at": "2026-03-11T08:00", "ends_at": "2026-03-11T20:00", "note": "病假", **given,
    }  # fmt: skip


def count(session: Any, model: Any) -> int:
    session.rollback()
    found = len(session.scalars(select(model.id)).all())
    session.rollback()
    return found


@pytest.mark.parametrize("role", STAFF)
def test_everybody_who_works_here_sees_the_roster_and_only_managers_change_it(
    client: Client, numbered: Estate, role: str
) -> None:
    client.login(role)
    text = client.get("/duty/").get_data(as_text=True)
    assert "值班表" in text
    assert "无人" in text
    changes = role in ("admin", "manager", "deputy")
    assert ("/duty/override?" in text) == changes
    assert (client.submit("/duty/override", override(numbered)).status_code == 302) == changes
    assert (client.submit("/duty/rotations/new", rotation(numbered)).status_code == 302) == changes


def test_a_rotation_made_on_the_page_is_on_the_roster_at_once(client: Client, numbered: Estate, session: Any) -> None:
    client.login("manager")
    look = client.submit("/duty/rotations/new", rotation(numbered, look="1")).get_data(as_text=True)
    assert "未来四周将是" in look
    assert "员工steward" in look
    assert count(session, DutyRotation) == 0
    assert client.submit("/duty/rotations/new", rotation(numbered)).location.startswith("/duty/?community=")
    made = session.scalars(select(DutyRotation)).one()
    assert (made.handoffs, [member.staff_id for member in made.members]) == (
        "08:00,20:00", [numbered.staff[name] for name in ("steward", "technician", "assistant")],
    )  # fmt: skip
    week = client.get("/duty/?day=2026-03-10").get_data(as_text=True)
    assert week.count("08:00–20:00") >= 5
    assert "20:00–次日 08:00" in week
    monday = client.get("/duty/?day=2026-03-17").get_data(as_text=True).split('<li class="duty-day')[1]
    assert monday.count('num">20:00–次日 08:00<') == 1, "the night that began on Sunday is none of Monday's"
    assert "至08:00" in monday
    month = client.get("/duty/?view=month&day=2026-04-02").get_data(as_text=True)
    assert "2026年4月" in month
    assert "员工technician" in month


def test_the_form_of_a_rotation_keeps_what_was_typed_and_a_second_editor_is_told(
    client: Client, numbered: Estate, session: Any
) -> None:
    client.login("manager")
    refused = client.submit("/duty/rotations/new", rotation(numbered, handoffs="acht"))
    assert refused.status_code == 400
    text = refused.get_data(as_text=True)
    assert "这不是一个时刻" in text
    assert 'value="acht"' in text
    client.submit("/duty/rotations/new", rotation(numbered))
    made = session.scalars(select(DutyRotation)).one()
    address, seen = f"/duty/rotations/{made.id}", str(made.revision)
    session.rollback()
    assert client.submit(address, rotation(numbered, name="新的", revision=seen)).status_code == 302
    late = client.submit(address, rotation(numbered, name="又改", revision=seen))
    assert late.status_code == 409
    assert "别人改过" in late.get_data(as_text=True)
    session.expire_all()
    assert session.scalars(select(DutyRotation.name)).all() == ["新的"]


def test_an_override_shows_as_one_and_can_be_taken_back(client: Client, numbered: Estate, session: Any) -> None:
    client.login("manager")
    client.submit("/duty/override", override(numbered))
    shift = session.scalars(select(DutyShift)).one()
    assert (shift.is_override, shift.note, f"{shift.starts_at:%H:%M}") == (True, "病假", "00:00")
    back = f"/duty/override/{shift.id}/back"
    session.rollback()
    text = client.get("/duty/?day=2026-03-11").get_data(as_text=True)
    assert back in text
    assert "顶班" in text
    client.submit(back, {"confirm": "x", "confirmed": "1"})
    client.submit(back)
    assert count(session, DutyShift) == 0


@pytest.mark.parametrize(
    ("given", "status", "sentence"),
    [({"starts_at": "morgen"}, 400, "这不是日期和时间"), ({"ends_at": ""}, 400, "这不是日期和时间"),
     ({"ends_at": "2026-03-11T07:00"}, 400, "结束时间早于开始时间"),
     ({"starts_at": "2026-03-01 8:00", "ends_at": "3-2 8:00"}, 400, "已经过去"),
     ({"staff": "999999"}, 400, "在这个小区工作"), ({"staff": "x"}, 400, "整数"), ({"tier": "king"}, 400, "请选择"),
     ({"community": "999999"}, 404, "您所在的小区"), ({"note": "长" * 300}, 400, "过长"), ({"number": "12"}, 400, "电话号码")],
)  # fmt: skip
def test_an_override_that_cannot_be_is_refused_with_the_form(
    client: Client, numbered: Estate, session: Any, given: dict[str, str], status: int, sentence: str
) -> None:
    client.login("manager")
    answer = client.submit("/duty/override", override(numbered, **given))
    text = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert re.search(sentence, text), re.findall(r'role="alert">.*?</p>', text, re.S)
    assert count(session, DutyShift) == 0


def test_another_community_is_not_there(
    app: Flask, client: Client, new_client: Any, numbered: Estate, now: datetime
) -> None:
    with app.app_context(), transaction() as writing:
        stranger = Staff(name="外人", role="steward", number="+8613900139088")
        writing.add(stranger)
        writing.flush()
        shift = DutyShift(
            community_id=numbered.other, tier="backup", staff_id=stranger.id, number="+8613900139088",
            starts_at=now, ends_at=now + 9 * HOUR, is_override=True,
        )  # fmt: skip
        made = DutyRotation(
            community_id=numbered.other, tier="backup", name="月亮湾轮值", pattern="daily", handoffs="08:00",
            starts_on=now.date(),
        )  # fmt: skip
        writing.add_all([shift, made])
        writing.flush()
        shift_id, rotation_id = shift.id, made.id
    client.login("manager")
    assert client.get(f"/duty/?community={numbered.other}").status_code == 404
    assert client.submit("/duty/override", override(numbered, community=str(numbered.other))).status_code == 404
    assert client.submit(f"/duty/override/{shift_id}/back").status_code == 404
    for method in (client.get, client.submit):
        assert method(f"/duty/rotations/{rotation_id}").status_code == 404
    assert client.submit(f"/duty/rotations/{rotation_id}/end").status_code == 404
    assert "月亮湾" not in client.get("/duty/rotations/").get_data(as_text=True)
    reader = new_client()
    reader.login("quality")
    assert "外人" in reader.get(f"/duty/?community={numbered.other}").get_data(as_text=True)


@pytest.mark.parametrize(
    "query", ["view=x&day=y", "day=0001-01-01", "day=9999-12-31&view=month", "community=%00", "community=1e9"]
)
def test_nonsense_in_the_address_gives_this_week(client: Client, numbered: Estate, query: str) -> None:
    client.login("manager")
    assert client.get(f"/duty/?{query}").status_code == 200


def test_a_shift_of_a_rotation_is_not_edited_by_hand(client: Client, numbered: Estate, session: Any) -> None:
    client.login("manager")
    client.submit("/duty/rotations/new", rotation(numbered))
    pk = session.scalars(select(DutyShift.id).order_by(DutyShift.id.desc())).first()
    session.rollback()
    values = {
        "community": numbered.home, "tier": "backup", "staff": numbered.staff["steward"], "number": "13900139001",
        "starts_at": "2026-03-20 08:00", "ends_at": "2026-03-20 20:00",
    }  # fmt: skip
    answer = client.submit(f"/dutyshiftview/edit/{pk}", values)
    assert "这个班次来自轮班" in answer.get_data(as_text=True)


def test_the_calendar_asks_little_however_much_stands_on_it(app: Any, client: Client, numbered: Estate) -> None:
    client.login("manager")
    client.submit("/duty/rotations/new", rotation(numbered))
    few = len(statements_of(app, client, "/duty/"))
    assert few <= 14
    assert len(statements_of(app, client, "/duty/?view=month")) == few


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [((10, 8), (10, 20), "08:00–20:00"), ((10, 8), (11, 0), "08:00–24:00"), ((10, 0), (11, 0), "00:00–24:00"),
     ((10, 8), (17, 8), "03-10 08:00 – 03-17 08:00")],
)  # fmt: skip
def test_hours_in_words(app: Any, start: tuple[int, int], end: tuple[int, int], words: str) -> None:
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Asia/Shanghai")
    with app.test_request_context():
        assert hours(datetime(2026, 3, *start, tzinfo=zone), datetime(2026, 3, *end, tzinfo=zone)) == words


# ---- swaps and the calendar link -------------------------------------------------------------------------------------
def test_a_swap_from_asking_to_accepting_on_the_pages(
    app: Flask, new_client: Any, numbered: Estate, session: Any, now: datetime
) -> None:
    with app.app_context(), transaction() as writing:
        shift = DutyShift(
            community_id=numbered.home, tier="on_duty", staff_id=numbered.staff["steward"], number="+8613900139001",
            starts_at=now + 24 * HOUR, ends_at=now + 36 * HOUR,
        )  # fmt: skip
        writing.add(shift)
        writing.flush()
        shift_id = shift.id
    steward, technician, stranger = new_client(), new_client(), new_client()
    for browser, role in ((steward, "steward"), (technician, "technician"), (stranger, "finance")):
        browser.login(role)
    assert f"/duty/swaps/new?shift={shift_id}" in steward.get("/duty/?day=2026-03-11").get_data(as_text=True)
    asked = {"shift": str(shift_id), "other": str(numbered.staff["technician"]), "back": "", "note": "看病"}
    assert technician.submit("/duty/swaps/new", asked).status_code == 409
    assert steward.submit("/duty/swaps/new", asked).status_code == 302
    pk = session.scalars(select(DutySwap.id)).one()
    session.rollback()
    address = f"/duty/swaps/{pk}"
    assert address not in stranger.get("/duty/swaps/").get_data(as_text=True)
    assert stranger.submit(f"{address}/accept").status_code == 403
    assert f"{address}/accept" in technician.get("/duty/swaps/").get_data(as_text=True)
    assert technician.submit(f"{address}/accept").status_code == 302
    assert technician.submit(f"{address}/decline").status_code == 409
    assert "员工technician" in steward.get("/duty/?day=2026-03-11").get_data(as_text=True)
    assert "同意换班" in steward.get("/duty/swaps/").get_data(as_text=True)


def test_a_calendar_address_needs_no_login_and_stops_when_renewed_or_ended(
    app: Flask, client: Client, new_client: Any, numbered: Estate
) -> None:
    client.login("steward")
    assert "还没有日历地址" in client.get("/duty/feed").get_data(as_text=True)
    found = [
        re.search(r"/duty/calendar/[\w-]{40,}\.ics", client.submit("/duty/feed").get_data(as_text=True)) for _ in (1, 2)
    ]
    assert all(found)
    old, new = (match.group() for match in found if match)
    calendar = new_client()
    assert calendar.get(old).status_code == 404
    answer = calendar.get(new)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert answer.get_data(as_text=True).startswith("BEGIN:VCALENDAR")
    assert "private" in answer.headers["Cache-Control"]
    assert new.rpartition("/")[2] not in client.get("/duty/feed").get_data(as_text=True), "shown once"
    client.submit("/duty/feed/stop")
    assert calendar.get(new).status_code == 404
    assert calendar.get("/duty/calendar/guess.ics").status_code == 404


# ---- the duty record -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "seen"),
    [("manager", {"own", "next", "far"}), ("assistant", {"own", "next", "far"}), ("steward", {"own", "next"}),
     ("quality", {"own", "next", "far"})],
)  # fmt: skip
def test_the_duty_record_shows_the_readers_rows(client: Client, numbered: Estate, role: str, seen: set[str]) -> None:
    client.login(role)
    text = client.get(f"/dutyrecord/?community={numbered.home}&day=2026-03-10").get_data(as_text=True)
    assert {key for key in ("own", "next", "far", "foreign") if f"{key} 水管漏水" in text} == seen
    assert "data-print" in text


@pytest.mark.parametrize("role", ["technician", "finance", "owner"])
def test_the_duty_record_is_shut_for_others(client: Client, numbered: Estate, role: str) -> None:
    client.login(role)
    assert client.get("/dutyrecord/").status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 200), ("from=2026-03-10T08:00&until=2026-03-10T07:00", 400), ("from=morgen", 400), ("day=2026-99-99", 200),
     ("day=9999-12-31", 200), ("day=0001-01-01", 200),
     ("from=2026-01-01+00:00&until=2026-03-10+00:00", 400), ("show=x", 200), ("community=999", 404)],
)  # fmt: skip
def test_a_period_of_the_record_that_makes_no_sense(client: Client, numbered: Estate, query: str, status: int) -> None:
    client.login("manager")
    assert client.get(f"/dutyrecord/?{query}").status_code == status


def test_numbers_and_punctuation_of_the_record_are_written_as_people_write_them(
    client: Client, numbered: Estate, session: Any, now: Any
) -> None:
    number = "+8613800138001"
    with transaction() as writing:
        ticket = writing.get_one(Ticket, numbered.tickets["own"])
        add_entry(
            writing, ticket, "note", Actor.system("desk"), now, before=ticket.state, note=f"已回电{number}，无人接听"
        )
        wishes.set_calls(writing, number, "notice", False, "call", now, community_id=numbered.home)
        outage = Outage(
            community_id=numbered.home,
            kind="water",
            text_zh="停水抢修。",
            starts_at=now,
            announced_at=now,
            announced_by="x",
        )
        writing.add(outage)
        writing.flush()
        outages.announce(writing, outage, [], Actor.system("desk"), now)
    client.login("manager")
    page = client.get(f"/dutyrecord/?community={numbered.home}&day=2026-03-10").get_data(as_text=True)
    lines = page[page.index('id="record"') :]
    assert "已回电138 0013 8001，无人接听" in lines
    assert "不再接收自动来电：通知" in lines
    assert "发布停供公告：停水" in lines
    assert "停水抢修。" in lines
    assert not re.search(r"\+86\d|[一-鿿]: ", lines)
    english = client.get("/dutyrecord/?day=2026-03-10&show=wishes", headers={"Accept-Language": "en"})
    assert english.status_code == 200


def test_tickets_and_calls_lead_to_the_record_of_their_day(client: Client, numbered: Estate, session: Any) -> None:
    from app.models import Ticket

    number = session.get(Ticket, numbered.tickets["own"]).number
    session.rollback()
    client.login("assistant")
    wanted = f"/dutyrecord/?community={numbered.home}&amp;day=2026-03-10"
    assert wanted in client.get(f"/ticket/{number}").get_data(as_text=True)
    assert wanted in client.get(f"/callview/show/{numbered.calls['own']}").get_data(as_text=True)
