"""Codes of complaints and of the bodies outside that answer for some (D5)."""

from enum import StrEnum


class Validity(StrEnum):
    """The finding on a complaint (D5)."""

    VALID = "valid"
    ASSISTANCE = "assistance"
    INVALID = "invalid"


class Grade(StrEnum):
    """The consequence of a complaint (D5)."""

    MAJOR = "major"
    ORDINARY = "ordinary"


class Party(StrEnum):
    """Who is answerable for what is complained about (issue 5)."""

    CENTRE = "centre"
    DEVELOPER = "developer"
    CONTRACTOR = "contractor"
    OUTSIDE = "outside"
    OWNER = "owner"


class Cause(StrEnum):
    """The root cause of a complaint (D5)."""

    PROCESS_GAP = "process_gap"
    HUMAN_ERROR = "human_error"
    MATERIAL = "material"
    OUTSIDE = "outside"


class FindingState(StrEnum):
    """What a second person says to a finding; a later finding supersedes the one before."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    OBJECTED = "objected"
    SUPERSEDED = "superseded"


class OutsideKind(StrEnum):
    """A body outside the service centre that a complaint may lie with (D5): the developer's customer centre, the government's
    hotline 12345, the street office, the community police, others."""

    DEVELOPER = "developer"
    HOTLINE_12345 = "hotline_12345"
    STREET_OFFICE = "street_office"
    POLICE = "police"
    OTHER = "other"


class Direction(StrEnum):
    """Who put a complaint to whom: an outside body to us (`in`), or we to it (`out`)."""

    IN = "in"
    OUT = "out"


class LetterWay(StrEnum):
    """How we write to an outside body."""

    LETTER = "letter"
    EMAIL = "email"
