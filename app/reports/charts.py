"""The report's charts, drawn here as plain SVG: nothing is fetched, nothing depends on the machine.

Why own drawing: labels stand directly at what they name, one palette survives a grey printer, the same figures give the
same bytes, and a chart takes a millisecond. Every chart carries a `<title>`, which becomes its alternative text (PDF/UA).
All functions are pure: rows of (label, value …) in, an SVG string out. Lengths are in CSS pixels of a drawing as wide as
`width`: 640 on paper and on a screen, `NARROW` on a telephone, where the same words in the same size need more lines.
"""

from collections.abc import Sequence
from html import escape
from unicodedata import east_asian_width

INK = "#1f2d35"
SOFT = "#6b7a83"
RULE = "#d7dfe2"
DEEP = "#0f4c5c"
MID = "#5f9fad"
LIGHT = "#c6dce1"
ACCENT = "#c8553d"
SHADES = (DEEP, MID, LIGHT, ACCENT)
"""Distinct in grey as well: their lightness is about 29, 61, 86 and 49 of 100, and a white gap stands between parts."""

WIDTH = 640
NARROW = 400
_ONE_LINE = 520
"""Below this width what stands beside a bar on paper stands under it."""

FONT = "Linli Sans, Noto Sans CJK SC"


def text_width(text: str, size: float) -> float:
    """About how wide a text is: full width characters one em, others a little more than half."""
    return sum(size if east_asian_width(char) in "WF" else size * 0.56 for char in text)


def _text(
    x: float, y: float, text: str, *, size: float = 12, fill: str = INK, anchor: str = "start", bold: bool = False
) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="{FONT}" font-size="{size:g}" fill="{fill}"'
        f' text-anchor="{anchor}"{weight}>{escape(text)}</text>'
    )


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" fill="{fill}"/>'


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str, width: float = 1, dash: str = "") -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}"'
        f' stroke-width="{width:g}"{dashes}/>'
    )


def _svg(title: str, height: float, parts: Sequence[str], width: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:.0f}" role="img">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _legend(names: Sequence[str], fills: Sequence[str], y: float = 10) -> list[str]:
    parts, x = [], 0.0
    for name, fill in zip(names, fills, strict=False):
        parts += [_rect(x, y - 9, 10, 10, fill), _text(x + 15, y, name, size=11, fill=SOFT)]
        x += 15 + text_width(name, 11) + 22
    return parts


def _label_column(labels: Sequence[str], size: float) -> float:
    return min(max((text_width(label, size) for label in labels), default=0) + 14, 190)


def compared_bars(
    title: str, rows: Sequence[tuple[str, int, int | None]], names: tuple[str, str], width: float = WIDTH
) -> str:
    """Horizontal bars, this month over last month: rows of (label, now, before or None)."""
    left, step, top = _label_column([row[0] for row in rows], 12.5), 34, 28
    most = max([1, *(row[1] for row in rows), *(row[2] or 0 for row in rows)])
    scale = (width - left - 70) / most
    parts = _legend(names, (DEEP, LIGHT))
    for number, (label, now, before) in enumerate(rows):
        y = top + number * step
        parts.append(_text(left - 12, y + 15, label, size=12.5, anchor="end"))
        parts.append(_rect(left, y, now * scale, 15, DEEP))
        parts.append(_text(left + now * scale + 7, y + 12.5, f"{now:,}", size=12.5, bold=True))
        if before is not None:
            parts.append(_rect(left, y + 16, before * scale, 7, LIGHT))
            parts.append(_text(left + before * scale + 7, y + 24, f"{before:,}", size=9.5, fill=SOFT))
    return _svg(title, top + len(rows) * step, parts, width)


def bars(title: str, rows: Sequence[tuple[str, int, str]], width: float = WIDTH) -> str:
    """Horizontal bars with a remark behind the number (below it where that is too narrow): rows of (label, value, remark)."""
    below = width < _ONE_LINE
    left, step = _label_column([row[0] for row in rows], 12.5), 40 if below else 27
    most = max([1, *(row[1] for row in rows)])
    sizes = [(text_width(f"{value:,}", 12.5), text_width(remark, 10.5)) for _, value, remark in rows]
    room = max((number + (0 if below else remark) for number, remark in sizes), default=0) + 24
    scale = (width - left - room) / most
    parts = []
    for number, (label, value, remark) in enumerate(rows):
        y = 4 + number * step
        parts.append(_text(left - 12, y + 13, label, size=12.5, anchor="end"))
        parts.append(_rect(left, y, value * scale, 17, DEEP if number == 0 else MID))
        x = left + value * scale + 7
        parts.append(_text(x, y + 13, f"{value:,}", size=12.5, bold=True))
        at = (left, y + 30) if below else (x + text_width(f"{value:,}", 12.5) + 8, y + 13)
        parts.append(_text(*at, remark, size=10.5, fill=SOFT))
    return _svg(title, 8 + len(rows) * step, parts, width)


def stacked_bars(
    title: str, rows: Sequence[tuple[str, Sequence[int]]], names: Sequence[str], width: float = WIDTH
) -> str:
    """Horizontal stacked bars: rows of (label, one count for each of `names`)."""
    left, step, top = _label_column([row[0] for row in rows], 12.5), 28, 28
    most = max([1, *(sum(counts) for _, counts in rows)])
    scale = (width - left - 50) / most
    parts = _legend(names, SHADES)
    for number, (label, counts) in enumerate(rows):
        y, x = top + number * step, left
        parts.append(_text(left - 12, y + 13.5, label, size=12.5, anchor="end"))
        for count, fill in zip(counts, SHADES, strict=False):
            parts.append(_rect(x, y, count * scale - 1.5, 18, fill))
            if count and count * scale >= 16:
                light = fill in (LIGHT, MID)
                parts.append(
                    _text(
                        x + count * scale / 2,
                        y + 13,
                        str(count),
                        size=10.5,
                        fill=INK if light else "#ffffff",
                        anchor="middle",
                    )
                )
            x += count * scale
        parts.append(_text(x + 7, y + 13.5, str(sum(counts)), size=12.5, bold=True))
    return _svg(title, top + len(rows) * step, parts, width)


def one_bar(title: str, parts_of: Sequence[tuple[str, int]], width: float = WIDTH) -> str:
    """One bar of the whole width, cut into its parts, each named below (in lines of their own where it is narrow): (label, count)."""
    total = sum(count for _, count in parts_of) or 1
    fills = (DEEP, MID, LIGHT, "#e2b7a6", ACCENT)
    parts, x, listed = [], 0.0, 0
    for (label, count), fill in zip(parts_of, fills, strict=False):
        wide = width * count / total
        if not count:
            continue
        parts.append(_rect(x, 0, wide, 34, fill))
        if wide > 26:
            colour = "#ffffff" if fill in (DEEP, ACCENT) else INK
            parts.append(_text(x + wide / 2, 22, str(count), size=13, fill=colour, anchor="middle", bold=True))
        if width < _ONE_LINE:
            parts += [_rect(0, 45 + listed * 19, 10, 10, fill)]
            parts += [_text(15, 54 + listed * 19, f"{label} · {count:,}", size=11.5, fill=SOFT)]
            listed += 1
        elif wide > text_width(label, 10.5):
            parts.append(_text(x + wide / 2, 50, label, size=10.5, fill=SOFT, anchor="middle"))
        x += wide
    return _svg(title, 46 + listed * 19 if listed else 56, parts, width)


def hours(title: str, counts: Sequence[int], night_label: str, peak_label: str, width: float = WIDTH) -> str:
    """Calls by hour of the day, 24 counts; the night (22 to 6 o'clock) stands on a darker ground."""
    base, height, step = 150, 112, width / 24
    every, gap = (2, 4) if width >= _ONE_LINE else (3, 2)
    most = max([1, *counts])
    parts = []
    for first, last in ((0, 6), (22, 24)):
        parts.append(_rect(first * step, 18, (last - first) * step, base - 18, "#e9eff1"))
    parts.append(_text(8, 33, night_label, size=10.5, fill=SOFT))
    for hour, count in enumerate(counts):
        tall = height * count / most
        night = hour < 6 or hour >= 22
        fill = DEEP if night else MID
        parts.append(_rect(hour * step + gap, base - tall, step - 2 * gap, tall, fill))
        if count:
            parts.append(_text((hour + 0.5) * step, base - tall - 4, str(count), size=9, fill=SOFT, anchor="middle"))
        if hour % every == 0:
            parts.append(_text((hour + 0.5) * step, base + 14, f"{hour}:00", size=9.5, fill=SOFT, anchor="middle"))
    parts.append(_line(0, base, width, base, SOFT, 1))
    if peak_label:
        parts.append(_text(width, 10, peak_label, size=11, fill=INK, anchor="end"))
    return _svg(title, base + 20, parts, width)


def trend(
    title: str,
    labels: Sequence[str],
    counts: Sequence[int] | None,
    rates: Sequence[float | None],
    names: tuple[str, str, str],
    target: float | None = None,
    width: float = WIDTH,
) -> str:
    """Twelve months: columns of counts below (optional), a line of rates above, the target dashed.

    `rates` are 0 … 1 or None; `names` are those of the columns, the line and the target.
    """
    step = (width - 60) / max(len(labels), 1)
    gap = 16 if width >= _ONE_LINE else 6
    line_top, line_height = 34, 82
    base = 218 if counts else 136
    parts = _trend_line(labels, rates, names, target, (line_top, line_height, step, width))
    if counts:
        most = max([1, *counts])
        for number, count in enumerate(counts):
            last = number == len(counts) - 1
            tall = 62 * count / most
            x = number * step + gap / 2
            parts.append(_rect(x, base - tall, step - gap, tall, DEEP if last else LIGHT))
            parts.append(
                _text(
                    x + (step - gap) / 2, base - tall - 4, f"{count:,}", size=9.5, fill=INK, anchor="middle", bold=last
                )
            )
        parts.append(_line(0, base, width - 60, base, SOFT, 1))
        parts.append(_text(width - 52, base - 4, names[0], size=10.5, fill=SOFT))
    for number, label in enumerate(labels):
        parts.append(_text((number + 0.5) * step, base + 15, label, size=9.5, fill=SOFT, anchor="middle"))
    return _svg(title, base + 22, parts, width)


def _trend_line(
    labels: Sequence[str],
    rates: Sequence[float | None],
    names: tuple[str, str, str],
    target: float | None,
    box: tuple[float, float, float, float],
) -> list[str]:
    top, height, step, width = box
    known = [rate for rate in rates if rate is not None] + ([target] if target is not None else [])
    low = max(0.0, min(known, default=0.0) - 0.05)
    high = min(1.0, max(known, default=1.0) + 0.02)
    spread = max(high - low, 0.01)

    def level(rate: float) -> float:
        return top + height * (1 - (rate - low) / spread)

    parts = []
    if target is not None:
        parts.append(_line(0, level(target), width - 60, level(target), ACCENT, 1.2, "5 4"))
        parts.append(_text(width - 52, level(target) + 4, f"{names[2]} {target * 100:.0f}%", size=10.5, fill=ACCENT))
    points = [((number + 0.5) * step, level(rate), rate) for number, rate in enumerate(rates) if rate is not None]
    lowest, highest = (min(values), max(values)) if (values := [rate for _, _, rate in points]) else (0, 0)
    if points:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{DEEP}" stroke-width="2.2"/>')
    for number, (x, y, rate) in enumerate(points):
        last = number == len(points) - 1
        radius = 4 if last else 2.4
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{DEEP}"/>')
        if last or number == 0 or rate in (lowest, highest):
            colour = INK if last else SOFT
            parts.append(_text(x, y - 8, f"{rate * 100:.1f}", size=11, fill=colour, anchor="middle", bold=last))
    parts.append(_text(0, 11, f"{names[1]} (%)", size=11, fill=SOFT))
    return parts


def skyline(buildings: int, seed: int) -> str:
    """The cover's picture: the estate's buildings at night with some windows lit, the same for the same seed."""
    state = seed or 1

    def chance() -> float:
        nonlocal state
        state = (state * 48271) % 2147483647
        return state / 2147483647

    count = min(max(buildings, 4), 9)
    parts, x, gap = [], 18.0, 10.0
    width = (560 - gap * (count - 1)) / count
    for _ in range(count):
        floors = 8 + int(chance() * 8)
        tall = floors * 15 + 14
        y = 262 - tall
        parts.append(_rect(x, y, width, tall, "#165e70"))
        parts.append(_rect(x + width * 0.36, y - 8, width * 0.28, 8, "#165e70"))
        columns = max(int(width // 17), 2)
        pitch = width / columns
        for floor in range(floors):
            for column in range(columns):
                lit = chance()
                fill = "#f2c078" if lit > 0.72 else "#e8e2cf" if lit > 0.64 else "#0d4453"
                parts.append(_rect(x + column * pitch + pitch * 0.26, y + 10 + floor * 15, pitch * 0.48, 7.5, fill))
        x += width + gap
    parts.append(_rect(0, 262, 596, 4, "#f2c078"))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 596 266">{"".join(parts)}</svg>'
