"""Who is told when nobody hears from somebody living alone (D13): the steward, then the emergency contact and the supervisor."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from flask import current_app
from flask_babel import force_locale, gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.errors import N_
from app.models import CheckIn, CheckInContact, CheckInPlan, DutyShift, Message, Staff, StewardBuilding
from app.rules.codes import MessageChannel, MessagePurpose, Outreach, Role
from app.services.campaigns import hotline_number, plan, standing
from app.services.check_in_steps import HOUSE, RESULTS, note
from app.services.local_time import local_zone
from app.services.names import named
from app.services.outbox import enqueue
from app.services.preferences import staff_locale
from app.services.roster import on_duty_now, staff_of, supervisor_of
from app.services.spoken_lines import house_locale

Words = Callable[[], str]
SILENCE = N_("Check-in call without an answer")
SUBJECTS = {
    "silence": SILENCE,
    "unfound": SILENCE,
    "help": N_("Help is asked for at a check-in call"),
    "answer": N_("Check-in call answered after all"),
}
_LEADING = (Role.SUPERVISOR, Role.DEPUTY, Role.MANAGER)


def responsible(session: Session, entry: CheckInPlan, now: datetime) -> list[Staff]:
    """Who goes and looks: the steward named in the register, else the building's, else who is on duty, else who leads."""
    if entry.steward is not None and entry.steward.active:
        return [entry.steward]
    today = now.astimezone(local_zone()).date()
    stewards = (
        select(Staff)
        .join(StewardBuilding, StewardBuilding.staff_id == Staff.id)
        .where(
            StewardBuilding.building_id == entry.house.building_id,
            StewardBuilding.starts_on <= today,
            or_(StewardBuilding.ends_on.is_(None), StewardBuilding.ends_on >= today),
            Staff.active,
        )
    )
    found = list(session.scalars(stewards.order_by(StewardBuilding.starts_on.desc(), Staff.id)).unique())
    if found:
        return found
    shifts = on_duty_now(session, now, DutyShift.community_id == entry.community_id)
    return [shift.staff for shift in shifts[:1]] or staff_of(session, entry.community_id, _LEADING)


def of_silence(session: Session, check_in: CheckIn, people: Iterable[Staff], now: datetime) -> None:
    """The steward by text (else mail), and the staff's own channel, which learns the house but no name and no number."""
    people = list(people)
    for person in people:
        _tell(session, check_in, person, "silence", partial(_silence_words, check_in), now)
    with force_locale(house_locale()):
        body = gettext(
            "%(house)s: nobody has answered the check-in call of %(time)s. %(steward)s is asked to go there now.",
            house=_place(check_in),
            time=_clock(check_in),
            steward=gettext(", ").join(person.name for person in people) or gettext("Somebody"),
        )
        subject = gettext(SILENCE)
    _enqueue(session, check_in, MessageChannel.ALERT, None, "silence:alert", body, now, subject)


def of_help(session: Session, check_in: CheckIn, number: str, now: datetime) -> None:
    """The steward hears of a call for help, too; the duty roster is being rung already."""

    def words() -> str:
        return gettext(
            "%(name)s (%(house)s, %(phone)s) asks for help at the check-in call. Ticket %(number)s: the duty roster is being rung.",
            number=number,
            **_who(check_in),
        )

    for person in responsible(session, check_in.plan, now):
        _tell(session, check_in, person, "help", words, now)


def of_contacts(session: Session, check_in: CheckIn, now: datetime) -> None:
    """The emergency contacts by text and call, and the supervisor: the steward has not said anything yet."""
    day = check_in.at.astimezone(local_zone()).date()
    campaign = standing(session, check_in.community_id, Outreach.CHECK_IN_CONTACT, day, now)
    for contact in check_in.plan.contacts:
        with force_locale(contact.locale):
            body = gettext(
                "[%(community)s] %(text)s", community=named(check_in.community), text=contact_words(check_in)
            )
            call = gettext("Please call us on %(number)s.", number=hotline_number(session, check_in.community_id))
            body = f"{body} {call}"
        mark = f"contact:{contact.id}"
        texted = _enqueue(session, check_in, MessageChannel.SMS, contact.number, mark, body, now)
        plan(
            session,
            campaign,
            f"checkin:{check_in.id}:{mark}",
            number=contact.number,
            not_before=now,
            locale=contact.locale,
            person_id=check_in.person_id,
            house_id=check_in.house_id,
            check_in_id=check_in.id,
        )
        said = N_("%(name)s is called and texted.") if texted else N_("%(name)s is called.")
        note(session, check_in.plan, "contact", HOUSE, now, said, check_in=check_in, name=contact.name)
    supervisor = supervisor_of(session, check_in.community_id)
    if supervisor is not None:
        _tell(session, check_in, supervisor, "unfound", partial(_unfound_words, check_in), now)
        said = N_("%(name)s is told that nobody has said anything yet.")
        note(session, check_in.plan, "told", HOUSE, now, said, check_in=check_in, name=supervisor.name)


def of_answer(session: Session, check_in: CheckIn, now: datetime) -> None:
    """Key 1 after all, when the steward was told already: the way there may be saved."""

    def words() -> str:
        return gettext(
            "%(name)s (%(house)s) has now answered the check-in call: all is well. Please note what you know: %(address)s",
            name=check_in.person.name,
            house=_place(check_in),
            address=_address(check_in),
        )

    for person in responsible(session, check_in.plan, now):
        _tell(session, check_in, person, "answer", words, now)


def of_all_well(session: Session, check_in: CheckIn, now: datetime) -> None:
    """Whom we alarmed we also put at ease: the contacts, by text, when the person was found well."""
    for contact in check_in.plan.contacts:
        with force_locale(contact.locale):
            words = gettext(
                "Our steward has seen to it: %(name)s is well. Thank you for your help.", name=check_in.person.name
            )
            body = gettext("[%(community)s] %(text)s", community=named(check_in.community), text=words)
        _enqueue(session, check_in, MessageChannel.SMS, contact.number, f"well:{contact.id}", body, now)


def of_end(session: Session, entry: CheckInPlan, now: datetime) -> None:
    """The steward hears that somebody has taken the consent back on their own page."""
    for person in responsible(session, entry, now):
        with force_locale(staff_locale(session, person)):
            body = gettext(
                "%(name)s (%(house)s) wants no check-in calls any more. Please speak with them.",
                name=entry.person.name,
                house=f"{named(entry.community)} {entry.house.name}",
            )
        channel, address = _way(person)
        enqueue(
            session,
            channel=channel,
            to=address,
            purpose=MessagePurpose.CHECK_IN,
            body=body,
            community_id=entry.community_id,
            person_id=entry.person_id,
            key=f"checkin:plan:{entry.id}:{entry.revision}:end:{person.id}",
            now=now,
        )


def contact_words(check_in: CheckIn) -> str:
    """What an emergency contact is told, in the language that is being written: the name, no house and no number."""
    return gettext(
        "%(name)s has not answered our check-in call of %(time)s, and our steward has not been able to tell us more yet. "
        "Please ring %(name)s or go there, and let us know.",
        name=check_in.person.name,
        time=_clock(check_in),
    )


def contact_of(check_in: CheckIn, number: str | None) -> CheckInContact | None:
    """Whom this number belongs to."""
    return next((contact for contact in check_in.plan.contacts if contact.number == number), None)


def _silence_words(check_in: CheckIn) -> str:
    return gettext(
        "%(name)s (%(house)s, %(phone)s) has not answered the check-in call of %(time)s: %(result)s. "
        "Please go there now and say what you found: %(address)s",
        time=_clock(check_in),
        result=gettext(RESULTS[check_in.result or "unknown"]),
        address=_address(check_in),
        **_who(check_in),
    )


def _unfound_words(check_in: CheckIn) -> str:
    return gettext(
        "%(name)s (%(house)s, %(phone)s): no answer to the check-in call of %(time)s, and nobody has said yet what was found. "
        "The emergency contacts are being told. Please see to it: %(address)s",
        time=_clock(check_in),
        address=_address(check_in),
        **_who(check_in),
    )


def _who(check_in: CheckIn) -> dict[str, str]:
    return {"name": check_in.person.name, "house": _place(check_in), "phone": check_in.plan.number}


def _place(check_in: CheckIn) -> str:
    return f"{named(check_in.community)} {check_in.house.name}"


def _clock(check_in: CheckIn) -> str:
    return f"{check_in.at.astimezone(local_zone()):%H:%M}"


def _address(check_in: CheckIn) -> str:
    return f"{current_app.extensions['settings'].public_base_url}/checkin/call/{check_in.id}"


def _way(person: Staff) -> tuple[str, str | None]:
    ways = ((MessageChannel.SMS, person.number), (MessageChannel.EMAIL, person.email))
    return next((way for way in ways if way[1]), (MessageChannel.ALERT, None))


def _tell(session: Session, check_in: CheckIn, person: Staff, mark: str, words: Words, now: datetime) -> None:
    with force_locale(staff_locale(session, person)):
        body, subject = words(), gettext(SUBJECTS[mark])
    channel, address = _way(person)
    if channel != MessageChannel.ALERT:
        _enqueue(session, check_in, channel, address, f"{mark}:{person.id}", body, now, subject)


def _enqueue(
    session: Session,
    check_in: CheckIn,
    channel: str,
    to: str | None,
    mark: str,
    body: str,
    now: datetime,
    subject: str | None = None,
) -> Message | None:
    return enqueue(
        session,
        channel=channel,
        to=to,
        purpose=MessagePurpose.CHECK_IN,
        body=body,
        subject=subject,
        community_id=check_in.community_id,
        person_id=check_in.person_id,
        key=f"checkin:{check_in.id}:{mark}",
        now=now,
    )
