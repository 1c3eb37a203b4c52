"""The estate of I7: six buildings of two units, eighteen floors and four rooms; a house is called 3幢2单元1201."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random

from app.models import Building, Community, FeeItem, FeeRate, HotlineNumber, House, Unit
from app.rules.codes import FeeBasis, HouseState
from app.services.demo.outside import build_bodies
from app.services.demo.writer import Writer

BUILDINGS, UNITS, FLOORS, ROOMS = 6, 2, 18, 4
PROPERTY_FEE = Decimal("2.80")
"""Yuan per m² and month (I7)."""

HANDOVER_YEARS = 6

_ROOM_AREAS = (Decimal("118.56"), Decimal("89.32"), Decimal("89.74"), Decimal("127.41"))
_MORE_ESTATES = (
    ("翠湖雅苑", "Cuihu Court"),
    ("银杏里", "Ginkgo Lane"),
    ("枫林湾", "Maple Bay"),
    ("锦绣华庭", "Jinxiu Residence"),
    ("听雨轩", "Tingyu Terrace"),
)
# Cumulative percentages of what a house is used as.
_STATES = (
    (4, HouseState.HANDED_OVER),
    (12, HouseState.VACANT),
    (15, HouseState.RENOVATING),
    (23, HouseState.LET),
    (100, HouseState.OCCUPIED),
)
_ALWAYS_OCCUPIED = ("3幢2单元1201", "1幢1单元101", "2幢1单元601", "2幢1单元602")
LET_HOUSE = "5幢1单元302"


@dataclass(frozen=True)
class DemoHouse:
    """One house as the rest of the demo data needs it."""

    id: int
    name: str
    building_id: int
    building_number: int
    area_m2: Decimal
    state: HouseState


@dataclass
class DemoEstate:
    """A community with the ids of what is in it. `index` counts communities from 0; the first is the one of I7."""

    index: int
    community_id: int
    name: str
    fee_item_id: int
    handed_over_on: date
    building_ids: dict[int, int] = field(default_factory=dict)
    houses: list[DemoHouse] = field(default_factory=list)
    bodies: dict[str, int] = field(default_factory=dict)

    def house(self, name: str) -> DemoHouse:
        """The house of this name."""
        return next(house for house in self.houses if house.name == name)


def build_estate(writer: Writer, random: Random, index: int, today: date, hotline_number: str) -> DemoEstate:
    """Write community, hotline number, fee item, buildings, units and houses."""
    code, name, name_en = _community_names(index)
    community_id = writer.add(
        Community,
        code=code,
        name=name,
        name_en=name_en,
        address=f"上海市浦东新区{name}路{index + 1}00号",
        desk_phone=f"+862160{1000 + index:06d}",
    )
    handed_over_on = date(today.year - HANDOVER_YEARS, 5, 1)
    writer.add(HotlineNumber, number=demo_hotline_number(index, hotline_number), community_id=community_id)
    fee_item_id = writer.add(
        FeeItem,
        code="property",
        name="物业费",
        name_en="Property fee",
        community_id=community_id,
        basis=FeeBasis.PER_M2_MONTH,
        rate=PROPERTY_FEE,
        valid_from=handed_over_on,
    )
    writer.add(FeeRate, fee_item_id=fee_item_id, rate=PROPERTY_FEE, valid_from=handed_over_on)
    estate = DemoEstate(index, community_id, name, fee_item_id, handed_over_on)
    build_bodies(writer, estate)
    for number in range(1, BUILDINGS + 1):
        _build_building(writer, random, estate, number)
    return estate


def _community_names(index: int) -> tuple[str, str, str]:
    if index == 0:
        return "sunshine", "阳光花园", "Sunshine Garden"
    name, name_en = _MORE_ESTATES[(index - 1) % len(_MORE_ESTATES)]
    turn = (index - 1) // len(_MORE_ESTATES)
    return f"estate{index + 1:03d}", name + (f"{turn + 1}期" if turn else ""), f"{name_en} {turn + 1}"


def demo_hotline_number(index: int, first: str) -> str:
    """The number of a community: the setting's for the first."""
    return first if index == 0 else f"+86216100{index:04d}"


def _build_building(writer: Writer, random: Random, estate: DemoEstate, number: int) -> None:
    building_id = writer.add(
        Building, community_id=estate.community_id, number=str(number), name=f"{number}幢", position=number
    )
    estate.building_ids[number] = building_id
    for unit_number in range(1, UNITS + 1):
        unit_id = writer.add(Unit, building_id=building_id, number=str(unit_number), name=f"{unit_number}单元")
        for floor in range(1, FLOORS + 1):
            for room in range(1, ROOMS + 1):
                door = f"{floor}{room:02d}"
                name = f"{number}幢{unit_number}单元{door}"
                area = _ROOM_AREAS[room - 1] + Decimal(number * 2 + unit_number) / 100
                state = _state(random, name)
                house_id = writer.add(
                    House,
                    community_id=estate.community_id,
                    building_id=building_id,
                    unit_id=unit_id,
                    number=door,
                    name=name,
                    floor=floor,
                    area_m2=area,
                    state=state,
                )
                estate.houses.append(DemoHouse(house_id, name, building_id, number, area, state))


def _state(random: Random, name: str) -> HouseState:
    chance = random.randrange(100)
    if name in _ALWAYS_OCCUPIED:
        return HouseState.OCCUPIED
    if name == LET_HOUSE:
        return HouseState.LET
    return next(state for limit, state in _STATES if chance < limit)
