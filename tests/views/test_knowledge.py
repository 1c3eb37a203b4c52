"""The knowledge base on pages (D13): by role and row; offered beside forms, on a caller's card and on owners' pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.adapters.clock import now as present
from app.models import ArticleMark, ArticleUse, ArticleVersion, Call, Category, Clock, Ticket
from app.services import knowledge
from app.services.actors import Actor
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate

GOOD = {
    "question": "门禁卡丢了怎么补办",
    "question_en": "How do I replace a lost door card?",
    "answer": "带身份证到前台。",
    "answer_en": "Bring your identity card to the desk.",
    "keywords": "门禁卡",
    "is_public": "1",
}


@pytest.fixture
def version(session: Any, estate: Estate) -> tuple[int, int]:
    """(article, version) published in the community of the logins."""
    return publish(estate)


def publish(estate: Estate, **given: Any) -> tuple[int, int]:
    community = given.pop("community", estate.home)
    at, today = present(), present().date()
    common = {"community_ids": frozenset({community})}
    with transaction() as session:
        made = knowledge.save(
            session, Actor(None, "w", "甲", frozenset({"assistant"}), **common), at, {**GOOD, **given}
        )
        boss = Actor(None, "b", "乙", frozenset({"supervisor"}), **common)
        for step in ("review", "publish"):
            knowledge.take(session, boss, at, made.article, step, today)
        return made.article_id, made.id


def test_from_the_draft_to_the_page_that_everybody_reads(client: Client, new_client: Any, estate: Estate) -> None:
    client.login("assistant")
    made = client.submit("/answers/new", GOOD)
    assert made.status_code == 302
    path = made.headers["Location"].split("?")[0]
    pk = path.rsplit("/", 1)[1]
    assert client.submit(f"/answers/{pk}/publish").status_code == 403
    boss = new_client()
    boss.login("supervisor")
    boss.submit(f"/answers/{pk}/publish")
    assert "只有已审核的答复可以发布" in boss.get(path).text
    for step in ("review", "publish"):
        assert boss.submit(f"/answers/{pk}/{step}").status_code == 302
    page = client.get("/knowledge/?q=门禁").text
    assert GOOD["question"] in page and GOOD["answer"] in page
    assert 'name="revision" value="0"' in boss.get(f"/answers/{pk}/edit").text
    changed = client.submit(f"/answers/{pk}/edit", {**GOOD, "answer": "带户口本到前台。", "change_note": "换证件"})
    stale = {**GOOD, "answer": "盖住", "change_note": "x", "revision": "0"}
    late = boss.submit(f"/answers/{pk}/edit", stale)
    assert late.status_code == 409, "both began the next version"
    assert "盖住" in late.text
    assert 'name="revision" value="0"' not in late.text, "who sends it again means it"
    page = client.get(changed.headers["Location"]).text
    assert "<del>" in page and "<ins>" in page and "换证件" in page
    assert GOOD["answer"] in client.get(f"{path}?version=1").text
    assert client.get(f"{path}?version=7").status_code == 404


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        ("admin", 200, 200),
        ("assistant", 200, 200),
        ("steward", 200, 200),
        ("technician", 200, 403),
        ("finance", 200, 403),
        ("quality", 200, 403),
        ("owner", 403, 403),
        ("resident", 403, 403),
    ],
)
def test_who_reads_and_who_writes(
    client: Client, estate: Estate, version: tuple[int, int], role: str, reads: int, writes: int
) -> None:
    client.login(role)
    assert client.get(f"/knowledge/{version[0]}").status_code == reads
    assert client.get("/answers/new").status_code == writes
    assert client.get("/knowledge/hints?words=门禁").status_code == reads


def test_an_answer_of_another_community_is_not_there(client: Client, session: Any, estate: Estate) -> None:
    article, foreign = publish(estate, community=estate.other)
    client.login("supervisor")
    for path in (f"/knowledge/{article}", f"/answers/{article}/edit", "/knowledge/99999999999"):
        assert client.get(path).status_code == 404
    assert client.submit(f"/answers/{article}/withdraw").status_code == 404
    assert client.submit(f"/knowledge/{article}/mark/{foreign}", {"helped": "yes"}).status_code == 404
    assert GOOD["question"] not in client.get("/knowledge/?q=门禁").text
    client.submit("/logout/")
    client.login("owner")
    assert GOOD["question"] not in client.get("/owner/answers").text


def test_marks_are_one_each_and_the_last_word_counts(
    client: Client, session: Any, estate: Estate, version: tuple[int, int]
) -> None:
    client.login("assistant")
    for word in ("yes", "no"):
        assert client.submit(f"/knowledge/{version[0]}/mark/{version[1]}", {"helped": word}).status_code == 302
    assert session.scalars(select(ArticleMark.helped)).all() == [False]
    assert client.submit(f"/knowledge/{version[0]}/mark/{version[1]}", {"helped": "maybe"}).status_code == 404


def new_question(estate: Estate, **given: Any) -> dict[str, Any]:
    return {"kind": "consultation", "channel": "desk", "title": "门禁卡丢了", "house_id": estate.houses["own"], **given}


def test_a_question_answered_at_the_desk_is_done_and_points_to_the_version(
    client: Client, session: Any, estate: Estate, version: tuple[int, int]
) -> None:
    client.login("assistant")
    hints = client.get("/knowledge/hints?words=门禁卡丢了").text
    assert f'data-take-answer="{version[1]}"' in hints and GOOD["answer"] in hints
    sent = new_question(estate, answer=GOOD["answer"], answers=str(version[1]))
    answer = client.submit("/ticket/new", sent)
    assert answer.status_code == 302, answer.text
    ticket = session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()
    assert (ticket.state, ticket.reply_way, ticket.replied_at is not None) == ("done", "word", True)
    assert session.scalars(select(ArticleUse.version_id).where(ArticleUse.ticket_id == ticket.id)).all() == [version[1]]
    page = client.get(f"/ticket/{ticket.number}").text
    assert f"/knowledge/{version[0]}?version=1" in page and "引用知识库答复" in page
    assert ticket.number in client.get(f"/knowledge/{version[0]}").text


def test_a_question_that_must_wait_gets_its_promise(client: Client, session: Any, estate: Estate) -> None:
    client.login("assistant")
    due = (present() + timedelta(days=1)).isoformat()
    assert client.submit("/ticket/new", new_question(estate, promise_at=due)).status_code == 302
    ticket = session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()
    names = session.scalars(select(Clock.name).where(Clock.ticket_id == ticket.id, Clock.state == "running")).all()
    assert ticket.state == "registered" and "promise" in names


@pytest.mark.parametrize(
    "bad",
    [
        {"answer": "好", "promise_at": "2099-01-01T10:00"},
        {"answers": "1"},
        {"answer": "好", "answers": "999999"},
        {"answer": "好", "answers": "x"},
        {"promise_at": "2001-01-01T10:00"},
        {"answer": "长" * 2001},
    ],
)
def test_a_bad_answer_registers_nothing(client: Client, session: Any, estate: Estate, bad: dict[str, str]) -> None:
    before = session.scalar(select(func.count()).select_from(Ticket))
    client.login("assistant")
    answer = client.submit("/ticket/new", new_question(estate, **bad))
    assert answer.status_code == 400 and 'role="alert"' in answer.text
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Ticket)) == before


def test_a_reply_may_be_taken_from_an_answer(
    client: Client, session: Any, estate: Estate, version: tuple[int, int]
) -> None:
    number = session.get_one(Ticket, estate.tickets["own"]).number
    client.login("assistant")
    assert "data-answers=" in client.get(f"/ticket/{number}/reply").text
    sent = {"way": "phone", "note": GOOD["answer"], "answers": str(version[1])}
    assert client.submit(f"/ticket/{number}/reply", sent).status_code == 302
    session.rollback()
    assert session.scalars(select(ArticleUse.ticket_id)).all() == [estate.tickets["own"]]
    sent = {"way": "phone", "note": "再次", "answers": "77777"}
    assert client.submit(f"/ticket/{number}/reply", sent).status_code == 400


def test_owners_read_what_is_meant_for_them_and_see_it_while_they_ask(
    client: Client, estate: Estate, version: tuple[int, int]
) -> None:
    hidden = "内部门禁答复口径"
    publish(estate, question=hidden, is_public="")
    publish(estate, question="以后的门禁规定", valid_from="2099-01-01")
    client.login("owner")
    page = client.get("/owner/answers").text
    assert GOOD["question"] in page and hidden not in page and "以后的门禁规定" not in page
    found = client.get("/owner/answers/hints?words=门禁卡丢了").text
    assert GOOD["answer"] in found and hidden not in found
    assert client.get("/owner/answers/hints?words=漏水").text.strip() == ""
    assert 'data-answers="/owner/answers/hints"' in client.get("/owner/new").text
    client.get("/lang/en")
    assert GOOD["answer_en"] in client.get("/owner/answers?q=door").text


def test_every_number_of_the_list_without_answers_opens_so_many_tickets(
    client: Client, session: Any, estate: Estate
) -> None:
    client.login("assistant")
    assert "没有常问而无答复的问题" in client.get("/answers/asked").text
    for title in ("快递柜满了怎么办", "快递柜密码忘了", "快递柜在哪里", "快递柜太小"):
        client.submit("/ticket/new", new_question(estate, title=title, category="other"))
    page = client.get("/answers/asked").text
    (count,) = re.findall(r'data-count="(\d+)"', page)
    address = re.search(r'href="(/answers/asked/tickets[^"]+)"', page)
    assert address is not None and count == "4"
    listed = client.get(address[1].replace("&amp;", "&")).text
    assert len(set(re.findall(r'class="matter__title" href="/ticket/(\d{8})"', listed))) == int(count)
    form = client.get(re.search(r'href="(/answers/new\?[^"]+)"', page)[1].replace("&amp;", "&")).text  # type: ignore[index]
    assert "快递柜" in form and 'name="sources"' in form
    other = session.scalars(select(Category.id).where(Category.code == "other")).one()
    assert f'value="{other}" selected' in form
    assert client.get("/answers/new?category=other&words=没有的").status_code == 404
    assert "已有答复，或次数不够" in client.get("/answers/asked/tickets?words=没有的").text


def test_nothing_strange_in_the_address_is_an_error(client: Client, session: Any, estate: Estate) -> None:
    client.login("assistant")
    for path in (
        "/knowledge/?show=nonsense&category=nonsense&skip=-5",
        "/knowledge/?q=%00%ff",
        "/knowledge/hints?words=" + "门" * 3000 + "&house=x&ticket=99999999999&lang=xx",
        "/answers/asked/tickets?words=%F0%9F%98%80",
    ):
        assert client.get(path).status_code == 200
    assert session.scalar(select(func.count()).select_from(ArticleVersion)) == 0, "reading writes nothing"


@pytest.mark.parametrize(
    ("facts", "locale", "shown"),
    [
        ({"kind": "consultation", "description": "门禁卡丢了哪里补", "category": "door"}, "zh", GOOD["answer"]),
        ({"kind": "consultation", "description": "I lost my door card"}, "en", GOOD["answer_en"]),
        ({"kind": "consultation", "description": "厨房漏水"}, "zh", ""),
        ({"kind": "emergency", "description": "门禁卡丢了"}, "zh", ""),
        ({}, "zh", ""),
    ],
)
def test_a_caller_s_card_holds_the_answer_in_the_caller_s_language(
    client: Client,
    session: Any,
    estate: Estate,
    version: tuple[int, int],
    facts: dict[str, str],
    locale: str,
    shown: str,
) -> None:
    call = Call(
        provider_sid="CAanswer", from_number="+8613900000000", to_number="+862160000000", community_id=estate.home,
        status="in-progress", step="confirm", started_at=present(), locale=locale, facts=facts,
    )  # fmt: skip
    session.add(call)
    session.commit()
    client.login("assistant")
    card = client.get(f"/live/call/{call.id}").text
    assert ("answer-hint" in card) is bool(shown)
    assert shown in card and "data-take-answer" not in card
