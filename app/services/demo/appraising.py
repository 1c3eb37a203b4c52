"""The appraisals of the demo's last months, as manager and staff would have gone through them with the services themselves."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.models import Appraisal, Staff, StaffCommunity
from app.rules.codes import ItemOutcome, Role
from app.services import appraisals
from app.services.actors import Actor
from app.services.reporting.period import month_key

MONTHS = 3
_TO_IMPROVE = (
    "上门前先与业户电话确认时间",
    "接单后十分钟内告知业户处理进度",
    "完工后当场请业户确认并拍照留存",
    "每周核对一次未办结工单",
)
_REMARKS = ("", "已阅，无异议。", "本月高峰期配件到货较慢，已与仓库协调。", "会继续改进响应速度。")
_INSPECTOR, _FOUND = "品质巡查员 顾海平", "现场记录完整，个别工单照片不清晰"


def appraise(session: Session, community_id: int, months: list[date], now: datetime) -> None:
    """The last full months of one community: the older ones signed, of the newest some wait for the person or the manager."""
    manager, quality = _first(session, Role.MANAGER, community_id), _first(session, Role.QUALITY)
    if manager is None:
        return
    for back, month in enumerate(months[-MONTHS:]):
        newest = back == min(MONTHS, len(months)) - 1
        key = month_key(month)
        # The month's figures are gone through on the second of the next one, or as late as now.
        at = min(now, _next(month, now))
        for signer in filter(None, (manager, quality)):
            appraisals.draw_up(session, signer, community_id, key, at)
        statement = select(Appraisal).where(Appraisal.community_id == community_id, Appraisal.month == key)
        sheets = session.scalars(statement.options(joinedload(Appraisal.staff)).order_by(Appraisal.id)).all()
        for place, sheet in enumerate(sheets):
            lead = quality if sheet.role == Role.MANAGER else manager
            if lead is not None:
                _go_through(session, lead, sheet, place, at, newest)


def _next(month: date, now: datetime) -> datetime:
    following = (month + timedelta(days=32)).replace(day=1)
    return now.replace(year=following.year, month=following.month, day=2, hour=2, minute=0, second=0, microsecond=0)


def _first(session: Session, role: Role, community_id: int | None = None) -> Actor | None:
    """The first in this role, in this community or of the company."""
    statement = select(Staff).where(Staff.role == role, Staff.active)
    if community_id is not None:
        here = select(StaffCommunity.staff_id).where(StaffCommunity.community_id == community_id)
        statement = statement.where(Staff.id.in_(here))
    found = session.scalars(statement.order_by(Staff.id).limit(1)).one_or_none()
    return None if found is None else _actor(found, community_id)


def _actor(person: Staff, community_id: int | None) -> Actor:
    return Actor(
        user_id=person.user_id,
        username=person.name,
        display_name=person.name,
        roles=frozenset({person.role}),
        staff_id=person.id,
        community_ids=frozenset() if community_id is None else frozenset({community_id}),
    )


def _go_through(session: Session, lead: Actor, sheet: Appraisal, place: int, at: datetime, newest: bool) -> None:
    due = (at + timedelta(days=28)).date().isoformat()
    sent: dict[str, str] = {f"outcome{one}": list(ItemOutcome)[(place + one) % 3] for one in range(len(sheet.checked))}
    sent |= {"item0": _TO_IMPROVE[(place + at.month) % len(_TO_IMPROVE)], "due0": due}
    if place % 2 == 0:
        score = str(82 + (place * 7 + at.month) % 17)
        sent |= {"by0": _INSPECTOR, "score0": score, "on0": at.date().isoformat(), "finding0": _FOUND}
    appraisals.save(session, lead, sheet, sent, at)
    if newest and place % 3 == 0:
        return
    remark = _REMARKS[(place + at.month) % len(_REMARKS)]
    sha256 = appraisals.fingerprint(session, sheet)
    appraisals.answer(session, _actor(sheet.staff, sheet.community_id), sheet, remark, at, sha256)
    if not newest:
        appraisals.sign(session, lead, sheet, at, appraisals.fingerprint(session, sheet))
