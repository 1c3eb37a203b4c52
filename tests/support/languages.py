"""Does a page show a string of the other language, data excepted?

`strange(html, locale, data)` gives what a reader of that language should not see: the visible texts and the attributes that
are read out or shown. Left out: what is marked `translate="no"`, what is marked with another `lang`, code and styles, and the
words of records (`known_data(session)`). Works on an answer's HTML and on a browser's `page.content()` alike.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any

from sqlalchemy import String, select, update
from sqlalchemy.orm import Session

from app.models import CampaignTarget, CheckInContact, CheckInPlan, CheckInStep, Ticket, TicketEntry
from app.rules import codes
from app.rules.codes import TargetState
from app.services import check_in_steps, check_ins, escalation, outbound_calls
from app.services.actors import Actor
from app.services.ticket_verbs import perform
from app.services.tickets import SENTENCE

SHOWN = ("title", "placeholder", "aria-label", "aria-description", "alt", "label", "data-label", "data-none", "data-more",
         "data-found", "data-tip", "data-confirm", "data-words", "data-text")  # fmt: skip
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SILENT = {"script", "style", "template", "code", "kbd", "samp", "svg"}
BUTTONS = {"submit", "button", "reset"}
CHINESE = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]")
LATIN = re.compile(r"[A-Za-z][A-Za-z'_]{2,}")
HOLE = re.compile(r"\{\w*\}|%\(\w+\)\w|/[a-z]+/[\w/]+|\b[0-9a-f]{12,64}\b")
"""Where a script puts a value in, addresses, and marks made of hexadecimal digits."""
NAMES = frozenset(
    "Linli English PDF CSV SMS Excel XLSX SHA JPEG JPG PNG WebP HEIC TOTP JWT REST URL HTTPS HTTP MP3 WAV kWh Esc Ctrl Alt Shift "
    "Enter Tab YYYY Authenticator Google Microsoft iOS Android WeChat FreeOTP Aegis GB2312 UTF Twilio Python CA SM com example org "
    "rison JSON www QR JavaScript xlsx WCAG PIN ISO mailto E164 zhangwei".split()
)
"""Names and marks that a Chinese page writes in Latin letters."""


class _Texts(HTMLParser):
    """Every visible text and attribute, outside of what is marked as data or as another language."""

    def __init__(self, locale: str) -> None:
        super().__init__(convert_charrefs=True)
        self.locale, self.found = locale, list[str]()
        self.stack: list[tuple[str, bool]] = []

    @property
    def silent(self) -> bool:
        return bool(self.stack) and self.stack[-1][1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        lang = values.get("lang", "")[:2]
        silent = self.silent or tag in SILENT or values.get("translate") == "no" or (lang not in ("", self.locale))
        if not silent:
            self.found.extend(text for name, value in values.items() if name in SHOWN for text in _words(value))
            if tag == "input" and values.get("type") in BUTTONS:
                self.found.append(values.get("value", ""))
            if tag == "meta" and values.get("name") == "description":
                self.found.append(values.get("content", ""))
        if tag not in VOID:
            self.stack.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        for index in range(len(self.stack) - 1, -1, -1):
            if self.stack[index][0] == tag:
                del self.stack[index:]
                return

    def handle_data(self, data: str) -> None:
        if not self.silent and (text := " ".join(data.split())):
            self.found.append(text)


def _words(value: str) -> list[str]:
    """An attribute as it is, or the texts of the JSON it holds for a script."""
    if not value.startswith('{"'):
        return [value]
    found = json.loads(value)
    return [text for text in found.values() if isinstance(text, str)] if isinstance(found, dict) else [value]


def texts_of(html: str, locale: str) -> list[str]:
    """What a reader sees or hears of a page, in pieces."""
    parser = _Texts(locale)
    parser.feed(html)
    return [text for text in parser.found if text.strip()]


def strange(html: str, locale: str, data: Collection[str] = ()) -> list[str]:
    """The pieces of the page that are in the other language."""
    return [text for text in texts_of(html, locale) if strange_text(text, locale, data)]


def strange_text(text: str, locale: str, data: Collection[str] = ()) -> str:
    """What of one text is in the other language: nothing is well. For mails, SMS, JSON sentences and labels of the report."""
    rest = without(HOLE.sub(" ", text), data)
    if locale == "en":
        return "".join(CHINESE.findall(rest))
    words = [word for word in LATIN.findall(rest) if word not in NAMES and not word.isupper()]
    return " ".join(words)


def without(text: str, data: Iterable[str]) -> str:
    """The text without the words of records, the longest first. A word in Latin letters counts only as a whole."""
    for value in sorted((value for value in data if value in text), key=len, reverse=True):
        text = re.sub(rf"(?<![a-z]){re.escape(value)}(?![a-z])", " ", text)
    return text


def known_data(session: Session) -> set[str]:
    """Every word that stands in a text column: names, titles, addresses. Not our codes, and not the Chinese name of a thing
    that has an English one: a page that shows these raw is wrong."""
    from app.models import Model

    ours = {
        member.value
        for each in vars(codes).values()
        if isinstance(each, type) and issubclass(each, enum.Enum)
        for member in each
    }
    found: set[str] = set()
    for table in Model.metadata.sorted_tables:
        columns = [column for column in table.c if isinstance(column.type, String)]
        if not columns or table.name.startswith("ab_permission") or table.name in ("ab_view_menu", "ab_role"):
            continue
        bilingual = {"name", "name_en"} <= {column.name for column in columns} and table.name != "community"
        for row in session.execute(select(*columns)).mappings():
            for column in columns:
                if not (bilingual and column.name == "name" and row["name_en"]):
                    found.update(_pieces(row[column.name]))
    said_by_the_house = (
        piece
        for kind in (TicketEntry, CheckInStep)
        for note, data in session.execute(select(kind.note, kind.data))
        if SENTENCE in data
        for piece in _pieces(note)
    )
    found.difference_update(said_by_the_house)
    return {value for value in found if len(value) > 1 and value not in ours}


def codes_of(path: str) -> set[str]:
    """An administrator's page of a kept list shows its codes and words: they are the list's own data."""
    if path.startswith("/departmentview/"):
        return {"service", "finance", "quality"}
    if path.startswith(("/categoryview/", "/categorywordview/")):
        return {
            *codes.OutageKind,
            *codes.PlanKind,
            *codes.MeterKind,
            codes.PlanPost.GUARD,
        }  # names and words of categories, too
    return set()


def let_things_happen(session: Session, ticket_ids: Collection[int], now: datetime) -> None:
    """What pages show only of a matter that has lived: given to a department, rung about, to be called back."""
    for ticket_id in ticket_ids:
        ticket = session.get_one(Ticket, ticket_id)
        perform(session, ticket, "dispatch", Actor.system("tests"), now, {"department": "engineering"})
        escalation.start(session, ticket, None, now)
        escalation.note(session, ticket, "note", "%(name)s is being rung.", now, name="张三")
        silence(session, ticket, now)
    session.commit()


def silence(session: Session, ticket: Ticket, now: datetime) -> None:
    """The household of this ticket lives alone: of three calls one was answered, one was silent, one asked for help."""
    entry = CheckInPlan(
        person_id=ticket.reporter_id, house_id=ticket.house_id, community_id=ticket.community_id, number="+8613900000000",
        weekdays="1234567", times="08:30,10:00,11:30", consent_by="张三", consented_on=now.date(), consent_noted_by="李四",
        created_at=now, pause_note="", next_at=now,
    )  # fmt: skip
    entry.contacts = [CheckInContact(place=0, name="张三", number="+8613900000066")]
    session.add(entry)
    session.flush()
    check_in_steps.note(session, entry, "added", Actor.system("tests"), now)
    check_in_steps.note(session, entry, "changed", Actor.system("tests"), now, data={"fields": ["times", "contacts"]})
    for place, flow in enumerate(({}, {"help": True}, None)):
        at = now + timedelta(hours=place)
        session.execute(update(CheckInPlan).where(CheckInPlan.id == entry.id).values(next_at=at))
        session.expire(entry)
        for minute in (0, 11, 22, 54) if flow is None else (0,):
            check_ins.plan_due(session, at + timedelta(minutes=minute))
            newest = select(CampaignTarget).where(CampaignTarget.check_in_id.is_not(None))
            target = session.scalars(newest.order_by(CampaignTarget.id.desc()).limit(1)).one()
            if target.state == "planned":
                target.flow, target.confirmed_at = flow or {}, at if flow is not None else None
                state = TargetState.BUSY if flow is None else TargetState.REACHED
                outbound_calls.settle(session, target, state, at + timedelta(minutes=minute))


def _pieces(value: Any) -> Iterable[str]:
    """A value as it stands, and as pages fold or shorten it: its lines, one by one."""
    if not value or not isinstance(value, str):
        return ()
    return {value, " ".join(value.split()), *(" ".join(line.split()) for line in value.splitlines())}
