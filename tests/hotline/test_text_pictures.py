"""Pictures of text messages: fetched, painted anew, put on the ticket, deleted at the carrier; tried again, and told when lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from app.adapters.carrier import carrier_of_account
from app.adapters.carrier.base import ALL, Capability, CarrierError
from app.adapters.carrier.simulator.picture import photo as puddle
from app.adapters.clock import now as present
from app.models import Attachment, Setting, TextPicture, Ticket
from app.rules.call_flow.words import line
from app.services.spoken_lines import write
from app.services.text_pictures import LOST, LOST_AFTER, delete_at_carrier, fetch_due, troubled
from app.services.transaction import transaction
from tests.support.hotline import HOTLINE, ZHANG, post_signed
from tests.support.pictures import gps_photo, photo

MESSAGE = "MM" + "1" * 32


class Company:
    """A carrier with some pictures."""

    capabilities = ALL

    def __init__(self, **pictures: bytes) -> None:
        self.pictures, self.asked, self.deleted = pictures, [], []
        self.refuses = False

    def fetch_picture(self, message_sid: str, media_sid: str, most_bytes: int) -> bytes:
        self.asked.append((message_sid, media_sid))
        if media_sid not in self.pictures:
            raise CarrierError("HTTP 404", permanent=True)
        return self.pictures[media_sid][:most_bytes]

    def delete_picture(self, message_sid: str, media_sid: str) -> None:
        if self.refuses:
            raise CarrierError("not now")
        self.deleted.append(media_sid)


@pytest.fixture
def text(app, community) -> Callable[..., None]:
    """text("…", "ME1") from 张伟's number, with pictures of these ids."""

    def send(body: str, *media: str, sid: str = MESSAGE, **fields: str) -> None:
        address = f"https://evil.example.org/2010-04-01/Accounts/ACx/Messages/{sid}/Media/"
        named = {f"MediaUrl{place}": f"{address}{one}" for place, one in enumerate(media)}
        data = {"MessageSid": sid, "From": ZHANG, "To": HOTLINE, "Body": body, "NumMedia": str(len(media)), **named}
        assert post_signed(app, "/hotline/sms", {**data, **fields}).status_code == 200

    return send


def fetch(company: Company, data_dir: Any, later: timedelta = timedelta()) -> dict[str, int]:
    return fetch_due(transaction, lambda _account: company, data_dir, present() + later)


def delete(company: Company, later: timedelta = timedelta()) -> dict[str, int]:
    return delete_at_carrier(transaction, lambda _account: company, present() + later)


def rows(session: Any, model: Any) -> list[Any]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(model).order_by(model.id)))


@pytest.mark.parametrize("body", ["厨房水龙头漏水", ""])
def test_a_picture_comes_to_the_ticket_without_its_place_and_goes_at_the_carrier(text, session, data_dir, body) -> None:
    text(body, "ME1")
    company = Company(ME1=gps_photo())
    assert fetch(company, data_dir)["kept"] == 1
    (file,) = rows(session, Attachment)
    (ticket,) = rows(session, Ticket)
    assert (file.ticket_id, file.stage, file.content_type) == (ticket.id, "report", "image/jpeg")
    kept = (data_dir / file.file_path).read_bytes()
    assert b"secret" not in kept.lower()
    with Image.open(data_dir / file.file_path) as picture:
        assert not picture.getexif()
    assert [entry.verb for entry in ticket.entries].count("photo") == 1
    assert company.deleted == []
    assert delete(company) == {"deleted": 1, "left": 0}
    assert company.asked == [(MESSAGE, "ME1")]
    assert company.deleted == ["ME1"]
    assert fetch(company, data_dir) == {"kept": 0, "refused": 0, "deferred": 0, "lost": 0}
    assert delete(company) == {"deleted": 0, "left": 0}


def test_the_same_message_twice_and_a_further_one_on_the_matter(text, session, data_dir) -> None:
    text("厨房水龙头漏水", "ME1", "ME2")
    text("厨房水龙头漏水", "ME1", "ME2")
    text("厨房水龙头漏水，更大了", "ME3", sid="MM" + "2" * 32)
    assert [picture.media_sid for picture in rows(session, TextPicture)] == ["ME1", "ME2", "ME3"]
    company = Company(ME1=photo(), ME2=photo(), ME3=photo("PNG", colour="red"))
    assert fetch(company, data_dir)["kept"] == 3
    assert {file.ticket_id for file in rows(session, Attachment)} == {rows(session, Ticket)[0].id}
    assert len(rows(session, Attachment)) == 2, "the same picture is one file"


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"BEGIN:VCARD", "“短信中的图片”不是照片"), (photo()[:900], "“短信中的图片”已损坏"), (b"", "“短信中的图片”是空"),
     (b"\xff\xd8\xff" + b"0" * (1024 * 1024 + 1), "“短信中的图片”太大")],
)  # fmt: skip
def test_what_is_no_picture_is_not_taken_and_the_ticket_says_so(text, session, data_dir, content, said) -> None:
    with transaction() as writing:
        writing.add(Setting(key="uploads.most_megabytes", value="1"))
    text("厨房水龙头漏水", "ME1")
    company = Company(ME1=content)
    assert fetch(company, data_dir)["refused"] == 1
    notes = [entry.note for entry in rows(session, Ticket)[0].entries if entry.verb == "note"]
    assert [note for note in notes if said in note], notes
    assert rows(session, Attachment) == []
    assert delete(company)["deleted"] == 1, "it does not stay there either"


def test_a_carrier_in_trouble_is_asked_less_and_less_often_and_a_week_later_it_is_lost(text, session, data_dir) -> None:
    text("厨房水龙头漏水", "ME1")
    company = Company()
    asked = 0
    for minutes in range(0, 60):
        fetch(company, data_dir, timedelta(minutes=minutes))
        asked = len(company.asked)
    assert 5 <= asked <= 7
    assert fetch(company, data_dir, LOST_AFTER + timedelta(hours=6))["lost"] == 1
    (ticket,) = rows(session, Ticket)
    assert [entry.note for entry in ticket.entries].count(write(line(LOST))) == 1
    assert fetch(Company(ME1=photo()), data_dir, LOST_AFTER * 2)["kept"] == 0
    assert delete(company, LOST_AFTER * 2) == {"deleted": 1, "left": 0}, "it does not stay there either"


def test_what_cannot_be_deleted_is_tried_again_and_shown_as_trouble(text, session, data_dir) -> None:
    text("厨房水龙头漏水", "ME1")
    company = Company(ME1=photo())
    fetch(company, data_dir)
    company.refuses = True
    assert delete(company) == {"deleted": 0, "left": 1}
    assert delete(company) == {"deleted": 0, "left": 0}, "later, not at once"
    for day in range(1, 13):
        delete(company, timedelta(days=day))
    session.rollback()
    assert troubled(session) == 1
    company.refuses = False
    assert delete(company, timedelta(days=20))["deleted"] == 1
    session.rollback()
    assert troubled(session) == 0


def test_a_carrier_that_hands_over_none_is_not_asked(text, session, data_dir) -> None:
    text("厨房水龙头漏水", "ME1")
    company = Company(ME1=photo())
    company.capabilities = ALL - {Capability.SMS_PICTURES}
    assert fetch(company, data_dir)["refused"] == 1
    assert company.asked == []
    assert any("运营商不提供图片" in entry.note for entry in rows(session, Ticket)[0].entries)


@pytest.mark.parametrize(
    "fields",
    [{"NumMedia": "x"}, {"NumMedia": "3"}, {"MediaUrl0": "https://h/Media/../../etc"}, {"MediaUrl0": "a" * 600}],
)
def test_odd_fields_name_no_picture_and_lose_no_message(text, session, fields) -> None:
    text("厨房水龙头漏水", **fields)
    assert len(rows(session, Ticket)) == 1
    assert rows(session, TextPicture) == []


def test_stop_with_a_picture_keeps_none(text, session) -> None:
    text("STOP", "ME1")
    assert rows(session, TextPicture) == []


def test_the_simulators_own_photo_tells_a_place_that_is_not_kept(app, session, community, data_dir) -> None:
    """A photo as the telephone page sends it, by the test carrier that every account falls to."""
    settings = app.extensions["settings"]
    company = carrier_of_account(settings, None)
    assert company.name == "simulator"
    sid = company.store.add_picture(puddle())
    data = {"MessageSid": MESSAGE, "From": ZHANG, "To": HOTLINE, "Body": "地下室积水", "NumMedia": "1"}
    address = f"https://h.example.org/Accounts/ACx/Messages/{MESSAGE}/Media/{sid}"
    assert post_signed(app, "/hotline/sms", {**data, "MediaUrl0": address}).status_code == 200
    assert (
        fetch_due(transaction, lambda account: carrier_of_account(settings, account), data_dir, present())["kept"] == 1
    )
    (file,) = rows(session, Attachment)
    with Image.open(data_dir / file.file_path) as picture:
        assert (picture.size, dict(picture.getexif())) == ((1600, 1200), {})
    delete_at_carrier(transaction, lambda account: carrier_of_account(settings, account), present())
    assert company.store.picture(sid) is None
