"""`doctor`: looks at configuration, database, fonts, carrier and mail, and says what is wrong (I1)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import click
from flask_appbuilder.security.sqla.models import Role as RoleRow
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.adapters import probes
from app.adapters.carrier import queue_is_shared
from app.adapters.clock import now
from app.adapters.signing_key import signing_key
from app.cli.support import house_command, say, settings
from app.errors import N_, LinliError
from app.extensions import db
from app.models import Category, ClockPolicy, Community, Heartbeat, HotlineNumber
from app.reports.fonts import font_hash
from app.rules.calendars import undecreed
from app.rules.codes import Role
from app.services import recordings, text_pictures
from app.services.demo_logins import demo_day
from app.services.journal import failed_files, waiting_entries
from app.services.roster import coming_gaps
from app.services.schema import is_current

GOOD, WARNING, BAD = "ok", "warn", "WRONG"
EXIT_WRONG = 1
HEARTBEAT_FRESH = timedelta(seconds=120)
LEAST_FREE_MEGABYTES = 500


@dataclass(frozen=True)
class Finding:
    """What one look found: how bad, a msgid and its parameters."""

    level: str
    msgid: str
    params: dict[str, object]


def _found(level: str, msgid: str, **params: object) -> Finding:
    return Finding(level, msgid, params)


@click.command("doctor")
@house_command
def doctor_command() -> None:
    """Check everything the product needs; exit code 1 when something is wrong."""
    wrong = 0
    for area, look in _LOOKS:
        for finding in look():
            wrong += finding.level == BAD
            click.echo(f"{finding.level:<6}{area:<15}", nl=False)
            say(finding.msgid, **finding.params)
    click.get_current_context().exit(EXIT_WRONG if wrong else 0)


def _configuration() -> Iterator[Finding]:
    s = settings()
    host = urlsplit(s.public_base_url).hostname
    local = host in ("127.0.0.1", "localhost", "::1")
    if s.carrier == "twilio" and local:
        yield _found(BAD, N_("PUBLIC_BASE_URL is %(url)s: Twilio cannot reach it."), url=s.public_base_url)
    elif not local and not s.is_secure:
        yield _found(WARNING, N_("PUBLIC_BASE_URL is not https: passwords and calls travel in the open."))
    else:
        yield _found(GOOD, N_("Settings are read; the public address is %(url)s."), url=s.public_base_url)
    free = probes.free_megabytes(s.data_dir)
    if free < LEAST_FREE_MEGABYTES:
        yield _found(BAD, N_("Only %(free)s MB are free where DATA_DIR is."), free=free)


def _database() -> Iterator[Finding]:
    try:
        with db.engine.connect() as connection:
            current = is_current(connection)
            if connection.dialect.name == "sqlite":
                yield from _sqlite(str(connection.scalar(text("PRAGMA quick_check(1)"))))
            elif connection.scalar(text("SHOW server_encoding")) != "UTF8":
                yield _found(BAD, N_("The database's encoding is not UTF8: Chinese text would be lost."))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        yield _found(BAD, N_("The database does not answer: %(reason)s"), reason=reason)
        return
    if not current:
        yield _found(BAD, N_("The database is not migrated: run `flask --app run db upgrade`."))
        return
    yield _found(GOOD, N_("The database answers and is migrated."))
    yield from _records(db.session())


def _sqlite(check: str) -> Iterator[Finding]:
    if check != "ok":
        yield _found(BAD, N_("The database file is damaged: %(reason)s. Restore a backup."), reason=check[:80])


def _records(session: Session) -> Iterator[Finding]:
    def count(model: type) -> int:
        return session.scalar(select(func.count()).select_from(model)) or 0

    if not (count(Category) and count(ClockPolicy)):
        yield _found(BAD, N_("The reference data are missing: run `flask --app run seed`."))
    admins = select(func.count()).select_from(User).join(User.roles).where(RoleRow.name == Role.ADMIN, User.active)
    if not session.scalar(admins):
        yield _found(BAD, N_("Nobody can administer: run `flask --app run user create --role admin`."))
    without = select(func.count()).select_from(Community).where(~Community.hotline_numbers.any(HotlineNumber.active))
    if not count(Community):
        yield _found(WARNING, N_("There is no community yet."))
    elif session.scalar(without):
        yield _found(WARNING, N_("A community has no hotline number."))
    if demo_day(session) is not None and settings().carrier == "twilio":
        yield _found(WARNING, N_("This database holds demo logins with one common password."))


def _duty() -> Iterator[Finding]:
    at = now()
    try:
        session = db.session()
        beat = session.scalar(select(Heartbeat.beat_at).where(Heartbeat.name == "scheduler"))
        gaps = coming_gaps(session, at)
    except SQLAlchemyError:
        return
    if beat is None or at - beat > HEARTBEAT_FRESH:
        yield _found(WARNING, N_("The scheduler is not running: messages wait and emergencies do not ring."))
    else:
        yield _found(GOOD, N_("The scheduler is running."))
    if gaps:
        yield _found(WARNING, N_("The duty roster has %(count)s gaps in the coming days."), count=len(gaps))
    for year in undecreed(at, settings().timezone):
        yield _found(WARNING, N_("The public holidays of %(year)s are not known: enter them as own days."), year=year)


def _hotline() -> Iterator[Finding]:
    waiting, failed = waiting_entries(), failed_files()
    if waiting:
        yield _found(WARNING, N_("%(count)s webhooks wait in the journal to be entered."), count=waiting)
    if failed:
        yield _found(
            BAD, N_("Webhooks in %(count)s files DATA_DIR/journal/failed-*.jsonl could not be entered."), count=failed
        )
    try:
        troubled = recordings.troubled(db.session())
        pictures = text_pictures.troubled(db.session())
    except SQLAlchemyError:
        return
    if troubled:
        yield _found(
            WARNING, N_("%(count)s recordings cannot be fetched or deleted at the carrier for a day."), count=troubled
        )
    if pictures:
        yield _found(
            WARNING,
            N_("%(count)s pictures of texts cannot be fetched or deleted at the carrier for a day."),
            count=pictures,
        )
    if not (troubled or pictures or waiting or failed):
        yield _found(GOOD, N_("No call waits to be entered, no recording to be fetched."))


def _fonts() -> Iterator[Finding]:
    try:
        font_hash()
        yield _found(GOOD, N_("The report's fonts are there."))
    except LinliError as error:
        yield _found(BAD, error.msgid, **error.params)
    missing = probes.library_problem()
    if missing:
        yield _found(BAD, N_("The system library %(name)s is missing: reports cannot be made well."), name=missing)


def _signing() -> Iterator[Finding]:
    s = settings()
    if not s.report_signing_key:
        yield _found(
            GOOD, N_("Reports are signed with a certificate made here; REPORT_SIGNING_KEY takes the company's own.")
        )
        return
    try:
        key = signing_key(s.data_dir, s.report_signing_key, s.report_signing_passphrase, "", now())
        yield _found(GOOD, N_("Reports are signed with the company's certificate %(name)s."), name=key.name)
    except LinliError as error:
        yield _found(BAD, error.msgid, **error.params)


def _carrier() -> Iterator[Finding]:
    s = settings()
    if "twilio" not in (s.carrier, s.carrier_outbound, s.carrier_sms):
        yield _found(GOOD, N_("The telephone is simulated (CARRIER=simulator)."))
        return
    ways = {"inbound": s.carrier, "outbound": s.carrier_outbound, "sms": s.carrier_sms}
    problems = [probes.carrier_problem(account) for account in {s.account(w) for w, c in ways.items() if c == "twilio"}]
    for problem in filter(None, problems):
        yield _found(BAD, N_("The carrier does not accept us: %(reason)s"), reason=problem)
    if not any(problems):
        yield _found(GOOD, N_("The carrier accepts our account."))
    if not queue_is_shared(s):
        yield _found(
            WARNING,
            N_("Calls come in and go out by different carriers: who takes an emergency rings the caller back."),
        )


def _mail() -> Iterator[Finding]:
    s = settings()
    if not s.smtp_url:
        yield _found(WARNING, N_("No SMTP_URL: mail is written to files in DATA_DIR/mail and reaches nobody."))
        return
    problem = probes.mail_problem(s.smtp_url)
    if problem:
        yield _found(BAD, N_("The mail server does not take us: %(reason)s"), reason=problem)
    else:
        yield _found(GOOD, N_("The mail server answers."))


_LOOKS: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
    ("configuration", _configuration),
    ("database", _database),
    ("duty", _duty),
    ("hotline", _hotline),
    ("fonts", _fonts),
    ("signature", _signing),
    ("carrier", _carrier),
    ("mail", _mail),
)
