"""Opinion surveys on pages (D8): by role and row, drafted to closed, asked by link and by people, as CSV and PDF."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.adapters.clock import now as present
from app.models import (
    AccessEntry,
    AnswerLink,
    Building,
    House,
    Questionnaire,
    QuestionnaireItem,
    Survey,
    SurveyAnswer,
    SurveyHousehold,
)
from app.services import answer_links, surveys
from app.services.actors import Actor
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.surveys import add_houses, asked_of, give, opened, questionnaire_of

READERS = ("admin", "manager", "deputy", "supervisor", "assistant", "steward", "quality")
NOBODYS = ("technician", "finance", "owner", "resident")


def become(client: Client, role: str) -> None:
    client.submit("/logout/")
    client.login(role)


@pytest.fixture
def manager(estate: Estate) -> Actor:
    roles = frozenset({"manager"})
    return Actor(
        None, "manager", "员工manager", roles, staff_id=estate.staff["manager"], community_ids=frozenset({estate.home})
    )


@pytest.fixture
def buildings(estate: Estate, session: Any) -> dict[str, int]:
    """The steward's building with seven households, another of the community with six, and a stranger's."""
    found = {}
    for key, more in (("own", 5), ("far", 5), ("foreign", 1)):
        building = session.get_one(Building, session.get_one(House, estate.houses[key]).building_id)
        add_houses(session, building, more)
        found[key] = building.id
    session.commit()
    return found


@pytest.fixture
def found(session: Any, manager: Actor, buildings: dict[str, int]) -> int:
    made = questionnaire_of(session, manager, present()).id
    session.commit()
    return made


@pytest.fixture
def survey(session: Any, manager: Actor, buildings: dict[str, int], found: int) -> int:
    """Open in both buildings of the community; six households of each have answered."""
    at = present() - timedelta(days=1)
    here = [session.get_one(Building, buildings[key]) for key in ("own", "far")]
    made = opened(session, manager, at, session.get_one(Questionnaire, found), here)
    for building, scores in zip(here, ([5, 5, 4, 4, 3, 2], [5, 4, 1, 5, 5, 5]), strict=True):
        asked = [one for one in asked_of(session, made) if one.building_id == building.id]
        for household, score in zip(asked, scores, strict=False):
            give(session, made, household, manager, at, score, None, score % 3, (0, 2), f"第{score}条意见")
    session.commit()
    return made.id


@pytest.fixture
def foreign(session: Any, buildings: dict[str, int], now: Any) -> int:
    """A survey of the other community."""
    other = session.get_one(Building, buildings["foreign"])
    boss = Actor(None, "x", "x", frozenset({"manager"}), community_ids=frozenset({other.community_id}))
    made = opened(session, boss, now, questionnaire_of(session, boss, now), [other])
    session.commit()
    return made.id


def link_of(session: Any, survey_id: int, state: str = "asked") -> tuple[str, int]:
    row = session.execute(
        select(AnswerLink, SurveyHousehold.id)
        .join(SurveyHousehold, SurveyHousehold.id == AnswerLink.household_id)
        .where(SurveyHousehold.survey_id == survey_id, SurveyHousehold.state == state)
    ).first()
    code = answer_links.code_for(row[0])
    found = row[1]
    session.rollback()
    return code, found


def answers_of(session: Any, survey_id: int, *values: str) -> dict[str, str]:
    ids = [one.id for one in session.get_one(Survey, survey_id).questions]
    session.rollback()
    return {f"q{pk}": value for pk, value in zip(ids, values, strict=False) if value}


# ---- who sees what ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", READERS)
def test_staff_see_their_communities_surveys_and_no_others(client: Client, survey, foreign, role: str) -> None:
    client.login(role)
    listed = client.get("/survey/").text
    assert f'href="/survey/{survey}"' in listed
    everything = role in ("admin", "quality")
    assert (f'href="/survey/{foreign}"' in listed) == everything
    for path in (f"/survey/{survey}", f"/survey/{survey}/words", f"/survey/{survey}/figures.csv", "/questions/"):
        assert client.get(path).status_code == 200, path
    for path in ("", "/words", "/figures.csv", "/figures.pdf"):
        assert client.get(f"/survey/{foreign}{path}").status_code == (200 if everything else 404), path


@pytest.mark.parametrize("role", NOBODYS)
def test_nobody_else_opens_them(client: Client, session, survey, found, role: str) -> None:
    client.login(role)
    paths = (
        "/survey/",
        f"/survey/{survey}",
        f"/survey/{survey}/words",
        f"/survey/{survey}/figures.pdf",
        "/questions/",
        f"/questions/{found}",
    )
    for path in (*paths, f"/survey/{survey}/households", "/survey/new", "/questions/new"):
        assert client.get(path).status_code in (302, 403), path
    for path in (f"/survey/{survey}/close", f"/survey/{survey}/remind", f"/questions/{found}/item"):
        assert client.submit(path, {}).status_code in (302, 403), path
    assert session.get_one(Survey, survey).state == "open"


def test_a_steward_has_the_own_buildings_households_and_a_colleagues_survey_none(
    client: Client, session, estate, manager, buildings, found
) -> None:
    far = session.get_one(Building, buildings["far"])
    elsewhere = opened(
        session, manager, present(), session.get_one(Questionnaire, found), [far], period="2020-01-01"
    ).id
    both = opened(
        session,
        manager,
        present(),
        session.get_one(Questionnaire, found),
        [far, session.get_one(Building, buildings["own"])],
    ).id
    own, other = (
        next(one.id for one in asked_of(session, session.get_one(Survey, both)) if one.building_id == buildings[key])
        for key in ("own", "far")
    )
    session.commit()
    client.login("steward")
    assert client.get(f"/survey/{elsewhere}").status_code == 404
    assert client.get(f"/survey/{both}").status_code == 200
    households = client.get(f"/survey/{both}/households").text
    assert f"/household/{own}" in households
    assert f"/household/{other}" not in households
    assert client.get(f"/survey/{both}/household/{own}").status_code == 200
    assert client.get(f"/survey/{both}/household/{other}").status_code == 404
    sent = {"way": "phone", **answers_of(session, both, "5")}
    assert client.submit(f"/survey/{both}/household/{other}", sent).status_code == 404
    assert client.submit(f"/survey/{both}/household/{own}", sent).status_code == 302
    assert client.submit(f"/survey/{both}/close").status_code == 403
    assert session.get_one(Survey, both).state == "open"


# ---- from questions to the frozen report -----------------------------------------------------------------------------
def test_a_manager_writes_questions_and_a_steward_makes_the_survey_of_the_own_building(
    client: Client, session, buildings
) -> None:
    client.login("manager")
    answer = client.submit("/questions/new", {"title": "月度满意度", "title_en": "Monthly", "cycle": "monthly"})
    assert answer.status_code == 302
    page = answer.location
    for sent in (
        {"kind": "score", "text": "总体是否满意？", "text_en": "All in all?", "required": "1"},
        {"kind": "choice", "text": "多久来一次？", "options": "每周\n每月 | Monthly"},
    ):
        assert client.submit(f"{page}/item", sent).status_code == 302
    bad = client.submit(f"{page}/item", {"kind": "choice", "text": "选什么？", "options": "一"})
    assert bad.status_code == 400
    assert "选什么？" in bad.text
    shown = client.get(page).text
    for words in ("总体是否满意？", "All in all?", '<span lang="zh">每月</span> <span lang="en">(Monthly)</span>'):
        assert words in shown
    become(client, "steward")
    assert "月度（" in client.get("/survey/").text or "月度 (" in client.get("/survey/").text
    questionnaire = page.rpartition("/")[2]
    form = client.get("/survey/new").text
    assert f'value="{buildings["own"]}"' in form
    assert f'value="{buildings["far"]}"' not in form
    sent = {"questionnaire_id": questionnaire, "places": [str(buildings["own"])], "percent": "100"}
    made = client.submit("/survey/new", sent)
    assert made.status_code == 302
    draft = client.get(made.location).text
    assert "发出调查" in draft
    assert session.scalars(select(SurveyHousehold)).all() == []
    session.rollback()
    assert client.submit(f"{made.location}/open").status_code == 302
    opened_one = session.scalars(select(Survey)).one()
    assert (opened_one.state, opened_one.asked, opened_one.cycle) == ("open", 7, "monthly")
    session.rollback()
    again = client.submit(f"{made.location}/open")
    assert again.status_code == 409
    assert client.submit("/survey/new", {**sent, "places": [str(buildings["far"])]}).status_code == 403
    client.submit(f"{made.location}/close")
    session.expire_all()
    assert session.scalars(select(Survey.state)).one() == "closed"


@pytest.mark.parametrize("form", ["heading", "question", "draft"])
def test_two_people_at_one_form_lose_nothing(client: Client, session, buildings, found, form: str) -> None:
    client.login("manager")
    places = [str(buildings["own"])]
    if form == "heading":
        sent, name, path = {"title": "月度", "cycle": "monthly", "active": "1"}, "title", f"/questions/{found}/edit"
        shown = path
    elif form == "question":
        item = session.scalars(select(QuestionnaireItem).where(QuestionnaireItem.kind == "score")).first()
        path = shown = f"/questions/{found}/item/{item.id}"
        sent, name = {"kind": "score", "text": item.text, "required": "1"}, "text"
    else:
        sent, name = {"questionnaire_id": str(found), "places": places, "percent": "100"}, "percent"
        shown = path = f"{client.submit('/survey/new', sent).location}/edit"
    session.rollback()
    seen = seen_on(client.get(shown).text)
    theirs, mine = ("60", "80") if name == "percent" else ("别人的话", "我的话")
    assert client.submit(path, {**sent, name: theirs, "seen": seen}).status_code == 302
    refused = client.submit(path, {**sent, name: mine, "seen": seen})
    assert refused.status_code == 409
    assert mine in refused.text
    assert (theirs if name != "percent" else "已改动") in refused.text
    assert client.submit(path, {**sent, name: mine, "seen": seen_on(refused.text)}).status_code == 302
    assert mine in client.get(shown).text


def seen_on(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def test_more_surveys_than_a_page_holds_are_leafed_through(
    client: Client, session, buildings, found, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.login("manager")
    for place in ("own", "far"):
        sent = {"questionnaire_id": str(found), "places": [str(buildings[place])]}
        assert client.submit("/survey/new", sent).status_code == 302
    assert 'rel="next"' not in client.get("/survey/").text
    monkeypatch.setattr(surveys, "PAGE", 1)
    first, second = client.get("/survey/").text, client.get("/survey/?page=1").text
    assert ('rel="next"' in first, 'rel="next"' in second, 'rel="prev"' in second) == (True, False, True)
    assert set(re.findall(r'href="(/survey/\d+)"', first)).isdisjoint(re.findall(r'href="(/survey/\d+)"', second))


def test_sent_twice_a_draft_is_one(client: Client, session, buildings, found) -> None:
    client.login("manager")
    sent = {"questionnaire_id": str(found), "places": [str(buildings["own"])], "form_key": "a" * 32}
    first, second = client.submit("/survey/new", sent), client.submit("/survey/new", sent)
    assert first.location == second.location
    assert len(session.scalars(select(Survey)).all()) == 1


@pytest.mark.parametrize(
    ("sent", "status"),
    [({"places": []}, 400), ({"percent": "0"}, 400), ({"percent": "x"}, 400), ({"closes_on": "2020-01-01"}, 400),
     ({"questionnaire_id": ""}, 400), ({"questionnaire_id": "99999"}, 400), ({"places": ["999999"]}, 404), ({"period": "\x00"}, 400)],
)  # fmt: skip
def test_a_bad_draft_is_a_sentence_and_nothing_is_kept(
    client: Client, session, buildings, found, sent, status: int
) -> None:
    client.login("manager")
    good = {"questionnaire_id": str(found), "places": [str(buildings["own"])], "percent": "100"}
    answer = client.submit("/survey/new", {**good, **sent})
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert session.scalars(select(Survey)).all() == []


# ---- asked by link ---------------------------------------------------------------------------------------------------
def test_by_its_link_a_household_answers_without_a_log_in_once(client: Client, session, survey) -> None:
    code, household = link_of(session, survey)
    page = client.get(f"/a/{code}")
    assert page.status_code == 200
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    for words in ("季度满意度调查", "总体是否满意？", "每周", "希望改进什么？", "还有什么建议？"):
        assert words in page.text
    assert session.get_one(House, session.get_one(SurveyHousehold, household).house_id).name not in page.text
    session.rollback()
    sent = answers_of(session, survey, "4", "", "1", "2", "谢谢大家")
    missing = client.submit(f"/a/{code}", answers_of(session, survey, "", "5", "", "", "先写一句"))
    assert missing.status_code == 400
    assert "先写一句" in missing.text
    answer = client.submit(f"/a/{code}", sent)
    assert (answer.status_code, answer.location) == (303, f"/a/{code}")
    assert "您的意见已收到" in client.get(answer.location).text
    count = len(session.scalars(select(SurveyAnswer)).all())
    session.rollback()
    twice = client.submit(f"/a/{code}", sent)
    assert (twice.status_code, twice.location) == (303, f"/a/{code}"), "the same form, sent twice"
    again = client.submit(f"/a/{code}", answers_of(session, survey, "1", "", "1", "2", "谢谢大家"))
    assert again.status_code == 409
    assert "每户只答一次" in again.text
    assert len(session.scalars(select(SurveyAnswer)).all()) == count
    assert session.get_one(Survey, survey).answered == 13


@pytest.mark.parametrize("value", ["0", "6", "x", "9" * 40, "\x00", "-1"])
def test_what_is_no_answer_is_a_sentence(client: Client, session, survey, value: str) -> None:
    code, household = link_of(session, survey)
    answer = client.submit(f"/a/{code}", answers_of(session, survey, value))
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert session.get_one(SurveyHousehold, household).state == "asked"


def test_an_answer_for_another_surveys_question_is_none(client: Client, session, survey, foreign) -> None:
    code, _household = link_of(session, survey)
    strangers = answers_of(session, foreign, "5")
    assert client.submit(f"/a/{code}", strangers).status_code == 400


def test_after_the_end_the_link_says_so(client: Client, session, survey, manager) -> None:
    code, _household = link_of(session, survey)
    with transaction() as writing:
        surveys.close_survey(writing, writing.get_one(Survey, survey), manager, present())
    assert "本次调查已结束" in client.get(f"/a/{code}").text
    assert client.submit(f"/a/{code}", answers_of(session, survey, "5")).status_code == 409


def test_the_page_is_in_the_language_of_the_household(client: Client, session, survey) -> None:
    code, household = link_of(session, survey)
    with transaction() as writing:
        writing.execute(AnswerLink.__table__.update().where(AnswerLink.household_id == household).values(locale="en"))
    page = client.get(f"/a/{code}").text
    assert 'lang="en"' in page
    assert "Satisfied as a whole?" in page
    assert "Quarterly survey" in page
    assert "还有什么建议？" in page, "what has no English yet is shown as it was written"


# ---- asked by people -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["assistant", "steward", "supervisor", "deputy", "manager"])
def test_the_desk_and_the_steward_note_what_a_household_says(
    client: Client, session, survey, buildings, role: str
) -> None:
    household = session.scalars(
        select(SurveyHousehold.id).where(
            SurveyHousehold.state == "asked", SurveyHousehold.building_id == buildings["own"]
        )
    ).first()
    session.rollback()
    client.login(role)
    path = f"/survey/{survey}/household/{household}"
    assert "总体是否满意？" in client.get(path).text
    assert client.submit(path, {"way": "phone"}).status_code == 400
    assert client.submit(path, {"way": "pigeon", **answers_of(session, survey, "5")}).status_code == 400
    assert client.submit(path, {"way": "visit", **answers_of(session, survey, "3")}).status_code == 302
    kept = session.get_one(SurveyHousehold, household)
    assert (kept.state, kept.way, kept.taken_by != "") == ("answered", "visit", True)
    session.rollback()
    again = client.submit(path, {"way": "phone", **answers_of(session, survey, "1")})
    assert again.status_code == 409
    assert "每户只答一次" in again.text


def test_who_declines_is_kept_as_such(client: Client, session, survey) -> None:
    _code, household = link_of(session, survey)
    client.login("assistant")
    assert client.submit(f"/survey/{survey}/household/{household}/decline").status_code == 302
    assert session.get_one(SurveyHousehold, household).state == "declined"
    session.rollback()
    assert client.submit(f"/survey/{survey}/household/{household}/decline").status_code == 409
    assert "不愿参加" in client.get(f"/survey/{survey}/households?state=declined").text


# ---- the figures -----------------------------------------------------------------------------------------------------
def figure(page: str, name: str) -> str:
    return page.partition(f'data-figure="{name}"')[2].partition(">")[2].partition("<")[0]


def test_the_page_shows_exact_figures_and_no_household(client: Client, session, survey, buildings) -> None:
    client.login("manager")
    page = client.get(f"/survey/{survey}").text
    assert [figure(page, name) for name in ("asked", "answered", "satisfaction")] == ["13", "12", "75.0%"]
    assert figure(page, "rate").startswith("92.3%")
    assert "66.7%" in page
    assert "83.3%" in page
    for told in ("条意见", f"住户{buildings['own']}-", "+86137", "1单元9"):
        assert told not in page
    assert "第5条意见" in client.get(f"/survey/{survey}/words").text


def test_as_a_file_and_as_a_paper_without_the_free_texts(client: Client, session, survey, manager) -> None:
    with transaction() as writing:
        surveys.close_survey(writing, writing.get_one(Survey, survey), manager, present())
    client.login("manager")
    answer = client.get(f"/survey/{survey}/figures.csv")
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert ["全部", "答复户数", "", "12", "13", "92.3%"] in lines
    assert ["全部", "满意率", "", "9", "12", "75.0%"] in lines
    assert ["第1题", "总体是否满意？", "5", "6", "12", "50.0%"] in lines
    assert ["第3题", "多久来一次？", "每周", "1", "12", "8.3%"] in lines
    assert "条意见" not in answer.text
    pdf = client.get(f"/survey/{survey}/figures.pdf?lang=en")
    assert (pdf.status_code, pdf.mimetype) == (200, "application/pdf")
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.data)).pages)
    for told in ("Quarterly survey", "75.0%", "Satisfied as a whole?", "92.3%"):
        assert told in words
    assert "意见" not in words
    exports = session.scalars(select(AccessEntry.subject).where(AccessEntry.action == "exported")).all()
    assert sorted(exports) == ["季度满意度调查 (csv)", "季度满意度调查 (pdf)"]


def test_a_draft_has_no_figures(client: Client, session, buildings, found, manager) -> None:
    draft = surveys.save_draft(session, manager, present(), {"questionnaire_id": found}, [buildings["own"]]).id
    session.commit()
    client.login("manager")
    for path in ("figures.csv", "figures.pdf", "households", f"household/{draft}"):
        assert client.get(f"/survey/{draft}/{path}").status_code == 404, path
    assert client.submit(f"/survey/{draft}/close").status_code == 409
    assert client.submit(f"/survey/{draft}/dance").status_code == 404


def test_rest_tells_how_many_were_asked_and_answered(client: Client, session, survey, foreign) -> None:
    client.authorize("assistant")
    row = client.get(f"/api/v1/survey/{survey}").get_json()["result"]
    assert {name: row[name] for name in ("state", "cycle", "asked", "answered", "percent")} == {
        "state": "open", "cycle": "quarterly", "asked": 13, "answered": 12, "percent": 100,
    }  # fmt: skip
    assert "figures" not in row
    assert [one["id"] for one in client.get("/api/v1/survey/").get_json()["result"]] == [survey]
    assert client.get(f"/api/v1/survey/{foreign}").status_code == 404
    assert client.post("/api/v1/survey/", json={}).status_code in (404, 405)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_empty_pages_say_what_to_do(client: Client, estate, language: str) -> None:
    client.login("manager")
    for path in ("/survey/", "/questions/", "/survey/new"):
        answer = client.get(f"{path}?_l_={language}")
        assert (answer.status_code, 'class="empty"' in answer.text) == (200, True), path


def test_the_first_page_of_steward_and_manager_names_the_open_survey(client: Client, survey) -> None:
    for role in ("steward", "manager"):
        become(client, role)
        assert f'href="/survey/{survey}/households"' in client.get("/").text, role
