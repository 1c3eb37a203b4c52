"""`flask --app run books …`: whether the books are right."""

import click
from flask.cli import AppGroup

from app.cli.support import fail, house_command, say
from app.errors import N_
from app.services import books
from app.services.transaction import transaction

books_cli = AppGroup("books", help="The books: every balance reckoned anew.")


@books_cli.command("check")
@house_command
def check() -> None:
    """Reckon every balance anew from the postings and compare; exit code 1 when something differs."""
    with transaction() as session:
        found = books.faults(session)
    for fault in found:
        click.echo(f"{fault.what} {fault.key}: {fault.kept:.2f} / {fault.reckoned:.2f}")
    if found:
        fail("", 1)
    say(N_("The books are right: every balance is what its postings come to."))
