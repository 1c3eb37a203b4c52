"""What all commands share: a refusal is one line and exit code 2, never a traceback."""

import functools
from collections.abc import Callable
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import force_locale, gettext
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.errors import LinliError, Word
from config import Settings

EXIT_REFUSED = 2


def settings() -> Settings:
    """The settings of the running application."""
    found: Settings = current_app.extensions["settings"]
    return found


def sentence(error: LinliError) -> str:
    """The refusal in the language of this installation."""
    with force_locale(settings().default_locale):
        params = {key: gettext(value) if isinstance(value, Word) else value for key, value in error.params.items()}
        text = gettext(error.msgid)
        return text % params if params else text


def say(msgid: str, **params: Any) -> None:
    """Print a line in the language of this installation."""
    with force_locale(settings().default_locale):
        click.echo(gettext(msgid, **params))


def fail(line: str, code: int = EXIT_REFUSED) -> None:
    """Print one line to standard error and end."""
    click.echo(line, err=True)
    click.get_current_context().exit(code)


def house_command(function: Callable[..., Any]) -> Callable[..., Any]:
    """A command in the application's context whose refusals are one line."""

    @with_appcontext
    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except LinliError as error:
            fail(sentence(error))
        except (OperationalError, ProgrammingError) as error:
            fail(_database_line(error))
        except OSError as error:
            fail(f"{error.filename or ''}: {error.strerror or error}".lstrip(": "))

    return run


def _database_line(error: OperationalError | ProgrammingError) -> str:
    first = str(error.orig).splitlines()[0] if error.orig else type(error).__name__
    if "no such table" in first or "does not exist" in first:
        return f"The database is not prepared ({first}): run `flask --app run db upgrade` and `flask --app run seed`."
    return f"The database does not answer: {first}"
