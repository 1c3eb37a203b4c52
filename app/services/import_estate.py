"""Houses, people, phones and tenures from one Excel sheet (issue 2, line 2): looked at first, then all of it or nothing.

Existing houses, people and phones are matched and updated, never doubled: importing a sheet twice changes nothing.
A person is matched by name within the house, else by name and a common telephone number.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.workbook import Cell
from app.errors import N_, Forbidden, Invalid
from app.models import Building, Community, House, Person, PersonPhone, Phone, Tenure, Unit
from app.rules.codes import HouseState, Role
from app.rules.estate_sheet import SheetRow, read_rows
from app.rules.sheet_cells import Problem
from app.services.actors import Actor

KINDS = ("building", "unit", "house", "person", "phone", "tenure")
MOST_SHOWN = 200

HouseKey = tuple[str, str, str]


class SheetRefused(Invalid):
    """The sheet has problems: nothing was written. `problems` name row and column."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(N_("The sheet was not imported: %(count)s problems."), count=len(self.problems))


@dataclass(frozen=True)
class Change:
    """One existing thing that the sheet changes: its row, what it is called, the column, and both values as text."""

    row: int
    what: str
    column: str
    before: str
    after: str


@dataclass
class Outcome:
    """What the import does, or would do: rows read, new rows by kind, changes to existing ones (the first of them)."""

    rows: int
    new: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    changes: list[Change] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether everything is there already."""
        return not self.changed and not sum(self.new.values())

    def change(self, row: int, what: str, column: str, before: object, after: object) -> None:
        """Note a change."""
        self.changed += 1
        if len(self.changes) < MOST_SHOWN:
            self.changes.append(Change(row, what, column, _shown(before), _shown(after)))


def import_estate(
    session: Session, community: Community, cells: Sequence[Sequence[Cell]], actor: Actor, today: date
) -> Outcome:
    """Write the sheet into the community. For a dry run the caller rolls the transaction back: the outcome is the same.

    Raises SheetRefused with every problem, Forbidden for the role; writes nothing then.
    """
    if not (actor.is_system or actor.has(Role.ADMIN) or _manages(actor, community)):
        raise Forbidden(N_("Your role does not allow this step."))
    rows, problems = read_rows(cells)
    estate = _Estate(session, community, today)
    problems += estate.problems_of(rows)
    if problems:
        raise SheetRefused(sorted(problems, key=lambda problem: problem.row))
    return estate.take(rows)


def _manages(actor: Actor, community: Community) -> bool:
    return actor.has(Role.MANAGER, Role.DEPUTY) and community.id in actor.community_ids


class _Estate:
    """The community as it is, by the keys of the sheet, and the steps that bring the sheet into it."""

    def __init__(self, session: Session, community: Community, today: date) -> None:
        self.session, self.community, self.today = session, community, today
        buildings = session.scalars(select(Building).where(Building.community_id == community.id)).all()
        self.buildings = {building.number: building for building in buildings}
        numbers = {building.id: building.number for building in buildings}
        units = session.scalars(select(Unit).where(Unit.building_id.in_(numbers))).all()
        self.units = {(numbers[unit.building_id], unit.number): unit for unit in units}
        unit_keys = {unit.id: key for key, unit in self.units.items()}
        houses = session.scalars(select(House).where(House.community_id == community.id)).all()
        self.houses: dict[HouseKey, House] = {(*unit_keys[h.unit_id], h.number): h for h in houses}
        self.tenures: dict[tuple[int, int, str], list[Tenure]] = {}
        self.in_house: dict[tuple[int, str], Person] = {}
        self.by_phone: dict[tuple[str, str], Person] = {}
        self.phones: dict[str, Phone] = {}
        self.links: set[tuple[int, int]] = set()
        self.reachable: set[int] = set()
        self._read_people()

    def _read_people(self) -> None:
        session = self.session
        here = select(House.id).where(House.community_id == self.community.id)
        pairs = session.execute(
            select(Tenure, Person).join(Person).where(Tenure.house_id.in_(here)).order_by(Tenure.id)
        )
        for tenure, person in pairs:
            self.tenures.setdefault((person.id, tenure.house_id, tenure.role), []).append(tenure)
            self.in_house[(tenure.house_id, person.name)] = person
        residents = select(Tenure.person_id).where(Tenure.house_id.in_(here))
        numbers = (
            select(PersonPhone.person_id, Phone.id, Phone.number)
            .join(Phone)
            .where(PersonPhone.person_id.in_(residents))
            .order_by(PersonPhone.id)
        )
        people = {person.id: person for person in self.in_house.values()}
        for person_id, phone_id, number in session.execute(numbers):
            self.links.add((person_id, phone_id))
            self.reachable.add(person_id)
            if person_id in people:
                self.by_phone.setdefault((people[person_id].name, number), people[person_id])

    def problems_of(self, rows: Sequence[SheetRow]) -> list[Problem]:
        """What only the records can tell: a new house without an area, an end without a tenure to end."""
        with_area = {row.key for row in rows if row.area_m2 is not None} | set(self.houses)
        told: set[HouseKey] = set()
        problems = []
        for row in rows:
            if row.key not in with_area and row.key not in told:
                told.add(row.key)
                problems.append(Problem(row.row, "area", N_("A new house needs its area."), {}))
            if row.until is not None and row.since is None and not self._has_tenure(row):
                problems.append(Problem(row.row, "since", N_("A tenure that ends needs its beginning."), {}))
        return problems

    def _has_tenure(self, row: SheetRow) -> bool:
        house = self.houses.get(row.key)
        person = self.in_house.get((house.id, row.name)) if house and row.name else None
        return bool(house and person and self.tenures.get((person.id, house.id, row.role)))

    def take(self, rows: Sequence[SheetRow]) -> Outcome:
        """Write everything: buildings, units, houses, then people with phones and tenures."""
        outcome = Outcome(len(rows))
        self._take_buildings(rows, outcome)
        self._take_houses(rows, outcome)
        with_people = [row for row in rows if row.name is not None]
        self._take_phones(with_people, outcome)
        people = self._take_people(with_people, outcome)
        for row, person in zip(with_people, people, strict=True):
            self._take_links(row, person)
            self._take_tenure(row, person, outcome)
        self.session.flush()
        return outcome

    def _take_buildings(self, rows: Sequence[SheetRow], outcome: Outcome) -> None:
        for row in rows:
            if row.building not in self.buildings:
                position = int(row.building) if row.building.isdecimal() else len(self.buildings) + 1
                self.buildings[row.building] = Building(
                    community_id=self.community.id,
                    number=row.building,
                    name=f"{row.building}幢",
                    position=min(position, 1_000_000),
                )
                self._new(self.buildings[row.building], "building", outcome)
        self.session.flush()
        for row in rows:
            if (row.building, row.unit) not in self.units:
                unit = Unit(building_id=self.buildings[row.building].id, number=row.unit, name=f"{row.unit}单元")
                self.units[(row.building, row.unit)] = unit
                self._new(unit, "unit", outcome)
        self.session.flush()

    def _take_houses(self, rows: Sequence[SheetRow], outcome: Outcome) -> None:
        areas = {row.key: row.area_m2 for row in reversed(rows) if row.area_m2 is not None}
        for row in rows:
            house = self.houses.get(row.key)
            if house is not None:
                self._update_house(house, row, outcome)
                continue
            unit = self.units[(row.building, row.unit)]
            house = House(
                community_id=self.community.id,
                building_id=unit.building_id,
                unit_id=unit.id,
                number=row.room,
                name=row.house_name,
                floor=row.floor if row.floor is not None else _floor_of(row.room),
                area_m2=areas[row.key],
                state=row.state or HouseState.HANDED_OVER,
            )
            self.houses[row.key] = house
            self._new(house, "house", outcome)
        self.session.flush()

    def _update_house(self, house: House, row: SheetRow, outcome: Outcome) -> None:
        for column, attribute, value in (
            ("area", "area_m2", row.area_m2),
            ("state", "state", row.state),
            ("floor", "floor", row.floor),
        ):
            before = getattr(house, attribute)
            if value is not None and value != before:
                # A house made by an earlier row of this very sheet is not an existing one that changes.
                if house.id is not None:
                    outcome.change(row.row, house.name, column, before, value)
                setattr(house, attribute, value)

    def _take_phones(self, rows: Sequence[SheetRow], outcome: Outcome) -> None:
        wanted = sorted({number for row in rows for number in row.phones})
        for start in range(0, len(wanted), 500):
            batch = wanted[start : start + 500]
            self.phones |= {
                phone.number: phone for phone in self.session.scalars(select(Phone).where(Phone.number.in_(batch)))
            }
        for number in wanted:
            if number not in self.phones:
                self.phones[number] = Phone(number=number, is_mobile=number.startswith("+861"))
                self._new(self.phones[number], "phone", outcome)

    def _take_people(self, rows: Sequence[SheetRow], outcome: Outcome) -> list[Person]:
        people = []
        for row in rows:
            assert row.name is not None
            house = self.houses[row.key]
            person = self.in_house.get((house.id, row.name)) or next(
                (found for number in row.phones if (found := self.by_phone.get((row.name, number)))), None
            )
            if person is None:
                person = Person(name=row.name, email=row.email)
                self._new(person, "person", outcome)
            elif row.email is not None and row.email != person.email:
                if person.id is not None:
                    outcome.change(row.row, person.name, "email", person.email, row.email)
                person.email = row.email
            self.in_house[(house.id, row.name)] = person
            for number in row.phones:
                self.by_phone.setdefault((row.name, number), person)
            people.append(person)
        self.session.flush()
        return people

    def _take_links(self, row: SheetRow, person: Person) -> None:
        for number in row.phones:
            pair = (person.id, self.phones[number].id)
            if pair not in self.links:
                self.links.add(pair)
                self.session.add(
                    PersonPhone(person_id=pair[0], phone_id=pair[1], is_primary=person.id not in self.reachable)
                )
                self.reachable.add(person.id)

    def _take_tenure(self, row: SheetRow, person: Person, outcome: Outcome) -> None:
        house = self.houses[row.key]
        known = self.tenures.setdefault((person.id, house.id, row.role), [])
        same = next((t for t in known if t.starts_on == row.since), None) if row.since else None
        same = (
            same
            or next((t for t in known if t.ends_on is None), None)
            or (known[-1] if known and not row.since else None)
        )
        if same is None:
            tenure = Tenure(
                person_id=person.id,
                house_id=house.id,
                role=row.role,
                starts_on=row.since or self.today,
                ends_on=row.until,
            )
            known.append(tenure)
            self._new(tenure, "tenure", outcome)
            return
        for column, attribute, value in (("since", "starts_on", row.since), ("until", "ends_on", row.until)):
            before = getattr(same, attribute)
            if value is not None and value != before:
                outcome.change(row.row, f"{person.name} {house.name}", column, before, value)
                setattr(same, attribute, value)
        if same.ends_on is not None and same.ends_on < same.starts_on:
            raise SheetRefused([Problem(row.row, "until", N_("The end lies before the beginning."), {})])

    def _new(self, thing: object, kind: str, outcome: Outcome) -> None:
        self.session.add(thing)
        outcome.new[kind] += 1


def _floor_of(room: str) -> int | None:
    """1201 is on floor 12: what stands before the last two digits."""
    return int(room[:-2]) if room.isdecimal() and 3 <= len(room) <= 4 else None


def _shown(value: object) -> str:
    return "" if value is None else str(value)
