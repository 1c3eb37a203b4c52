"""Billing, rates, discounts and cancelled bills in the browser and in the shell: who, what is refused."""

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from app.jobs.runs import run_job
from app.models import Bill, BillingRun, FeeConcession, FeeItem, FeeRate
from tests.support.client import Client
from tests.support.estate import Estate

MARCH = "2026-03"


@pytest.fixture(autouse=True)
def today(frozen: Any, estate: Estate, session: Any) -> None:
    session.rollback()


def made(session: Any, period: str = MARCH) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Bill).where(Bill.period == period)) or 0


@pytest.mark.parametrize("login", ["admin", "manager", "finance"])
def test_a_month_is_looked_at_and_only_finance_posts_it(
    client: Client, estate: Estate, session: Any, login: str
) -> None:
    client.login(login)
    page = client.get(f"/billing/?community={estate.home}&period={MARCH}").get_data(as_text=True)
    assert "751.80" in page
    assert ('action="/billing/run' in page) == (login == "finance")
    for _ in range(2):
        client.submit(f"/billing/run?community={estate.home}", {"period": MARCH})
    assert made(session) == (3 if login == "finance" else 0)


@pytest.mark.parametrize("login", ["deputy", "supervisor", "assistant", "steward", "technician", "owner", "resident"])
def test_billing_is_shut_to_others(client: Client, estate: Estate, session: Any, login: str) -> None:
    client.login(login)
    answer = client.get("/billing/")
    assert answer.status_code in (302, 403)
    assert "/billing" not in (answer.location or "")
    client.submit("/billing/run", {"period": MARCH})
    client.submit(f"/billing/bill/{estate.bills['own']}/cancel", {"note": "x"})
    assert made(session) == 0
    assert session.get_one(Bill, estate.bills["own"]).state == "open"


@pytest.mark.parametrize("period", ["2026-13", "2029-01", "x"])
def test_no_month_is_a_sentence(client: Client, estate: Estate, session: Any, period: str) -> None:
    client.login("finance")
    assert client.get(f"/billing/?community={estate.home}&period={period}").status_code == 400
    assert client.submit(f"/billing/run?community={estate.home}", {"period": period}).status_code == 400
    assert client.submit(f"/billing/run?community={estate.other}", {"period": MARCH}).status_code == 404
    assert session.scalars(select(BillingRun)).all() == []


def test_a_bill_is_cancelled_by_finance_in_its_own_community(client: Client, estate: Estate, session: Any) -> None:
    client.login("finance")
    for key, status in (("own", 302), ("foreign", 404)):
        answer = client.submit(f"/billing/bill/{estate.bills[key]}/cancel", {"note": "面积有误"})
        assert answer.status_code == status, key
    session.rollback()
    assert session.get_one(Bill, estate.bills["own"]).cancel_reason == "面积有误"
    assert session.get_one(Bill, estate.bills["foreign"]).state == "open"
    page = client.get(f"/billview/show/{estate.bills['own']}").get_data(as_text=True)
    assert "/cancel" not in page


def test_rates_stay_and_discounts_name_who_decided(client: Client, estate: Estate, session: Any) -> None:
    client.login("finance")
    item = session.scalars(select(FeeItem).where(FeeItem.community_id == estate.home)).first()
    key = item.id
    session.rollback()
    sent = {"name": "物业费", "name_en": "Property fee", "rate": "3.00", "valid_from": "2026-07-01", "ends_on": ""}
    assert client.submit(f"/feeitemview/edit/{key}", sent).status_code == 302
    client.submit(f"/feeitemview/edit/{key}", {**sent, "rate": "3.10", "valid_from": "2027-01-01"})
    days = session.scalars(
        select(FeeRate.valid_from).where(FeeRate.fee_item_id == key).order_by(FeeRate.valid_from)
    ).all()
    session.rollback()
    assert days[-2:] == [date(2026, 7, 1), date(2027, 1, 1)]
    less = {
        "house": str(estate.houses["own"]), "fee_item": str(key), "percent": "30", "starts_on": "2026-01-01", "ends_on": "",
        "reason": "空置",
    }  # fmt: skip
    for wrong in ({"percent": "101"}, {"percent": "-1"}, {"reason": " "}, {"ends_on": "2025-01-01"}):
        assert client.submit("/feeconcessionview/add", {**less, **wrong}).status_code == 422, wrong
    assert client.submit("/feeconcessionview/add", less).status_code == 302
    row = session.scalars(select(FeeConcession)).one()
    assert (row.percent, row.decided_by, row.community_id) == (30, "finance", estate.home)


def test_the_shell_bills_once_and_the_job_goes_on_with_what_broke_off(
    client: Client, estate: Estate, session: Any, runner: FlaskCliRunner, now: Any
) -> None:
    asked = ["billing", "run", "--community", "sunshine", "--period", MARCH]
    assert "property: 3 751.80" in runner.invoke(args=[*asked, "--dry-run"]).output
    assert made(session) == 0
    for _ in range(2):
        result = runner.invoke(args=asked)
        assert result.exit_code == 0, result.output
    assert made(session) == 3
    assert runner.invoke(args=["billing", "run", "--community", "nowhere", "--period", MARCH]).exit_code == 2
    run = session.scalars(select(BillingRun)).one()
    run.state, run.last_house_id = "running", 0
    session.commit()
    assert run_job("billing", now)["batches"] == 1
    session.rollback()
    session.expire_all()
    assert session.scalars(select(BillingRun)).one().state == "posted"
    assert made(session) == 3
