"""The ways out of the house that the outbox uses, made from the settings."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from app.adapters.alerts import AppriseAlerts
from app.adapters.carrier import carrier_for
from app.adapters.carrier.base import Carrier, CarrierError, SmsOrder
from app.adapters.mail import FileMail, SmtpMail
from app.rules.codes import MessageChannel
from app.rules.outbox import CALLBACK_STATES, Envelope, Outcome
from config import Settings


class Channel(Protocol):
    """What the outbox asks of a way out (`services.outbox_delivery.Sender`)."""

    def send(self, envelope: Envelope) -> Outcome: ...

    def look_up(self, envelope: Envelope) -> Outcome | None: ...


class SmsChannel:
    """Text messages through a carrier; `public_base_url` is where it reports what became of them."""

    def __init__(self, carrier: Carrier, sms_from: str, public_base_url: str) -> None:
        self.carrier, self.sms_from, self.base = carrier, sms_from, public_base_url

    def send(self, envelope: Envelope) -> Outcome:
        """Hand over once."""
        callback = f"{self.base}/hotline/sms/status/{envelope.id}"
        try:
            sid = self.carrier.send_sms(SmsOrder(envelope.to, self.sms_from, envelope.body, callback))
        except CarrierError as error:
            return Outcome(ok=False, permanent=error.permanent, unknown=error.unknown, error=str(error))
        return Outcome(ok=True, provider_sid=sid)

    def look_up(self, envelope: Envelope) -> Outcome | None:
        """A request that was never answered: the carrier's own list says whether the message is there."""
        try:
            found = self.carrier.find_sms(to=envelope.to, since=envelope.created_at - timedelta(seconds=5))
        except CarrierError as error:
            return Outcome(ok=False, unknown=True, error=str(error))
        ours = next((sms for sms in found if sms.body == envelope.body), None)
        if ours is None:
            return Outcome(ok=False, error="the carrier has no such message")
        delivered = CALLBACK_STATES.get(ours.status) == "delivered"
        return Outcome(ok=True, provider_sid=ours.sid, delivered=delivered)


def channels(settings: Settings) -> Mapping[str, Channel]:
    """A sender for each channel a message may have."""
    mail: Channel
    if settings.smtp_url:
        mail = SmtpMail(settings.smtp_url, settings.mail_from, settings.data_dir)
    else:
        mail = FileMail(settings.mail_from, settings.data_dir)
    sms = SmsChannel(carrier_for(settings, "sms"), settings.sms_from, settings.public_base_url)
    return {
        MessageChannel.SMS: sms,
        MessageChannel.EMAIL: mail,
        MessageChannel.ALERT: AppriseAlerts(settings.staff_alert_urls),
    }
