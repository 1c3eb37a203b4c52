"""Numbers as they are said (G3)."""

import pytest

from app.rules import spoken


@pytest.mark.parametrize(
    ("locale", "said"),
    [("zh", "幺二零幺"), ("en", "one two zero one"), ("en_US", "one two zero one"), ("zh_CN", "幺二零幺")],
)
def test_a_room_is_spelled(locale, said):
    assert spoken.room("1201", locale) == said


def test_a_ticket_number_with_pauses():
    assert spoken.digits("20000042", "zh", ",") == "二,零,零,零,零,零,四,二"
    assert spoken.digits("2042", "en", ",") == "two, zero, four, two"


def test_a_house():
    assert spoken.house("3", "2", "1201", "zh") == "3幢2单元幺二零幺"
    assert spoken.house("3", "2", "1201", "en") == "building 3, unit 2, room one two zero one"
    assert spoken.house("3", "", "12A", "zh") == "3幢12A".replace("12", "幺二")


def test_long_numbers_inside_words():
    assert spoken.long_numbers("我住1201,有2个问题", "zh") == "我住幺二零幺,有2个问题"
