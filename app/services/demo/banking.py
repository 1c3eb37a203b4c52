"""Two files of the bank: last week's, with what some paid ahead, is booked; yesterday's waits with a line that is unclear."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select, type_coerce
from sqlalchemy.orm import Session

from app.models import Bill, Community, House, Person, Staff, StaffCommunity, Tenure
from app.models.base import Money
from app.rules.codes import BillState, Role, TenureRole
from app.services import bank_files, bank_lines, bank_taking
from app.services.actors import Actor
from app.services.local_time import local_zone

TITLES = ("交易日期", "交易流水号", "借方发生额", "贷方发生额", "对方户名", "对方账号", "摘要")
BANK = "工商银行 尾号0012"
_COLUMNS = {"paid_on": 0, "reference": 1, "out": 2, "amount": 3, "payer": 4, "account": 5, "memo": 6}
_AHEAD = Decimal("300.00")

Line = tuple[str, ...]


def bank(session: Session, community_id: int, begins: datetime) -> None:
    """Upload, name the columns, book the first file; the second stays to be looked at."""
    community = session.get_one(Community, community_id)
    finance = _finance(session, community_id)
    day = begins.astimezone(local_zone()).date()
    owing, settled = _houses(session, community_id, owing=True), _houses(session, community_id, owing=False)
    week, yesterday = day - timedelta(days=7), day - timedelta(days=1)
    ahead = [
        _line(week, place, _AHEAD, name, house, "预存物业费") for place, (house, name, _yuan) in enumerate(settled, 1)
    ]
    open_now = [
        _line(yesterday, place, yuan, name, house, "物业费") for place, (house, name, yuan) in enumerate(owing, 1)
    ]
    unclear = (f"{yesterday}", f"{yesterday:%Y%m%d}0098", "", "480.00", "周建军", "6222021001112223334", "手机转账")
    paid_out = (f"{yesterday}", f"{yesterday:%Y%m%d}0099", "1260.00", "", "市供电公司", "", "公共区域电费")
    first = bank_files.upload(session, community, _file(ahead), f"来账明细{week:%Y%m%d}.csv", finance, begins)
    columns = {f"column_{field}": str(place) for field, place in _COLUMNS.items()}
    bank_files.remember(session, first, {"name": BANK, **columns}, finance, begins)
    bank_files.read_again(session, first, begins)
    bank_taking.start(session, first, bank_lines.overview(session, first).seen, finance, begins)
    while bank_taking.step(session, first.id, begins):
        pass
    lines = [*open_now, unclear, paid_out]
    bank_files.upload(session, community, _file(lines), f"来账明细{yesterday:%Y%m%d}.csv", finance, begins)


def _line(day: date, place: int, yuan: Decimal, name: str, house: str, what: str) -> Line:
    return (f"{day}", f"{day:%Y%m%d}{place:04d}", "", f"{yuan}", name, f"62220210{place:011d}", f"{house}{what}")


def _file(lines: Iterable[Line]) -> bytes:
    return "\r\n".join(",".join(row) for row in (TITLES, *lines)).encode("gb18030")


def _finance(session: Session, community_id: int) -> Actor:
    wanted = (
        select(Staff)
        .join(StaffCommunity)
        .where(Staff.role == Role.FINANCE, StaffCommunity.community_id == community_id)
    )
    who = session.scalars(wanted.order_by(Staff.id).limit(1)).one()
    return Actor(user_id=who.user_id, username=who.name, display_name=who.name)


def _houses(session: Session, community_id: int, *, owing: bool) -> list[tuple[str, str, Decimal]]:
    """(house, owner, what they owe) of some houses with one owner who owes, or owes nothing."""
    open_states = (BillState.OPEN, BillState.PART_PAID)
    owed = type_coerce(func.sum(Bill.amount - Bill.paid_yuan), Money)
    debts = (
        select(Bill.house_id, Bill.payer_id, owed.label("yuan")).where(Bill.state.in_(open_states))
        .group_by(Bill.house_id, Bill.payer_id).subquery()
    )  # fmt: skip
    of_house = debts.c.house_id == House.id
    found = (
        select(House.name, Person.name, func.coalesce(debts.c.yuan, 0))
        .join(Tenure, Tenure.house_id == House.id)
        .join(Person, Person.id == Tenure.person_id)
        .outerjoin(debts, of_house & (debts.c.payer_id == Person.id))
        .where(
            House.community_id == community_id,
            Tenure.role == TenureRole.OWNER,
            Tenure.ends_on.is_(None),
            Person.user_id.is_(None),
            debts.c.yuan.is_not(None)
            if owing
            else ~select(Bill.id).where(Bill.house_id == House.id, Bill.state.in_(open_states)).exists(),
        )
        .order_by(House.id.desc())
        .limit(6)
    )
    return [(house, name, Decimal(yuan)) for house, name, yuan in session.execute(found).tuples()]
