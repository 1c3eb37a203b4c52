"""Which telephone company does what (settings CARRIER, CARRIER_OUTBOUND, CARRIER_SMS): up to three of them."""

from app.adapters.carrier.base import Capability, Carrier, CarrierError
from app.adapters.carrier.twilio import TwilioCarrier
from config import Settings

WAYS = ("inbound", "outbound", "sms")


def carrier_for(settings: Settings, way: str = "inbound") -> Carrier:
    """The carrier of a way: calls in, calls out, or text messages."""
    chosen = {"outbound": settings.carrier_outbound, "sms": settings.carrier_sms}.get(way, settings.carrier)
    if chosen == "twilio":
        account = settings.account(way)
        return TwilioCarrier(account.sid, account.token, account.api_base_url, without=missing(settings))
    from app.adapters.carrier.simulator import simulator_of

    return simulator_of(settings)


def carrier_of_account(settings: Settings, account_sid: str | None) -> Carrier:
    """The carrier of the account that a webhook named: text messages may come in by another than the one we send by."""
    known = (way for way in ("sms", "inbound", "outbound") if settings.account(way).sid == account_sid)
    return carrier_for(settings, next(known, "sms"))


def missing(settings: Settings) -> frozenset[Capability]:
    """What the administrator says that the carrier cannot do (CARRIER_WITHOUT)."""
    return frozenset(Capability(word) for word in settings.carrier_without)


def queue_is_shared(settings: Settings) -> bool:
    """Whether a telephone that rings by the outbound carrier can fetch a caller from the queue of the inbound one: only
    within one account of one company."""
    return settings.carrier == settings.carrier_outbound and settings.account("inbound") == settings.account("outbound")


__all__ = [
    "WAYS",
    "Capability",
    "Carrier",
    "CarrierError",
    "carrier_for",
    "carrier_of_account",
    "missing",
    "queue_is_shared",
]
