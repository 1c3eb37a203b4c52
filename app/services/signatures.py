"""A signature drawn on a telephone's screen, as the picture it is sent as: checked before it is kept as any photo is."""

from __future__ import annotations

import base64
import binascii
import io

from PIL import Image

from app.errors import N_, Invalid

START = "data:image/png;base64,"
MOST_CHARACTERS = 400_000
MOST_PIXELS = 4_000_000
LEAST_INK = 40
LEAST_WIDTH = 12
"""Fewer dark points, or a mark narrower than this (on a field of 400), is a slip of the finger and no signature."""

_MEASURED = (400, 400)


class Drawn:
    """The drawing as a file of a form."""

    filename = "signature.png"

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        return self._content.read(size)


def drawn(text: str | None) -> Drawn | None:
    """The drawing out of its form field; None where nothing was drawn. Raises Invalid for what is no signature."""
    if not text:
        return None
    if len(text) > MOST_CHARACTERS or not text.startswith(START):
        raise Invalid(_UNREADABLE)
    try:
        content = base64.b64decode(text[len(START) :], validate=True)
    except (binascii.Error, ValueError):
        raise Invalid(_UNREADABLE) from None
    _check(content)
    return Drawn(content)


def _check(content: bytes) -> None:
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Invalid(_UNREADABLE)
            canvas = Image.new("RGB", opened.size, "white")
            picture = opened.convert("RGBA")
            canvas.paste(picture, mask=picture.getchannel("A"))
    except Invalid:
        raise
    except Exception:
        # A decoder meets hostile bytes here: whatever it raises, this is no signature.
        raise Invalid(_UNREADABLE) from None
    canvas.thumbnail(_MEASURED)
    ink = canvas.convert("L").point(lambda value: 255 if value < 160 else 0)
    box = ink.getbbox()
    if box is None or ink.histogram()[255] < LEAST_INK or box[2] - box[0] < LEAST_WIDTH:
        raise Invalid(
            N_("The signature field is empty: please let the household sign, or photograph the signed sheet.")
        )


_UNREADABLE = N_("The signature could not be read. Please sign again, or photograph the signed sheet.")
