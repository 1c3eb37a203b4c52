"""`seed` and `prepare`: from an empty database to one that serves."""

import click
from flask import current_app
from flask_migrate import upgrade

from app.adapters.clock import now
from app.cli.demo import demo_password, load_demo
from app.cli.demo_reports import publish_demo_reports
from app.cli.support import house_command, settings
from app.extensions import db
from app.services.demo import hindrance_to_load
from app.services.demo_logins import demo_day, put_demo_password
from app.services.schema import is_current
from app.services.seed import seed
from app.services.transaction import transaction
from app.views.permissions import sync_permissions


@click.command("seed")
@house_command
def seed_command() -> None:
    """Add the reference data, roles and permissions that are absent."""
    added = _seed()
    click.echo("seed: " + ", ".join(f"{name} +{count}" for name, count in added.items()))


@click.command("prepare")
@house_command
def prepare_command() -> None:
    """Migrate, seed, and fill an EMPTY database with the demo community; safe at every start."""
    with db.engine.connect() as connection:
        ready = is_current(connection)
    if not ready:
        click.echo("prepare: migrating the database")
        upgrade()
    _seed()
    with transaction() as session:
        may_load = hindrance_to_load(session) is None
    if may_load:
        load_demo(now(), communities=1, tickets=None)
    with transaction() as session:
        has_demo = demo_day(session) is not None
        if has_demo:
            put_demo_password(session, demo_password())
    if has_demo:
        publish_demo_reports(now())


def _seed() -> dict[str, int]:
    with transaction() as session:
        added = seed(session, settings().hotline_number)
    sync_permissions(current_app._get_current_object())  # type: ignore[attr-defined]
    return added
