"""What Twilio's REST interface refuses of calls and text messages, with its error codes (https://www.twilio.com/docs/api/errors)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from app.adapters.carrier.base import CallOrder, CarrierError, SmsOrder

LONGEST_SMS = 1600
_E164 = re.compile(r"\+[1-9]\d{6,14}")


def check_call(order: CallOrder) -> None:
    """Raise a permanent CarrierError for an order that Twilio refuses."""
    if not _E164.fullmatch(order.to):
        _refuse(21211, f"Invalid 'To' Phone Number: {order.to}")
    if not _E164.fullmatch(order.from_):
        _refuse(21212, f"Invalid 'From' Phone Number: {order.from_}")
    for url in (order.url, order.status_callback):
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            _refuse(21205, f"Url is not a valid URL: {url}")
    if not 5 <= order.timeout_seconds <= 600:
        _refuse(21217, f"Timeout is out of range: {order.timeout_seconds}")


def check_sms(order: SmsOrder) -> None:
    """Raise a permanent CarrierError for a text message that Twilio refuses."""
    if not _E164.fullmatch(order.to):
        _refuse(21211, f"Invalid 'To' Phone Number: {order.to}")
    if not order.body.strip():
        _refuse(21602, "Message body is required.")
    if len(order.body) > LONGEST_SMS:
        _refuse(21617, "The concatenated message body exceeds the 1600 character limit.")
    if order.to == order.from_:
        _refuse(21266, "'To' and 'From' number cannot be the same.")


def _refuse(code: int, why: str) -> None:
    raise CarrierError(f"{code}: {why}", permanent=True)
