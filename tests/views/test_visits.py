"""Return visits on pages: each role sees, makes, gives and checks what is theirs; signatures; the draw (D8)."""

import base64
import io
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image, ImageDraw
from sqlalchemy import select

from app.adapters.clock import now as present
from app.models import (
    Attachment,
    Draw,
    DrawRound,
    Message,
    ReturnVisit,
    Setting,
    Ticket,
    VisitAnswer,
    VisitCheck,
    VisitTry,
)
from app.services.actors import Actor
from app.services.ticket_verbs import perform
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.pictures import photo

ROBOT = Actor.system("tests")
MAY_MAKE = ("assistant", "steward", "supervisor", "manager", "deputy", "admin")


@pytest.fixture
def visit_ids(estate: Estate, session: Any) -> dict[str, int]:
    """The tickets of all four houses done by the technician, their visits due."""
    at = present() - timedelta(days=1)
    found = {}
    for key, pk in estate.tickets.items():
        ticket = session.get_one(Ticket, pk)
        for visit in ticket.visits:
            session.delete(visit)
        session.flush()
        session.expire(ticket)
        ticket.kind = "complaint"
        data = {"assignee_id": estate.staff["technician"]} if key != "foreign" else {}
        perform(session, ticket, "dispatch", ROBOT, at, data)
        for verb in ("start", "finish"):
            perform(session, ticket, verb, ROBOT, at, {})
        found[key] = ticket.visits[0].id
    session.commit()
    return found


def visit_of(session: Any, pk: int) -> ReturnVisit:
    session.rollback()
    session.expire_all()
    return session.get_one(ReturnVisit, pk)


def become(client: Client, role: str) -> None:
    client.submit("/logout/")
    client.login(role)


def drawing(width: int = 800, height: int = 320, *, ink: bool = True, speck: bool = False) -> str:
    picture = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(picture)
    if ink:
        pen.line([(80, 220), (200, 90), (330, 240), (520, 110), (700, 200)], fill="#111", width=5)
    if speck:
        pen.ellipse((10, 10, 16, 16), fill="black")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


# ---- who sees what ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("assistant", {"own", "next", "far"}),
        ("supervisor", {"own", "next", "far"}),
        ("manager", {"own", "next", "far"}),
        ("steward", {"own", "next"}),
        ("quality", {"own", "next", "far", "foreign"}),
        ("admin", {"own", "next", "far", "foreign"}),
    ],
)
def test_ones_own_a_colleagues_and_a_strangers_visit(client: Client, visit_ids, role: str, seen: set[str]) -> None:
    client.login(role)
    answers = {key: client.get(f"/visit/{pk}").status_code for key, pk in visit_ids.items()}
    assert {key for key, status in answers.items() if status == 200} == seen
    assert {status for key, status in answers.items() if key not in seen} <= {404}
    listed = client.get("/visit/?show=due").text
    assert {key for key in visit_ids if f'href="/visit/{visit_ids[key]}"' in listed} == seen


@pytest.mark.parametrize("role", ["technician", "finance", "owner", "resident"])
def test_nobody_else_has_the_page(client: Client, visit_ids, role: str) -> None:
    client.login(role)
    for path in ("/visit/", f"/visit/{visit_ids['own']}", f"/visit/{visit_ids['own']}/sign", "/visit/draws"):
        assert client.get(path).status_code in (302, 403, 404), path
    for path in ("phone", "ask/sms", "give", "sign", "check"):
        assert client.submit(f"/visit/{visit_ids['own']}/{path}", {"result": "answered", "score": "5"}).status_code in (
            302, 403, 404,
        )  # fmt: skip


def test_nothing_is_written_by_who_may_not(client: Client, session, visit_ids) -> None:
    for role in ("technician", "finance", "owner", "quality"):
        become(client, role)
        client.submit(f"/visit/{visit_ids['own']}/phone", {"result": "answered", "score": "5"})
    become(client, "steward")
    assert client.submit(f"/visit/{visit_ids['far']}/phone", {"result": "answered", "score": "5"}).status_code == 404
    assert {visit_of(session, pk).state for pk in visit_ids.values()} == {"due"}


# ---- by phone --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", MAY_MAKE)
def test_the_desk_notes_a_call_and_it_stands_on_the_tickets_page(client: Client, session, visit_ids, role: str) -> None:
    client.login(role)
    pk = visit_ids["own"]
    page = client.get(f"/visit/{pk}").text
    assert "电话回访" in page
    sent = {"result": "answered", "score": "4", "note": "师傅很准时"}
    assert client.submit(f"/visit/{pk}/phone", sent).status_code == 302
    visit = visit_of(session, pk)
    assert (visit.state, visit.way, visit.score, visit.ticket.state) == ("made", "phone", 4, "visited")
    ticket_page = client.get(f"/ticket/{visit.ticket.number}").text
    assert "4 / 5" in ticket_page
    assert f'href="/visit/{pk}"' in ticket_page
    assert "师傅很准时" in client.get(f"/visit/{pk}").text


def test_a_refused_note_keeps_what_was_typed(client: Client, session, visit_ids) -> None:
    client.login("assistant")
    answer = client.submit(f"/visit/{visit_ids['own']}/phone", {"result": "answered", "note": "已沟通"})
    assert answer.status_code == 400
    assert "已沟通" in answer.text
    assert "请在 1" in answer.text or "1" in answer.text
    assert visit_of(session, visit_ids["own"]).tries == 0


def test_the_one_who_did_the_work_reads_why_not_and_is_refused(client: Client, session, estate, visit_ids) -> None:
    with transaction() as writing:
        ticket = writing.get_one(Ticket, estate.tickets["next"])
        perform(writing, ticket, "reopen", ROBOT, present(), {})
        perform(writing, ticket, "dispatch", ROBOT, present(), {"assignee_id": estate.staff["assistant"]})
        for verb in ("start", "finish"):
            perform(writing, ticket, verb, ROBOT, present(), {})
        pk = max(visit.id for visit in ticket.visits)
    client.login("assistant")
    page = client.get(f"/visit/{pk}").text
    assert "回访不能由处理人本人进行" in page
    assert "电话回访" not in page
    for path, sent in (
        ("phone", {"result": "answered", "score": "5"}),
        ("ask/sms", {}),
        ("sign", {"score": "5", "unsigned_why": "x"}),
    ):
        answer = client.submit(f"/visit/{pk}/{path}", sent)
        assert (answer.status_code, "处理人本人" in answer.text) == (409, True), path
    assert f'href="/visit/{pk}"' not in client.get("/visit/?show=mine").text
    assert f'<option value="{estate.staff["assistant"]}"' not in page
    assert f'<option value="{estate.staff["steward"]}"' in page
    become(client, "steward")
    assert f'href="/visit/{pk}"' in client.get("/visit/?show=mine").text


def test_given_to_somebody_it_stands_in_their_list_and_the_number_is_the_lists(
    client: Client, session, estate, visit_ids
) -> None:
    client.login("supervisor")
    pk = visit_ids["own"]
    assert client.submit(f"/visit/{pk}/give", {"staff_id": str(estate.staff["steward"])}).status_code == 302
    assert client.submit(f"/visit/{pk}/give", {"staff_id": str(estate.staff["technician"])}).status_code == 409
    become(client, "assistant")
    assert f'href="/visit/{pk}"' not in client.get("/visit/").text
    assert 'data-total="2"' in client.get("/work/visits").text
    become(client, "steward")
    assert f'href="/visit/{pk}"' in client.get("/visit/").text
    assert 'data-total="2"' in client.get("/work/visits").text


@pytest.mark.parametrize("pk", ["0", "999999", "99999999999"])
def test_a_visit_that_is_not_there_is_not_found(client: Client, visit_ids, pk: str) -> None:
    client.login("assistant")
    for path in (f"/visit/{pk}", f"/visit/{pk}/sign"):
        assert client.get(path).status_code == 404
    assert client.submit(f"/visit/{pk}/phone", {"result": "busy"}).status_code == 404


# ---- in person -------------------------------------------------------------------------------------------------------
def test_a_drawn_signature_is_kept_as_an_image(client: Client, session, visit_ids) -> None:
    client.login("steward")
    pk = visit_ids["own"]
    assert "data-signature" in client.get(f"/visit/{pk}/sign").text
    answer = client.submit(f"/visit/{pk}/sign", {"score": "5", "note": "满意", "signature": drawing()})
    assert answer.status_code == 302
    visit = visit_of(session, pk)
    assert (visit.state, visit.way, visit.score) == ("made", "in_person", 5)
    kept = session.get_one(Attachment, visit.signature_id)
    assert (kept.stage, kept.content_type, kept.ticket_id) == ("signature", "image/jpeg", visit.ticket_id)
    shown = client.get(f"/visit/{pk}").text
    assert f"/attachment/{kept.id}/thumb" in shown
    picture = client.get(f"/attachment/{kept.id}")
    assert Image.open(io.BytesIO(picture.data)).size == (800, 320)


def test_a_photo_of_the_signed_sheet_will_do(client: Client, session, visit_ids) -> None:
    client.login("assistant")
    pk = visit_ids["own"]
    sent = {"score": "4", "photos": [(io.BytesIO(photo()), "sheet.jpg")]}
    assert client.submit(f"/visit/{pk}/sign", sent).status_code == 302
    assert session.get_one(Attachment, visit_of(session, pk).signature_id).stage == "signature"


@pytest.mark.parametrize(
    "signature",
    ["", drawing(ink=False), drawing(ink=False, speck=True), "data:image/png;base64,AAAA", "data:image/svg+xml;base64,AAAA",
     "x", "data:image/png;base64,%%%", "data:image/png;base64," + "A" * 400_001, drawing(4000, 2000)],
)  # fmt: skip
def test_an_empty_or_broken_signature_is_a_sentence_and_nothing_is_kept(
    client: Client, session, visit_ids, data_dir, signature: str
) -> None:
    client.login("steward")
    answer = client.submit(f"/visit/{visit_ids['own']}/sign", {"score": "5", "note": "很好", "signature": signature})
    assert answer.status_code == 400
    assert "很好" in answer.text
    assert "签" in answer.text
    assert (visit_of(session, visit_ids["own"]).state, session.scalars(select(Attachment)).all()) == ("due", [])
    assert [path for path in (data_dir / "attachments").rglob("*") if path.is_file()] == []


def test_nothing_but_a_visit_makes_a_signature(client: Client, session, visit_ids) -> None:
    client.login("assistant")
    number = visit_of(session, visit_ids["own"]).ticket.number
    session.rollback()
    assert 'value="signature"' not in client.get(f"/ticket/{number}/photos").text
    sent = {"photos": [(io.BytesIO(photo()), "a.jpg")], "stage": "signature"}
    assert client.submit(f"/ticket/{number}/photos", sent).status_code == 400


# ---- by text, by link ------------------------------------------------------------------------------------------------
def test_asked_by_text_the_page_says_so_and_does_not_ask_twice(client: Client, session, visit_ids) -> None:
    with transaction() as writing:
        writing.get_one(ReturnVisit, visit_ids["own"]).ticket.reporter_phone = "+8613800138001"
    client.login("assistant")
    pk = visit_ids["own"]
    assert client.submit(f"/visit/{pk}/ask/web").status_code == 302
    page = client.get(f"/visit/{pk}").text
    assert "已发送" in page
    assert "/ask/sms" not in page
    assert client.submit(f"/visit/{pk}/ask/sms").status_code == 409
    assert client.submit(f"/visit/{pk}/ask/pigeon").status_code == 404
    assert session.scalars(select(VisitTry.result)).all() == ["sent"]


# ---- check and draw --------------------------------------------------------------------------------------------------
@pytest.fixture
def made(client: Client, session, visit_ids) -> int:
    session.add(Setting(key="visits.check_percent", value="100"))
    session.commit()
    client.login("assistant")
    client.submit(f"/visit/{visit_ids['own']}/phone", {"result": "answered", "score": "5"})
    return visit_ids["own"]


@pytest.mark.parametrize(("role", "status"), [("quality", 302), ("supervisor", 302), ("manager", 302)])
def test_supervisor_and_quality_check_what_was_drawn(
    client: Client, session, made: int, role: str, status: int
) -> None:
    become(client, role)
    assert f'href="/visit/{made}/check"' in client.get("/visit/?show=checks").text
    assert client.get(f"/visit/{made}/check").status_code == 200
    assert client.submit(f"/visit/{made}/check", {"result": "nonsense"}).status_code == 400
    sent = {"result": "confirmed", "score": "5", "way": "call", "note": "录音一致"}
    assert client.submit(f"/visit/{made}/check", sent).status_code == status
    check = session.scalars(select(VisitCheck)).one()
    assert (check.result, check.way, check.score) == ("confirmed", "call", 5)
    session.rollback()
    assert "录音一致" in client.get(f"/visit/{made}").text
    assert client.submit(f"/visit/{made}/check", sent).status_code == 409
    assert f'href="/visit/{made}"' in client.get("/visit/?show=checked").text


def test_who_made_the_visit_does_not_check_it(client: Client, session, made: int) -> None:
    for role in ("assistant", "steward"):
        become(client, role)
        assert client.get(f"/visit/{made}/check").status_code in (302, 403)
    become(client, "supervisor")
    pk = session.scalars(select(ReturnVisit.id).where(ReturnVisit.state == "due").order_by(ReturnVisit.id)).first()
    session.rollback()
    client.submit(f"/visit/{pk}/phone", {"result": "answered", "score": "5"})
    assert f"/visit/{pk}/check" not in client.get("/visit/?show=checks").text
    assert client.get(f"/visit/{pk}/check").status_code == 409
    assert client.submit(f"/visit/{pk}/check", {"result": "confirmed"}).status_code == 409


def test_the_draw_is_shown_with_its_members_and_its_seed_once_the_month_is_over(
    client: Client, session, estate, visit_ids
) -> None:
    this_month = present().date().replace(day=1)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    for month, seed in ((this_month, "s" * 32), (last_month, "t" * 32)):
        session.add(
            DrawRound(
                key=f"visit:{month}",
                kind="visit",
                community_id=estate.home,
                month=month,
                percent=30,
                seed=seed,
                members=1,
            )
        )
        session.flush()
        round_id = session.scalars(select(DrawRound.id).order_by(DrawRound.id.desc())).first()
        session.add(Draw(round_id=round_id, place=0, ticket_id=estate.tickets["own"], taken=True, at=present()))
    session.commit()
    client.login("quality")
    now_page = client.get("/visit/draws").text
    assert "s" * 32 not in now_page
    assert session.get_one(Ticket, estate.tickets["own"]).number in now_page
    assert "t" * 32 in client.get(f"/visit/draws?month={last_month:%Y-%m}").text
    for month in ("2026-13", "x", "0001-01", "2026-03-01"):
        assert client.get(f"/visit/draws?month={month}").status_code == 200
    become(client, "assistant")
    assert client.get("/visit/draws").status_code in (302, 403)


# ---- asked of one's own accord ---------------------------------------------------------------------------------------
def test_from_the_tickets_page_one_more_can_be_asked_after(client: Client, session, estate, visit_ids) -> None:
    with transaction() as writing:
        ticket = writing.get_one(Ticket, estate.tickets["own"])
        for visit in ticket.visits:
            visit.state = "cancelled"
        number = ticket.number
    client.login("assistant")
    assert f'action="/visit/for/{number}"' in client.get(f"/ticket/{number}").text
    answer = client.submit(f"/visit/for/{number}")
    assert answer.status_code == 302
    assert answer.location.startswith("/visit/")
    assert visit_of(session, int(answer.location.rpartition("/")[2])).reason == "asked"
    foreign = session.get_one(Ticket, estate.tickets["foreign"]).number
    session.rollback()
    assert client.submit(f"/visit/for/{foreign}").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_heading_has_words_for_nothing(client: Client, estate, language: str) -> None:
    client.login("supervisor")
    for show in ("mine", "due", "unreachable", "made", "checks", "checked", "nonsense"):
        answer = client.get(f"/visit/?show={show}&_l_={language}")
        assert (answer.status_code, 'class="empty"' in answer.text) == (200, True), show


# ---- REST ------------------------------------------------------------------------------------------------------------
def test_rest_tells_the_visit_as_before(client: Client, session, made: int) -> None:
    client.authorize("assistant")
    row = client.get(f"/api/v1/return_visit/{made}").get_json()["result"]
    assert {name: row[name] for name in ("way", "state", "score", "tries")} == {
        "way": "phone", "state": "made", "score": 5, "tries": 1,
    }  # fmt: skip
    number = visit_of(session, made).ticket_id
    session.rollback()
    assert client.post(f"/api/v1/ticket/{number}/visit", json={"score": 1}).status_code == 409


def test_rest_refuses_the_one_who_did_the_work_and_a_second_low_score(
    client: Client, session, estate, visit_ids
) -> None:
    client.authorize("assistant")
    number = estate.tickets["own"]
    assert client.post(f"/api/v1/ticket/{number}/visit", json={"score": 1, "way": "phone"}).status_code == 200
    second = client.post(f"/api/v1/ticket/{number}/visit", json={"score": 2, "way": "phone"})
    assert second.status_code == 409
    assert (session.get_one(Ticket, number).reopened_count, len(session.scalars(select(VisitAnswer)).all())) == (1, 1)
    assert len(session.scalars(select(Message.id).where(Message.purpose == "repeat")).all()) <= 1
