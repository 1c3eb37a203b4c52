"""Codes of the emergency plans and their drills (D7)."""

from enum import StrEnum


class PlanKind(StrEnum):
    """What a plan is for. `general` is the one shown where no other fits."""

    FIRE = "fire"
    GAS = "gas"
    WATER = "water"
    POWER = "power"
    LIFT = "lift"
    WEATHER = "weather"
    OTHER = "other"
    GENERAL = "general"


class PlanState(StrEnum):
    """Where a version of a plan stands: written, reviewed by the supervisor, put in force by the manager, then replaced."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    IN_FORCE = "in_force"
    REPLACED = "replaced"
    DROPPED = "dropped"


class PlanPost(StrEnum):
    """Who takes a step of a plan, by what they are on duty as."""

    DESK = "desk"
    ON_DUTY = "on_duty"
    ENGINEER = "engineer"
    GUARD = "guard"
    STEWARD = "steward"
    MANAGER = "manager"
    ALL = "all"


class DrillState(StrEnum):
    """Where a drill of a plan stands: planned (also while it goes on), held and recorded, or cancelled with the reason."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"
