"""`demo load`: the demo community of I7, and more of it for load tests."""

from datetime import datetime

import click

from app.adapters.clock import now
from app.adapters.demo_password import kept_demo_password
from app.cli.demo_reports import publish_demo_reports
from app.cli.support import house_command, settings
from app.errors import Refused
from app.services.demo import hindrance_to_load, load
from app.services.transaction import transaction


@click.group("demo")
def demo_cli() -> None:
    """Demo data."""


@demo_cli.command("load")
@click.option("--communities", type=click.IntRange(1, 200), default=1, show_default=True)
@click.option("--tickets", type=click.IntRange(0, 5_000_000), help="Tickets in all; default: about 180 a month.")
@house_command
def load_command(communities: int, tickets: int | None) -> None:
    """Fill an empty, seeded database."""
    load_demo(now(), communities=communities, tickets=tickets)
    publish_demo_reports(now())


def load_demo(at: datetime, *, communities: int, tickets: int | None) -> None:
    """Load everything in one transaction: a stop in the middle leaves nothing."""
    with transaction() as session:
        hindrance = hindrance_to_load(session)
    if hindrance is not None:
        raise Refused(hindrance)
    click.echo("demo: making twelve months of records")
    with transaction() as session:
        s = settings()
        made = load(session, at, s.timezone, s.hotline_number, communities, tickets, demo_password())
    click.echo("demo: " + ", ".join(f"{count} {name}" for name, count in made.items()))


def demo_password() -> str:
    """DEMO_PASSWORD, else the one made at first need and kept (I2)."""
    return settings().demo_password or kept_demo_password(settings().data_dir)
