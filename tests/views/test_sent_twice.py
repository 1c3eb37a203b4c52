"""Every form with a one-time key, sent twice: the thing is done once, and the second time leads to what the first one made.

One case a place where a key is claimed: a new such place without a case fails the last test.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import (
    Appraisal,
    CheckIn,
    CheckInPlan,
    DayClosing,
    DrillFinding,
    DutyShift,
    EmergencyPlan,
    House,
    Meter,
    Model,
    Payment,
    Questionnaire,
    QuestionnaireItem,
    Report,
    ReturnVisit,
    ServiceItem,
    ServicePrice,
    Setting,
    SpecialEvent,
    Staff,
    StaffCommunity,
    Survey,
    SurveyHousehold,
    SurveyQuestion,
    Ticket,
    TicketOffer,
)
from app.services.dispatch import hand_over
from app.services.transaction import transaction
from app.views.base import replay
from tests.support.bank import csv_file, line
from tests.support.client import Client
from tests.support.drills import drill_form, field, record_form
from tests.support.estate import Estate
from tests.support.languages import silence
from tests.support.lived import Lived, live
from tests.support.pictures import photo
from tests.support.plans import form as plan_form
from tests.views import test_check_ins, test_duty, test_ticket_together
from tests.views.test_knowledge import GOOD

VIEWS = Path(__file__).resolve().parents[2] / "app" / "views"
CLAIMS = ("claimed", "form_with_photos")
HELPERS = ("replay.py", "ticket_uploads.py", "contextlib.py")


@dataclass
class World:
    """What the cases ask for by name."""

    session: Any
    estate: Estate
    lived: Lived
    client: Client
    now: datetime

    def first(self, column: Any, *conditions: Any) -> Any:
        """A value of the newest row that fits."""
        self.session.rollback()
        found = self.session.scalars(select(column).where(*conditions).order_by(column.desc())).first()
        self.session.rollback()
        assert found is not None, (column, conditions)
        return found

    def house(self, key: str = "own") -> str:
        """A house's id, as a form sends it."""
        return str(self.estate.houses[key])

    def number(self, key: str = "own") -> str:
        """The number of a house's ticket."""
        return str(self.first(Ticket.number, Ticket.id == self.estate.tickets[key]))

    def rows(self) -> dict[str, list[Any]]:
        """Everything that stands in the database, but for the keys themselves."""
        self.session.rollback()
        found = {
            table.name: sorted(map(repr, self.session.execute(select(table))))
            for table in Model.metadata.sorted_tables
            if table.name != "form_key"
        }
        self.session.rollback()
        return found


@dataclass(frozen=True)
class Form:
    """A form: who sends it where with what, and the function that claims its key."""

    place: str
    role: str
    path: Callable[[World], str]
    sent: Callable[[World], dict[str, Any]]


def _household(w: World) -> Any:
    return w.first(SurveyHousehold.id, SurveyHousehold.house_id == w.estate.houses["own"])


def _answers(w: World) -> dict[str, str]:
    survey = w.first(SurveyHousehold.survey_id, SurveyHousehold.house_id == w.estate.houses["own"])
    return {f"q{w.first(SurveyQuestion.id, SurveyQuestion.survey_id == survey, SurveyQuestion.required)}": "5"}


def _questionnaire(w: World) -> Any:
    return w.first(Questionnaire.id, Questionnaire.title == "季度满意度调查")


def _item(w: World) -> Any:
    return w.first(QuestionnaireItem.id, QuestionnaireItem.questionnaire_id == _questionnaire(w))


def _price(w: World) -> Any:
    copying = w.first(ServiceItem.id, ServiceItem.code == "copy")
    return w.first(ServicePrice.id, ServicePrice.item_id == copying, ServicePrice.variant == "A3")


def _sheet(w: World) -> str:
    return f"/appraisals/{w.first(Appraisal.id, Appraisal.role == 'technician')}"


def _read(w: World) -> dict[str, str]:
    found = re.search(r'name="sha256" value="(\w{64})"', w.client.get(_sheet(w)).get_data(as_text=True))
    assert found
    return {"remark": "好的", "sha256": found[1]}


def _community_plan(w: World) -> Any:
    return w.first(EmergencyPlan.id, EmergencyPlan.community_id == w.estate.home, EmergencyPlan.kind == "water")


def _note_all(w: World) -> dict[str, Any]:
    page = test_ticket_together.ask(w.client, "note_chosen", w.estate.tickets["own"]).text
    return test_ticket_together.hidden_fields(page) | {"note": "停水通知已贴"}


_QUESTION = {"kind": "text", "text": "还有什么？"}
_SURVEY = {"percent": "100"}

FORMS = (
    Form("dispute_page.step", "assistant", lambda w: f"/ticket/{w.lived.dispute}/dispute/talk",
         lambda w: {"way": "note", "notes": "走廊安静"}),
    Form("duty_swaps.ask", "steward", lambda w: "/duty/swaps/new",
         lambda w: {"shift": str(w.first(DutyShift.id)), "other": str(w.estate.staff["technician"]), "note": "看病"}),
    Form("offers.accept", "technician",
         lambda w: f"/offer/{w.first(TicketOffer.id, TicketOffer.ticket_id == w.estate.tickets['far'])}/accept", lambda w: {}),
    Form("offers.decline", "technician", lambda w: f"/offer/{w.first(TicketOffer.id)}/decline", lambda w: {"note": "在别处抢修"}),
    Form("ticket_costs._done", "technician", lambda w: f"/ticket/{w.lived.emergency}/costs",
         lambda w: {"kind": "labour", "minutes": "30", "bearer": "centre"}),
    Form("surveys.step", "manager", lambda w: f"/survey/{w.first(Survey.id, Survey.state == 'open')}/remind", lambda w: {}),
    Form("surveys._save", "manager", lambda w: "/survey/new",
         lambda w: {**_SURVEY, "questionnaire_id": str(_questionnaire(w)),
                    "places": [str(w.first(House.building_id, House.id == w.estate.houses["own"]))]}),
    Form("owner_services.ask", "owner", lambda w: "/owner/services/copy",
         lambda w: {"house_id": w.house(), "price_id": str(_price(w)), "count": "3", "accepted": "1"}),
    Form("visits._do", "supervisor",
         lambda w: f"/visit/{w.first(ReturnVisit.id, ReturnVisit.ticket_id == w.lived.done)}/phone",
         lambda w: {"result": "no_answer"}),
    Form("visits.signed", "supervisor",
         lambda w: f"/visit/{w.first(ReturnVisit.id, ReturnVisit.ticket_id == w.lived.done)}/sign",
         lambda w: {"score": "5", "unsigned_why": "手机上答复"}),
    Form("check_in_calls.found", "steward", lambda w: f"/checkin/call/{w.first(CheckIn.id, CheckIn.state == 'contacted')}/found",
         lambda w: {"finding": "well"}),
    Form("notices.send_alert", "manager", lambda w: f"/notice/alert/{w.lived.emergency}",
         lambda w: {"what": "stay_clear", "places": [f"b{w.first(House.building_id, House.id == w.estate.houses['own'])}"]}),
    Form("notices._save", "manager", lambda w: "/notice/new",
         lambda w: {"title": "明日停水", "text_zh": "明天停水", "ways": ["web"], "community_id": str(w.estate.home),
                    "places": [f"b{w.first(House.building_id, House.id == w.estate.houses['own'])}"]}),
    Form("appraisals.step", "technician",
         lambda w: f"{_sheet(w)}/answer", _read),
    Form("appraisals.plan", "admin", lambda w: "/appraisals/weights",
         lambda w: {"role": "technician", "month": "2027-04", "figure0": "in_time", "scope0": "own", "weight0": "100",
                    "target0": "90", "floor0": "70"}),
    Form("clock_trial.make", "admin", lambda w: "/clocks/trial/", lambda w: {"title": "更快答复"}),
    Form("arrears._step", "finance", lambda w: f"/arrears/house/{w.house()}/reason", lambda w: {"reason": "away"}),
    Form("bank.upload", "finance", lambda w: "/bank/",
         lambda w: {"file": (csv_file(line("T1", "8.00", "x", day="2026-03-01")), "a.csv")}),
    Form("bank.decide", "finance", lambda w: f"/bank/{w.lived.bank}/line/3",
         lambda w: {"house": w.house(), "payer_id": str(w.estate.people["own"])}),
    Form("bank._step", "finance", lambda w: f"/bank/{w.lived.bank}/drop", lambda w: {}),
    Form("meters.read", "steward", lambda w: f"/meters/{w.first(Meter.id, Meter.number == 'W-1')}/read",
         lambda w: {"value": "109"}),
    Form("meters.strike", "finance", lambda w: f"/meters/{w.first(Meter.id, Meter.number == 'W-1')}/strike",
         lambda w: {"note": "抄错"}),
    Form("meters.exchange", "finance", lambda w: f"/meters/{w.first(Meter.id, Meter.number == 'W-2')}/exchange",
         lambda w: {"value": "120", "number": "W-3"}),
    Form("billing.cancel", "finance", lambda w: f"/billing/bill/{w.estate.bills['next']}/cancel", lambda w: {"note": "面积有误"}),
    Form("owner_calls._done", "owner", lambda w: "/owner/calls/language", lambda w: {"locale": "en"}),
    Form("owner_home._done", "owner", lambda w: "/owner/house/member", lambda w: {"house_id": w.house(), "name": "张小三"}),
    Form("knowledge_write._save", "assistant", lambda w: "/answers/new", lambda w: {**GOOD, "question": "快递放哪里"}),
    Form("payments.reverse", "finance", lambda w: f"/payments/{w.first(Payment.id)}/reverse", lambda w: {"note": "录错"}),
    Form("payments.close", "assistant", lambda w: "/payments/close", lambda w: {"counted": "50.00", "seen": "1"}),
    Form("payments._money", "assistant", lambda w: f"/payments/house/{w.house()}",
         lambda w: {"payer_id": str(w.estate.people["own"]), "amount": "10.00", "way": "cash"}),
    Form("questionnaires._keep_item", "manager", lambda w: f"/questions/{_questionnaire(w)}/item", lambda w: _QUESTION),
    Form("questionnaires._save", "manager", lambda w: "/questions/new",
         lambda w: {"title": "月度", "cycle": "monthly", "community_id": str(w.estate.home)}),
    Form("questionnaires.change_item", "manager", lambda w: f"/questions/{_questionnaire(w)}/item/{_item(w)}",
         lambda w: {"do": "up"}),
    Form("questionnaires.change_item", "manager", lambda w: f"/questions/{_questionnaire(w)}/item/{_item(w)}",
         lambda w: {"do": "remove"}),
    Form("books.receive", "finance", lambda w: f"/books/closing/{w.first(DayClosing.id)}/receive", lambda w: {"back": "cash"}),
    Form("plans.copy", "supervisor", lambda w: f"/plan/{w.first(EmergencyPlan.id, EmergencyPlan.kind == 'general')}/copy",
         lambda w: {}),
    Form("plans.propose", "supervisor", lambda w: f"/plan/{_community_plan(w)}/propose/{w.first(SpecialEvent.id)}",
         lambda w: {}),
    Form("plans._save", "supervisor", lambda w: "/plan/new",
         lambda w: plan_form(name="停电预案", words="停电", kind="power", categories=[])),
    Form("drills.add", "manager", lambda w: "/drill/new",
         lambda w: drill_form(w.estate.home, _community_plan(w), w.now + timedelta(days=9), w.estate.staff["technician"],
                              [w.estate.staff["steward"]])),
    Form("drills.change", "manager", lambda w: f"/drill/{w.lived.coming}/edit",
         lambda w: drill_form(w.estate.home, None, w.now + timedelta(days=8), w.estate.staff["technician"],
                              [w.estate.staff["steward"]])),
    Form("drills.cancel", "manager", lambda w: f"/drill/{w.lived.coming}/cancel", lambda w: {"reason": "大雨"}),
    Form("drill_record.record", "technician", lambda w: f"/drill/{w.lived.drill}/record",
         lambda w: record_form(w.now - timedelta(hours=2), w.now, reason="时间有误",
                               step_00000001=field(w.now - timedelta(hours=1))[-5:])),
    Form("drill_record.photos", "technician", lambda w: f"/drill/{w.lived.drill}/photos",
         lambda w: {"photos": (photo(), "a.jpg"), "caption": "疏散"}),
    Form("drill_record.finding", "technician", lambda w: f"/drill/{w.lived.drill}/finding",
         lambda w: {"finding": "应急灯不亮", "improvement": "换灯", "staff_id": str(w.estate.staff["technician"]),
                    "until": f"{w.now + timedelta(days=5):%Y-%m-%d}"}),
    Form("drill_record.improved", "technician",
         lambda w: f"/drill/{w.lived.drill}/improved/{w.first(DrillFinding.id, DrillFinding.drill_id == w.lived.drill)}",
         lambda w: {"done": "钥匙已移"}),
    Form("duty_calendar.put", "manager", lambda w: "/duty/override", lambda w: test_duty.override(w.estate)),
    Form("ticket_more.note", "assistant", lambda w: f"/ticket/{w.number()}/note", lambda w: {"note": "钥匙在前台"}),
    Form("ticket_together._together", "assistant", lambda w: test_ticket_together.ACT, _note_all),
    Form("duty_rotations._save", "manager", lambda w: "/duty/rotations/new", lambda w: test_duty.rotation(w.estate)),
    Form("check_ins._step", "steward", lambda w: f"/checkin/{w.first(CheckInPlan.id)}/end", lambda w: {"words": "搬走"}),
    Form("check_ins._save", "steward", lambda w: "/checkin/new", lambda w: test_check_ins.form(w.estate, "next")),
    Form("special_events.open", "supervisor", lambda w: f"/special/open/{w.lived.second}", lambda w: {}),
    Form("owner_surveys.answer", "resident", lambda w: f"/owner/survey/{_household(w)}", _answers),
    Form("survey_households.take", "steward",
         lambda w: f"/survey/{w.first(Survey.id, Survey.state == 'open')}/household/{_household(w)}",
         lambda w: {"way": "phone", **_answers(w)}),
    Form("survey_households.decline", "assistant",
         lambda w: f"/survey/{w.first(Survey.id, Survey.state == 'open')}/household/{_household(w)}/decline", lambda w: {}),
    Form("base.writing._try", "admin", lambda w: "/buildingview/add",
         lambda w: {"community": w.estate.home, "number": "9", "name": "9幢", "position": "9"}),
    Form("invitation_pages.invite_building", "assistant",
         lambda w: f"/invite/building/{w.first(House.building_id, House.id == w.estate.houses['next'])}",
         lambda w: {"do": "send"}),
    Form("invitation_pages.invite_person", "assistant", lambda w: f"/invite/person/{w.estate.people['next']}",
         lambda w: {"do": "letter"}),
    Form("desk_page.add", "assistant", lambda w: "/ticket/new",
         lambda w: {"kind": "repair", "channel": "desk", "category": "water", "title": "卫生间漏水", "house_id": w.house("far")}),
    Form("owner_tickets.act", "owner", lambda w: f"/owner/ticket/{w.number()}/say", lambda w: {"note": "下午在家"}),
    Form("owner_report_question.ask", "owner", lambda w: f"/owner/reports/{w.first(Report.id, Report.state == 'published')}/ask",
         lambda w: {"about": "figures", "question": "为什么？", "house_id": w.house()}),
    Form("owner_new.add", "owner", lambda w: "/owner/new", lambda w: {"kind": "repair", "title": "灯不亮", "house_id": w.house()}),
)  # fmt: skip


def _publish(writing: Any, estate: Estate, now: datetime) -> None:
    """The month's report as households meet it."""
    report = writing.scalars(select(Report).where(Report.community_id == estate.home)).one()
    report.reviewed_at = report.signed_at = report.published_at = now
    report.sha256, report.file_path = "0" * 64, "x.pdf"
    report.state = "published"


def _offer(writing: Any, estate: Estate, now: datetime) -> None:
    """Two pieces of work that a colleague offers to the technician."""
    technician = writing.get_one(Staff, estate.staff["technician"])
    mate = Staff(name="赵快手", role="technician", department_id=technician.department_id)
    mate.community_links.append(StaffCommunity(community_id=estate.home))
    writing.add(mate)
    writing.flush()
    for key in ("far", "next"):
        ticket = writing.get_one(Ticket, estate.tickets[key])
        ticket.state = "dispatched"
        hand_over(ticket, mate, "chosen by hand")
        given = {"giver_id": mate.id, "to_id": technician.id, "reason": "手上有急单"}
        writing.add(TicketOffer(ticket_id=ticket.id, offered_at=now, **given))
        writing.flush()


@pytest.fixture
def world(app: Flask, client: Client, estate: Estate, session: Any, frozen: Any, now: datetime) -> World:
    """The estate with one record of each kind, a silent check-in call, a coming shift, a visit that is due, an offer."""
    with app.app_context(), transaction() as writing:
        writing.add_all(
            Setting(key=f"outbound.{key}", value=value) for key, value in (("from_hour", "0"), ("until_hour", "24"))
        )
        for order, staff in enumerate(writing.scalars(select(Staff).order_by(Staff.id))):
            staff.number = f"+86139001390{order:02d}"
        lived = live(writing, estate, now)
        silence(writing, writing.get_one(Ticket, estate.tickets["own"]), now - timedelta(hours=4))
        _offer(writing, estate, now)
        _publish(writing, estate, now)
        writing.add(
            DutyShift(
                community_id=estate.home, tier="on_duty", staff_id=estate.staff["steward"], number="+8613900139001",
                starts_at=now + timedelta(hours=24), ends_at=now + timedelta(hours=36),
            )
        )  # fmt: skip
    return World(session, estate, lived, client, now)


@pytest.fixture
def claimers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The functions that claim a key, as `module.function`, in order."""
    found: list[str] = []
    real = replay.once

    def noted(*given: Any) -> Any:
        frame = sys._getframe(1)
        while frame.f_code.co_filename.endswith(HELPERS):
            assert frame.f_back
            frame = frame.f_back
        module = Path(frame.f_code.co_filename).resolve().relative_to(VIEWS).with_suffix("")
        found.append(".".join((*module.parts, frame.f_code.co_name)))
        return real(*given)

    monkeypatch.setattr(replay, "once", noted)
    return found


def _opened(sent: dict[str, Any]) -> dict[str, Any]:
    """The same with its files (bytes, name) opened anew."""
    return {
        name: (io.BytesIO(value[0]), value[1]) if isinstance(value, tuple) else value for name, value in sent.items()
    }


@pytest.mark.parametrize("role", sorted({form.role for form in FORMS}))
def test_what_is_sent_twice_is_done_once(world: World, claimers: list[str], role: str) -> None:
    client = world.client
    client.login(role)
    for place, form in enumerate(each for each in FORMS if each.role == role):
        path, sent = form.path(world), {**form.sent(world), "form_key": f"{place:032x}"}
        before = world.rows()
        claimers.clear()
        first = client.submit(path, _opened(sent))
        made = world.rows()
        assert first.status_code in (200, 302), (
            form.place,
            path,
            first.status_code,
            first.get_data(as_text=True)[-1500:],
        )
        assert claimers == [form.place], path
        assert made != before, f"{path}: nothing was done"
        second = client.submit(path, _opened(sent))
        changed = [name for name, rows in world.rows().items() if rows != made[name]]
        assert not changed, f"{path}: done twice"
        assert second.status_code == 302, f"{path} answers {second.status_code}"
        assert second.location == first.location or first.status_code == 200
        assert "没有重复登记" in client.get("/", follow_redirects=True).get_data(as_text=True)


def test_every_place_that_claims_a_key_has_its_case() -> None:
    claims = set()
    for file in VIEWS.rglob("*.py"):
        if file.name in HELPERS:
            continue
        module = ".".join(file.relative_to(VIEWS).with_suffix("").parts)
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                names = {
                    call.func.id for call in ast.walk(function)
                    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
                }  # fmt: skip
                if names & set(CLAIMS):
                    claims.add(f"{module}.{function.name}")
    assert claims == {form.place for form in FORMS}
