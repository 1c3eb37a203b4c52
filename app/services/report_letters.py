"""Letters about reports: the published report to every owner once, reminders to those whose step is missing."""

from datetime import date, datetime

from flask import current_app
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models import House, Person, Report, Staff, StaffCommunity, Tenure
from app.rules.codes import MessageChannel, ReportState, Role, TenureRole
from app.services.local_time import local_zone
from app.services.outbox import enqueue
from app.services.preferences import staff_locale
from app.services.reporting.words import translator
from app.services.spoken_lines import house_locale

_NEXT_STEP = {
    ReportState.DRAFT: (Role.SUPERVISOR,),
    ReportState.REVIEWED: (Role.MANAGER,),
    ReportState.SIGNED: (Role.MANAGER,),
}


def owners_with_mail(session: Session, community_id: int, day: date) -> list[Person]:
    """Today's owners of the community who have a mail address and want the report by it; each once."""
    owning = (
        select(Tenure.person_id)
        .join(House, House.id == Tenure.house_id)
        .where(
            House.community_id == community_id,
            Tenure.role == TenureRole.OWNER,
            Tenure.starts_on <= day,
            or_(Tenure.ends_on.is_(None), Tenure.ends_on >= day),
        )
    )
    query = select(Person).where(
        Person.id.in_(owning), Person.email.is_not(None), Person.wants_report_by_email.is_(True)
    )
    return list(session.scalars(query.order_by(Person.id)))


def send_to_owners(session: Session, report: Report, now: datetime) -> int:
    """Queue the published report for each owner, in the owner's language. Returns how many letters; a repeat adds none."""
    base_url = current_app.extensions["settings"].public_base_url
    community = report.community
    people = owners_with_mail(session, report.community_id, now.astimezone(local_zone()).date())
    for person in people:
        locale = "en" if person.locale == "en" else "zh"
        _ = translator(locale)
        name = community.name_en if locale == "en" and community.name_en else community.name
        address = f"{base_url}/reports/{community.code}/{report.month}"
        subject = _("%(community)s: monthly service report %(month)s", community=name, month=report.month)
        if report.version > 1:
            subject += _(" (erratum, version %(version)s)", version=report.version)
        enqueue(
            session,
            channel=MessageChannel.EMAIL,
            to=person.email,
            purpose="report",
            subject=subject,
            body=_(
                "The monthly service report of %(community)s for %(month)s is attached.\n\nRead it online: %(url)s\n"
                "Check that it is genuine: %(verify)s\n",
                community=name, month=report.month, url=f"{address}/read", verify=f"{address}/verify",
            ),
            report_id=report.id,
            community_id=report.community_id,
            person_id=person.id,
            attachment=report.file_path_en if locale == "en" else report.file_path,
            key=f"report:{report.id}:{person.id}",
            now=now,
        )  # fmt: skip
    return len(people)


def remind_staff(session: Session, report: Report, now: datetime, pressed: bool) -> int:
    """Remind those whose step is missing, once a local day; when `pressed`, the manager too. Returns how many letters."""
    today = now.astimezone(local_zone()).date().isoformat()
    if report.reminded_on == today:
        return 0
    report.reminded_on = today
    roles = {*_NEXT_STEP[ReportState(report.state)], *((Role.MANAGER,) if pressed else ())}
    query = (
        select(Staff)
        .join(StaffCommunity, StaffCommunity.staff_id == Staff.id)
        .where(StaffCommunity.community_id == report.community_id, Staff.role.in_(roles), Staff.active.is_(True))
        .order_by(Staff.id)
    )
    sent = 0
    for staff in session.scalars(query).all():
        subject, body = _reminder(report, staff_locale(session, staff))
        sent += enqueue(
            session,
            channel=MessageChannel.EMAIL,
            to=staff.email,
            purpose="report_reminder",
            subject=subject,
            body=body,
            report_id=report.id,
            community_id=report.community_id,
            key=f"report-reminder:{report.id}:{today}:{staff.id}",
            now=now,
        ) is not None  # fmt: skip
    _subject, body = _reminder(report, house_locale())
    enqueue(
        session, channel=MessageChannel.ALERT, to=None, purpose="report_reminder", body=body, report_id=report.id,
        community_id=report.community_id, key=f"report-reminder:{report.id}:{today}:alert", now=now,
    )  # fmt: skip
    return sent


def _reminder(report: Report, locale: str) -> tuple[str, str]:
    """Subject and text in the reader's language."""
    _ = translator(locale)
    steps = {"draft": _("review"), "reviewed": _("signature"), "signed": _("publication")}
    name = report.community.name_en if locale == "en" and report.community.name_en else report.community.name
    body = _(
        "The report of %(month)s of %(community)s waits for its %(step)s: %(url)s",
        month=report.month, community=name, step=steps[report.state],
        url=f"{current_app.extensions['settings'].public_base_url}/report/page/{report.id}",
    )  # fmt: skip
    return _("Monthly report %(month)s is not published", month=report.month), body
