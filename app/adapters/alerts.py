"""Alerts to the staff's own channels (WeCom, DingTalk, Feishu, mail …) by Apprise, to all of STAFF_ALERT_URLS."""

from app.rules.outbox import Envelope, Outcome


class AppriseAlerts:
    """Each alert goes to every address; one that took it is enough to count as sent."""

    def __init__(self, urls: tuple[str, ...]) -> None:
        self.urls = urls

    def send(self, envelope: Envelope) -> Outcome:
        """Permanent without a usable address; a repeat after a partial success would ring everybody again."""
        # Apprise takes a third of a second to import: only who sends alerts pays it.
        import apprise

        taken, refused = 0, 0
        for url in self.urls:
            channel = apprise.Apprise()
            if channel.add(url):
                done = channel.notify(body=envelope.body, title=envelope.subject or "")
                taken, refused = taken + bool(done), refused + (not done)
        if taken:
            return Outcome(ok=True, error=None)
        return Outcome(ok=False, permanent=not refused, error="no alert address took it")

    def look_up(self, envelope: Envelope) -> None:
        """Nothing can be asked afterwards."""
        return
