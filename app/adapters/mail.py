"""Mail: files under DATA_DIR/mail by default (.eml, as any mail program opens), a real server when SMTP_URL is set."""

import hashlib
import mimetypes
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.adapters.files import inside, write_whole
from app.errors import LinliError
from app.rules.outbox import Envelope, Outcome

TIMEOUT_SECONDS = 30


def compose(envelope: Envelope, mail_from: str, data_dir: Path) -> EmailMessage:
    """The message itself. Its Message-ID comes from the key: a second copy is recognisable as the same letter.

    Raises OSError or Invalid when the attachment is not there or not below DATA_DIR.
    """
    message = EmailMessage()
    message["From"] = mail_from
    message["To"] = envelope.to
    message["Subject"] = envelope.subject or ""
    message["Date"] = format_datetime(envelope.created_at)
    domain = parseaddr(mail_from)[1].rpartition("@")[2]
    message["Message-ID"] = f"<{hashlib.sha256(envelope.key.encode()).hexdigest()[:32]}@{domain}>"
    message.set_content(envelope.body)
    if envelope.attachment:
        path = inside(data_dir, envelope.attachment)
        kind, _, subtype = (mimetypes.guess_type(path.name)[0] or "application/octet-stream").partition("/")
        message.add_attachment(path.read_bytes(), maintype=kind, subtype=subtype, filename=path.name)
    return message


class FileMail:
    """Writes each message as a file; writing the same one twice is the same file."""

    def __init__(self, mail_from: str, data_dir: Path) -> None:
        self.mail_from, self.data_dir = mail_from, data_dir

    def send(self, envelope: Envelope) -> Outcome:
        """Write the file. A message that cannot be composed never will be: permanent."""
        try:
            message = compose(envelope, self.mail_from, self.data_dir)
        except (OSError, ValueError, LinliError) as error:
            return Outcome(ok=False, permanent=True, error=str(error))
        try:
            write_whole(self._path(envelope), message.as_bytes())
        except OSError as error:
            return Outcome(ok=False, error=str(error))
        return Outcome(ok=True, provider_sid=self._path(envelope).name)

    def look_up(self, envelope: Envelope) -> Outcome:
        """A file is there or it is not."""
        path = self._path(envelope)
        return Outcome(ok=True, provider_sid=path.name) if path.exists() else Outcome(ok=False, error="not written")

    def _path(self, envelope: Envelope) -> Path:
        day = f"{envelope.created_at:%Y%m%d}"
        return self.data_dir / "mail" / f"{day}-{envelope.id:08d}-{envelope.purpose or 'mail'}.eml"


class SmtpMail:
    """A mail server: smtp:// (STARTTLS when it offers it), smtp+starttls:// (insists), smtps://."""

    def __init__(self, smtp_url: str, mail_from: str, data_dir: Path, timeout: float = TIMEOUT_SECONDS) -> None:
        self.url, self.mail_from, self.data_dir, self.timeout = urlsplit(smtp_url), mail_from, data_dir, timeout

    def send(self, envelope: Envelope) -> Outcome:
        """One session a message. What breaks before DATA is final is a failure; what breaks after it is unknown."""
        try:
            content = compose(envelope, self.mail_from, self.data_dir).as_bytes()
        except (OSError, ValueError, LinliError) as error:
            return Outcome(ok=False, permanent=True, error=str(error))
        try:
            server = self._connect()
        except smtplib.SMTPException as error:
            return Outcome(ok=False, error=f"{type(error).__name__}: {error}")
        except OSError as error:
            return Outcome(ok=False, error=f"mail server not reached: {error}")
        try:
            return self._hand_over(server, envelope.to, content)
        finally:
            server.close()

    def look_up(self, envelope: Envelope) -> None:
        """No mail server can be asked what it has taken."""
        return

    def _connect(self) -> smtplib.SMTP:
        host, scheme = self.url.hostname or "", self.url.scheme
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if scheme == "smtps":
            server = smtplib.SMTP_SSL(host, self.url.port or 465, timeout=self.timeout, context=context)
        else:
            server = smtplib.SMTP(host, self.url.port or (587 if "starttls" in scheme else 25), timeout=self.timeout)
        try:
            server.ehlo()
            if scheme == "smtp+starttls" or (scheme == "smtp" and self.url.username and server.has_extn("starttls")):
                server.starttls(context=context)
                server.ehlo()
            if self.url.username:
                server.login(unquote(self.url.username), unquote(self.url.password or ""))
        except Exception:
            server.close()
            raise
        return server

    def _hand_over(self, server: smtplib.SMTP, to: str, content: bytes) -> Outcome:
        try:
            for code, answer in (server.mail(parseaddr(self.mail_from)[1]), server.rcpt(to)):
                if code not in (250, 251):
                    return _refused(code, answer)
        except (smtplib.SMTPException, OSError) as error:
            return Outcome(ok=False, error=f"{type(error).__name__}: {error}")
        try:
            code, answer = server.data(content)
        except smtplib.SMTPDataError as error:
            return _refused(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            return Outcome(ok=False, unknown=True, error=f"no answer to the message: {error}")
        return Outcome(ok=True) if code == 250 else _refused(code, answer)


def _refused(code: int, answer: bytes | str) -> Outcome:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return Outcome(ok=False, permanent=code >= 500, error=f"{code} {text}")
