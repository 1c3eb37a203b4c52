"""A changed price, rate, clock rule or figure leaves who, which, from and to on the audit trail (issue 3, line 2)."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import appbuilder
from app.models import AccessEntry, Category, ClockPolicy, Department, FeeItem, ServiceItem
from app.rules.codes import AccessAction
from app.services.rule_changes import RULES
from app.views.base.model_page import ModelPage
from tests.support.client import Client
from tests.support.estate import Estate

RULE_ACTIONS = (AccessAction.RULE_ADDED, AccessAction.RULE_CHANGED)


def entries(session: Any) -> list[AccessEntry]:
    session.rollback()
    wanted = select(AccessEntry).where(AccessEntry.action.in_(RULE_ACTIONS)).order_by(AccessEntry.id)
    return list(session.scalars(wanted))


def form_of(client: Client, path: str) -> dict[str, str]:
    """What the form holds, as a browser would send it back: texts, numbers, chosen options and switches."""
    page = client.get(path).text
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    for box in re.findall(r"<input[^>]*>", page):
        name = re.search(r'name="([^"]+)"', box)
        if name and re.search(r'type="(checkbox|radio)"', box):
            value = re.search(r'value="([^"]*)"', box)
            fields.pop(name[1], None) if "checked" not in box and fields.get(name[1]) == (value and value[1]) else None
            if "checked" in box:
                fields[name[1]] = value[1] if value else "y"
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option[^>]*value="([^"]*)"[^>]*selected|<option[^>]*selected[^>]*value="([^"]*)"', inside)
        fields[name] = (chosen[1] or chosen[2] or "") if chosen else ""
    for name, inside in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.S):
        fields[name] = inside.strip()
    fields.pop("csrf_token", None)
    return fields


def change(client: Client, path: str, **values: str) -> None:
    answer = client.submit(path, form_of(client, path) | values)
    assert answer.status_code == 302, answer.text


def test_every_table_of_rules_has_a_page_that_tells_its_columns(app: Any) -> None:
    shown = {view.datamodel.obj for view in appbuilder.baseviews if isinstance(view, ModelPage)}
    assert shown >= RULES


def test_a_changed_rate_says_who_which_from_and_to(client: Client, estate: Estate, session: Any) -> None:
    item = session.scalars(select(FeeItem).order_by(FeeItem.id)).first()
    rate, path = item.rate, f"/feeitemview/edit/{item.id}"
    client.login("finance")
    change(client, path, rate="3.15")
    (entry,) = entries(session)
    assert (entry.action, entry.subject_kind, entry.subject_id) == ("rule_changed", "fee_item", item.id)
    assert entry.actor_name == "finance"
    assert entry.changes == [["rate", f"{rate:.2f}", "3.15"]]


def test_the_trail_tells_it_in_plain_words_of_both_languages(client: Client, estate: Estate, session: Any) -> None:
    item = session.scalars(select(FeeItem).order_by(FeeItem.id)).first()
    rate = f"{item.rate:.2f}"
    client.login("admin")
    change(client, f"/feeitemview/edit/{item.id}", rate="3.15")
    client.get("/lang/zh")
    page = client.get("/auditview/list/").text
    assert f"{rate} → 3.15" in page
    assert "修改参数、单价或规则" in page
    assert f"/feeitemview/show/{item.id}" in page
    client.get("/lang/en")
    shown = client.get(f"/auditview/show/{entries(session)[0].id}").text
    assert f"Rate (yuan): {rate} → 3.15" in shown
    assert "Fee item: " in shown


def test_a_figure_is_told_by_its_name_and_unit(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    client.get("/lang/en")
    assert client.submit("/settingview/edit/close.after_hours", {"value": "48"}).status_code == 302
    assert client.submit("/settingview/edit/close.after_hours", {"value": "48"}).status_code == 302
    assert client.submit("/settingview/edit/login.second_factor", {"value": "0"}).status_code == 302
    page = client.get("/auditview/list/").text
    assert "72 hours → 48 hours" in page
    assert "Hours until a finished ticket closes by itself" in page
    assert "Optional: staff switch it on for themselves → Off" in page
    assert len(entries(session)) == 2, "what was set to what it is already is no change"


def test_a_refused_figure_leaves_nothing(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    assert client.submit("/settingview/edit/close.after_hours", {"value": "9999"}).status_code == 422
    assert entries(session) == []


def test_a_new_price_says_what_it_is(client: Client, estate: Estate, session: Any) -> None:
    item = session.scalars(select(ServiceItem).order_by(ServiceItem.id)).first()
    client.login("admin")
    client.get("/lang/en")
    price = {"item": str(item.id), "variant": "加急", "kind": "fixed", "amount_yuan": "88", "unit": "次"}
    assert client.submit("/servicepriceview/add", price | {"valid_from": "2026-12-01"}).status_code == 302
    (entry,) = entries(session)
    assert entry.action == "rule_added"
    assert ["amount_yuan", None, "88.00"] in entry.changes
    page = client.get("/auditview/list/").text
    assert "Amount (yuan): 88.00" in page
    assert "→ 88.00" not in page


def test_a_row_it_points_to_is_told_by_name_and_a_switch_by_its_words(
    client: Client, estate: Estate, session: Any
) -> None:
    category = session.scalars(
        select(Category).where(Category.department_id.is_not(None)).order_by(Category.id)
    ).first()
    before = category.department
    other = session.scalars(select(Department).where(Department.id != before.id).order_by(Department.id)).first()
    client.login("admin")
    change(client, f"/categoryview/edit/{category.id}", department=str(other.id))
    (entry,) = entries(session)
    assert entry.changes == [["department", before.name, other.name]]


def test_saving_without_a_change_leaves_no_entry(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    for model, address in ((ClockPolicy, "clockpolicyview"), (Category, "categoryview"), (FeeItem, "feeitemview")):
        row = session.scalars(select(model).order_by(model.id)).first()
        change(client, f"/{address}/edit/{row.id}")
    assert entries(session) == []


@pytest.mark.parametrize("login", ["manager", "owner"])
def test_who_may_not_change_it_leaves_nothing(client: Client, estate: Estate, session: Any, login: str) -> None:
    item = session.scalars(select(FeeItem).order_by(FeeItem.id)).first()
    client.login(login)
    assert client.submit(f"/feeitemview/edit/{item.id}", {"rate": "1"}).status_code in (302, 403, 404)
    assert entries(session) == []
