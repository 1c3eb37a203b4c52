"""A survey without a text (D8): answered once on a household's own pages, or by the code of a printed letter."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from app.adapters.clock import now as present
from app.models import AccessEntry, AnswerLink, Building, House, Person, Survey, SurveyAnswer, SurveyHousehold, Tenure
from app.services import answer_links, survey_own, surveys
from app.services.actors import Actor
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.surveys import add_houses, opened, questionnaire_of


@pytest.fixture
def manager(estate: Estate) -> Actor:
    roles, here = frozenset({"manager"}), frozenset({estate.home})
    return Actor(None, "manager", "员工manager", roles, staff_id=estate.staff["manager"], community_ids=here)


@pytest.fixture
def survey(session: Any, estate: Estate, manager: Actor) -> int:
    """Open in the steward's building: the owner's house and the neighbour's, and three households without a mobile number."""
    building = session.get_one(Building, session.get_one(House, estate.houses["own"]).building_id)
    for key in ("own", "next"):
        session.get_one(House, estate.houses[key]).state = "occupied"
    add_houses(session, building, 3, phones=0)
    at = present() - timedelta(days=1)
    made = opened(session, manager, at, questionnaire_of(session, manager, at), [building])
    # The owner's house is let in part: the owner is the one who was asked.
    household(session, made.id, estate.houses["own"]).person_id = estate.people["own"]
    session.commit()
    return made.id


def household(session: Any, survey: int, house_id: int) -> SurveyHousehold:
    wanted = (SurveyHousehold.survey_id == survey, SurveyHousehold.house_id == house_id)
    return session.scalars(select(SurveyHousehold).where(*wanted)).one()  # type: ignore[no-any-return]


def scores(session: Any, survey: int, score: int = 4) -> dict[str, str]:
    found = session.get_one(Survey, survey).questions
    return {f"q{one.id}": str(score) for one in found if one.kind == "score"}


def test_a_household_sees_the_survey_on_its_first_page_and_answers_it_once(
    client: Client, session: Any, estate: Estate, survey: int
) -> None:
    pk = household(session, survey, estate.houses["own"]).id
    sent = scores(session, survey)
    session.commit()
    client.login("owner")
    assert f"/owner/survey/{pk}" in client.get("/owner/").text
    page = client.get(f"/owner/survey/{pk}").text
    assert f'action="/owner/survey/{pk}"' in page
    assert all(f'name="{name}"' in page for name in sent)
    assert client.submit(f"/owner/survey/{pk}", dict.fromkeys(sent, "9")).status_code == 400
    assert client.submit(f"/owner/survey/{pk}", {}).status_code == 400
    assert client.submit(f"/owner/survey/{pk}", sent).status_code == 302
    assert client.submit(f"/owner/survey/{pk}", sent).status_code == 409
    session.rollback()
    found = session.get_one(SurveyHousehold, pk, populate_existing=True)
    assert (found.state, found.way, found.taken_by_id, found.taken_by) == ("answered", "web", None, "")
    answered = select(func.count()).select_from(SurveyAnswer).where(SurveyAnswer.household_id == pk)
    assert session.scalar(answered) == len(sent)
    assert session.get_one(Survey, survey, populate_existing=True).answered == 1
    assert f"/owner/survey/{pk}" not in client.get("/owner/").text
    assert f'action="/owner/survey/{pk}"' not in client.get(f"/owner/survey/{pk}").text


def test_a_neighbour_s_survey_is_not_there_and_staff_has_no_household_s_page(
    client: Client, session: Any, estate: Estate, survey: int
) -> None:
    foreign = household(session, survey, estate.houses["next"]).id
    sent = scores(session, survey)
    session.commit()
    client.login("owner")
    for pk in (foreign, 999_999):
        assert client.get(f"/owner/survey/{pk}").status_code == 404
    assert client.submit(f"/owner/survey/{foreign}", sent).status_code == 404
    client.submit("/logout/")
    client.login("steward")
    assert client.get(f"/owner/survey/{foreign}").status_code == 403


def test_of_a_house_that_is_let_the_tenant_speaks_for_the_household(
    session: Any, estate: Estate, survey: int, manager: Actor
) -> None:
    found = household(session, survey, estate.houses["own"])
    tenant = Person(name="租客")
    session.add(tenant)
    session.flush()
    today = present().date()
    session.add(Tenure(person_id=tenant.id, house_id=found.house_id, role="tenant", starts_on=today))
    found.person_id = tenant.id
    session.flush()
    common = {"house_ids": frozenset({found.house_id}), "today": today}
    owner = Actor(None, "o", "o", frozenset({"owner"}), person_id=estate.people["own"], **common)  # type: ignore[arg-type]
    lives = Actor(None, "t", "t", frozenset({"resident"}), person_id=tenant.id, **common)  # type: ignore[arg-type]
    assert survey_own.open_for(session, owner) == []
    assert survey_own.open_for(session, lives) == [found]
    found.person_id = estate.people["own"]
    session.flush()
    assert survey_own.open_for(session, owner) == [found], "the owner who was asked may answer"


def test_a_closed_survey_asks_nobody(client: Client, session: Any, estate: Estate, survey: int, manager: Actor) -> None:
    pk = household(session, survey, estate.houses["own"]).id
    sent = scores(session, survey)
    surveys.close_survey(session, session.get_one(Survey, survey), manager, present())
    session.commit()
    client.login("owner")
    assert f"/owner/survey/{pk}" not in client.get("/owner/").text
    assert f'action="/owner/survey/{pk}"' not in client.get(f"/owner/survey/{pk}").text
    assert client.submit(f"/owner/survey/{pk}", sent).status_code == 409


def test_letters_hold_a_code_that_works_once_and_stays_the_same(
    client: Client, new_client: Any, session: Any, estate: Estate, survey: int
) -> None:
    sent = scores(session, survey)
    session.commit()
    client.login("steward")
    assert "打印邀请函" in client.get(f"/survey/{survey}/households").text
    first = client.submit(f"/survey/{survey}/letters.pdf")
    assert (first.status_code, first.mimetype, first.headers["Cache-Control"]) == (200, "application/pdf", "no-store")
    pages = PdfReader(io.BytesIO(first.data)).pages
    assert len(pages) == 3
    session.rollback()
    links = session.scalars(select(AnswerLink).where(AnswerLink.purpose == "survey").order_by(AnswerLink.id)).all()
    by_letter = [one for one in links if not one.household.by_link]
    texts = [page.extract_text() for page in pages]
    codes = [answer_links.code_for(one) for one in by_letter]
    session.rollback()
    assert all(any(code in text for text in texts) for code in codes) and len(codes) == 3
    entry = session.scalars(select(AccessEntry).where(AccessEntry.subject_kind == "survey_letters")).one()
    assert entry.action == "exported" and not any(code in entry.subject for code in codes)
    assert client.submit(f"/survey/{survey}/letters.pdf").status_code == 200
    session.rollback()
    assert len(session.scalars(select(AnswerLink).where(AnswerLink.purpose == "survey")).all()) == len(links)
    visitor = new_client()
    assert visitor.submit(f"/a/{codes[0]}", sent).status_code == 303
    assert visitor.submit(f"/a/{codes[0]}", dict.fromkeys(sent, "1")).status_code == 409
    assert len(PdfReader(io.BytesIO(client.submit(f"/survey/{survey}/letters.pdf").data)).pages) == 2
    assert client.submit(f"/survey/{survey}/letters.pdf", {"part": "1"}).status_code == 404
    assert client.submit(f"/survey/{survey}/letters.pdf", {"building": "999999"}).status_code == 404


@pytest.mark.parametrize("role", ["technician", "finance", "owner", "quality"])
def test_letters_are_the_desk_s_and_the_steward_s(client: Client, session: Any, survey: int, role: str) -> None:
    session.commit()
    client.login(role)
    assert client.submit(f"/survey/{survey}/letters.pdf").status_code == 403
