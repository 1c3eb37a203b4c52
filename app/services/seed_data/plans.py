"""The general emergency plan (D7): what is done in whatever emergency, until a community has plans of its own."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from app.rules.codes import PlanKind, PlanPost

P = PlanPost


@dataclass(frozen=True)
class PlanSeed:
    """A plan in both languages: steps are (post, minutes, Chinese, English), numbers (number, what for), things (what, where)."""

    kind: PlanKind
    name: tuple[str, str]
    words: str
    categories: tuple[str, ...]
    steps: tuple[tuple[PlanPost, int, str, str], ...]
    numbers: tuple[tuple[str, str, str], ...]
    things: tuple[tuple[str, str, str, str], ...] = ()


def plan_content(seed: PlanSeed) -> dict[str, Any]:
    """The content of its first version (`rules.plans`)."""
    return {
        "name": seed.name[0],
        "name_en": seed.name[1],
        "words": [word for word in seed.words.split("、") if word],
        "categories": sorted(seed.categories),
        "steps": [
            {"key": _key(seed, zh), "zh": zh, "en": en, "post": str(post), "minutes": minutes}
            for post, minutes, zh, en in seed.steps
        ],
        "numbers": [{"number": number, "zh": zh, "en": en} for number, zh, en in seed.numbers],
        "things": [{"zh": zh, "en": en, "place": place, "place_en": there} for zh, en, place, there in seed.things],
    }


def _key(seed: PlanSeed, words: str) -> str:
    return sha256(f"{seed.kind}/{words}".encode()).hexdigest()[:8]


RESCUE = (
    ("119", "火警、抢险救援", "Fire and rescue"),
    ("120", "医疗急救", "Ambulance"),
    ("110", "公安报警", "Police"),
)

GENERAL = PlanSeed(
    kind=PlanKind.GENERAL,
    name=("通用应急预案", "General emergency plan"),
    words="",
    categories=(),
    steps=(
        (
            P.DESK,
            0,
            "问清地点、情况、有无人员受伤或被困，复述一遍并记录",
            "Ask where, what, and whether anybody is hurt or trapped; say it back and note it",
        ),
        (
            P.DESK,
            1,
            "有人员危险时立即告知撤离，并请拨打119、120或110",
            "Where life is in danger: tell them to leave and to dial 119, 120 or 110 at once",
        ),
        (
            P.ON_DUTY,
            2,
            "接警并赶赴现场，途中电话联系报事人",
            "Take the emergency and go there; telephone the caller on the way",
        ),
        (
            P.ON_DUTY,
            10,
            "到场后先救人、再控制事态、后保财产，向值班经理报告",
            "On the spot: people first, then contain it, property last; report to the manager on duty",
        ),
        (
            P.GUARD,
            10,
            "设警戒、疏散围观人员，保持消防与救护通道畅通",
            "Cordon off, lead bystanders away, keep the way free for rescue vehicles",
        ),
        (
            P.MANAGER,
            15,
            "判断是否增派人员、通知受影响住户和外部单位",
            "Decide on more people, on alerting residents, and on outside bodies",
        ),
        (P.ON_DUTY, 30, "拍照留证，记录时间、经过和处置措施", "Take photographs; note times, course and measures"),
        (
            P.MANAGER,
            120,
            "确认险情解除，恢复秩序，回复住户并布置事件报告",
            "Confirm that the danger is over, restore order, answer the households, have the report written",
        ),
    ),
    numbers=RESCUE,
)
