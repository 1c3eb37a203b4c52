"""The seam to a telephone company (G3): what one can do for us, in our words. No TwiML and no library type crosses it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

RETRY_HINT = "#rc=5&rp=ct,rt,5xx"
"""Twilio retries a webhook only on connection failure unless told: five times, on timeouts and 5xx as well."""


class Capability(StrEnum):
    """What a carrier can do for us. What one cannot do is left undone or done in another way, never asked in vain."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    SMS = "sms"
    SMS_IN = "sms_in"
    SMS_PICTURES = "sms_pictures"
    RECORD_CALLS = "record_calls"
    PAUSE_RECORDING = "pause_recording"
    DETECT_MACHINES = "detect_machines"


ALL = frozenset(Capability)


class Failure(StrEnum):
    """How a request failed: not now, never, or nobody knows whether it was done."""

    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"


class CarrierError(Exception):
    """A request that did not succeed. `permanent`: the same request will never succeed. `unknown`: no answer came, so it
    may have been done: look before doing it again. Neither: it was not done, and may succeed later."""

    def __init__(self, message: str, *, permanent: bool = False, unknown: bool = False) -> None:
        super().__init__(message)
        self.permanent, self.unknown = permanent, unknown

    @property
    def failure(self) -> Failure:
        """The one of the three it is; what is not known is not called permanent."""
        return Failure.UNKNOWN if self.unknown else Failure.PERMANENT if self.permanent else Failure.TEMPORARY


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
class RecordingRecord:
    """A recording as the carrier's own list knows it. `status` is Twilio's word; `whole`: of a whole call, not of a message."""

    sid: str
    status: str
    duration_seconds: int | None = None
    whole: bool = False


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
    """Every method raises CarrierError. Who asks for more than `capabilities` gets a permanent one."""

    name: str
    capabilities: frozenset[Capability]

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

    def start_recording(self, sid: str, status_callback: str) -> str:
        """Record a live call from now to its end (RECORD_CALLS); the recording's sid. What became of it is called back."""

    def list_recordings(self, call_sid: str) -> list[RecordingRecord]:
        """All recordings of a call, for the reconciler: their callbacks may have been lost."""

    def pause_recording(self, call_sid: str, recording_sid: str) -> None:
        """Put silence into the recording of a whole call from now on (PAUSE_RECORDING). Pausing a paused one is no error."""

    def resume_recording(self, call_sid: str, recording_sid: str) -> None:
        """Record what is heard again. Resuming one that runs is no error."""

    def send_sms(self, order: SmsOrder) -> str:
        """Hand over a text message; its sid."""

    def find_sms(self, *, to: str, since: datetime) -> list[SmsRecord]:
        """Text messages to a number at or after `since`."""

    def fetch_recording(self, sid: str) -> bytes:
        """The sound of a recording (WAV)."""

    def delete_recording(self, sid: str) -> None:
        """Remove a recording at the carrier; one that is gone already is no error."""

    def fetch_picture(self, message_sid: str, media_sid: str, most_bytes: int) -> bytes:
        """What came with a text message (SMS_PICTURES), at most `most_bytes` of it."""

    def delete_picture(self, message_sid: str, media_sid: str) -> None:
        """Remove it at the carrier; one that is gone already is no error."""
