"""A reader's question about a place of a published report: a ticket as any other, tied to the version and the place (D14)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import force_locale, gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, Refused
from app.models import Category, Community, House, Person, Report, ReportQuestion, Ticket
from app.rules.codes import Channel
from app.rules.report_questions import KIND, Place, place_of
from app.services import household
from app.services.access import rows
from app.services.actors import Actor
from app.services.owner_new import own_house
from app.services.policies import figure
from app.services.reporting.edition import PUBLISHED_STATES
from app.services.reporting.labels import LABELS, TITLES
from app.services.reporting.words import translator
from app.services.spoken_lines import house_locale
from app.services.ticket_input import TITLE_LIMIT, clean_text
from app.services.tickets import DESCRIPTION_LIMIT, open_ticket

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Asked:
    """What of which report a ticket asks about."""

    code: str
    month: str
    version: int
    place: Place

    @property
    def number(self) -> str:
        """The report's number, as it stands on its cover."""
        return f"{self.code}-{self.month}-v{self.version}"

    @property
    def address(self) -> str:
        """Where the place stands on the report's page."""
        return f"/reports/{self.code}/{self.month}/read?version={self.version}#{self.place.anchor}"


def published(session: Session, actor: Actor, report_id: int) -> Report | None:
    """A published report that the actor may read."""
    query = select(Report).where(Report.id == report_id, rows(actor, Report), Report.state.in_(PUBLISHED_STATES))
    return session.scalars(query).first()


def name_of(place: Place, locale: str) -> str:
    """A place in `zh` or `en`: the title of the section, the name of the figure."""
    return translator(locale)(LABELS[place.figure] if place.figure else TITLES[place.section])


def ask(session: Session, actor: Actor, report: Report, sent: Mapping[str, str], now: datetime) -> Ticket:
    """Register the question of a household that reads a published report.

    `sent`: `about` (a place), `house_id` (one of its own in the report's community), `question`, `phone`. Raises Invalid for
    the input, Refused when the household has asked as often within 24 hours as the figure `report.questions_a_day` allows.
    """
    place = place_of(sent.get("about") or "", report.dataset)
    if place is None:
        raise Invalid(N_("This report has no such section or figure."))
    text = clean_text(sent.get("question"), DESCRIPTION_LIMIT)
    if not text:
        raise Invalid(N_("Write what you would like to know."))
    house, community = _house(session, actor, report, sent.get("house_id"))
    person = household.person(session, actor)
    if person is None:
        raise Invalid(N_("Choose the house it is about."))
    _hold(session, person, now)
    ticket = open_ticket(
        session,
        community=community,
        kind=KIND,
        channel=Channel.WEB,
        category_code=_category(session, place),
        title=_title(report, place),
        description=text,
        house=house,
        reporter_person=person,
        reporter_phone=household.reporting_number(session, actor, sent.get("phone")),
        actor=actor,
        now=now,
    )
    session.add(ReportQuestion(ticket_id=ticket.id, report_id=report.id, section=place.section, figure=place.figure))
    session.flush()
    return ticket


def asked_by(session: Session, ticket: Ticket) -> Asked | None:
    """What of which report the ticket asks about, or None. The caller has checked that the actor may read the ticket."""
    if ticket.channel != Channel.WEB:
        return None
    query = (
        select(Community.code, Report.month, Report.version, ReportQuestion.section, ReportQuestion.figure)
        .join(Report, Report.id == ReportQuestion.report_id)
        .join(Community, Community.id == Report.community_id)
        .where(ReportQuestion.ticket_id == ticket.id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    return Asked(found.code, found.month, found.version, Place(found.section, found.figure))


def _house(session: Session, actor: Actor, report: Report, given: str | None) -> tuple[House, Community]:
    house, community = own_house(session, actor, given)
    if community.id != report.community_id:
        raise Invalid(N_("Choose a house of the community that the report is about."))
    return house, community


def _hold(session: Session, person: Person, now: datetime) -> None:
    """One question after the other: the person's row is held while they are counted."""
    session.refresh(person, with_for_update=True)
    most = figure(session, "report.questions_a_day")
    asked = session.scalar(
        select(func.count())
        .select_from(ReportQuestion)
        .join(Ticket, Ticket.id == ReportQuestion.ticket_id)
        .where(Ticket.reporter_id == person.id, Ticket.created_at > now - A_DAY)
    )
    if (asked or 0) >= most:
        raise Refused(
            N_(
                "You have asked %(count)s questions about reports within a day. Please wait for the answers, or call us."
            ),
            count=asked,
        )


def _category(session: Session, place: Place) -> str | None:
    known = select(Category.code).where(Category.code == place.category, Category.active)
    return session.scalar(known)


def _title(report: Report, place: Place) -> str:
    """In the house's language: whoever answers reads it, whoever asked."""
    locale = house_locale()
    with force_locale(locale):
        title = gettext(
            "Question about the report of %(month)s: %(part)s", month=report.month, part=name_of(place, locale)
        )
    return title[:TITLE_LIMIT]
