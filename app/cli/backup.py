"""`backup` and `restore`: one archive of the database and the files."""

from pathlib import Path

import click
from sqlalchemy import func, inspect, select

from app.adapters.archive import BACKUPS, make_backup, read_manifest, restore_backup
from app.adapters.clock import now
from app.cli.support import house_command, settings
from app.errors import N_, Refused
from app.extensions import db
from app.models import Community
from app.services.schema import newest_revision


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@house_command
def backup_command(file: Path | None) -> None:
    """Write everything into FILE (default: DATA_DIR/backups/linli-<instant>.tar.gz). May run while the product serves."""
    at = now()
    target = file or settings().data_dir / BACKUPS / f"linli-{at:%Y%m%dT%H%M%SZ}.tar.gz"
    facts = {"made_at": at.isoformat(), "revision": newest_revision()}
    size = make_backup(settings().database_url, settings().data_dir, target, facts)
    click.echo(f"{target} ({size // 1024} kB)")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace a database that holds records.")
@house_command
def restore_command(file: Path, force: bool) -> None:
    """Put the database and the files of FILE back. Stop web, scheduler and worker first."""
    manifest = read_manifest(file)
    if not force and _holds_records():
        raise Refused(N_("The database here holds records already: --force replaces them."))
    db.session.remove()
    db.engine.dispose()
    count = restore_backup(settings().database_url, settings().data_dir, file)
    click.echo(f"restored the backup of {manifest.get('made_at')}: database and {count} files")
    if manifest.get("revision") != newest_revision():
        click.echo("it is of another version: run `flask --app run db upgrade`")


def _holds_records() -> bool:
    if not inspect(db.engine).has_table(Community.__tablename__):
        return False
    return bool(db.session().scalar(select(func.count()).select_from(Community)))
