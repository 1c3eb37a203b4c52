"""Settings: environment → validated, frozen `Settings` (interfaces I2). Nonsense stops the start with one clear line."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.errors import SettingsError

CARRIERS: Final = ("simulator", "twilio")
OPTIONAL: Final = ("sms_in", "sms_pictures", "record_calls", "pause_recording", "detect_machines")
"""What a carrier need not be able to do."""
LOCALES: Final = ("zh", "en")
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")
_E164: Final = re.compile(r"\+[1-9]\d{6,14}")


@dataclass(frozen=True)
class Account:
    """An account at Twilio, or at a server that speaks its protocol (`api_base_url`; empty: Twilio itself)."""

    sid: str
    token: str
    api_base_url: str


@dataclass(frozen=True)
class Settings:
    """Everything the environment may say, checked. Secrets never appear in `repr`."""

    secret_key: str
    database_url: str
    data_dir: Path
    port: int
    public_base_url: str
    trusted_proxies: int
    carrier: str
    carrier_outbound: str
    carrier_sms: str
    simulator_token: str
    twilio_account_sid: str
    twilio_auth_token: str
    twilio_auth_token_secondary: str
    twilio_api_base_url: str
    twilio_outbound: Account
    twilio_sms: Account
    carrier_without: tuple[str, ...]
    simulator_faults: str
    hotline_number: str
    sms_from: str
    mail_from: str
    smtp_url: str
    staff_alert_urls: tuple[str, ...]
    report_signing_key: str
    report_signing_passphrase: str
    default_locale: str
    timezone: ZoneInfo
    log_level: str
    demo_password: str
    metrics_token: str
    session_idle_hours: int
    testing: bool = False

    def __repr__(self) -> str:
        return f"Settings(port={self.port}, carrier={self.carrier!r}, data_dir={str(self.data_dir)!r})"

    @property
    def is_secure(self) -> bool:
        """Whether the public address is https: cookies are Secure then."""
        return self.public_base_url.startswith("https://")

    @property
    def webhook_tokens(self) -> tuple[str, ...]:
        """The tokens a webhook may be signed with: those of every carrier in use, Twilio's two while they rotate."""
        both = (self.twilio_auth_token, self.twilio_auth_token_secondary)
        others = (self.twilio_outbound.token, self.twilio_sms.token)
        twilio = dict.fromkeys((*both, *others)) if "twilio" in self.carriers else ()
        own = (self.simulator_token,) if "simulator" in self.carriers else ()
        return tuple(token for token in (*own, *twilio) if token)

    def account(self, way: str) -> Account:
        """The account that serves a way (inbound, outbound, sms)."""
        own = Account(self.twilio_account_sid, self.twilio_auth_token, self.twilio_api_base_url)
        return {"outbound": self.twilio_outbound, "sms": self.twilio_sms}.get(way, own)

    @property
    def carriers(self) -> frozenset[str]:
        """The carriers in use: for calls in, calls out and text messages (I2)."""
        return frozenset({self.carrier, self.carrier_outbound, self.carrier_sms})


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the environment. Makes `DATA_DIR` and the keys kept in it at first start.

    Raises SettingsError naming the setting and what it should be.
    """
    env = _Reader(os.environ if environ is None else environ)
    data_dir = _data_dir(env)
    port = env.integer("PORT", 8080, 1, 65535)
    carrier = env.choice("CARRIER", CARRIERS, "simulator")
    outbound, sms = (env.choice(name, CARRIERS, carrier) for name in ("CARRIER_OUTBOUND", "CARRIER_SMS"))
    in_use = (carrier, outbound, sms)
    if "twilio" in in_use and not (env.text("TWILIO_AUTH_TOKEN") and env.text("TWILIO_ACCOUNT_SID")):
        raise SettingsError("CARRIER=twilio needs TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
    if env.text("QUEUE_URL"):
        raise SettingsError("QUEUE_URL: this version works its queue off from the database; leave it unset")
    return Settings(
        secret_key=env.text("SECRET_KEY") or _kept_key(data_dir / "secret.key", 48),
        database_url=_database_url(env, data_dir),
        data_dir=data_dir,
        port=port,
        public_base_url=_base_url(env, "PUBLIC_BASE_URL", f"http://127.0.0.1:{port}"),
        trusted_proxies=env.integer("TRUSTED_PROXIES", 0, 0, 10),
        carrier=carrier,
        carrier_outbound=outbound,
        carrier_sms=sms,
        simulator_token=_kept_key(data_dir / "simulator.token", 32) if "simulator" in in_use else "",
        twilio_account_sid=env.text("TWILIO_ACCOUNT_SID"),
        twilio_auth_token=env.text("TWILIO_AUTH_TOKEN"),
        twilio_auth_token_secondary=env.text("TWILIO_AUTH_TOKEN_SECONDARY"),
        twilio_api_base_url=_base_url(env, "TWILIO_API_BASE_URL", ""),
        twilio_outbound=_account(env, "TWILIO_OUTBOUND"),
        twilio_sms=_account(env, "TWILIO_SMS"),
        carrier_without=_without(env),
        simulator_faults=_faults(env),
        hotline_number=env.e164("HOTLINE_NUMBER", "+862160000000"),
        sms_from=env.text("SMS_FROM") or env.e164("HOTLINE_NUMBER", "+862160000000"),
        mail_from=env.mail("MAIL_FROM", "linli@example.org"),
        smtp_url=_smtp_url(env),
        staff_alert_urls=tuple(env.text("STAFF_ALERT_URLS").split()),
        report_signing_key=env.text("REPORT_SIGNING_KEY"),
        report_signing_passphrase=env.text("REPORT_SIGNING_PASSPHRASE"),
        default_locale=env.choice("BABEL_DEFAULT_LOCALE", LOCALES, "zh"),
        timezone=_timezone(env),
        log_level=env.choice("LOG_LEVEL", LOG_LEVELS, "INFO", upper=True),
        demo_password=env.text("DEMO_PASSWORD"),
        metrics_token=env.text("METRICS_TOKEN"),
        session_idle_hours=env.integer("SESSION_IDLE_HOURS", 8, 1, 168),
        testing=env.text("LINLI_TESTING") == "1",
    )


class _Reader:
    """The environment with `_FILE` variants (a secret mounted as a file) and checks that name the setting."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def text(self, name: str) -> str:
        value = self.environ.get(name, "").strip()
        path = self.environ.get(f"{name}_FILE", "").strip()
        if value or not path:
            return value
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{name}_FILE: cannot read {path}") from error

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name)
        if not value:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise SettingsError(f"{name} must be a whole number from {low} to {high}, not {value!r}")
        return int(value)

    def choice(self, name: str, allowed: tuple[str, ...], default: str, *, upper: bool = False) -> str:
        value = self.text(name) or default
        value = value.upper() if upper else value
        if value not in allowed:
            raise SettingsError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
        return value

    def e164(self, name: str, default: str) -> str:
        value = self.text(name) or default
        if not _E164.fullmatch(value):
            raise SettingsError(f"{name} must be a number like +862160000000, not {value!r}")
        return value

    def mail(self, name: str, default: str) -> str:
        value = self.text(name) or default
        if not re.fullmatch(r"(?:[^<>@\r\n]+ <)?[^\s@<>]+@[^\s@<>]+>?", value):
            raise SettingsError(f"{name} must be a mail address, not {value!r}")
        return value


def _data_dir(env: _Reader) -> Path:
    path = Path(env.text("DATA_DIR") or "data").resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"DATA_DIR: cannot make {path}: {error.strerror}") from error
    if not os.access(path, os.W_OK):
        raise SettingsError(f"DATA_DIR: cannot write to {path}")
    return path


def _kept_key(path: Path, size: int) -> str:
    """A random key made once and kept, readable by us alone. Two first starts at once agree on one key."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(size), encoding="ascii")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()


def _database_url(env: _Reader, data_dir: Path) -> str:
    url = env.text("DATABASE_URL") or f"sqlite:///{data_dir / 'linli.db'}"
    scheme = url.split(":", 1)[0]
    if scheme in ("postgres", "postgresql"):
        url = "postgresql+psycopg" + url[len(scheme) :]
    elif scheme not in ("sqlite", "postgresql+psycopg"):
        raise SettingsError(f"DATABASE_URL must begin with sqlite:// or postgresql://, not {scheme!r}")
    try:
        make_url(url)
    except (ArgumentError, ValueError) as error:
        raise SettingsError("DATABASE_URL must look like postgresql://user:pass@host:port/name") from error
    return url


def _account(env: _Reader, prefix: str) -> Account:
    """An account of its own for one way, or Twilio's usual one. All three settings belong together."""
    if not env.text(f"{prefix}_ACCOUNT_SID") and not env.text(f"{prefix}_AUTH_TOKEN"):
        prefix = "TWILIO"
    sid, token = env.text(f"{prefix}_ACCOUNT_SID"), env.text(f"{prefix}_AUTH_TOKEN")
    if bool(sid) != bool(token):
        raise SettingsError(f"{prefix}_ACCOUNT_SID and {prefix}_AUTH_TOKEN belong together")
    return Account(sid, token, _base_url(env, f"{prefix}_API_BASE_URL", ""))


def _without(env: _Reader) -> tuple[str, ...]:
    words = tuple(env.text("CARRIER_WITHOUT").split())
    for word in words:
        if word not in OPTIONAL:
            raise SettingsError(f"CARRIER_WITHOUT must name some of {', '.join(OPTIONAL)}, not {word!r}")
    return words


def _faults(env: _Reader) -> str:
    text = env.text("SIMULATOR_FAULTS")
    share, number = (
        r"(?:repeat|reorder|drop)=(?:0(?:\.\d+)?|1(?:\.0+)?)",
        r"(?:seed|busy)=\d{1,6}|delay=\d{1,3}(?:\.\d+)?",
    )
    numbers = r"(?:machine|lost_answer|refused)=\+\d{7,15}(?:,\+\d{7,15})*"
    if not all(re.fullmatch(f"{share}|{number}|{numbers}", word) for word in text.split()):
        raise SettingsError(
            f"SIMULATOR_FAULTS must look like 'repeat=0.05 drop=0.1 machine=+8613900139001', not {text!r}"
        )
    return text


def _base_url(env: _Reader, name: str, default: str) -> str:
    url = (env.text(name) or default).rstrip("/")
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment:
        raise SettingsError(f"{name} must be an address like https://hotline.example.org, not {url!r}")
    return url


def _smtp_url(env: _Reader) -> str:
    url = env.text("SMTP_URL")
    if url:
        try:
            parts = urlsplit(url)
            good = parts.scheme in ("smtp", "smtps", "smtp+starttls") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good:
            raise SettingsError("SMTP_URL must look like smtp://user:pass@host:port")
    return url


def _timezone(env: _Reader) -> ZoneInfo:
    name = env.text("TIMEZONE") or "Asia/Shanghai"
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise SettingsError(f"TIMEZONE must be a name like Asia/Shanghai, not {name!r}") from error
