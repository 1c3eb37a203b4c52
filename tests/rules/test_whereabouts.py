"""Houses and buildings named where no house was asked (D2): what is certain, what is only noted, what is nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.place import HouseKey
from app.rules.whereabouts import Whereabouts, locate, names_building
from tests.rules.test_place import ESTATE

LETTERED = [HouseKey(1, "A", "1", "101"), HouseKey(2, "B", "1", "101"), HouseKey(3, "12", "1", "101")]


@pytest.mark.parametrize(
    ("said", "building"),
    [
        ("三号楼电梯", "3"),
        ("3号楼电梯困人了", "3"),
        ("3幢2单元楼道着火了", "3"),
        ("三栋楼下的垃圾桶满了", "3"),
        ("第五幢大厅的灯不亮", "5"),
        ("电梯,就是六号楼那个", "6"),
        ("三幢电梯停在十二楼", "3"),
        ("地下车库靠近二号楼", "2"),
        ("03号楼门口", "3"),
        ("三号楼三号楼电梯", "3"),
        ("the lift of building 3", "3"),
        ("Building three, the lift is stuck", "3"),
        ("block 5 entrance hall", "5"),
        ("一号楼停水了", "1"),
        ("一栋停水了", "1"),
    ],
)
def test_one_building_named_is_certain(said, building):
    found = locate(said, ESTATE)
    assert (found.house, found.building) == (None, building)
    assert names_building(said)


@pytest.mark.parametrize(
    ("said", "room"), [("3幢2单元1201门口有水", "1201"), ("三号楼二单元十二零一着火了", "1201"), ("3-2-302楼道", "302")]
)
def test_a_house_named_whole_is_certain_and_so_is_its_building(said, room):
    found = locate(said, ESTATE)
    assert found.house is not None
    assert (found.house.building, found.house.unit, found.house.room, found.building) == ("3", "2", room, "3")


@pytest.mark.parametrize(
    "said",
    [
        "电梯坏了",
        "小区大门口",
        "十八楼电梯口",
        "这一栋楼都没水",
        "我们整一幢停电",
        "每一栋的门禁",
        "两个人困在电梯里",
        "八号楼电梯",  # no such building
        "二十八幢",
        "my building has no power",
        "the building is on fire",
        "this tower",
        "",
    ],
)
def test_what_names_no_building_of_ours_gives_nothing(said):
    assert locate(said, ESTATE) == Whereabouts()


@pytest.mark.parametrize(
    ("said", "buildings"),
    [
        ("三号楼和五号楼之间的路灯", ("3", "5")),
        ("一栋楼都没水了", ("1",)),
        ("花园里有一座亭子和2座桥", ("2",)),
        ("三动电梯坏了", ("3",)),
        ("六装电梯", ("6",)),
    ],
)
def test_a_building_in_doubt_is_only_a_possibility(said, buildings):
    found = locate(said, ESTATE)
    assert (found.house, found.building) == (None, None)
    assert set(found.buildings) >= set(buildings)


def test_a_house_named_in_part_lies_in_its_building():
    found = locate("三号楼1201在漏水", ESTATE)
    assert (found.house, found.building) == (None, "3")
    assert {(house.unit, house.room) for house in found.houses} == {("1", "1201"), ("2", "1201")}


def test_by_sound_alone_nothing_is_said_where_doubts_are_not_wanted():
    assert locate("三动电梯坏了", ESTATE, doubts=False) == Whereabouts()
    assert locate("三号楼电梯坏了", ESTATE, doubts=False).building == "3"


def test_buildings_may_have_letters_and_two_digits():
    assert locate("B座大厅", LETTERED).building == "B"
    assert locate("十二号楼电梯", LETTERED).building == "12"


def test_elsewhere_is_said_only_of_another_building():
    home = next(house for house in ESTATE if house.building == "3")
    assert locate("五号楼电梯", ESTATE).elsewhere(home)
    assert not locate("三号楼电梯", ESTATE).elsewhere(home)
    assert not locate("电梯", ESTATE).elsewhere(home)
    assert not locate("五号楼电梯", ESTATE).elsewhere(None)


@given(st.text(alphabet="一二三五十0123幢栋座号楼单元室电梯动装abc -,这整buildingAB", max_size=30))
def test_whatever_is_said_only_real_places_come_out(said):
    found = locate(said, ESTATE)
    real = {house.building for house in ESTATE}
    assert found.building is None or found.building in real
    assert set(found.buildings) <= real
    assert found.house is None or found.house in ESTATE
    assert len(found.houses) <= 4
    assert len(found.buildings) <= 4
