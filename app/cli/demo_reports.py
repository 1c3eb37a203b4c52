"""The demo community's twelve published reports: the real way of a report, its steps on the days they would have had."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import click
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.report_renderer import ReportRenderer
from app.cli.support import settings
from app.models import Community, Report
from app.rules.codes import ReportState, Role
from app.services import publication
from app.services.actors import Actor, actor_of
from app.services.demo import first_day_of, full_months
from app.services.demo_logins import demo_day
from app.services.reporting.edition import Files, fingerprint
from app.services.reporting.signing import sign_files
from app.services.reporting.words import LOCALES
from app.services.transaction import transaction

TESTED_MONTHS = 2
_PUBLISHED = (ReportState.PUBLISHED, ReportState.SUPERSEDED)


def publish_demo_reports(at: datetime) -> None:
    """Publish what is not published yet of the first community's demo year; owners are not written to."""
    with transaction() as session:
        missing = _missing_months(session)
    if not missing:
        return
    click.echo(f"demo: publishing {len(missing)} monthly reports ", nl=False)
    with ExitStack() as stack:
        renderers = {locale: stack.enter_context(ReportRenderer()) for locale in LOCALES}
        pool = stack.enter_context(ThreadPoolExecutor(len(renderers)))
        for month in missing:
            _publish(month, at, renderers, pool)
            click.echo(".", nl=False)
    click.echo()


def _missing_months(session: Session) -> list[date]:
    """The demo year's months without a published report; later months are their staff's work, not ours."""
    loaded = demo_day(session)
    if loaded is None:
        return []
    today = date.fromisoformat(loaded)
    done = set(
        session.scalars(
            select(Report.month).where(Report.community_id == _community(session).id, Report.state.in_(_PUBLISHED))
        )
    )
    months = full_months(first_day_of(today), today)
    if settings().testing:
        # Rendering takes most of the time of a load; the suite makes a demo database many times.
        months = months[-TESTED_MONTHS:]
    return [month for month in months if f"{month:%Y-%m}" not in done]


def _publish(month: date, at: datetime, renderers: dict[str, ReportRenderer], pool: ThreadPoolExecutor) -> None:
    zone = settings().timezone
    drafted_at, reviewed_at, signed_at, published_at = (min(moment, at) for moment in _moments(month, zone))
    with transaction() as session:
        community = _community(session)
        report = publication.build_draft(session, community, f"{month:%Y-%m}", Actor.system("jobs"), drafted_at)
        publication.review(session, report, _actor(session, Role.SUPERVISOR, at, zone), reviewed_at)
        publication.sign(session, report, _actor(session, Role.MANAGER, at, zone), signed_at)
        report_id, edition = report.id, publication.publication_edition(session, report, published_at)
    rendering = {locale: pool.submit(renderer.render, edition, locale) for locale, renderer in renderers.items()}
    files = Files({locale: task.result() for locale, task in rendering.items()}, fingerprint(edition))
    files = sign_files(files, at)
    with transaction() as session:
        report = session.get_one(Report, report_id)
        manager = _actor(session, Role.MANAGER, at, zone)
        publication.publish(session, report, manager, published_at, files=files, notify=False)


def _moments(month: date, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Drafted on the 1st of the next month, reviewed and signed on the 2nd, published on the 3rd."""
    first = (month + timedelta(days=31)).replace(day=1)
    hours = ((0, 2), (1, 10), (1, 16), (2, 10))
    return tuple(datetime.combine(first + timedelta(days=days), time(hour), zone) for days, hour in hours)


def _community(session: Session) -> Community:
    return session.scalars(select(Community).order_by(Community.id).limit(1)).one()


def _actor(session: Session, login: str, at: datetime, zone: ZoneInfo) -> Actor:
    user = session.scalars(select(User).where(User.username == login)).one()
    return actor_of(session, user, at, zone)
