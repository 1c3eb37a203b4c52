"""The carrier's side of the hotline for tests: signed webhooks, and a caller who answers the TwiML it gets."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

from flask import Flask
from sqlalchemy.orm import Session
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from app.adapters.carrier.simulator.markup import parse
from app.models import (
    Building,
    Community,
    DutyShift,
    HotlineNumber,
    House,
    Person,
    PersonPhone,
    Phone,
    Staff,
    StaffCommunity,
    Tenure,
    Unit,
)

HOTLINE = "+862160000000"
ZHANG, LI, SHARED, STRANGER = "+8613800138001", "+8613800138002", "+8613800138003", "+8613712345678"
ON_DUTY = "+8613900139001"
_sids = itertools.count(1)


def build_estate(session: Session, now: datetime, *, several: bool = False) -> Community:
    """Six houses of 阳光花园 with the callers of I7, and somebody on duty. Committed."""
    community = Community(code="sunshine", name="阳光花园", name_en="Sunshine Garden", desk_phone="+862160001000")
    session.add(community)
    session.add(HotlineNumber(number=HOTLINE, community=community))
    session.flush()
    for person, phone, houses in (
        ("张伟", ZHANG, ["3/2/1201"]),
        ("李娜", LI, ["1/1/101", "5/1/302"]),
        ("王芳", SHARED, ["2/1/601"]),
        ("王强", SHARED, ["2/1/602"]),
        ("赵六", "+8613800138009", ["3/1/1201"]),
    ):
        _household(session, community, person, phone, houses)
    steward = Staff(name="值班管家", role="steward", number=ON_DUTY)
    steward.community_links.append(StaffCommunity(community_id=community.id))
    session.add(steward)
    session.flush()
    shift = {"community_id": community.id, "tier": "on_duty", "staff_id": steward.id, "number": ON_DUTY}
    session.add(DutyShift(**shift, starts_at=now - timedelta(days=400), ends_at=now + timedelta(days=4000)))
    if several:
        session.add(Community(code="second", name="第二小区"))
    session.commit()
    return community


def _household(session: Session, community: Community, name: str, number: str, houses: list[str]) -> None:
    person = Person(name=name)
    phone = session.query(Phone).filter_by(number=number).first() or Phone(number=number)
    session.add_all([person, phone])
    session.flush()
    session.add(PersonPhone(person_id=person.id, phone_id=phone.id))
    for text in houses:
        building, unit, room = text.split("/")
        house = _house(session, community, building, unit, room)
        session.add(Tenure(person_id=person.id, house_id=house.id, role="owner", starts_on=date(2020, 5, 1)))
    session.flush()


def _house(session: Session, community: Community, building: str, unit: str, room: str) -> House:
    tower = session.query(Building).filter_by(community_id=community.id, number=building).first()
    if tower is None:
        tower = Building(community=community, number=building, name=f"{building}幢", position=int(building))
        session.add(tower)
        session.flush()
    stairs = session.query(Unit).filter_by(building_id=tower.id, number=unit).first()
    if stairs is None:
        stairs = Unit(building=tower, number=unit, name=f"{unit}单元")
        session.add(stairs)
        session.flush()
    house = House(
        community_id=community.id,
        building_id=tower.id,
        unit_id=stairs.id,
        number=room,
        name=f"{building}幢{unit}单元{room}",
        floor=int(room[:-2]),
        area_m2=Decimal("90.00"),
        state="occupied",
    )
    session.add(house)
    session.flush()
    return house


@dataclass
class Line:
    """The carrier's end of one call. `twiml` is the last answer; `action` where it goes on."""

    app: Flask
    from_number: str = ZHANG
    to_number: str = HOTLINE
    sid: str = field(default_factory=lambda: f"CA{next(_sids):032x}")
    twiml: ElementTree.Element = field(default_factory=lambda: ElementTree.Element("Response"))
    answer: str = ""
    status_code: int = 0

    def post(self, path: str, **fields: str) -> TestResponse:
        """A signed webhook with the standard fields; the TwiML is kept when there is one."""
        data = {"CallSid": self.sid, "From": self.from_number, "To": self.to_number, "Direction": "inbound"}
        response = post_signed(self.app, path, {**data, "CallStatus": "in-progress", **fields})
        self.status_code = response.status_code
        if response.mimetype == "text/xml":
            self.answer = response.get_data(as_text=True)
            obeys(path, self.answer)
            self.twiml = ElementTree.fromstring(self.answer)
        return response

    def dial(self) -> Line:
        """The first webhook."""
        assert self.post("/hotline/voice", CallStatus="ringing").status_code == 200
        return self

    def press(self, digits: str = "") -> Line:
        return self.send(Digits=digits)

    def say(self, words: str) -> Line:
        return self.send(SpeechResult=words, Confidence="0.9")

    def send(self, **fields: str) -> Line:
        """Answer the present question, whatever it is."""
        assert self.post(self.action, **fields).status_code == 200
        return self

    def follow(self) -> Line:
        """Go where the document redirects to, as the carrier does by itself."""
        redirect = self.twiml.find("Redirect")
        assert redirect is not None, self.answer
        assert redirect.text
        assert self.post(redirect.text).status_code == 200
        return self

    def record(self, seconds: str = "4", **fields: str) -> Line:
        """Speak after the tone."""
        recording = {"RecordingSid": f"RE{self.sid[2:]}", "RecordingUrl": "https://carrier.invalid/r", "Digits": "#"}
        return self.send(**{**recording, "RecordingDuration": seconds, **fields})

    def hang_up(self, status: str = "completed") -> Line:
        assert self.post("/hotline/status", CallStatus=status, CallDuration="21").status_code == 204
        return self

    @property
    def action(self) -> str:
        for name in ("Gather", "Record", "Dial", "Enqueue"):
            verb = self.twiml.find(name)
            if verb is not None:
                return str(verb.get("action"))
        raise AssertionError(f"nothing to answer: {self.answer}")

    @property
    def step(self) -> str:
        return urlsplit(self.action).path.rsplit("/", 1)[-1]

    @property
    def said(self) -> str:
        return " ".join(say.text or "" for say in self.twiml.iter("Say"))

    def has(self, verb: str) -> bool:
        return self.twiml.find(verb) is not None


def obeys(path: str, answer: str) -> None:
    """Every document the hotline gives away is one that Twilio carries out (NotTwiml says why not)."""
    waits = "/voice/wait" in path or ("/outbound/" in path and "/wait" in path)
    place = "wait" if waits else "screen" if "/person/" in path else "call"
    parse(answer, "dequeue" if path.endswith("/bridge") else place)


def post_signed(app: Flask, path: str, fields: dict[str, str], token: str | None = None, **kwargs: Any) -> TestResponse:
    """A form post signed with the carrier's token over the public address."""
    settings = app.extensions["settings"]
    url = urljoin(settings.public_base_url + "/", path)
    signature = RequestValidator(token or settings.webhook_tokens[0]).compute_signature(url, fields)
    headers = {"X-Twilio-Signature": signature, **kwargs.pop("headers", {})}
    return app.test_client().post(path, data=fields, headers=headers, **kwargs)
