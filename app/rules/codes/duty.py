"""Codes of the duty roster and the handover (D7)."""

from enum import StrEnum


class Tier(StrEnum):
    """The rungs of a duty roster, in ringing order (D7)."""

    ON_DUTY = "on_duty"
    BACKUP = "backup"
    MANAGER = "manager"


class RotationPattern(StrEnum):
    """How the people of a rotation take turns: every shift, every day, every week, or some days on and the others off."""

    EACH_SHIFT = "each_shift"
    DAILY = "daily"
    WEEKLY = "weekly"
    ON_OFF = "on_off"


class DutyDays(StrEnum):
    """On which days a rotation has shifts, by the Chinese calendar of holidays and make-up work days."""

    EVERY = "every"
    WORK_DAYS = "work_days"
    DAYS_OFF = "days_off"


class RosterTrouble(StrEnum):
    """What can be wrong with a roster: nobody on it, two people on one duty, one person on two duties."""

    NOBODY = "nobody"
    SAME_DUTY = "same_duty"
    SAME_PERSON = "same_person"


class SwapState(StrEnum):
    """A shift that somebody asked another to take."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class LoanKind(StrEnum):
    """What is lent out at the counter (D12)."""

    KEY = "key"
    ITEM = "item"


class HandoverState(StrEnum):
    """The paper of a shift change (D7): to be signed by both sides; void when the roster was changed before."""

    OPEN = "open"
    SIGNED = "signed"
    VOID = "void"
