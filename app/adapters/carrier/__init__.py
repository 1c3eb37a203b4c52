"""Which telephone company does what (settings CARRIER, CARRIER_OUTBOUND, CARRIER_SMS)."""

from app.adapters.carrier.base import Carrier
from app.adapters.carrier.twilio import TwilioCarrier
from config import Settings


def carrier_for(settings: Settings, capability: str = "inbound") -> Carrier:
    """The carrier of a capability: inbound, outbound or sms."""
    chosen = {"outbound": settings.carrier_outbound, "sms": settings.carrier_sms}.get(capability, settings.carrier)
    if chosen == "twilio":
        return TwilioCarrier(settings.twilio_account_sid, settings.twilio_auth_token, settings.twilio_api_base_url)
    from app.adapters.carrier.simulator import simulator_of

    return simulator_of(settings)
