"""The personal supplement of a month's report (D14): a household's own matters, visits, bills, payments and balance.

It is made when its person first opens it and kept as it was: the frozen content with its hash, and each file made from it.
Nothing of it enters the report. What stands in it is the person's own by the tenure of the day it happened on: of a house
that changed hands within the month the one before has the days until the handover, the one after those from then on; a
tenant has what the tenant reported and is billed for, and never the owner's.
"""

import hashlib
import hmac
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.adapters.files import inside, write_whole
from app.errors import N_, NotFound, Refused
from app.models import Bill, House, PayerAccount, Payment, Report, ReportSupplement, ReturnVisit, Tenure, Ticket
from app.rules.codes import BillState
from app.services.actors import Actor
from app.services.ledger import insert_of
from app.services.local_time import local_zone
from app.services.owner_bills import NOTHING, rest
from app.services.reporting.period import Month, month_of
from app.services.supplement_matters import Stay, is_of, made_in, matters_of

SCHEMA = 1
Rows = dict[str, Any]


def supplement_of(session: Session, actor: Actor, report: Report) -> ReportSupplement | None:
    """The actor's supplement of the report's month as it was kept, or None where none was made yet."""
    if actor.person_id is None:
        return None
    return session.scalars(
        select(ReportSupplement).where(
            ReportSupplement.community_id == report.community_id,
            ReportSupplement.month == report.month,
            ReportSupplement.person_id == actor.person_id,
        )
    ).one_or_none()


def make(session: Session, actor: Actor, report: Report, now: datetime) -> ReportSupplement | None:
    """The kept supplement, or one made now. None where the actor had no house of the community in the month. The caller has
    checked that the actor may read the report. Of two openings at once the first is kept."""
    kept = supplement_of(session, actor, report)
    if kept is not None or actor.person_id is None:
        return kept
    zone = local_zone()
    month = month_of(report.month, zone)
    stays = stays_of(session, actor.person_id, report.community_id, month)
    if not stays:
        return None
    content = _content(session, actor, report, month, stays, zone)
    values = {
        "community_id": report.community_id, "month": report.month, "person_id": actor.person_id, "made_at": now,
        "content": content, "content_sha256": hash_of(content),
    }  # fmt: skip
    unique = ["community_id", "month", "person_id"]
    session.execute(insert_of(session)(ReportSupplement).values(**values).on_conflict_do_nothing(index_elements=unique))
    return supplement_of(session, actor, report)


def stays_of(session: Session, person_id: int, community_id: int, month: Month) -> list[Stay]:
    """The person's tenures in the community on any day of the month, house by house."""
    query = (
        select(Tenure)
        .join(House, House.id == Tenure.house_id)
        .where(
            Tenure.person_id == person_id,
            House.community_id == community_id,
            Tenure.starts_on <= month.last_day,
            or_(Tenure.ends_on.is_(None), Tenure.ends_on >= month.first_day),
        )
        .options(joinedload(Tenure.house))
        .order_by(Tenure.house_id, Tenure.starts_on, Tenure.id)
    )
    return [Stay(one.house, one.role, one.starts_on, one.ends_on) for one in session.scalars(query)]


def hash_of(content: Rows) -> str:
    """SHA-256 of a content's canonical JSON."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def kept_file(supplement: ReportSupplement, locale: str) -> bytes | None:
    """The file that was made in this language, or None. Raises NotFound when it is missing, Refused when it was changed."""
    english = locale == "en"
    path = supplement.file_path_en if english else supplement.file_path
    known = supplement.sha256_en if english else supplement.sha256
    if path is None:
        return None
    try:
        content = inside(_data_dir(), path).read_bytes()
    except OSError:
        raise NotFound(N_("The file of this supplement is missing: restore it from a backup.")) from None
    if not hmac.compare_digest(hashlib.sha256(content).hexdigest(), known or ""):
        raise Refused(N_("The file of this supplement is damaged: restore it from a backup."))
    return content


def keep_file(session: Session, supplement_id: int, locale: str, content: bytes) -> bytes:
    """Keep a file made from the content; of two made at once the first, which is returned."""
    supplement = session.get_one(ReportSupplement, supplement_id, with_for_update=True, populate_existing=True)
    kept = kept_file(supplement, locale)
    if kept is not None:
        return kept
    digest = hashlib.sha256(content).hexdigest()
    path = f"supplements/{supplement.month}/{supplement.id}-{locale}-{digest[:16]}.pdf"
    write_whole(inside(_data_dir(), path), content)
    if locale == "en":
        supplement.file_path_en, supplement.sha256_en = path, digest
    else:
        supplement.file_path, supplement.sha256 = path, digest
    session.flush()
    return content


def _data_dir() -> Path:
    folder: Path = current_app.extensions["settings"].data_dir
    return folder


def _content(session: Session, actor: Actor, report: Report, month: Month, stays: list[Stay], zone: ZoneInfo) -> Rows:
    matters = matters_of(session, actor, report.community_id, month, stays, zone)
    bills = session.scalars(
        select(Bill)
        .where(
            Bill.payer_id == actor.person_id,
            Bill.community_id == report.community_id,
            Bill.state != BillState.CANCELLED,
        )
        .options(joinedload(Bill.fee_item), joinedload(Bill.house))
        .order_by(Bill.period, Bill.house_id, Bill.id)
    ).all()
    return {
        "schema": SCHEMA,
        "month": month.key,
        "houses": [_stay(one, month) for one in stays],
        "tickets": [_ticket(one, zone) for one in matters if is_of(one, month)],
        "visits": _visits(session, [one.id for one in matters], month, zone),
        "bills": [_bill(one) for one in bills if one.period == month.key],
        "payments": _payments(session, actor, report.community_id, month, zone),
        "owed": str(sum((rest(bill) for bill in bills), NOTHING)),
        "credit": str(_credit(session, actor, report.community_id)),
    }


def _stay(stay: Stay, month: Month) -> Rows:
    """With the days of the month it covers, where that is not the whole month."""
    since = stay.since.isoformat() if stay.since > month.first_day else None
    until = stay.until.isoformat() if stay.until is not None and stay.until < month.last_day else None
    return {"name": stay.house.name, "role": stay.role, "since": since, "until": until}


def _ticket(ticket: Ticket, zone: ZoneInfo) -> Rows:
    return {
        "number": ticket.number,
        "title": ticket.title,
        "kind": ticket.kind,
        "category": {"name": ticket.category.name, "name_en": ticket.category.name_en} if ticket.category else None,
        "house": ticket.house.name if ticket.house else None,
        "registered_on": _day(ticket.created_at, zone),
        "done_on": _day(ticket.done_at, zone),
        "state": ticket.state,
    }


def _visits(session: Session, ticket_ids: list[int], month: Month, zone: ZoneInfo) -> list[Rows]:
    query = (
        select(ReturnVisit)
        .where(ReturnVisit.ticket_id.in_(ticket_ids), *made_in(month))
        .options(joinedload(ReturnVisit.ticket))
        .order_by(ReturnVisit.visited_at, ReturnVisit.id)
    )
    return [
        {"ticket": one.ticket.number, "on": _day(one.visited_at, zone), "way": one.way, "score": one.score}
        for one in session.scalars(query)
    ]


def _bill(bill: Bill) -> Rows:
    return {
        "item": {"name": bill.fee_item.name, "name_en": bill.fee_item.name_en},
        "house": bill.house.name,
        "amount": str(bill.amount),
        "paid": str(bill.paid_yuan),
        "state": bill.state,
        "due_on": bill.due_on.isoformat(),
    }


def _payments(session: Session, actor: Actor, community_id: int, month: Month, zone: ZoneInfo) -> list[Rows]:
    query = (
        select(Payment)
        .where(
            Payment.payer_id == actor.person_id,
            Payment.community_id == community_id,
            Payment.received_at >= month.starts_at,
            Payment.received_at < month.ends_at,
        )
        .options(joinedload(Payment.receipt))
        .order_by(Payment.received_at, Payment.id)
    )
    return [
        {
            "on": _day(one.received_at, zone), "way": one.way, "kind": one.kind, "amount": str(one.amount),
            "state": one.state, "receipt": str(one.receipt.number) if one.receipt else None,
        }
        for one in session.scalars(query)
    ]  # fmt: skip


def _credit(session: Session, actor: Actor, community_id: int) -> Decimal:
    """What the person has paid ahead for houses of this community, for one no longer theirs too."""
    kept = select(PayerAccount.credit_yuan).where(
        PayerAccount.payer_id == actor.person_id, PayerAccount.community_id == community_id
    )
    return sum(session.scalars(kept), NOTHING)


def _day(instant: datetime | None, zone: ZoneInfo) -> str | None:
    return None if instant is None else instant.astimezone(zone).date().isoformat()
