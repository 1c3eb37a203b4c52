"""`demo load`: the demo community of I7, and more of it for load tests."""

from datetime import datetime

import click

from app.adapters.clock import now
from app.cli.demo_reports import publish_demo_reports
from app.cli.support import house_command, settings
from app.errors import N_, Refused
from app.services.demo import load
from app.services.demo_logins import demo_day
from app.services.transaction import transaction


@click.group("demo")
def demo_cli() -> None:
    """Demo data."""


@demo_cli.command("load")
@click.option("--communities", type=click.IntRange(1, 200), default=1, show_default=True)
@click.option("--tickets", type=click.IntRange(0, 5_000_000), help="Tickets in all; default: about 180 a month.")
@house_command
def load_command(communities: int, tickets: int | None) -> None:
    """Fill a seeded database that holds no demo data yet."""
    with transaction() as session:
        loaded = demo_day(session) is not None
    if loaded:
        raise Refused(N_("This database holds the demo data already."))
    load_demo(now(), communities=communities, tickets=tickets)
    publish_demo_reports(now())


def load_demo(at: datetime, *, communities: int, tickets: int | None) -> None:
    """Load everything in one transaction: a stop in the middle leaves nothing."""
    click.echo("demo: making twelve months of records")
    with transaction() as session:
        made = load(session, at, settings().timezone, settings().hotline_number, communities, tickets)
    click.echo("demo: " + ", ".join(f"{count} {name}" for name, count in made.items()))
