"""`/duty/handovers…` and the first page: who sees which, signing, the sheet to print."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.models import Community, DutyShift, Handover, Staff
from app.services import handovers
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate

HOUR = timedelta(hours=1)


@pytest.fixture
def paper(app: Flask, estate: Estate, frozen: Any, now: datetime) -> int:
    """From the steward to the technician, now."""
    with app.app_context(), transaction() as session:
        for name, start in (("steward", -12), ("technician", 0)):
            session.add(
                DutyShift(
                    community_id=estate.home, tier="on_duty", staff_id=estate.staff[name], number="+8613900139001",
                    starts_at=now + start * HOUR, ends_at=now + (start + 12) * HOUR,
                )
            )  # fmt: skip
        session.flush()
        handovers.write_due(session, session.get_one(Community, estate.home), now)
        made = session.query(Handover).one().id
    return int(made)


def test_signed_by_both_from_their_first_pages(new_client: Any, paper: int) -> None:
    address = f"/duty/handovers/{paper}"
    for role, word in (("steward", "等待对方"), ("technician", "交接班完成")):
        browser = new_client()
        browser.login(role)
        assert address in browser.get("/").get_data(as_text=True), f"it waits on the first page of the {role}"
        assert "等我签字" in browser.get("/duty/handovers/").get_data(as_text=True)
        text = browser.get(address).get_data(as_text=True)
        assert f'action="{address}/sign"' in text
        kept = browser.submit(f"{address}/sign", {"words": "少一把钥匙", "keep": "1"})
        assert kept.status_code == 302
        assert "少一把钥匙" in browser.get(address).get_data(as_text=True)
        done = browser.submit(
            f"{address}/sign", {"words": f"{role}签", "side": {"steward": "going"}.get(role, "coming")}
        )
        assert done.status_code == 302
        assert word in browser.get(address).get_data(as_text=True)
        assert address not in browser.get("/").get_data(as_text=True)
        assert browser.submit(f"{address}/sign", {"words": "又"}).status_code == 409
    sheet = browser.get(f"{address}/print").get_data(as_text=True)
    assert "steward签" in sheet
    assert "签名、日期" in sheet


@pytest.mark.parametrize(
    ("role", "sees", "signs"),
    [("manager", True, 400), ("supervisor", True, 403), ("assistant", True, 403), ("finance", False, 404),
     ("quality", True, 403), ("admin", True, 403), ("owner", None, 403)],
)  # fmt: skip
def test_who_sees_it_and_who_may_not_sign(client: Client, paper: int, role: str, sees: bool | None, signs: int) -> None:
    client.login(role)
    shown = client.get(f"/duty/handovers/{paper}").status_code
    assert shown == (403 if sees is None else 200 if sees else 404)
    answer = client.submit(f"/duty/handovers/{paper}/sign", {"words": "", "side": "going"})
    assert answer.status_code == signs


def test_a_steward_of_another_shift_does_not_see_it(app: Flask, client: Client, estate: Estate, paper: int) -> None:
    with app.app_context(), transaction() as session:
        other = Staff(name="别人", role="steward", number="+8613900139077")
        session.add(other)
        session.flush()
        one = session.get_one(Handover, paper)
        one.going_id = other.id
    client.login("steward")
    assert client.get(f"/duty/handovers/{paper}").status_code == 404
    assert client.submit(f"/duty/handovers/{paper}/sign", {}).status_code == 404


@pytest.mark.parametrize("path", ["0", "999999", "99999999999999999999"])
def test_a_handover_that_is_not_there(client: Client, paper: int, path: str) -> None:
    client.login("manager")
    assert client.get(f"/duty/handovers/{path}").status_code == 404
