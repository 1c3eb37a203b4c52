"""Publishing as an entry point does it: render and sign outside any transaction, then store in a short one."""

from datetime import datetime

from app.adapters.report_renderer import Rendered, ReportRenderer
from app.errors import N_, NotFound
from app.extensions import db
from app.models import Report
from app.services import publication
from app.services.actors import Actor
from app.services.reporting.edition import render_files
from app.services.reporting.signing import sign_files
from app.services.transaction import transaction


def publish_report(report_id: int, actor: Actor, now: datetime) -> None:
    """Publish a signed report: seconds of rendering hold no lock, so calls go on being answered meanwhile.

    Raises what `publication.publish` raises.
    """
    with transaction() as session:
        report = _report(session.get(Report, report_id))
        publication.check_publish(session, report, actor)
        edition = publication.publication_edition(session, report, now)
    files = sign_files(render_files(edition), now)
    with transaction() as session:
        publication.publish(session, _report(session.get(Report, report_id)), actor, now, files=files)


def preview(report_id: int, locale: str) -> Rendered:
    """The PDF of a draft, or of a published report made again from its frozen data."""
    session = db.session()
    edition = publication.preview_edition(session, _report(session.get(Report, report_id)))
    session.rollback()
    with ReportRenderer() as renderer:
        return renderer.render(edition, locale)


def _report(report: Report | None) -> Report:
    if report is None:
        raise NotFound(N_("There is no such report."))
    return report
