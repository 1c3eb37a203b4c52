"""The report's words in the language of its reader, independent of any request (drafts are made by jobs and commands)."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

CATALOGUE = Path(__file__).resolve().parents[3] / "translations" / "zh" / "areas" / "report.po"
LOCALES = ("zh", "en")
Translate = Callable[..., str]


@lru_cache(maxsize=1)
def _chinese() -> dict[str, str]:
    with CATALOGUE.open("rb") as handle:
        catalogue = read_po(handle, locale="zh")
    return {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string}


def translator(locale: str) -> Translate:
    """A function `_(msgid, **params)` for `zh` or `en`; English is the msgid itself."""
    words = _chinese() if locale == "zh" else {}

    def translate(msgid: str, **params: Any) -> str:
        text = words.get(msgid, msgid)
        return text % params if params else text

    return translate
