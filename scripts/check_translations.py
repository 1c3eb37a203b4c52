"""Exit 1 when a text lacks its place in a catalogue, its Chinese, or one of its placeholders (scripts/translations.py)."""

import sys

from scripts.translations import LANGUAGES, complaints


def main() -> int:
    found = [line for language in LANGUAGES for line in complaints(language)]
    for line in found:
        print(line)
    if found:
        print(
            f"{len(found)} texts; `make translations` collects, translations/zh/LC_MESSAGES/messages.po is where to write"
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
