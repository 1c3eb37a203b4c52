"""What can go wrong in a way a person should read: each carries an English msgid and its parameters, translated at the edge."""

from collections.abc import Iterable
from typing import Any


def N_(msgid: str) -> str:
    """Mark a text for translation without translating it here (the edge knows the reader's language)."""
    return msgid


class Word(str):
    """A parameter of a sentence that is itself a msgid (the label of a state, say): translated before it is filled in."""


class Words(tuple[str, ...]):
    """A parameter that is a list of msgids: each is translated, and they are put one after the other."""

    def __str__(self) -> str:
        return "; ".join(self)


class LinliError(Exception):
    """A refusal with a sentence for the person. `status` is the HTTP status of the edge; `params` fill `%(name)s`."""

    status = 400

    def __init__(self, msgid: str, **params: Any) -> None:
        self.msgid = msgid
        self.params = params
        super().__init__(msgid % params if params else msgid)


class Invalid(LinliError):
    """The input itself is wrong: nothing was written."""

    status = 400


class Forbidden(LinliError):
    """The actor's role does not allow it."""

    status = 403


class NotFound(LinliError):
    """There is no such thing, or not for this actor: the two are never told apart."""

    status = 404


class Refused(LinliError):
    """The rules of the trade forbid it in this state."""

    status = 409


class Incomplete(Refused):
    """Something is still missing: `missing` names it in code words for machines, the sentence in words for people."""

    def __init__(self, msgid: str, missing: Iterable[str], **params: Any) -> None:
        super().__init__(msgid, **params)
        self.missing = tuple(missing)


class TooLarge(LinliError):
    """More was sent than is taken at once: nothing was read, nothing was written."""

    status = 413


class SettingsError(LinliError):
    """A setting that makes no sense: the start stops with this one line."""

    status = 500
