"""Settings (I2): defaults, `_FILE` secrets, keys made once, and nonsense that stops the start with one clear line."""

import stat

import pytest

from app.errors import SettingsError
from config import load_settings

TWILIO = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "token"}


def load(folder, **environ):
    return load_settings({"DATA_DIR": str(folder), **environ})


def test_the_defaults_are_those_of_the_interfaces(tmp_path):
    settings = load(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path / 'linli.db'}"
    assert (settings.port, settings.public_base_url) == (8080, "http://127.0.0.1:8080")
    assert (settings.carrier, settings.carrier_outbound, settings.carrier_sms) == ("simulator",) * 3
    assert (settings.default_locale, str(settings.timezone)) == ("zh", "Asia/Shanghai")


def test_the_public_address_follows_the_port(tmp_path):
    assert load(tmp_path, PORT="8099").public_base_url == "http://127.0.0.1:8099"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_by_psycopg(tmp_path, scheme):
    url = load(tmp_path, DATABASE_URL=f"{scheme}://linli@db/linli").database_url
    assert url == "postgresql+psycopg://linli@db/linli"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "８０８０"),
        ("CARRIER", "pigeon"),
        ("CARRIER_SMS", "pigeon"),
        ("TIMEZONE", "Mars"),
        ("TIMEZONE", "../etc/passwd"),
        ("DATABASE_URL", "mysql://linli"),
        ("PUBLIC_BASE_URL", "foo"),
        ("PUBLIC_BASE_URL", "http://host:port"),
        ("PUBLIC_BASE_URL", "https://host/?a=b"),
        ("TWILIO_API_BASE_URL", "ftp://host"),
        ("SMTP_URL", "x"),
        ("SMTP_URL", "smtp://:25"),
        ("MAIL_FROM", "nobody"),
        ("HOTLINE_NUMBER", "12"),
        ("HOTLINE_NUMBER", "021-60000000"),
        ("TRUSTED_PROXIES", "99"),
        ("BABEL_DEFAULT_LOCALE", "fr"),
        ("LOG_LEVEL", "LOUD"),
        ("SECRET_KEY_FILE", "/nowhere/key"),
        ("QUEUE_URL", "redis://queue"),
    ],
)
def test_nonsense_names_its_setting_in_one_line(tmp_path, name, value):
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, **{name: value})
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_made_stops_the_start(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="DATA_DIR"):
        load(tmp_path / "file" / "data")


def test_a_secret_may_come_from_a_file_and_the_plain_one_wins(tmp_path):
    (tmp_path / "key").write_text("from the file\n")
    assert load(tmp_path, SECRET_KEY_FILE=str(tmp_path / "key")).secret_key == "from the file"
    assert load(tmp_path, SECRET_KEY_FILE=str(tmp_path / "key"), SECRET_KEY="plain").secret_key == "plain"


def test_keys_are_made_once_kept_and_readable_by_us_alone(tmp_path):
    first, second = load(tmp_path), load(tmp_path)
    assert first.secret_key == second.secret_key
    assert first.simulator_token == second.simulator_token
    assert len(first.simulator_token) >= 32
    assert stat.S_IMODE((tmp_path / "simulator.token").stat().st_mode) == 0o600


def test_no_secret_is_shown(tmp_path):
    settings = load(tmp_path, CARRIER="twilio", **TWILIO)
    assert settings.secret_key not in repr(settings)
    assert "token" not in repr(settings)


@pytest.mark.parametrize("name", ["CARRIER", "CARRIER_OUTBOUND", "CARRIER_SMS"])
def test_twilio_anywhere_needs_its_account(tmp_path, name):
    with pytest.raises(SettingsError, match="TWILIO_ACCOUNT_SID"):
        load(tmp_path, **{name: "twilio"})
    assert load(tmp_path, **{name: "twilio"}, **TWILIO).twilio_auth_token == "token"


def test_webhooks_are_signed_by_the_carriers_in_use(tmp_path):
    own = load(tmp_path).simulator_token
    assert load(tmp_path, **TWILIO).webhook_tokens == (own,)
    rotating = load(tmp_path, CARRIER="twilio", TWILIO_AUTH_TOKEN_SECONDARY="older", **TWILIO)
    assert rotating.webhook_tokens == ("token", "older")
    assert load(tmp_path, CARRIER_SMS="twilio", **TWILIO).webhook_tokens == (own, "token")


def test_a_second_account_needs_its_token_and_falls_back_to_the_first(tmp_path):
    with pytest.raises(SettingsError, match="TWILIO_OUTBOUND_AUTH_TOKEN"):
        load(tmp_path, CARRIER="twilio", TWILIO_OUTBOUND_ACCOUNT_SID="AC2", **TWILIO)
    own = {"TWILIO_OUTBOUND_ACCOUNT_SID": "AC2", "TWILIO_OUTBOUND_AUTH_TOKEN": "two"}
    settings = load(tmp_path, CARRIER="twilio", **own, **TWILIO)
    assert (settings.account("outbound").sid, settings.account("sms").sid) == ("AC2", "AC1")


def test_what_a_carrier_cannot_do_is_named_in_known_words(tmp_path):
    assert load(tmp_path, CARRIER_WITHOUT="sms_in record_calls").carrier_without == ("sms_in", "record_calls")
    with pytest.raises(SettingsError, match="CARRIER_WITHOUT"):
        load(tmp_path, CARRIER_WITHOUT="inbound")
