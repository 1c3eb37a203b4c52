"""The households: owners, families and tenants with their phones and tenures; the four people of I7 among them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from app.models import Person, PersonPhone, Phone, Tenure
from app.rules.codes import HouseState, TenureRole
from app.services.demo.estate import LET_HOUSE, DemoEstate, DemoHouse
from app.services.demo.names import NamePool
from app.services.demo.writer import Writer

OWNER_HOUSES = {
    "3幢2单元1201": "张伟",
    "1幢1单元101": "李娜",
    LET_HOUSE: "李娜",
    "2幢1单元601": "王芳",
    "2幢1单元602": "王强",
}
"""I7: whose houses these are."""

FIXED_PHONES = {
    "张伟": "+8613800138001",
    "李娜": "+8613800138002",
    "王芳": "+8613800138003",
    "王强": "+8613800138003",
}
FIXED_MAILS = {
    "张伟": "zhangwei@example.org",
    "李娜": "lina@example.org",
    "王芳": "wangfang@example.org",
    "王强": "wangqiang@example.org",
}

SALES_IN_THE_YEAR = 8
_NEEDS = ("独居老人，需定期问候", "行动不便，使用轮椅", "听力不佳，请放慢语速", "有婴儿，请勿午间敲门")


@dataclass(frozen=True)
class Contact:
    """Somebody of a household as the tickets need them: `since` and `until` bound the tenure."""

    person_id: int | None
    name: str
    phone: str
    role: TenureRole
    since: date
    until: date | None = None


@dataclass
class Households:
    """The people by house id. `owners` has every owner there was in the year, in order."""

    contacts: dict[int, list[Contact]] = field(default_factory=dict)
    person_ids: dict[str, int] = field(default_factory=dict)
    tenant_of_let_house: int | None = None

    def owner_on(self, house_id: int, day: date) -> Contact:
        """Who owned the house on that day."""
        return next(
            c
            for c in self.contacts[house_id]
            if c.role == TenureRole.OWNER and c.since <= day and (c.until is None or day <= c.until)
        )

    def at_home_on(self, house_id: int, day: date) -> list[Contact]:
        """Everybody tied to the house on that day who would call: of a let house the tenant, not the owner."""
        there = [c for c in self.contacts[house_id] if c.since <= day and (c.until is None or day <= c.until)]
        tenants = [c for c in there if c.role == TenureRole.TENANT]
        return tenants or there


class _Register:
    """Writes people, phones and tenures; phones are shared where the number is known already."""

    def __init__(self, writer: Writer, random: Random, estate: DemoEstate) -> None:
        self.writer, self.random, self.estate = writer, random, estate
        self.names = NamePool(random)
        self.households = Households({house.id: [] for house in estate.houses})
        self.phones: dict[str, int] = {}
        self.count = 0

    def person(self, name: str, number: str | None = None) -> tuple[int, str]:
        """A person with a phone; a made-up number when None. Returns the id and the number."""
        self.count += 1
        number = number or self._number()
        mail = FIXED_MAILS.get(name) if self.estate.index == 0 else None
        if mail is None and self.random.randrange(100) < 72:
            mail = f"resident{self.estate.index * 10_000 + self.count}@example.org"
        person_id = self.writer.add(
            Person,
            name=name,
            email=mail,
            wants_report_by_email=mail is not None,
            special_needs=self.random.choice(_NEEDS) if self.random.randrange(100) < 3 else None,
        )
        if number not in self.phones:
            self.phones[number] = self.writer.add(Phone, number=number)
        self.writer.add(PersonPhone, person_id=person_id, phone_id=self.phones[number], is_primary=True)
        self.households.person_ids.setdefault(name, person_id)
        return person_id, number

    def tie(
        self, person: tuple[int, str, str], house: DemoHouse, role: TenureRole, since: date, until: date | None
    ) -> None:
        """A tenure of (person id, name, number)."""
        person_id, name, number = person
        self.writer.add(Tenure, person_id=person_id, house_id=house.id, role=role, starts_on=since, ends_on=until)
        self.households.contacts[house.id].append(Contact(person_id, name, number, role, since, until))

    def _number(self) -> str:
        # A step coprime with the length of the block: no number twice, and none looks counted.
        serial = (self.estate.index * 10_000 + self.count) * 7919 + 1_234_567
        return f"+86136{serial % 100_000_000:08d}"


def build_households(writer: Writer, random: Random, estate: DemoEstate, first_day: date, today: date) -> Households:
    """Write everybody who lives in or owns a house between `first_day` and `today`."""
    register = _Register(writer, random, estate)
    fixed: dict[str, tuple[int, str, str]] = {}
    sold = _sales(random, estate, first_day, today)
    for house in estate.houses:
        name = OWNER_HOUSES.get(house.name) if estate.index == 0 else None
        since = estate.handed_over_on + timedelta(days=random.randrange(0, 900))
        if name is not None:
            if name not in fixed:
                fixed[name] = (*_named(register, name), FIXED_PHONES[name])
            register.tie(fixed[name], house, TenureRole.OWNER, since, None)
            owner = fixed[name]
        else:
            owner = _owner(register, house, since, sold.get(house.id))
        _others(register, random, house, owner, since, first_day)
    return register.households


def _named(register: _Register, name: str) -> tuple[int, str]:
    person_id, _ = register.person(name, FIXED_PHONES[name])
    return person_id, name


def _sales(random: Random, estate: DemoEstate, first_day: date, today: date) -> dict[int, date]:
    """House id → day of sale within the year."""
    candidates = [h for h in estate.houses if h.name not in OWNER_HOUSES and h.state == HouseState.OCCUPIED]
    span = max((today - first_day).days - 40, 1)
    return {
        h.id: first_day + timedelta(days=20 + random.randrange(span))
        for h in random.sample(candidates, SALES_IN_THE_YEAR)
    }


def _owner(register: _Register, house: DemoHouse, since: date, sold_on: date | None) -> tuple[int, str, str]:
    owner = _fresh(register)
    register.tie(owner, house, TenureRole.OWNER, since, sold_on - timedelta(days=1) if sold_on else None)
    if sold_on:
        owner = _fresh(register)
        register.tie(owner, house, TenureRole.OWNER, sold_on, None)
    return owner


def _fresh(register: _Register, surname: str = "", number: str | None = None) -> tuple[int, str, str]:
    name = register.names.draw(surname)
    person_id, number = register.person(name, number)
    return person_id, name, number


def _others(
    register: _Register, random: Random, house: DemoHouse, owner: tuple[int, str, str], since: date, first_day: date
) -> None:
    """Tenants of a let house, families of an occupied one: half of them share the owner's number."""
    if house.state == HouseState.LET:
        moved_in = first_day - timedelta(days=random.randrange(10, 200))
        tenant = _fresh(register)
        register.tie(tenant, house, TenureRole.TENANT, max(moved_in, since + timedelta(days=1)), None)
        if register.estate.index == 0 and house.name == LET_HOUSE:
            register.households.tenant_of_let_house = tenant[0]
        return
    if house.state == HouseState.OCCUPIED and house.name not in OWNER_HOUSES and random.randrange(100) < 45:
        contacts = register.households.contacts[house.id]
        member = _fresh(register, owner[1][0], owner[2] if random.randrange(2) else None)
        register.tie(member, house, TenureRole.FAMILY, contacts[-1].since, None)
