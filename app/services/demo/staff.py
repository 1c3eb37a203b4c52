"""The staff of a community, the ten logins of I7, the stewards' buildings and the duty roster."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models import (
    Category,
    Department,
    DutyRotation,
    DutyShift,
    Person,
    RotationMember,
    Skill,
    Staff,
    StaffCommunity,
    StaffSkill,
    StewardBuilding,
)
from app.rules.codes import DutyDays, Role, RotationPattern, Tier
from app.services.demo.estate import DemoEstate
from app.services.demo.names import STAFF_NAMES
from app.services.demo.people import Households
from app.services.demo.writer import Writer
from app.services.seed_data.reference import SKILLS
from app.services.users import add_login, hash_password

DUTY_NUMBERS = {Tier.ON_DUTY: "+8613900139001", Tier.BACKUP: "+8613900139002", Tier.MANAGER: "+8613900139003"}
"""I7: the telephones that change hands with the shift."""

WEEKS_AHEAD = 8
_ROTATION_NAMES = {Tier.ON_DUTY: "管家日夜轮值", Tier.BACKUP: "工程备班", Tier.MANAGER: "值班经理"}
_DAY_STARTS, _NIGHT_STARTS = 8, 20
_PROMISE = "有事您说话，24小时有回音。"


@dataclass(frozen=True)
class Post:
    """A place in the team: role, department, the buildings a steward looks after, the login of I7 if it has one."""

    role: Role
    department: str
    buildings: tuple[int, ...] = ()
    login: str | None = None
    skills: tuple[str, ...] = ()
    leads: bool = False


POSTS = (
    Post(Role.ADMIN, "service", login="admin"),
    Post(Role.MANAGER, "service", login="manager"),
    Post(Role.DEPUTY, "service"),
    Post(Role.SUPERVISOR, "service", login="supervisor"),
    Post(Role.ASSISTANT, "service", login="assistant"),
    Post(Role.ASSISTANT, "service"),
    Post(Role.STEWARD, "service", (3, 4), login="steward"),
    Post(Role.STEWARD, "service", (1, 2)),
    Post(Role.STEWARD, "service", (5, 6)),
    Post(Role.TECHNICIAN, "engineering", login="technician", skills=("electrician", "plumber", "locks")),
    Post(Role.TECHNICIAN, "engineering", skills=("plumber", "gas")),
    Post(Role.TECHNICIAN, "engineering", skills=("electrician", "lift"), leads=True),
    Post(Role.TECHNICIAN, "engineering", skills=("plumber", "locks")),
    Post(Role.TECHNICIAN, "cleaning"),
    Post(Role.TECHNICIAN, "cleaning"),
    Post(Role.TECHNICIAN, "greening"),
    Post(Role.TECHNICIAN, "security"),
    Post(Role.TECHNICIAN, "security"),
    Post(Role.FINANCE, "finance", login="finance"),
    Post(Role.QUALITY, "quality", login="quality"),
)


@dataclass(frozen=True)
class Worker:
    """Somebody of the team as the records need them."""

    staff_id: int
    user_id: int | None
    name: str
    role: Role
    department: str
    buildings: tuple[int, ...]
    number: str


@dataclass(frozen=True)
class Team:
    """A community's staff."""

    workers: tuple[Worker, ...]

    def of(self, role: Role, department: str | None = None) -> list[Worker]:
        """The workers of a role (and department)."""
        return [w for w in self.workers if w.role == role and department in (None, w.department)]

    def steward_of(self, building: int) -> Worker:
        """The first person responsible for a building."""
        return next(w for w in self.of(Role.STEWARD) if building in w.buildings)


def build_team(
    session: Session, writer: Writer, estate: DemoEstate, households: Households, now: datetime, password: str | None
) -> Team:
    """Write staff and their buildings; in the first community the ten logins with `password` (None: none can log in)."""
    skills = {row.code: row.id for row in session.execute(select(Skill.code, Skill.id))}
    departments = {row.code: row.id for row in session.execute(select(Department.code, Department.id))}
    password_hash = hash_password(password) if password else "!"
    if estate.index == 0:
        _ask_for_skills(session, skills)
    workers = []
    for place, post in enumerate(POSTS):
        name = STAFF_NAMES[place]
        user_id = None
        if post.login and estate.index == 0:
            mail = f"{post.login}@linli.example.org"
            user_id = add_login(session, post.login, name, mail, post.role, password_hash, now).id
        number = f"+86139{estate.index:04d}{1390 + place:04d}"
        staff_id = writer.add(
            Staff,
            name=name,
            user_id=user_id,
            role=post.role,
            department_id=departments.get(post.department),
            number=number,
            email=f"{post.login or f'staff{place}'}@linli.example.org",
            promise=_PROMISE if post.role == Role.STEWARD else None,
            leads_department=post.leads,
        )
        for skill in post.skills:
            writer.add(StaffSkill, staff_id=staff_id, skill_id=skills[skill])
        writer.add(StaffCommunity, staff_id=staff_id, community_id=estate.community_id)
        for building in post.buildings:
            writer.add(
                StewardBuilding,
                staff_id=staff_id,
                building_id=estate.building_ids[building],
                community_id=estate.community_id,
                starts_on=estate.handed_over_on,
            )
        workers.append(Worker(staff_id, user_id, name, post.role, post.department, post.buildings, number))
    return Team(tuple(workers))


def _ask_for_skills(session: Session, skills: dict[str, int]) -> None:
    """The categories whose work needs somebody with a skill."""
    for wanted in SKILLS:
        session.execute(
            update(Category).where(Category.code.in_(wanted.categories)).values(skill_id=skills[wanted.code])
        )


def add_household_logins(session: Session, households: Households, now: datetime, password: str | None) -> None:
    """The logins of I7 for an owner (张伟) and a resident (the tenant of 李娜's second house)."""
    password_hash = hash_password(password) if password else "!"
    for login, person_id in (("owner", households.person_ids["张伟"]), ("resident", households.tenant_of_let_house)):
        person = session.get_one(Person, person_id)
        role = Role.OWNER if login == "owner" else Role.RESIDENT
        user = add_login(session, login, person.name, f"{login}@linli.example.org", role, password_hash, now)
        person.user_id = user.id
    session.flush()


def build_roster(writer: Writer, estate: DemoEstate, team: Team, first_day: date, today: date, zone: ZoneInfo) -> None:
    """Three rotations round the clock from `first_day`, made out until some weeks ahead: stewards, engineers, the management."""
    first = first_day - timedelta(days=1)
    rotations = {tier: _rotation(writer, estate, team, tier, first) for tier in Tier}
    day = first
    while day <= today + timedelta(weeks=WEEKS_AHEAD):
        for hour in (_DAY_STARTS, _NIGHT_STARTS):
            begins = datetime.combine(day, time(hour), zone)
            next_day = day + timedelta(days=hour == _NIGHT_STARTS)
            ends = datetime.combine(next_day, time(_NIGHT_STARTS if hour == _DAY_STARTS else _DAY_STARTS), zone)
            for tier in Tier:
                writer.add(
                    DutyShift,
                    community_id=estate.community_id,
                    tier=tier,
                    staff_id=on_duty(team, tier, begins).staff_id,
                    number=duty_number(estate, tier),
                    starts_at=begins,
                    ends_at=ends,
                    rotation_id=rotations[tier],
                )
        day += timedelta(days=1)


def _rotation(writer: Writer, estate: DemoEstate, team: Team, tier: Tier, first: date) -> int:
    """The rotation whose turns are those of `on_duty`: whose turn it is on its first day stands first."""
    people = _people(team, tier)
    rotation_id = writer.add(
        DutyRotation,
        community_id=estate.community_id,
        tier=tier,
        name=_ROTATION_NAMES[tier],
        pattern=RotationPattern.EACH_SHIFT,
        days=DutyDays.EVERY,
        handoffs=f"{_DAY_STARTS:02d}:00,{_NIGHT_STARTS:02d}:00",
        starts_on=first,
        number=duty_number(estate, tier),
    )
    for place in range(len(people)):
        turn = people[(first.toordinal() * 2 + place) % len(people)]
        writer.add(RotationMember, rotation_id=rotation_id, place=place, staff_id=turn.staff_id)
    return rotation_id


def _people(team: Team, tier: Tier) -> list[Worker]:
    return {
        Tier.ON_DUTY: team.of(Role.STEWARD),
        Tier.BACKUP: team.of(Role.TECHNICIAN, "engineering"),
        Tier.MANAGER: [*team.of(Role.MANAGER), *team.of(Role.DEPUTY), *team.of(Role.SUPERVISOR)],
    }[tier]


def on_duty(team: Team, tier: Tier, local: datetime) -> Worker:
    """Who has the shift that covers this local instant: stewards, engineers and the management take turns."""
    people = _people(team, tier)
    shifted = local - timedelta(hours=_DAY_STARTS)
    turn = shifted.date().toordinal() * 2 + (shifted.hour >= _NIGHT_STARTS - _DAY_STARTS)
    return people[turn % len(people)]


def duty_number(estate: DemoEstate, tier: Tier) -> str:
    """The telephone of a tier: it changes hands with the shift."""
    number = DUTY_NUMBERS[tier]
    return number if estate.index == 0 else f"+86138{estate.index:04d}{number[-4:]}"
