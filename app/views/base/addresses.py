"""Addresses: numbers that no column can hold lead nowhere; what a form sends back leads nowhere else."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

from app.models.base import BIGGEST_ID


class IdConverter(IntegerConverter):
    """`<int:…>` up to the biggest id a column holds: above, no route matches, and the answer is 404."""

    def __init__(self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int | None = BIGGEST_ID) -> None:
        super().__init__(map, fixed_digits, min, max)


def install_addresses(app: Flask) -> None:
    """For every `<int:…>` of the application, whoever writes it; before any route is added."""
    app.url_map.converters["int"] = IdConverter


def local_path(address: str) -> str:
    """A path of this site, or nothing: what stands in a form must not lead elsewhere."""
    good = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address[:300] if good else ""
