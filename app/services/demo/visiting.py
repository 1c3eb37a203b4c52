"""The records of the year's return visits as the house itself would have written them: draws, tries, answers, checks."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update

from app.models import Draw, DrawRound, VisitAnswer, VisitCheck, VisitTry
from app.rules.codes import CheckResult, DrawKind, VisitResult, VisitWay
from app.rules.policy_figures import FIGURES
from app.rules.sampling import is_taken
from app.services.demo.staff import Worker
from app.services.demo.writer import Writer
from app.services.draws import seed_for

_STILL_OPEN = timedelta(days=4)
"""Checks of the last days wait: whoever looks at the demo finds some to make."""

CHECK_WORDS = ("回访电话录音与记录一致", "再次致电住户，确认评分属实", "住户确认有回访，态度热情")


class Draws:
    """The month's rounds of one community. `save` at the end."""

    def __init__(self, writer: Writer, community_id: int, zone: ZoneInfo) -> None:
        self.writer, self.community_id, self.zone = writer, community_id, zone
        self.rounds: dict[str, dict[str, Any]] = {}

    def taken(
        self,
        kind: DrawKind,
        percent: int,
        at: datetime,
        *,
        ticket_id: int,
        turn: int = 0,
        visit_id: int | None = None,
    ) -> bool:
        """What `services.draws.draw` says."""
        if percent == 0:
            return False
        found = self._round(kind, at.astimezone(self.zone).date().replace(day=1), percent)
        place = found["members"]
        found["members"] += 1
        taken = is_taken(found["seed"], place, percent)
        self.writer.add(
            Draw,
            round_id=found["id"],
            place=place,
            ticket_id=ticket_id,
            turn=turn,
            visit_id=visit_id,
            taken=taken,
            at=at,
        )
        return taken

    def save(self) -> None:
        """Write how many members the rounds came to; the rounds themselves were written before their members."""
        self.writer.flush()
        for found in self.rounds.values():
            counted = update(DrawRound).where(DrawRound.id == found["id"]).values(members=found["members"])
            self.writer.session.execute(counted)

    def _round(self, kind: DrawKind, month: date, percent: int) -> dict[str, Any]:
        key = f"{kind}:{self.community_id}:{month:%Y-%m}:{percent}"
        if key not in self.rounds:
            self.rounds[key] = {
                "id": self.writer.reserve(DrawRound),
                "key": key,
                "kind": kind,
                "community_id": self.community_id,
                "month": month,
                "percent": percent,
                "seed": seed_for(kind, self.community_id, month),
                "members": 0,
            }
            self.writer.add(DrawRound, **self.rounds[key])
        return self.rounds[key]


def note_try(
    writer: Writer, visit_id: int, by: Any, at: datetime, way: str, result: VisitResult, score: int | None, words: str
) -> None:
    """One try, and the household's answer where it gave one."""
    user_id = by.user_id if isinstance(by, Worker) else None
    common = {"visit_id": visit_id, "at": at, "way": way}
    writer.add(VisitTry, **common, result=result, actor_id=user_id, actor_name=by.name, note=words)
    if score is not None:
        writer.add(VisitAnswer, **common, score=score, words=words, counts=True, taken_by_id=user_id, taken_by=by.name)


def note_check(
    writer: Writer, random: Random, visit_id: int, score: int | None, at: datetime, zone: ZoneInfo,
    cutoff: datetime, checker: Worker,
) -> None:  # fmt: skip
    """The quality check of a drawn visit: made some days later, or still open at the cutoff."""
    local_day = at.astimezone(zone).date()
    row: dict[str, Any] = {
        "visit_id": visit_id,
        "drawn": True,
        "created_at": at,
        "due_on": local_day + timedelta(days=FIGURES["visits.check_days"].default),
        "checked_at": None,
        "checker_id": None,
        "checker_name": "",
        "way": None,
        "result": None,
        "score": None,
        "note": "",
    }
    checked_at = at + timedelta(hours=random.randint(20, 110))
    if checked_at <= cutoff - _STILL_OPEN:
        row |= {
            "checked_at": checked_at,
            "checker_id": checker.user_id,
            "checker_name": checker.name,
            "way": VisitWay.PHONE,
            "result": CheckResult.CONFIRMED,
            "score": score,
            "note": random.choice(CHECK_WORDS),
        }
    writer.add(VisitCheck, **row)
