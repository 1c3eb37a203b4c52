"""The outbox as it would stand: receipts, orders to staff and the word that work is done, all long delivered."""

from datetime import datetime, timedelta
from typing import Any

from app.models import Message
from app.rules.codes import Kind, MessageChannel, MessageState
from app.services.demo.world import World

_KINDS = {
    Kind.REPAIR: "报修",
    Kind.COMPLAINT: "投诉",
    Kind.CONSULTATION: "咨询",
    Kind.SERVICE: "服务预约",
    Kind.EMERGENCY: "紧急事件",
    Kind.SUGGESTION: "建议",
    Kind.PRAISE: "表扬",
}


def receipt(world: World, ticket: dict[str, Any], sid: str, at: datetime) -> None:
    """The caller's receipt with the number."""
    body = (
        f"【{world.estate.name}】已收到您的来电（{_KINDS[ticket['kind']]}），工单号 {ticket['number']}。"
        "拨打热线按 5 可查询进度。"
    )
    _sms(world, ticket, ticket["reporter_phone"], "receipt", body, f"receipt:{ticket['number']}:{sid}", at)


def order(world: World, ticket: dict[str, Any], number: str, place: str, at: datetime) -> None:
    """The word to the one who was given the ticket."""
    body = f"新任务，工单 {ticket['number']}：{ticket['title']}。{place}"
    _sms(world, ticket, number, "dispatch", body, f"dispatch:{ticket['number']}:{at:%Y%m%d%H%M%S%f}", at)


def done(world: World, ticket: dict[str, Any], what: str, at: datetime) -> None:
    """The word to the reporter that the work is finished, with the question of satisfaction (D3)."""
    body = (
        f"您的工单 {ticket['number']}（{ticket['title']}）已完成：{what}。"
        "请回复 1（很不满意）到 5（很满意）评价本次服务。"
    )
    key = f"done:{ticket['number']}:{ticket['reopened_count']}"
    _sms(world, ticket, ticket["reporter_phone"], "done", body, key, at)


def told(world: World, to: str, purpose: str, body: str, key: str, at: datetime) -> None:
    """A word to one of the staff that is about no single ticket."""
    _sms(world, {"id": None}, to, purpose, body, key, at)


def _sms(world: World, ticket: dict[str, Any], to: str | None, purpose: str, body: str, key: str, at: datetime) -> None:
    if not to:
        return
    lost = world.chance(0.6)
    sent_at = at + timedelta(seconds=world.random.randint(2, 20))
    world.writer.add(
        Message,
        key=key,
        channel=MessageChannel.SMS,
        to=to,
        purpose=purpose,
        body=body,
        community_id=world.estate.community_id,
        ticket_id=ticket["id"],
        state=MessageState.FAILED_PERMANENT if lost else MessageState.DELIVERED,
        tries=1,
        created_at=at,
        sent_at=sent_at,
        delivered_at=None if lost else sent_at + timedelta(seconds=3),
        provider_sid=f"SM{world.random.getrandbits(128):032x}",
        error="30003 unreachable" if lost else None,
    )
