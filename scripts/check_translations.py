"""Exit 1 when a text lacks its place in a catalogue, its Chinese, or one of its placeholders (scripts/translations.py)."""

import sys

from scripts.translations import LANGUAGES, complaints

SHOWN = 40


def main() -> int:
    found = [line for language in LANGUAGES for line in complaints(language)]
    for line in found[:SHOWN]:
        print(line)
    if found:
        print(f"{len(found)} findings in all; write the Chinese in translations/zh, `make translations` collects")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
