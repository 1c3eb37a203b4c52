"""Codes of disputes between neighbours (D5): what they are about, the statements of each side, evidence, talks."""

from enum import StrEnum


class DisputeMatter(StrEnum):
    """What neighbours dispute about (D5: noise, pets, leaks)."""

    NOISE = "disturbance"
    PETS = "pets"
    LEAK = "leak"
    BELONGINGS = "belongings"
    PARKING = "parking_space"
    SMOKE = "smoke"
    OTHER = "other"


class StatementWay(StrEnum):
    """How one side was heard, by itself."""

    IN_PERSON = "in_person"
    AT_HOME = "at_home"
    PHONE = "phone"


class StatementState(StrEnum):
    """What came of a statement: taken down, then read back and confirmed by word, signed, or refused."""

    TAKEN = "taken"
    CONFIRMED = "confirmed"
    SIGNED = "signed"
    REFUSED = "refused"


class EvidenceKind(StrEnum):
    """What an item of the evidence list is (D5: recordings, measurements, photos)."""

    PHOTO = "photo"
    RECORDING = "recording"
    DOCUMENT = "document"
    MEASUREMENT = "measurement"
    OBSERVATION = "observation"


class TalkWay(StrEnum):
    """How a talk was held; `note` is a neutral note of what was seen or learned without one."""

    TOGETHER = "together"
    SEPARATELY = "separately"
    PHONE = "phone"
    NOTE = "note"


class TalkOutcome(StrEnum):
    """What came of a talk: an agreement, none, the next one, or that others take it over."""

    AGREEMENT = "agreement"
    NO_AGREEMENT = "no_agreement"
    REFERRED = "referred"
    AGAIN = "again"
