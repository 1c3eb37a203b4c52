"""Looking whether the outside answers, for `doctor`: nothing is sent and nothing changes."""

import ctypes.util
import shutil
import smtplib
import ssl
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests

from config import Account

TIMEOUT_SECONDS = 10
TWILIO = "https://api.twilio.com"


def carrier_problem(account: Account) -> str | None:
    """Why Twilio (or what speaks its protocol) does not accept an account of ours, or None."""
    base = account.api_base_url or TWILIO
    address = f"{base}/2010-04-01/Accounts/{account.sid}.json"
    try:
        answer = requests.get(address, auth=(account.sid, account.token), timeout=TIMEOUT_SECONDS)
    except requests.RequestException as error:
        return f"{base}: {type(error).__name__}"
    return None if answer.ok else f"{base}: HTTP {answer.status_code}"


def mail_problem(smtp_url: str) -> str | None:
    """Why the mail server does not take us, or None."""
    parts = urlsplit(smtp_url)
    secure = parts.scheme == "smtps"
    kind = smtplib.SMTP_SSL if secure else smtplib.SMTP
    try:
        with kind(parts.hostname or "", parts.port or (465 if secure else 25), timeout=TIMEOUT_SECONDS) as server:
            if parts.scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            code, text = server.noop()
    except (OSError, smtplib.SMTPException) as error:
        return f"{parts.hostname}: {error}"
    return None if code == 250 else f"{parts.hostname}: {code} {text.decode(errors='replace')}"


def library_problem() -> str | None:
    """The system library the PDF needs and cannot find, or None."""
    for name in ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset"):
        if ctypes.util.find_library(name) is None:
            return f"lib{name}"
    return None


def free_megabytes(folder: Path) -> int:
    """What is left on the disk of a folder."""
    return shutil.disk_usage(folder).free // 1024 // 1024
