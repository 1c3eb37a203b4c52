"""A made-up month, in the shape that `app.services.reporting.dataset` freezes: for looking at pages without a database."""

from typing import Any

MONTHS = [f"2025-{month:02d}" for month in (11, 12)] + [f"2026-{month:02d}" for month in range(1, 11)]


def figure(
    code: str, unit: str, value: Any, last: Any, year: Any, target: Any = None, good: str = ""
) -> dict[str, Any]:
    """One figure of the month beside its comparisons."""
    return {
        "code": code, "unit": unit, "value": value, "last_month": last, "last_year": year, "target": target,
        "good": good,
    }  # fmt: skip


def building(number: int) -> dict[str, str]:
    return {"name": f"{number}幢", "number": str(number)}


def dataset() -> dict[str, Any]:
    """The frozen data of 阳光花园's October 2026."""
    return {
        "schema": 1,
        "month": "2026-10",
        "frozen_at": "2026-11-01T00:10:00+00:00", "frozen_on": "2026-11-01",
        "community": {
            "code": "sunshine", "name": "阳光花园", "name_en": "Sunshine Garden", "buildings": 6,
            "households": 864, "occupied": 731,
        },
        "hotline": "+862160000000",
        "desk": {"phone": "+862160000001", "opens": "08:30", "closes": "17:30"},
        "figures": [
            figure("requests", "count", 213, 198, 187),
            figure("calls", "count", 268, 251, 240),
            figure("in_time", "rate", "0.9343", "0.9187", "0.8812", "0.9", "up"),
            figure("first_response_mean", "minutes", 12, 14, 19, 30, "down"),
            figure("first_response_p90", "minutes", 26, 29, 41, 30, "down"),
            figure("handling_mean", "minutes", 312, 345, 402, None, "down"),
            figure("urgent_repair_mean", "minutes", 84, 97, 121, 90, "down"),
            figure("satisfaction", "rate", "0.9412", "0.9231", None, "0.9", "up"),
            figure("complaints", "count", 14, 17, 21, None, "down"),
            figure("complaint_rate", "rate", "0.0192", "0.0233", "0.0290", None, "down"),
            figure("complaints_in_time", "rate", "1.0000", "0.9412", "0.9048", "1", "up"),
            figure("complaint_visits", "rate", "1.0000", "1.0000", "0.9524", "1", "up"),
            figure("emergencies", "count", 6, 4, 7),
            figure("accept_mean", "seconds", 38, 44, 61, 60, "down"),
            figure("collection", "rate", "0.9126", "0.9087", "0.8790", "0.95", "up"),
        ],
        "order": [
            "requests", "hotline", "complaints", "special_events", "emergencies", "repairs", "services", "visits", "fees", "notices",
            "improvement", "plan", "stewards",
        ],
        "sections": sections(),
        "left_out": ["home_visits", "upkeep", "procedures"],
    }  # fmt: skip


def sections() -> dict[str, Any]:
    """The data of each section."""
    return {
        "requests": {
            "kinds": [
                {"code": code, "count": now, "last_month": last, "in_time": rate}
                for code, now, last, rate in (
                    ("repair", 104, 97, "0.9231"), ("complaint", 14, 17, "1.0000"), ("consultation", 52, 49, "0.9615"),
                    ("suggestion", 9, 6, "1.0000"), ("service", 25, 21, "0.9200"), ("emergency", 6, 4, "0.8333"),
                    ("praise", 3, 4, None),
                )
            ],
            "channels": [
                {"code": code, "count": count}
                for code, count in (("hotline", 141), ("desk", 38), ("web", 21), ("patrol", 9), ("sms", 4))
            ],
            "judged": 198, "in_time": 185, "clock_rate": "0.9561",
            "trend": [
                {"month": month, "requests": 160 + 5 * n + (n % 3) * 7, "in_time": f"{0.87 + 0.006 * n - (n % 2) * 0.01:.4f}"}
                for n, month in enumerate(MONTHS)
            ],
        },
        "hotline": {
            "by_hour": [3, 2, 1, 1, 0, 2, 5, 9, 14, 19, 21, 18, 15, 11, 12, 17, 19, 20, 23, 21, 16, 10, 6, 3],
            "total": 268, "night": 23, "mean_seconds": 96,
            "outcomes": [
                {"code": code, "count": count}
                for code, count in (("ticket", 201),
                    ("contact_on_ticket", 31), ("connected", 14),
                    ("no_matter", 12), ("abandoned", 8), ("silent", 2))
            ],
        },
        "complaints": {
            "total": 14, "findings": {"valid": 6, "assistance": 4, "invalid": 3, "open": 1}, "repeat": 1,
            "reply_mean_minutes": 265, "settled": 13,
            "categories": [
                {"code": "noise", "name": "噪音", "name_en": "Noise", "valid": 1, "assistance": 2, "invalid": 2, "open": 1},
                {"code": "parking", "name": "停车", "name_en": "Parking", "valid": 3, "assistance": 1, "invalid": 1, "open": 0},
                {"code": "rest", "name": "", "name_en": "", "valid": 2, "assistance": 1, "invalid": 0, "open": 0},
            ],
        },
        "special_events": {
            "total": 2,
            "events": [
                {
                    "day": "2026-10-09", "kind": "collective",
                    "category": {"code": "lift", "name": "电梯", "name_en": "Lifts"},
                    "building": {"code": "building", **building(4), "name_en": ""}, "households": 7,
                    "settled_minutes": 1530,
                    "words": {"zh": "4幢电梯主板老化，已更换，并加装了远程监测。", "en": "The control board was replaced."},
                },
                {
                    "day": "2026-10-29", "kind": "emergency",
                    "category": {"code": "water", "name": "给水", "name_en": "Water supply"},
                    "building": None, "households": None, "settled_minutes": None, "words": {"zh": "", "en": ""},
                },
            ],
        },
        "emergencies": {
            "total": 6, "accepted": 6, "accept_mean": 38, "accept_max": 112,
            "tiers": [{"code": "on_duty", "count": 5}, {"code": "backup", "count": 1}],
            "events": [
                {"day": f"2026-10-{day:02d}", "night": night, "accept_seconds": seconds, "tier": tier, "done_minutes": done}
                for day, night, seconds, tier, done in (
                    (3, True, 21, "on_duty", 48), (8, False, 17, "on_duty", 35), (11, True, 112, "backup", 95),
                    (19, False, 24, "on_duty", 52), (24, False, 26, "on_duty", 64), (29, True, 29, "on_duty", 133),
                )
            ],
        },
        "repairs": {
            "total": 104, "done": 99,
            "categories": [
                {"code": code, "name": name, "name_en": english, "count": count, "done": done, "mean_minutes": mean}
                for code, name, english, count, done, mean in (
                    ("water", "给水", "Water supply", 31, 30, 210), ("power", "供电", "Power", 22, 21, 165),
                    ("drainage", "排水", "Drainage", 17, 16, 280), ("door", "门锁门禁", "Doors and access", 12, 12, 190),
                    ("lift", "电梯", "Lifts", 9, 9, 75), ("rest", "", "", 13, 11, 410),
                )
            ],
            "buildings": [
                {"name": f"{number}幢", "number": str(number), "count": count, "done": done, "mean_minutes": mean}
                for number, count, done, mean in (
                    (1, 19, 18, 230), (2, 22, 21, 244), (3, 16, 16, 198), (4, 14, 13, 301), (5, 18, 17, 260), (6, 15, 14, 222),
                )
            ],
        },
        "services": {
            "total": 25, "done": 23, "mean_minutes": 340,
            "categories": [
                {"code": "cleaning", "name": "保洁", "name_en": "Cleaning", "count": 14},
                {"code": "rest", "name": "", "name_en": "", "count": 11},
            ],
        },
        "visits": {
            "due": 71, "made": 68, "unreachable": 3, "answers": 68, "scores": [1, 1, 2, 17, 47],
            "ways": [{"code": "call", "count": 40}, {"code": "phone", "count": 21},
                {"code": "sms", "count": 5}, {"code": "in_person", "count": 2}],
        },
        "fees": {
            "items": [
                {"code": "property", "name": "物业服务费", "name_en": "Property fee",
                    "due": "241920.00", "paid": "221904.00", "rate": "0.9173"},
                {"code": "parking", "name": "停车费", "name_en": "Parking", "due": "31200.00", "paid": "27343.00", "rate": "0.8764"},
            ],
            "due": "273120.00", "paid": "249247.00", "rate": "0.9126", "arrears": "86312.50", "households_in_arrears": 93,
            "trend": [{"month": month, "rate": f"{0.87 + 0.004 * n:.4f}"} for n, month in enumerate(MONTHS)],
        },
        "notices": {"rows": [{"code": "sms", "sent": 402, "failed": 3}, {"code": "email", "sent": 611, "failed": 5}]},
        "improvement": {
            "promises": [
                {"code": "in_time", "unit": "rate", "goal": "0.9", "value": "0.9343", "good": "up", "kept": True},
                {"code": "first_response_p90", "unit": "minutes", "goal": 30, "value": 26, "good": "down", "kept": True},
                {"code": "collection", "unit": "rate", "goal": "0.95", "value": "0.9126", "good": "up", "kept": False},
            ],
        },
        "plan": {
            "goals": [
                {"code": "collection", "unit": "rate", "goal": "0.95", "good": "up"},
                {"code": "urgent_repair_mean", "unit": "minutes", "goal": 90, "good": "down"},
            ],
        },
        "stewards": {
            "cards": [
                {"name": "赵喆", "phone": "+8613900139001", "buildings": [building(1), building(2)], "promise": "有事请找我，随叫随到。"},
                {"name": "钱堃", "phone": "+8613900139004", "buildings": [building(3), building(4)], "promise": ""},
                {"name": "孙赟𬱖", "phone": "+8613900139005", "buildings": [building(5), building(6)], "promise": "把每一件小事办好。"},
            ],
        },
    }  # fmt: skip


def texts() -> dict[str, dict[str, str]]:
    """The blocks a supervisor may edit."""
    return {
        "common": {
            "zh": "本月投诉集中在噪音和停车两类。对停车，我们逐日核对了车位使用记录；对噪音，逐件听取了双方意见并记录。",
            "en": "This month's complaints were mostly about noise and parking.",
        },
        "improved": {
            "zh": "首次响应的平均时间由14分钟缩短到12分钟。",
            "en": "The mean first response fell from 14 to 12 minutes.",
        },
        "plan": {"zh": "下月将把收缴率提高到95%。", "en": "Next month we aim at a collection rate of 95 %."},
    }


def edition(**changes: Any) -> dict[str, Any]:
    """What the renderer takes: the frozen data with who reviewed and signed it."""
    return {
        "number": "sunshine-2026-10-v1",
        "version": 1,
        "state": "published",
        "erratum_reason": None,
        "company": "",
        "reviewed_by": "周主管", "reviewed_on": "2026-11-02",
        "signed_by": "吴经理", "signed_on": "2026-11-03",
        "published_on": "2026-11-03",
        "previous": {"number": "sunshine-2026-09-v1", "sha256": "9f" * 32},
        "verify_url": "http://127.0.0.1:8080/reports/sunshine/2026-10/verify",
        "dataset": dataset(),
        "texts": texts(),
        **changes,
    }  # fmt: skip
