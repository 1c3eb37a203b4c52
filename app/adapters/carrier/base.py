"""The seam to a telephone company (G3): what one can do for us, in our words. No TwiML and no library type crosses it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

RETRY_HINT = "#rc=5&rp=ct,rt,5xx"
"""Twilio retries a webhook only on connection failure unless told: five times, on timeouts and 5xx as well."""


class CarrierError(Exception):
    """A request that did not succeed. `permanent`: the same request will never succeed. `unknown`: no answer came, so it
    may have been done: look before doing it again."""

    def __init__(self, message: str, *, permanent: bool = False, unknown: bool = False) -> None:
        super().__init__(message)
        self.permanent, self.unknown = permanent, unknown


@dataclass(frozen=True)
class CallOrder:
    """A call to be made. `url` answers with what is said once it is taken; `timeout_seconds` is how long it rings."""

    to: str
    from_: str
    url: str
    status_callback: str
    timeout_seconds: int = 55
    detect_machine: bool = False


@dataclass(frozen=True)
class CallRecord:
    """A call as the carrier's own list knows it. `status` is Twilio's word, instants are aware UTC."""

    sid: str
    from_number: str
    to_number: str
    direction: str
    status: str
    created_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_seconds: int | None = None
    answered_by: str | None = None


@dataclass(frozen=True)
class SmsOrder:
    """A text message to be sent."""

    to: str
    from_: str
    body: str
    status_callback: str


@dataclass(frozen=True)
class SmsRecord:
    """A text message as the carrier's own list knows it."""

    sid: str
    status: str
    body: str
    created_at: datetime | None = None


class Carrier(Protocol):
    """Every method raises CarrierError. `capabilities` is a subset of inbound, outbound, sms."""

    name: str
    capabilities: frozenset[str]

    def create_call(self, order: CallOrder) -> str:
        """Make a call; its sid."""

    def look_up_call(self, sid: str) -> CallRecord | None:
        """One call, or None when the carrier has never heard of it."""

    def find_calls(self, *, to: str, since: datetime) -> list[CallRecord]:
        """Outgoing calls to a number made at or after `since`, newest first: for a request that was never answered."""

    def list_calls(self, since: datetime, until: datetime) -> list[CallRecord]:
        """All inbound calls that began in the span, for the reconciler."""

    def redirect_call(self, sid: str, url: str) -> None:
        """Make a live call go on at `url`."""

    def hang_up(self, sid: str) -> None:
        """End a call, ringing or live. Ending an ended one is no error."""

    def send_sms(self, order: SmsOrder) -> str:
        """Hand over a text message; its sid."""

    def find_sms(self, *, to: str, since: datetime) -> list[SmsRecord]:
        """Text messages to a number at or after `since`."""

    def fetch_recording(self, sid: str) -> bytes:
        """The sound of a recording (WAV)."""

    def delete_recording(self, sid: str) -> None:
        """Remove a recording at the carrier; one that is gone already is no error."""
