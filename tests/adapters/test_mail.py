"""Mail leaves as files by default and through a real server when there is one; what went wrong is told apart."""

from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from app.adapters.mail import FileMail, SmtpMail
from app.rules.outbox import Envelope


@pytest.fixture
def envelope(now: datetime) -> Envelope:
    return Envelope(
        7, "report:1", "email", "zhang@example.org", "三月服务报告", "请查收。", "reports/3.pdf", 1, now, "report"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/3.pdf").write_bytes(b"%PDF-1.7 kept as it is \x00\xff")
    return tmp_path


def test_a_file_holds_the_whole_letter(envelope: Envelope, folder: Path) -> None:
    outcome = FileMail("邻里 <linli@example.org>", folder).send(envelope)
    (file,) = (folder / "mail").glob("*.eml")
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (outcome.ok, message["To"], message["Subject"]) == (True, "zhang@example.org", "三月服务报告")
    (attachment,) = message.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content_type()) == ("3.pdf", "application/pdf")
    assert attachment.get_content() == b"%PDF-1.7 kept as it is \x00\xff"


def test_the_same_letter_twice_is_one_file(envelope: Envelope, folder: Path) -> None:
    mail = FileMail("linli@example.org", folder)
    before = mail.look_up(envelope)
    mail.send(envelope)
    mail.send(envelope)
    assert (before.ok, mail.look_up(envelope).ok) == (False, True)
    assert len(list((folder / "mail").iterdir())) == 1


@pytest.mark.parametrize("attachment", ["reports/none.pdf", "../secret", "/etc/passwd"])
def test_a_letter_without_its_enclosure_is_not_sent(envelope: Envelope, folder: Path, attachment: str) -> None:
    from dataclasses import replace

    outcome = FileMail("linli@example.org", folder).send(replace(envelope, attachment=attachment))
    assert (outcome.ok, outcome.permanent) == (False, True)
    assert not (folder / "mail").exists()


def test_a_real_server_receives_it_with_the_enclosure(envelope: Envelope, folder: Path, smtp_server) -> None:
    outcome = SmtpMail(smtp_server.url, "邻里 <linli@example.org>", folder).send(envelope)
    (message,) = smtp_server.messages
    assert outcome.ok
    assert smtp_server.recipients == [["zhang@example.org"]]
    assert message["Message-ID"].endswith("@example.org>")
    assert [part.get_content() for part in message.iter_attachments()] == [b"%PDF-1.7 kept as it is \x00\xff"]


@pytest.mark.parametrize(("answer", "permanent"), [("550 no such person", True), ("451 come back later", False)])
def test_a_refusal_is_permanent_or_not(
    envelope: Envelope, folder: Path, smtp_server, answer: str, permanent: bool
) -> None:
    smtp_server.refuse = answer
    outcome = SmtpMail(smtp_server.url, "linli@example.org", folder).send(envelope)
    assert (outcome.ok, outcome.permanent, outcome.unknown) == (False, permanent, False)
    assert answer[:3] in (outcome.error or "")


def test_a_server_that_is_away_is_tried_again(envelope: Envelope, folder: Path) -> None:
    outcome = SmtpMail("smtp://127.0.0.1:9", "linli@example.org", folder).send(envelope)
    assert (outcome.ok, outcome.permanent, outcome.unknown) == (False, False, False)


def test_silence_after_the_letter_is_unknown(envelope: Envelope, folder: Path, smtp_server) -> None:
    async def never(server, session, given):
        server.transport.abort()
        return "250 too late"

    smtp_server.handle_DATA = never
    outcome = SmtpMail(smtp_server.url, "linli@example.org", folder).send(envelope)
    assert (outcome.ok, outcome.unknown) == (False, True)
