"""Days and times as people type them."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.typed_time import read_clock, read_day, read_moment

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, 30)  # noqa: DTZ001  (local)


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-11-22", (2026, 11, 22)), ("2026/1/5", (2026, 1, 5)), ("11/23", (2026, 11, 23)), ("11月23日", (2026, 11, 23)),
     ("2027年1月2日", (2027, 1, 2)), ("20270102", (2027, 1, 2)), ("明天", (2026, 11, 23)), ("Yesterday", (2026, 11, 21)),
     ("5号", (2026, 11, 5)), (" 2026.02.28 ", (2026, 2, 28))],
)  # fmt: skip
def test_days(text: str, day: tuple[int, int, int]) -> None:
    assert read_day(text, TODAY) == date(*day)


@pytest.mark.parametrize(
    "text", ["", "2026-02-30", "13/40", "soon", "1899-01-01", "99999", "2026-11-22\x00", "٢٠٢٦-١١-٢٢x"]
)
def test_what_is_no_day(text: str) -> None:
    assert read_day(text, TODAY) is None


@pytest.mark.parametrize(
    ("text", "clock"),
    [("18:05", (18, 5)), ("8：30", (8, 30)), ("18点", (18, 0)), ("下午6点30分", (18, 30)), ("6pm", (18, 0)),
     ("12am", (0, 0)), ("中午12点", (12, 0)), ("中午1点", (13, 0)), ("09:05:30", (9, 5))],
)  # fmt: skip
def test_times(text: str, clock: tuple[int, int]) -> None:
    assert read_clock(text) == time(*clock)


@pytest.mark.parametrize("text", ["", "24:00", "8:75", "18", "x", "18:05:00:00"])
def test_what_is_no_time(text: str) -> None:
    assert read_clock(text) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [("2026-11-22 18:05", (2026, 11, 22, 18, 5)), ("2026-11-22T18:05", (2026, 11, 22, 18, 5)),
     ("2026-11-22T18:05:00", (2026, 11, 22, 18, 5)), ("明天 18:00", (2026, 11, 23, 18, 0)),
     ("明天下午6点", (2026, 11, 23, 18, 0)), ("11/23 8:30", (2026, 11, 23, 8, 30)), ("tomorrow 6pm", (2026, 11, 23, 18, 0)),
     ("18:00", (2026, 11, 22, 18, 0)), ("2026-11-25", (2026, 11, 25, 0, 0)), ("11月23日18点", (2026, 11, 23, 18, 0))],
)  # fmt: skip
def test_moments(text: str, moment: tuple[int, ...]) -> None:
    assert read_moment(text, NOW) == datetime(*moment)  # type: ignore[arg-type]  # noqa: DTZ001


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    read_moment(text, NOW)
    read_day(text, TODAY)
    read_clock(text)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 12, 31)))  # noqa: DTZ001
def test_what_we_write_is_read_back(moment: datetime) -> None:
    assert read_moment(f"{moment:%Y-%m-%d %H:%M}", NOW) == moment.replace(second=0, microsecond=0)
