"""Codes of the knowledge base (D13)."""

from enum import StrEnum


class AnswerState(StrEnum):
    """Where a version of a standard answer stands."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
