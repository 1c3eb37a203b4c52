"""One rule for every password, with the sentence that says what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.passwords import complaint

NAMES = ("zhangwei", "张伟", "zhangwei@example.org", "+8613800138001")


@pytest.mark.parametrize(
    "password",
    [
        "long enough 1",
        "Kf7#kqLw2x",
        "correct horse battery staple",
        "correcthorsebattery",
        "我家住在阳光花园三幢",
        "2026-年会-抽奖",
        "zhangwei likes long walks",
        "Demo-Password-2016",
        "9f3k2m8x1q",
        "x7" + "abQ!" * 20,
    ],
)
def test_good_ones_are_taken(password: str) -> None:
    assert complaint(password, NAMES) is None


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("", "has"), ("Kf7#kqLw2", "has"), ("x7Q!" * 65, "has"), ("Kf7#kq\nLw2x", "line breaks"), ("Kf7#kq\x00Lw2x", "line breaks"),
        ("aaaaaaaaaaaa", "regular"), ("abababababab", "regular"), ("1234567890", "regular"), ("0987654321a", "regular"),
        ("abcdefghijkl", "regular"), ("qwertyuiop12", "regular"), ("1qaz2wsx3edc", "regular"), ("2222255555", "regular"),
        ("Password2026!", "everybody"), ("P@ssw0rd123", "everybody"), ("woaini1314520", "everybody"), ("admin!2026!!", "everybody"),
        ("sunshine-2026", "everybody"), ("yezhu2026888", "everybody"), ("2026wuyeguanli", "everybody"),
        ("zhangwei88", "your own"), ("ZhangWei#1", "your own"), ("张伟2026", "has"), ("张伟张伟张伟12345", "your own"),
        ("13800138001", "your own"),
        ("linli12345", "product"), ("LinLi#2026", "product"), ("邻里邻里邻里2026!", "product"),
        ("correcthorse", "Mix"), ("CORRECTHORSE", "Mix"), ("8302957164", "Mix"), ("!?#$%&*()=+", "Mix"),
    ],
)  # fmt: skip
def test_bad_ones_are_refused_and_told_why(password: str, word: str) -> None:
    found = complaint(password, NAMES)
    assert found is not None
    assert word in found[0] % found[1]


@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=4))
def test_nothing_makes_it_stumble(password: str, names: list[str]) -> None:
    found = complaint(password, names)
    assert found is None or found[0] % found[1]
