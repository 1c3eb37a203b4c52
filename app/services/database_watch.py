"""The database itself has fallen silent: nothing can be written down, so a mark below DATA_DIR remembers that it was told.

Every process that watches asks here; who makes the mark, or takes it away, is the one who tells.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from flask_babel import force_locale, gettext

from app.rules.codes import MessageChannel
from app.rules.outbox import Envelope
from app.services.local_time import local_zone
from app.services.outbox_delivery import Sender
from app.services.spoken_lines import house_locale

log = logging.getLogger(__name__)

MARK = "database-away"


def tell_away(data_dir: Path, senders: Mapping[str, Sender], now: datetime) -> bool:
    """Tell the staff's channels that the database is away, once however many processes find it. Whether this one told."""
    try:
        with (data_dir / MARK).open("x", encoding="utf-8") as mark:
            mark.write(now.isoformat())
    except FileExistsError:
        return False
    with force_locale(house_locale()):
        body = gettext(
            "ALARM: the database does not answer since %(since)s. Calls are recorded and entered later; emergencies"
            " do not ring. Look after it now.",
            since=_here(now),
        )
    if _send(senders, "away", body, now):
        return True
    # Nobody was reached: the next look tries again.
    (data_dir / MARK).unlink(missing_ok=True)
    return False


def tell_back(data_dir: Path, senders: Mapping[str, Sender], now: datetime) -> bool:
    """Tell that it answers again, when it was told that it did not. Whether this process told."""
    mark = data_dir / MARK
    try:
        since = mark.read_text(encoding="utf-8")
        mark.unlink()
    except FileNotFoundError:
        return False
    with force_locale(house_locale()):
        body = gettext(
            "The database answers again; it was away since %(since)s. What was said meanwhile is entered now.",
            since=_here(datetime.fromisoformat(since) if since else now),
        )
    return _send(senders, "back", body, now)


def _send(senders: Mapping[str, Sender], what: str, body: str, now: datetime) -> bool:
    log.error("watch: %s", body)
    with force_locale(house_locale()):
        subject = gettext("Hotline watch")
    outcome = senders[MessageChannel.ALERT].send(
        Envelope(
            id=0,
            key=f"watch:database:{what}:{now:%Y%m%d%H%M%S}",
            channel=MessageChannel.ALERT,
            to="",
            subject=subject,
            body=body,
            attachment=None,
            tries=1,
            created_at=now,
            purpose="watch",
        )
    )
    # A house without a single alert address is not tried again and again.
    return outcome.ok or outcome.permanent


def _here(at: datetime) -> str:
    return f"{at.astimezone(local_zone()):%Y-%m-%d %H:%M}"
