"""How numbers and houses are said on the telephone (G3): spelled out by us, because a voice reads 1201 as twelve hundred and one."""

ZH = "零幺二三四五六七八九"
EN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def is_english(locale: str) -> bool:
    """Whether a caller's locale (`zh`, `en`, `en_US`) is English; everything else is spoken to in Chinese."""
    return locale.lower().startswith("en")


def digits(text: str, locale: str, pause: str = "") -> str:
    """The digits of `text` one by one: `1201` → 幺二零幺 or "one two zero one". `pause` stands between them."""
    found = [int(char) for char in text if char.isascii() and char.isdigit()]
    if is_english(locale):
        return f"{pause} ".join(EN[digit] for digit in found)
    return pause.join(ZH[digit] for digit in found)


def room(text: str, locale: str) -> str:
    """A room as it is said: digits singly, letters kept (`12A` → 幺二 A)."""
    return _runs(text, locale, min_length=1).strip()


def house(building: str, unit: str, room_number: str, locale: str) -> str:
    """A house as it is said: 3幢2单元幺二零幺, or "building 3, unit 2, room one two zero one"."""
    said = room(room_number, locale)
    if is_english(locale):
        return ", ".join(
            part
            for part in (
                f"building {building}" if building else "",
                f"unit {unit}" if unit else "",
                f"room {said}" if said else "",
            )
            if part
        )
    return f"{building}幢{unit}单元{said}" if unit else f"{building}幢{said}"


def long_numbers(text: str, locale: str) -> str:
    """Spell every run of three digits or more inside a sentence, so that a read-back of 1201 is understood."""
    return _runs(text, locale, min_length=3)


def _runs(text: str, locale: str, min_length: int) -> str:
    out: list[str] = []
    run = ""
    for char in [*text, ""]:
        if char and char.isascii() and char.isdigit():
            run += char
            continue
        if run:
            out.append(_run(run, locale) if len(run) >= min_length else run)
            run = ""
        out.append(char)
    return "".join(out)


def _run(run: str, locale: str) -> str:
    said = digits(run, locale)
    return f" {said} " if is_english(locale) else said
