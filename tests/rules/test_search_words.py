"""What the words in the search box may mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.search_words import LONGEST, read


@pytest.mark.parametrize(
    ("words", "building", "unit", "room"),
    [
        ("3-2-1201", "3", "2", "1201"),
        ("3 2 1201", "3", "2", "1201"),
        ("3/2/1201", "3", "2", "1201"),
        ("3幢2单元1201", "3", "2", "1201"),
        ("3栋2单元1201室", "3", "2", "1201"),
        ("3号楼2单元1201", "3", "2", "1201"),
        ("３幢２单元１２０１", "3", "2", "1201"),
        ("三幢二单元十二零一", "3", "2", "1201"),
        ("building 3 unit 2 room 1201", "3", "2", "1201"),
        ("3栋1201", "3", None, "1201"),
        ("3-1201", "3", None, "1201"),
        ("12楼01", None, None, "1201"),
        ("1201", None, None, "1201"),
        ("1201室", None, None, "1201"),
        ("3幢", "3", None, None),
    ],
)
def test_rooms_in_every_spelling(words: str, building: str | None, unit: str | None, room: str | None) -> None:
    place = read(words).place
    assert (place.building, place.unit, place.room) == (building, unit, room)


@pytest.mark.parametrize(
    "words",
    ["13800138001", "+8613800138001", "+86 138 0013 8001", "0086-13800138001", "138-0013-8001", "(138) 0013 8001"],
)
def test_telephones_in_every_spelling(words: str) -> None:
    meant = read(words)
    assert meant.phone == "13800138001"
    assert meant.whole_phone
    assert not meant.is_place


def test_a_landline_loses_its_zero_and_the_end_of_a_number_is_enough() -> None:
    assert read("021-6000 0000").phone == "2160000000"
    assert read("38001").phone == "38001"
    assert not read("38001").whole_phone
    assert read("380").phone == ""


def test_eight_digits_are_a_ticket_number_and_words_are_words() -> None:
    assert read(" 20002619 ").ticket == "20002619"
    assert read("2000 2619").ticket == "20002619"
    for words in ("漏水", "张伟", "Wei Zhang", "", "%"):
        meant = read(words)
        assert (meant.digits, meant.phone, meant.is_place) == ("", "", False), words


@given(st.text(max_size=200))
def test_anything_may_be_typed(text: str) -> None:
    meant = read(text)
    assert len(meant.text) <= LONGEST
    assert meant.text.isprintable()
