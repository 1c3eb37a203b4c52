"""Where the report's fonts are (made at set-up by scripts/make_fonts.py) and which they are: their hash goes into the report."""

import json
import os
from pathlib import Path

from app.errors import N_, LinliError

FOLDER = Path(__file__).resolve().parents[2] / "build" / "fonts"


class FontsMissing(LinliError):
    """The fonts were not made: the report would be boxes instead of characters."""

    status = 500


def font_hash(folder: Path = FOLDER) -> str:
    """SHA-256 over the fonts' own hashes, as `stamp.json` records it. Raises FontsMissing."""
    try:
        return str(json.loads((folder / "stamp.json").read_text(encoding="utf-8"))["font_hash"])
    except (OSError, ValueError, KeyError):
        raise FontsMissing(N_("The report's fonts are missing: run scripts/setup, then try again.")) from None


def use_private_fonts(folder: Path = FOLDER) -> None:
    """Let this process see only the report's fonts. Must run before the first text is laid out; fontconfig reads it once."""
    font_hash(folder)
    os.environ["FONTCONFIG_FILE"] = str(folder / "fonts.conf")
