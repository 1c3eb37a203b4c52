"""The administrator's commands: `flask --app run …` (interfaces I1)."""

from importlib import import_module

from flask import Flask

from app.cli.backup import backup_command, restore_command
from app.cli.billing import billing_cli
from app.cli.books import books_cli
from app.cli.demo import demo_cli
from app.cli.doctor import doctor_command
from app.cli.estate import estate_cli
from app.cli.setup import prepare_command, seed_command
from app.cli.users import user_cli

_OWN = (
    seed_command,
    prepare_command,
    backup_command,
    restore_command,
    doctor_command,
    demo_cli,
    billing_cli,
    books_cli,
    estate_cli,
    user_cli,
)
_OTHERS = (
    ("app.jobs.commands", "job_cli"),
    ("app.cli.report", "report_cli"),
    ("app.hotline.terminal", "hotline_cli"),
)


def register_commands(app: Flask) -> None:
    """Hang every command group on the application."""
    for command in _OWN:
        app.cli.add_command(command)
    for module, name in _OTHERS:
        app.cli.add_command(getattr(import_module(module), name))
