"""`estate import`: houses, people and phones from one Excel sheet, with a dry run."""

from pathlib import Path

import click
from flask_babel import force_locale, gettext

from app.adapters.clock import now
from app.adapters.workbook import MAX_BYTES, read_sheet
from app.cli.support import EXIT_REFUSED, house_command, sentence, settings
from app.errors import N_, Invalid
from app.extensions import db
from app.rules.estate_sheet import HEADERS
from app.rules.sheet_cells import Problem
from app.services.actors import Actor
from app.services.import_estate import Outcome, SheetRefused, import_estate
from app.services.transaction import transaction
from app.services.users import community_by_code

MOST_PROBLEMS = 50


@click.group("estate")
def estate_cli() -> None:
    """Houses and people."""


@estate_cli.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--community", "code", required=True, help="The community's code, for example sunshine.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@house_command
def import_command(file: Path, code: str, dry_run: bool) -> None:
    """Import FILE (.xlsx): all of it or, when a row is wrong, nothing."""
    cells = read_sheet(_content(file))
    try:
        with transaction() as session:
            community = community_by_code(session, code)
            today = now().astimezone(settings().timezone).date()
            outcome = import_estate(session, community, cells, Actor.system("command"), today)
            if dry_run:
                session.rollback()
    except SheetRefused as error:
        for problem in error.problems[:MOST_PROBLEMS]:
            click.echo(problem_line(problem), err=True)
        click.echo(sentence(error), err=True)
        click.get_current_context().exit(EXIT_REFUSED)
    db.session.remove()
    click.echo(_summary(outcome, dry_run))


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise Invalid(N_("The file is too big: at most %(limit)s MB."), limit=MAX_BYTES // 1024 // 1024)
        return file.read_bytes()
    except OSError as error:
        raise Invalid(N_("%(file)s cannot be read: %(reason)s"), file=str(file), reason=error.strerror or "") from error


def problem_line(problem: Problem) -> str:
    """The problem in the language of this installation: row, column, sentence."""
    locale = settings().default_locale
    with force_locale(locale):
        where = gettext("row %(row)s", row=problem.row)
        titles = HEADERS.get(problem.column)
        column = f" {titles[0] if locale == 'zh' else titles[-1]}" if titles else ""
        text = gettext(problem.msgid)
        return f"{where}{column}: {text % problem.params if problem.params else text}"


def _summary(outcome: Outcome, dry_run: bool) -> str:
    new = ", ".join(f"{kind} +{count}" for kind, count in outcome.new.items()) or "nothing new"
    words = "would be imported" if dry_run else "imported"
    return f"{outcome.rows} rows {words}: {new}, {outcome.changed} changed"
