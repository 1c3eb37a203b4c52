"""Twilio's REST interface, and any server that speaks it (TWILIO_API_BASE_URL)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError

from app.adapters.carrier.base import (
    ALL,
    RETRY_HINT,
    CallOrder,
    CallRecord,
    Capability,
    CarrierError,
    RecordingRecord,
    SmsOrder,
    SmsRecord,
)

T = TypeVar("T")
TIMEOUT_SECONDS = 10.0
CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
_GONE = 404
_SLOW_DOWN = (429, 503)
_NOT_IN_PROGRESS = 21220
_OF_A_MESSAGE, _OF_A_CALL = "RecordVerb", "StartCallRecordingAPI"


class TwilioCarrier:
    """One account. The library has no timeout of its own; here every request has one, and none is repeated by itself.

    `without`: what another server that speaks this protocol is known not to do.
    """

    name = "twilio"

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        base_url: str = "",
        timeout: float = TIMEOUT_SECONDS,
        without: frozenset[Capability] = frozenset(),
    ) -> None:
        self.capabilities = ALL - without
        self.account_sid, self.auth_token, self.timeout = account_sid, auth_token, timeout
        self.base_url = base_url
        self.client = Client(account_sid, auth_token, http_client=_HttpClient(base_url, timeout))

    def create_call(self, order: CallOrder) -> str:
        """https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource"""
        extra: dict[str, Any] = {}
        if order.detect_machine:
            # Asynchronous: a person is not kept waiting while the carrier listens for a machine.
            extra = {
                "machine_detection": "Enable",
                "async_amd": "true",
                "async_amd_status_callback": order.status_callback + RETRY_HINT,
                "async_amd_status_callback_method": "POST",
            }
        call = _asked(
            lambda: self.client.calls.create(
                to=order.to,
                from_=order.from_,
                url=order.url + RETRY_HINT,
                method="POST",
                status_callback=order.status_callback + RETRY_HINT,
                status_callback_event=CALL_EVENTS,
                status_callback_method="POST",
                timeout=order.timeout_seconds,
                **extra,
            )
        )
        return str(call.sid)

    def look_up_call(self, sid: str) -> CallRecord | None:
        """One call by its sid."""
        try:
            return _record(_asked(lambda: self.client.calls(sid).fetch()))
        except CarrierError as error:
            if getattr(error.__cause__, "status", None) == _GONE:
                return None
            raise

    def find_calls(self, *, to: str, since: datetime) -> list[CallRecord]:
        """Newest first; the start time cannot be the filter, a queued call has none."""
        found = [_record(call) for call in _asked(lambda: self.client.calls.list(to=to, limit=50))]
        return [
            call for call in found if call.direction.startswith("outbound") and _at_or_after(call.created_at, since)
        ]

    def list_calls(self, since: datetime, until: datetime) -> list[CallRecord]:
        """The filter of the interface counts whole days (UTC): asked generously, then cut."""
        calls = _asked(
            lambda: self.client.calls.list(
                start_time_after=since - timedelta(days=1), start_time_before=until + timedelta(days=1), limit=10_000
            )
        )
        found = [_record(call) for call in calls]
        return [
            call
            for call in found
            if call.direction == "inbound" and call.started_at is not None and since <= call.started_at < until
        ]

    def redirect_call(self, sid: str, url: str) -> None:
        """https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource"""
        _asked(lambda: self.client.calls(sid).update(url=url, method="POST"))

    def hang_up(self, sid: str) -> None:
        """`completed` ends a ringing call as well as a live one."""
        try:
            _asked(lambda: self.client.calls(sid).update(status="completed"))
        except CarrierError as error:
            cause = error.__cause__
            if getattr(cause, "status", None) != _GONE and getattr(cause, "code", None) != _NOT_IN_PROGRESS:
                raise

    def start_recording(self, sid: str, status_callback: str) -> str:
        """https://www.twilio.com/docs/voice/api/recording#start-a-recording: both sides, until the call ends.

        A call that is not in progress (https://www.twilio.com/docs/api/errors/21220) may be so in a moment.
        """
        try:
            recording = _asked(
                lambda: self.client.calls(sid).recordings.create(
                    recording_channels="dual",
                    recording_status_callback=status_callback + RETRY_HINT,
                    recording_status_callback_event=["completed", "absent"],
                    recording_status_callback_method="POST",
                )
            )
        except CarrierError as error:
            if getattr(error.__cause__, "code", None) != _NOT_IN_PROGRESS:
                raise
            raise CarrierError(str(error)) from error.__cause__
        return str(recording.sid)

    def list_recordings(self, call_sid: str) -> list[RecordingRecord]:
        """https://www.twilio.com/docs/voice/api/recording#read-multiple-recording-resources: what a Record verb made says so."""
        return [
            RecordingRecord(
                str(one.sid), str(one.status), int(one.duration) if one.duration else None, one.source != _OF_A_MESSAGE
            )
            for one in _asked(lambda: self.client.calls(call_sid).recordings.list(limit=50))
            if one.source in (_OF_A_MESSAGE, _OF_A_CALL)
        ]

    def pause_recording(self, call_sid: str, recording_sid: str) -> None:
        """https://www.twilio.com/docs/voice/api/recording#update-a-recording: silence keeps the recording as long as the call."""
        self._update_recording(call_sid, recording_sid, status="paused", pause_behavior="silence")

    def resume_recording(self, call_sid: str, recording_sid: str) -> None:
        """The same resource."""
        self._update_recording(call_sid, recording_sid, status="in-progress")

    def _update_recording(self, call_sid: str, recording_sid: str, **wanted: str) -> None:
        _asked(lambda: self.client.calls(call_sid).recordings(recording_sid).update(**wanted))

    def send_sms(self, order: SmsOrder) -> str:
        """https://www.twilio.com/docs/messaging/api/message-resource#create-a-message"""
        message = _asked(
            lambda: self.client.messages.create(
                to=order.to, from_=order.from_, body=order.body, status_callback=order.status_callback + RETRY_HINT
            )
        )
        return str(message.sid)

    def find_sms(self, *, to: str, since: datetime) -> list[SmsRecord]:
        """Newest first."""
        messages = _asked(lambda: self.client.messages.list(to=to, limit=50))
        found = [SmsRecord(str(m.sid), str(m.status), m.body or "", m.date_created) for m in messages]
        return [message for message in found if _at_or_after(message.created_at, since)]

    def fetch_recording(self, sid: str) -> bytes:
        """https://www.twilio.com/docs/voice/api/recording#fetch-a-recording-media-file"""
        return self._recording("get", f"{sid}.wav").content

    def delete_recording(self, sid: str) -> None:
        """404 means that it is gone: what was wanted."""
        self._recording("delete", f"{sid}.json")

    def fetch_picture(self, message_sid: str, media_sid: str, most_bytes: int) -> bytes:
        """https://www.twilio.com/docs/messaging/api/media-resource#fetch-a-media-resource: the file itself, behind a redirect."""
        try:
            with self._file("get", f"Messages/{message_sid}/Media/{media_sid}", stream=True) as answer:
                content = b""
                for piece in answer.iter_content(64 * 1024):
                    content += piece
                    if len(content) >= most_bytes:
                        break
                return content[:most_bytes]
        except requests.RequestException as error:
            raise CarrierError(f"{type(error).__name__}: {error}", unknown=True) from error

    def delete_picture(self, message_sid: str, media_sid: str) -> None:
        """404 means that it is gone: what was wanted."""
        self._file("delete", f"Messages/{message_sid}/Media/{media_sid}.json")

    def _recording(self, method: str, name: str) -> requests.Response:
        return self._file(method, f"Recordings/{name}")

    def _file(self, method: str, name: str, *, stream: bool = False) -> requests.Response:
        base = self.base_url or "https://api.twilio.com"
        url = f"{base}/2010-04-01/Accounts/{self.account_sid}/{name}"
        auth = (self.account_sid, self.auth_token)
        try:
            answer = requests.request(method, url, auth=auth, timeout=self.timeout, stream=stream)
        except requests.RequestException as error:
            raise CarrierError(f"{type(error).__name__}: {error}", unknown=True) from error
        if answer.status_code >= 400 and not (method == "delete" and answer.status_code == _GONE):
            answer.close()
            raise CarrierError(f"HTTP {answer.status_code}", permanent=400 <= answer.status_code < 500)
        return answer


class _HttpClient(TwilioHttpClient):
    """Twilio's own client with a timeout, and with its hosts rewritten when another server stands in."""

    def __init__(self, base_url: str, timeout: float) -> None:
        super().__init__(timeout=timeout, pool_connections=True)
        self.base = urlsplit(base_url) if base_url else None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        if self.base is not None:
            parts = urlsplit(url)
            path = self.base.path.rstrip("/") + parts.path
            url = urlunsplit((self.base.scheme, self.base.netloc, path, parts.query, ""))
        return super().request(method, url, *args, **kwargs)


def _asked(request: Callable[[], T]) -> T:
    """Run a request; every way it can fail becomes a CarrierError that says what is known."""
    try:
        return request()
    except TwilioRestException as error:
        slow = error.status in _SLOW_DOWN
        text = f"{error.code or error.status}: {error.msg}"
        raise CarrierError(
            text, permanent=400 <= error.status < 500 and not slow, unknown=error.status >= 500 and not slow
        ) from error
    except requests.RequestException as error:
        raise CarrierError(f"{type(error).__name__}: {error}", unknown=not _never_left(error)) from error
    except (TwilioException, ValueError, TypeError, KeyError) as error:
        # An answer that is no answer of theirs: the request may have been carried out.
        raise CarrierError(f"{type(error).__name__}: {error}", unknown=True) from error


def _never_left(error: requests.RequestException) -> bool:
    """Whether no connection came about: then nothing can have been done."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _record(call: Any) -> CallRecord:
    return CallRecord(
        sid=str(call.sid),
        from_number=getattr(call, "_from", None) or getattr(call, "from_", None) or "",
        to_number=call.to or "",
        direction=str(call.direction or ""),
        status=str(call.status or ""),
        created_at=call.date_created,
        started_at=call.start_time,
        ended_at=call.end_time,
        duration_seconds=int(call.duration) if call.duration else None,
        answered_by=call.answered_by,
    )


def _at_or_after(instant: datetime | None, since: datetime) -> bool:
    """Twilio's instants have whole seconds."""
    return instant is not None and instant >= since - timedelta(seconds=2)
