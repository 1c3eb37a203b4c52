"""Codes of people, homes and what each may do (domain D1, D2, D15)."""

from enum import StrEnum


class Role(StrEnum):
    """Who logs in (D1)."""

    ADMIN = "admin"
    MANAGER = "manager"
    DEPUTY = "deputy"
    SUPERVISOR = "supervisor"
    ASSISTANT = "assistant"
    STEWARD = "steward"
    TECHNICIAN = "technician"
    FINANCE = "finance"
    QUALITY = "quality"
    OWNER = "owner"
    RESIDENT = "resident"


class RowScope(StrEnum):
    """Which rows a role of the administrator's own making sees, where it may open a page at all (D15)."""

    COMMUNITY = "community"
    BUILDING = "building"
    ASSIGNMENT = "assignment"


class AccessAction(StrEnum):
    """What the audit trail keeps (D2, D15): logins, readings and exports of what is confidential, changes of who may
    what, and of figures, prices and rules."""

    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    LOGIN_LOCKED = "login_locked"
    LOGOUT = "logout"
    UNLOCKED = "unlocked"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_RESET = "password_reset"
    INVITED = "invited"
    INVITATION_USED = "invitation_used"
    SECOND_FACTOR_ON = "second_factor_on"
    SECOND_FACTOR_OFF = "second_factor_off"
    FILE_READ = "file_read"
    RECORDING_HEARD = "recording_heard"
    RECORDING_BLANKED = "recording_blanked"
    WEBHOOKS_FORGOTTEN = "webhooks_forgotten"
    EXPORTED = "exported"
    PERMISSIONS_VIEWED = "permissions_viewed"
    USER_ADDED = "user_added"
    USER_CHANGED = "user_changed"
    ROLE_CHANGED = "role_changed"
    RULE_ADDED = "rule_added"
    RULE_CHANGED = "rule_changed"


class HouseState(StrEnum):
    """What a house is used as (I8)."""

    UNSOLD = "unsold"
    HANDED_OVER = "handed_over"
    VACANT = "vacant"
    OCCUPIED = "occupied"
    RENOVATING = "renovating"
    LET = "let"


OCCUPIED_STATES = (HouseState.OCCUPIED, HouseState.RENOVATING, HouseState.LET)
"""The states that count as an occupied household (I8)."""


class TenureRole(StrEnum):
    """How a person is tied to a house (D2)."""

    OWNER = "owner"
    TENANT = "tenant"
    FAMILY = "family"
    AGENT = "agent"
