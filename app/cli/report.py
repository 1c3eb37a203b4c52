"""`flask --app run report …`: the administrator's way to a draft (I1)."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.adapters.clock import now
from app.cli.support import house_command, say
from app.errors import N_, NotFound
from app.models import Community
from app.services.actors import Actor
from app.services.publication import build_draft
from app.services.reporting.edition import number_of
from app.services.transaction import transaction

report_cli = AppGroup("report", help="The monthly service report.")


@report_cli.command("build")
@click.option("--community", "code", required=True, help="The community's code, for example sunshine.")
@click.option("--month", required=True, help="A month that is over, YYYY-MM.")
@click.option("--erratum", is_flag=True, help="Make a new version of a published month.")
@click.option("--reason", help="What the erratum corrects.")
@house_command
def build(code: str, month: str, erratum: bool, reason: str | None) -> None:
    """Build the draft of a month, or build an unpublished one anew."""
    with transaction() as session:
        community = session.scalars(select(Community).where(Community.code == code)).first()
        if community is None:
            raise NotFound(N_("There is no community with the code %(code)s."), code=code[:40])
        report = build_draft(session, community, month, Actor.system("command"), now(), erratum, reason)
        number = number_of(report)
    say(N_("Draft %(number)s is built."), number=number)
