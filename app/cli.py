"""The administrator's commands: `flask --app run …` (interfaces I1)."""

from flask import Flask


def register_commands(app: Flask) -> None:
    """Hang every command group on the application."""
