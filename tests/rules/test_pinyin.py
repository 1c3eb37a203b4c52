"""How names are typed: whole, by first letters, from a later character on; several readings; what can be no pinyin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.pinyin import letters, spellings


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("张伟", ["zhangwei", "zw", "wei"]),
        ("阳光花园", ["yangguanghuayuan", "yghy", "huayuan"]),
        ("欧阳伟", ["ouyangwei", "oyw", "wei"]),
        ("单雄信", ["shanxiongxin", "danxiongxin", "sxx", "dxx"]),
        ("曾志伟", ["zengzhiwei", "zzw"]),
        ("仇和", ["qiuhe", "qh"]),
        ("解晓东", ["xiexiaodong", "xxd"]),
        ("重庆路", ["chongqinglu", "cql"]),
        ("吕布", ["lvbu", "lubu", "lb"]),
        ("A座", ["azuo"]),
        ("牡丹苑3幢", ["mudanyuan"]),
    ],
)
def test_a_name_is_typed_in_each_of_these_ways(name: str, typed: list[str]) -> None:
    found = spellings(name)
    for way in typed:
        assert f" {way}" in found


@pytest.mark.parametrize("name", ["", "Wei Zhang", "1201", "…"])
def test_a_name_without_chinese_characters_has_none(name: str) -> None:
    assert spellings(name) == ""


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        ("zhangwei", "zhangwei"),
        ("Zhang Wei", "zhangwei"),
        ("ZW", "zw"),
        ("lü bu", "lvbu"),
        ("xi'an", "xian"),
        ("z", ""),
        ("张伟", ""),
        ("3-2-1201", ""),
        ("a" * 31, ""),
        ("zw%", ""),
    ],
)
def test_what_was_typed_as_pinyin(words: str, typed: str) -> None:
    assert letters(words) == typed


@given(st.text(max_size=60))
def test_any_name_and_any_words_are_taken(text: str) -> None:
    assert len(spellings(text)) < 200_000
    assert letters(text).isascii()


@given(st.text("张王李赵单曾仇解重行长乐朝", min_size=1, max_size=40))
def test_many_readings_stay_few(name: str) -> None:
    whole = {one for one in spellings(name).split() if len(one) > 1}
    assert len(whole) <= 13 * 2 * len(name)
