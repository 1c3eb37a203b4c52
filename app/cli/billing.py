"""`flask --app run billing …`: a month's bills from the shell (I1)."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.adapters.clock import now
from app.cli.support import house_command, say
from app.errors import N_, NotFound
from app.models import BillingRun, Community
from app.services import billing
from app.services.actors import Actor
from app.services.transaction import transaction

billing_cli = AppGroup("billing", help="Billing runs.")


@billing_cli.command("run")
@click.option("--community", "code", required=True, help="The community's code, for example sunshine.")
@click.option("--period", required=True, help="The month, YYYY-MM.")
@click.option("--dry-run", is_flag=True, help="Say what would be posted; post nothing.")
@house_command
def run(code: str, period: str, dry_run: bool) -> None:
    """Post a month's bills. A second run posts nothing."""
    at, robot = now(), Actor.system("command")
    with transaction() as session:
        community = session.scalars(select(Community).where(Community.code == code)).first()
        if community is None:
            raise NotFound(N_("There is no community with the code %(code)s."), code=code[:40])
        if dry_run:
            found = billing.preview(session, community, period, at)
            for one in found.items.values():
                click.echo(f"{one.item.code}: {one.bills} {one.amount:.2f}")
            say(N_("A run would post %(count)s bills of %(sum)s yuan."), count=found.bills, sum=f"{found.amount:.2f}")
            return
        started = billing.start(session, community, period, robot, at)
        key, before = started.id, started.bills
    more = True
    while more:
        with transaction() as session:
            more = billing.step(session, key, robot, at)
    with transaction() as session:
        made = session.get_one(BillingRun, key)
        count, total = made.bills - before, made.bills
    say(N_("Posted: %(count)s bills, %(total)s of this month in all."), count=count, total=total)
