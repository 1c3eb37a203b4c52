"""Spoken and keyed houses (D2): what is certain, what is asked back, what is nonsense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.place import HouseKey, Reference, chinese_to_digits, find, match, parse

ESTATE = [
    HouseKey(1000 * building + 100 * unit + index, str(building), str(unit), f"{floor}{flat:02d}")
    for building in range(1, 7)
    for unit in (1, 2)
    for index, (floor, flat) in enumerate((floor, flat) for floor in range(1, 19) for flat in range(1, 5))
]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("3幢2单元1201", ("3", "2", "1201")),
        ("3栋2单元1201室", ("3", "2", "1201")),
        ("三幢二单元一二零一", ("3", "2", "1201")),
        ("三幢二单元幺二零幺", ("3", "2", "1201")),
        ("三号楼二单元十二零一", ("3", "2", "1201")),
        ("3号楼2单元12楼01室", ("3", "2", "1201")),
        ("三楼二单元一千二百零一", ("3", "2", "1201")),
        ("我家是三栋 二单元 1201 室,水管漏水", ("3", "2", "1201")),
        ("五幢一单元三零二", ("5", "1", "302")),
        ("六幢两单元一八零四", ("6", "2", "1804")),
        ("1幢1单元101。", ("1", "1", "101")),
        ("一幢一单元一百零一", ("1", "1", "101")),
        ("building 3 unit 2 room 1201", ("3", "2", "1201")),
        ("Building three, unit two, room twelve oh one", ("3", "2", "1201")),
        ("block 5 unit 1 apartment three zero two", ("5", "1", "302")),
        ("3*2*1201", ("3", "2", "1201")),
        ("3*2*1201#", ("3", "2", "1201")),
        ("3-2-1201", ("3", "2", "1201")),
        ("3 2 1201", ("3", "2", "1201")),
        ("三栋二单元幺二零幺室", ("3", "2", "1201")),
        ("三栋二单元十二楼零幺", ("3", "2", "1201")),
        ("三栋二单元十二楼,一号", ("3", "2", "1201")),
        ("就是那个三栋嘛\uff0c二单元\uff0c十二楼\uff0c一号", ("3", "2", "1201")),
        ("三杠二杠幺二零幺", ("3", "2", "1201")),
        ("我住3杠2杠1201", ("3", "2", "1201")),
        ("3-2-1201室", ("3", "2", "1201")),
        ("三幢二门一二零一", ("3", "2", "1201")),
        ("三栋二单元12-01", ("3", "2", "1201")),
        ("三幢,一二零一,二单元", ("3", "2", "1201")),
        ("第三幢第二单元一二零一,家里有2个人", ("3", "2", "1201")),
        ("三栋二单元幺二洞幺", ("3", "2", "1201")),
        ("三栋二单元拐零幺", ("3", "2", "701")),
        ("五幢一单元勾零二", ("5", "1", "902")),
        ("三幢二单元十八零四", ("3", "2", "1804")),
        ("三幢二单元两百零四", ("3", "2", "204")),
        ("阳光花园三号楼两单元一二〇一", ("3", "2", "1201")),
        ("\uff13幢\uff12单元\uff11\uff12\uff10\uff11", ("3", "2", "1201")),
    ],
)
def test_a_full_house_is_certain(said, wanted):
    found = match(parse(said), ESTATE)
    assert found.house is not None, parse(said)
    assert (found.house.building, found.house.unit, found.house.room) == wanted


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("两千零一", "2001"),
        ("一千二", "1200"),
        ("十二", "12"),
        ("二十三", "23"),
        ("幺二零幺", "1201"),
        ("一百一", "110"),
        ("一千零一十", "1010"),
        ("十", "10"),
    ],
)
def test_chinese_numerals(said, number):
    assert chinese_to_digits(said) == number


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("三动二单圆一二零一", ("3", "2", "1201")),
        ("三撞二但愿幺二零幺", ("3", "2", "1201")),
        ("三栋二但愿要二零要", ("3", "2", "1201")),
        ("山东二单元一二零一", ("3", "2", "1201")),
        ("三号楼儿单元一二零一", ("3", "2", "1201")),
        ("五栋医单元三零二", ("5", "1", "302")),
        ("三栋二单元一二领一", ("3", "2", "1201")),
        ("三栋二单元时二零一", ("3", "2", "1201")),
        ("六栋二单元一八零是", ("6", "2", "1804")),
        ("building tree unit to room twelve oh one", ("3", "2", "1201")),
    ],
)
def test_a_misheard_house_is_asked_back_and_never_taken(heard, meant):
    found = find(heard, ESTATE)
    assert found.house is None
    assert meant in [(house.building, house.unit, house.room) for house in found.candidates]
    assert len(found.candidates) <= 4


@pytest.mark.parametrize(
    ("heard", "wanted"),
    [
        ("三栋二单元时二零一", ["1201", "201"]),
        ("三栋二单元要二零一", ["1201", "201"]),
    ],
)
def test_a_room_with_a_doubtful_digit_beside_it_is_asked_back(heard, wanted):
    assert sorted(house.room for house in find(heard, ESTATE).candidates) == wanted


def test_the_likeliest_of_the_misheard_is_offered_first():
    assert find("三栋二但愿要二零要", ESTATE).candidates[0].room == "1201"


def test_what_was_understood_is_not_doubted_by_its_sound():
    assert find("我家是三栋二单元一二零一", ESTATE).house.room == "1201"
    assert find("九幢二单元一二零一", ESTATE).no_such_house


@pytest.mark.parametrize("other", ["厨房漏水是不是要等很久", "你好", "我要投诉", "是的", "一二零一", "喂 喂 喂"])
def test_words_that_name_no_house_offer_none(other):
    assert find(other, ESTATE).candidates == ()


@given(st.text(alphabet="三山动栋二儿但愿单元一要是十零领0123456789,楼号的室 ab", max_size=40))
def test_whatever_is_heard_at_most_four_houses_are_asked_back(text):
    found = find(text, ESTATE)
    assert len(found.candidates) <= 4
    assert found.house is None or found == match(parse(text), ESTATE)


def test_a_building_with_a_letter():
    tower = HouseKey(1, "A", "1", "1201")
    assert match(parse("A座1单元1201"), [tower]).house == tower


def test_without_a_unit_both_are_asked_back():
    found = match(parse("三幢一二零一"), ESTATE)
    assert found.house is None
    assert [house.unit for house in found.candidates] == ["1", "2"]


def test_a_single_candidate_is_still_asked_back():
    lonely = [HouseKey(1, "3", "1", "1201")]
    found = match(parse("3幢1201"), lonely)
    assert found.house is None
    assert found.candidates == tuple(lonely)


def test_a_bare_run_of_digits_is_asked_back():
    found = match(parse("321201#"), ESTATE)
    assert found.house is None
    assert [(house.building, house.unit, house.room) for house in found.candidates] == [("3", "2", "1201")]


def test_too_many_candidates_are_none():
    assert match(parse("1201"), ESTATE).candidates == ()
    assert match(parse("3幢"), ESTATE) == match(Reference(building="3"), ESTATE)
    assert match(parse("3幢"), ESTATE).candidates == ()


def test_a_house_that_does_not_exist_is_said_so():
    found = match(parse("9幢2单元1201"), ESTATE)
    assert (found.house, found.candidates, found.no_such_house) == (None, (), True)


@pytest.mark.parametrize("nonsense", ["", "#", "***", "喂", "hello", "0", "\x00", "幢单元室", "99999999999999999999"])
def test_nonsense_is_nothing(nonsense):
    found = match(parse(nonsense), ESTATE)
    assert found.house is None
    assert found.candidates == ()


@given(st.text(max_size=80))
def test_nothing_a_caller_says_raises(text):
    match(parse(text), ESTATE)


@given(
    st.sampled_from(ESTATE),
    st.sampled_from(["{b}幢{u}单元{r}", "{b}*{u}*{r}#", "building {b} unit {u} room {r}", "{b}栋{u}单元{r}室"]),
)
def test_every_house_is_understood_however_it_is_given(house, form):
    assert match(parse(form.format(b=house.building, u=house.unit, r=house.room)), ESTATE).house == house
