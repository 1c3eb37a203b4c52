"""Outside bodies of the demo, and complaints that lie with them under a number and a deadline of their own (D5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from app.models import ExternalReference, OutsideBody
from app.rules.clocks import span_until
from app.rules.codes import Direction, LetterWay, OutsideKind

if TYPE_CHECKING:
    from app.services.demo.estate import DemoEstate
    from app.services.demo.life import Life
    from app.services.demo.staff import Worker
    from app.services.demo.world import World
    from app.services.demo.writer import Writer

_BODIES = (
    (
        OutsideKind.DEVELOPER,
        "开发商客户服务中心",
        "Developer's customer centre",
        "周工",
        "021-60005588",
        "care@developer.example.org",
    ),
    (OutsideKind.HOTLINE_12345, "12345 市民服务热线", "Citizens' hotline 12345", "", "12345", None),
    (
        OutsideKind.STREET_OFFICE,
        "街道办事处物业管理科",
        "Street office, property section",
        "李科长",
        "021-60005566",
        None,
    ),
    (OutsideKind.POLICE, "社区警务室", "Community police station", "陈警官", "021-60005110", None),
)
_LETTER = (
    "贵方交付的房屋出现所附质量问题，经我方工程部核实属交付遗留。请于收函后七日内安排查验维修，并书面函复处理方案。"
)
_ANSWERED = {
    OutsideKind.DEVELOPER: "已安排施工单位上门维修，质保内免费处理",
    OutsideKind.HOTLINE_12345: "已按时回复承办结果，市民表示认可",
}


def build_bodies(writer: Writer, estate: DemoEstate) -> None:
    """The four bodies of a community."""
    for kind, name, name_en, contact, phone, email in _BODIES:
        estate.bodies[kind] = writer.add(
            OutsideBody,
            community_id=estate.community_id,
            kind=kind,
            name=name,
            name_en=name_en,
            contact=contact,
            phone=phone,
            email=email,
            address="",
            active=True,
        )


def put(
    world: World, life: Life, by: Worker, at: datetime, kind: OutsideKind, due_at: datetime, number: str = ""
) -> dict[str, Any]:
    """A complaint gets the number of an outside body; to the developer it goes by letter."""
    assert life.complaint is not None
    out = kind == OutsideKind.DEVELOPER
    warn_at = span_until(at, due_at).warn_at
    warned = warn_at if warn_at <= world.cutoff else None
    row: dict[str, Any] = {
        "ticket_id": life.ticket["id"],
        "body_id": world.estate.bodies[kind],
        "kind": kind,
        "direction": Direction.OUT if out else Direction.IN,
        "way": LetterWay.LETTER if out else None,
        "number": number,
        "words": _LETTER if out else "请核实办理并按期回复承办结果",
        "noted_at": at,
        "noted_by": by.name,
        "due_at": due_at,
        "warn_at": warn_at,
        "next_at": (due_at + timedelta(seconds=1)) if warned else warn_at,
        "warned_at": warned,
        "late_at": None,
        "answered_at": None,
        "answered_by": None,
        "answer": "",
    }
    life.complaint.references.append(row)
    life.entry("forward" if out else "refer", by, at, life.ticket["state"], row["words"], _told(world, row))
    return row


def answer(world: World, life: Life, by: Worker, row: dict[str, Any], at: datetime) -> None:
    """The body has been answered, or has answered."""
    words = _ANSWERED[row["kind"]]
    row |= {"answered_at": at, "answered_by": by.name, "answer": words, "next_at": None, "warned_at": None}
    life.entry("answered", by, at, life.ticket["state"], words, _told(world, row))


def settle_later(world: World, life: Life, by: Worker, row: dict[str, Any], at: datetime) -> None:
    """It is answered in good time, beside the other steps."""
    life.later.append((at, partial(answer, world, life, by, row)))


def save(world: World, rows: list[dict[str, Any]]) -> None:
    """Collect the rows."""
    for row in rows:
        world.writer.add(ExternalReference, **row)


def _told(world: World, row: dict[str, Any]) -> dict[str, Any]:
    names = {kind: name for kind, name, *_rest in _BODIES}
    return {
        "outside": row["kind"],
        "outside_name": names[row["kind"]],
        "number": row["number"] or None,
        "due_at": row["due_at"].isoformat(),
        "letter_way": row["way"],
    }
