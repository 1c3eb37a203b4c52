"""Labels of the codes of emergency plans and their drills (D7)."""

from typing import Any

from flask_babel import lazy_pgettext

from app.rules import codes

CODES: dict[str, dict[str, Any]] = {
    "plan_kind": {
        "fire": lazy_pgettext("plan", "Fire"),
        "gas": lazy_pgettext("plan", "Gas leak"),
        "water": lazy_pgettext("plan", "Burst pipe, flooding"),
        "power": lazy_pgettext("plan", "Power failure, electric shock"),
        "lift": lazy_pgettext("plan", "People trapped in a lift"),
        "weather": lazy_pgettext("plan", "Severe weather"),
        "other": lazy_pgettext("plan", "Other emergencies"),
        "general": lazy_pgettext("plan", "General plan"),
    },
    "plan_state": {
        "draft": lazy_pgettext("plan", "Draft"),
        "reviewed": lazy_pgettext("plan", "Reviewed"),
        "in_force": lazy_pgettext("plan", "In force"),
        "replaced": lazy_pgettext("plan", "Replaced"),
        "dropped": lazy_pgettext("plan", "Dropped"),
    },
    "drill_state": {
        "planned": lazy_pgettext("drill", "Planned"),
        "held": lazy_pgettext("drill", "Held"),
        "cancelled": lazy_pgettext("drill", "Cancelled"),
    },
    "plan_post": {
        "desk": lazy_pgettext("plan", "Front desk"),
        "on_duty": lazy_pgettext("plan", "Person on duty"),
        "engineer": lazy_pgettext("plan", "Engineer on duty"),
        "guard": lazy_pgettext("plan", "Security guard"),
        "steward": lazy_pgettext("plan", "Steward of the building"),
        "manager": lazy_pgettext("plan", "Manager on duty"),
        "all": lazy_pgettext("plan", "Everybody on the spot"),
    },
}

FAMILIES: dict[str, type[Any]] = {
    "plan_kind": codes.PlanKind,
    "plan_state": codes.PlanState,
    "drill_state": codes.DrillState,
    "plan_post": codes.PlanPost,
}
