"""The register of keys and items lent: the field staff writes it and takes back, in its own communities only."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.models import Community, DutyShift, Handover, House, Loan
from app.services import handovers
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate

HOUR = timedelta(hours=1)


def form(session: Any, estate: Estate, **more: Any) -> dict[str, Any]:
    key = session.scalars(select(House.id).where(House.community_id == estate.home).order_by(House.id)).first()
    session.rollback()
    made = {
        "community": str(estate.home),
        "kind": "key",
        "what": "屋面检修门 R-2",
        "house": str(key),
        "taken_by": "周师傅",
    }
    return {**made, "reach": "8021", "due_at": "2099-01-01T10:00", "note": "", **more}


def stored(session: Any) -> list[Loan]:
    session.expire_all()
    session.rollback()
    return list(session.scalars(select(Loan).order_by(Loan.id)))


def test_lent_marked_when_late_and_taken_back(new_client: Any, estate: Estate, session: Any) -> None:
    desk, steward = new_client(), new_client()
    desk.login("assistant")
    steward.login("steward")
    answer = desk.submit("/loanview/add", form(session, estate))
    assert answer.status_code == 302, answer.get_data(as_text=True)
    (loan,) = stored(session)
    key = loan.id
    assert (loan.taken_by, loan.returned_at, loan.lent_by != "") == ("周师傅", None, True)
    session.rollback()
    listed = desk.get("/loanview/list/").get_data(as_text=True)
    assert ('class="is-alarm"' in listed, "逾期未还" in listed) == (False, False)
    with transaction() as writing:
        late = writing.get_one(Loan, key)
        late.due_at = late.lent_at + timedelta(microseconds=1)
    listed = desk.get("/loanview/list/").get_data(as_text=True)
    assert ('class="is-alarm"' in listed, "逾期未还" in listed) == (True, True), "by word as well as colour"
    assert f'action="/loan/{key}/back"' in steward.get(f"/loanview/show/{key}").get_data(as_text=True)
    for said in ("不再列入交接班", "记录不再更改"):
        assert steward.submit(f"/loan/{key}/back", {"by": "徒弟"}).status_code == 302
        assert said in steward.get(f"/loanview/show/{key}").get_data(as_text=True)
    (loan,) = stored(session)
    assert loan.returned_by == "徒弟"
    assert "逾期未还" not in desk.get("/loanview/list/").get_data(as_text=True)
    session.rollback()
    assert f'action="/loan/{key}/back"' not in steward.get(f"/loanview/show/{key}").get_data(as_text=True)
    assert "记录不再更改" in desk.submit(f"/loanview/edit/{key}", form(session, estate, what="x")).get_data(
        as_text=True
    )
    assert stored(session)[0].what == "屋面检修门 R-2"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"what": "  "}, "请填写借出的钥匙或物品"),
        ({"taken_by": " "}, "请填写领用人"),
        ({"due_at": "2001-01-01T10:00"}, "应还时间必须晚于借出时间"),
        ({"due_at": ""}, ""),
        ({"kind": "love"}, ""),
        ({"what": "长" * 90}, ""),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    client: Client, estate: Estate, session: Any, wrong: dict[str, str], said: str
) -> None:
    client.login("assistant")
    answer = client.submit("/loanview/add", form(session, estate, **wrong))
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    assert stored(session) == []


def test_a_house_of_another_community_is_refused(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    away = estate.houses["foreign"]
    answer = client.submit("/loanview/add", form(session, estate, house=str(away)))
    assert answer.status_code == 422
    assert stored(session) == []


def test_nobody_takes_back_what_they_do_not_see(new_client: Any, estate: Estate, session: Any, now: Any) -> None:
    with transaction() as writing:
        made = Loan(
            community_id=estate.other, kind="item", what="雨伞", taken_by="x", lent_at=now, lent_by="y",
            due_at=now + timedelta(hours=1),
        )  # fmt: skip
        writing.add(made)
        writing.flush()
        key = made.id
    for role, answers in (("assistant", (404,)), ("finance", (302, 403, 404)), ("owner", (302, 403, 404))):
        browser = new_client()
        browser.login(role)
        assert browser.submit(f"/loan/{key}/back", {}).status_code in answers
    assert stored(session)[0].returned_at is None


def test_it_stands_on_the_handover_and_its_sheet(
    new_client: Any, estate: Estate, session: Any, frozen: Any, now: datetime
) -> None:
    with transaction() as writing:
        for name, start in (("steward", -12), ("technician", 0)):
            writing.add(
                DutyShift(
                    community_id=estate.home, tier="on_duty", staff_id=estate.staff[name], number="+8613900139001",
                    starts_at=now + start * HOUR, ends_at=now + (start + 12) * HOUR,
                )
            )  # fmt: skip
        facts = {"community_id": estate.home, "kind": "key", "what": "水箱间钥匙", "taken_by": "周师傅", "lent_by": "y"}
        writing.add(Loan(**facts, lent_at=now - 3 * HOUR, due_at=now - HOUR))
        writing.flush()
        handovers.write_due(writing, writing.get_one(Community, estate.home), now)
        paper = writing.scalars(select(Handover.id)).one()
    browser = new_client()
    browser.login("technician")
    for address in (f"/duty/handovers/{paper}", f"/duty/handovers/{paper}/print"):
        page = browser.get(address).get_data(as_text=True)
        assert "水箱间钥匙" in page
        assert "逾期未还" in page
        assert "周师傅" in page
