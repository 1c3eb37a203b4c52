"""A reader's question: from a section or a figure of a published report to a ticket that leads back to it."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Community, Report, ReportOpening, ReportQuestion, ReportSupplement, Setting, Ticket
from app.rules.report_questions import Place, place_of
from tests.support.client import Client
from tests.support.estate import Estate

DATASET = {"figures": [{"code": "collection"}], "order": ["requests", "fees"]}


@pytest.mark.parametrize(
    "text, found",
    [
        ("fees", Place("fees")),
        ("figures", Place("figures")),
        ("appendix", Place("appendix")),
        ("figure-collection", Place("figures", "collection")),
        ("hotline", None),
        ("figure-nothing", None),
        ("figure-", None),
        ("", None),
        ("<script>", None),
    ],
)
def test_a_place_is_one_that_stands_in_the_report(text: str, found: Place | None) -> None:
    assert place_of(text, DATASET) == found
    assert place_of(text, {}) in (None, Place(text))
    if found:
        assert found.anchor == text


def test_what_it_arrives_as_depends_on_the_place() -> None:
    assert [Place("fees").category, Place("figures", "collection").category] == ["fee", "fee"]
    assert [Place("hotline").category, Place("figures", "calls").category] == ["other", "other"]


@pytest.fixture
def latest(session: Session) -> Report:
    query = select(Report).join(Community).where(Community.code == "sunshine", Report.state == "published")
    return session.scalars(query.order_by(Report.month.desc()).limit(1)).one()


def tickets(session: Session) -> list[Ticket]:
    session.rollback()
    return list(session.scalars(select(Ticket).join(ReportQuestion, ReportQuestion.ticket_id == Ticket.id)))


@pytest.mark.usefixtures("demo_database")
class TestAsking:
    """In the running application."""

    def test_the_page_offers_it_at_each_section_and_figure_to_households_only(self, app: Flask, latest: Report) -> None:
        path = f"/reports/sunshine/{latest.month}/read"
        offered = {f"about={code}" for code in ("figures", *latest.dataset["order"], "appendix")}
        offered |= {f"about=figure-{figure['code']}" for figure in latest.dataset["figures"]}
        for username, asks in (("owner", True), ("resident", True), ("manager", False), ("quality", False)):
            reader = app.test_client()
            reader.login(username)
            page = reader.get(path).get_data(as_text=True)
            assert {words for words in offered if f'{words}"' in page} == (offered if asks else set()), username
            assert 'id="figure-collection"' in page
            assert reader.get(f"/owner/reports/{latest.id}/ask?about=fees").status_code == (200 if asks else 403)

    def test_a_question_becomes_a_ticket_that_leads_back(
        self, app: Flask, client: Client, session: Session, latest: Report
    ) -> None:
        client.login("owner")
        asked = {"about": "figure-collection", "question": "收缴率为什么比上月低？"}
        house = self._house(client, latest)
        answer = client.submit(f"/owner/reports/{latest.id}/ask", asked | {"house_id": house})
        ticket = tickets(session)[0]
        assert answer.location == f"/owner/ticket/{ticket.number}"
        assert (ticket.kind, ticket.channel, ticket.category.code) == ("consultation", "web", "fee")
        assert (ticket.community_id, str(ticket.house_id)) == (latest.community_id, house)
        assert ticket.description == asked["question"]
        assert latest.month in ticket.title
        kept = session.scalars(select(ReportQuestion)).one()
        assert (kept.report_id, kept.section, kept.figure) == (latest.id, "figures", "collection")
        back = f"/reports/sunshine/{latest.month}/read?version={latest.version}#figure-collection"
        number = f"sunshine-{latest.month}-v{latest.version}"
        mine = client.get(answer.location).get_data(as_text=True)
        assert back in mine
        assert number in mine
        assert ticket.number in client.get("/owner/matters").get_data(as_text=True)
        desk = app.test_client()
        desk.login("assistant")
        theirs = desk.get(f"/ticket/{ticket.number}").get_data(as_text=True)
        assert back in theirs
        assert number in theirs

    def test_the_form_sent_twice_asks_once(self, client: Client, session: Session, latest: Report) -> None:
        client.login("owner")
        asked = {"about": "fees", "question": "请说明", "house_id": self._house(client, latest), "form_key": "a" * 32}
        first, second = (client.submit(f"/owner/reports/{latest.id}/ask", asked) for _ in range(2))
        assert first.location == second.location
        assert len(tickets(session)) == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"about": "nothing"},
            {"about": ""},
            {"about": "figure-nothing"},
            {"about": "home_visits"},
            {"question": ""},
            {"question": " \n "},
            {"question": "\x00"},
            {"house_id": "999999"},
            {"house_id": ""},
            {"phone": "x"},
            {"phone": "13999999999"},
        ],
    )
    def test_bad_input_is_a_sentence_and_nothing_is_written(
        self, client: Client, session: Session, latest: Report, change: dict[str, str]
    ) -> None:
        client.login("owner")
        asked = {"about": "fees", "question": "请说明", "house_id": self._house(client, latest)} | change
        answer = client.submit(f"/owner/reports/{latest.id}/ask", asked)
        assert answer.status_code == 400
        assert 'role="alert"' in answer.get_data(as_text=True)
        assert tickets(session) == []

    def test_more_than_allowed_within_a_day_is_refused(self, client: Client, session: Session, latest: Report) -> None:
        session.add(Setting(key="report.questions_a_day", value="2"))
        session.commit()
        client.login("owner")
        house = self._house(client, latest)
        states = [
            client.submit(
                f"/owner/reports/{latest.id}/ask", {"about": "fees", "question": f"问题{count}", "house_id": house}
            ).status_code
            for count in range(3)
        ]
        assert states == [302, 302, 409]
        assert len(tickets(session)) == 2

    def test_a_place_that_is_none_and_a_report_that_is_none_are_404(self, client: Client, latest: Report) -> None:
        client.login("owner")
        for address in (f"{latest.id}/ask?about=nothing", f"{latest.id}/ask?about=", "999999/ask"):
            assert client.get(f"/owner/reports/{address}").status_code == 404
        assert client.submit("/owner/reports/999999/ask", {"about": "fees"}).status_code == 404

    def test_a_draft_is_asked_about_by_nobody(self, client: Client, session: Session, latest: Report) -> None:
        draft = Report(
            community_id=latest.community_id, month="2031-01", drafted_at=latest.drafted_at, dataset=latest.dataset
        )
        session.add(draft)
        session.commit()
        client.login("owner")
        assert client.get(f"/owner/reports/{draft.id}/ask?about=fees").status_code == 404

    def test_openings_of_households_are_counted_by_way(
        self, app: Flask, client: Client, session: Session, latest: Report
    ) -> None:
        client.login("owner")
        before = self._openings(session, latest)
        for address in ("/read", "/read?lang=en", ".pdf"):
            assert client.get(f"/reports/sunshine/{latest.month}{address}").status_code == 200
        manager = app.test_client()
        manager.login("manager")
        manager.get(f"/reports/sunshine/{latest.month}/read")
        after = self._openings(session, latest)
        assert after == {"page": before.get("page", 0) + 1, "file": before.get("file", 0) + 1}
        assert {column.key for column in ReportOpening.__table__.columns} == {"report_id", "way", "openings"}
        assert "网页" in manager.get(f"/report/page/{latest.id}").get_data(as_text=True)

    def test_asking_only_whether_it_is_there_counts_and_makes_nothing(
        self, client: Client, session: Session, latest: Report
    ) -> None:
        client.login("owner")
        before = self._openings(session, latest)
        path = f"/reports/sunshine/{latest.month}"
        for address in (f"{path}/read", f"{path}.pdf", f"/owner/reports/{latest.id}/own.pdf"):
            assert client.head(address).status_code == 200
        assert self._openings(session, latest) == before
        assert session.scalars(select(ReportSupplement)).all() == []

    def test_the_list_leads_to_a_question_about_its_version(self, client: Client, latest: Report) -> None:
        client.login("owner")
        page = client.get("/owner/reports").get_data(as_text=True)
        assert f'href="/owner/reports/{latest.id}/ask"' in page
        assert "kind=consultation&amp;report" not in page
        assert "kind=consultation&report" not in page
        assert client.get(f"/owner/reports/{latest.id}/ask").status_code == 200

    @staticmethod
    def _openings(session: Session, report: Report) -> dict[str, int]:
        session.rollback()
        found = session.execute(
            select(ReportOpening.way, ReportOpening.openings).where(ReportOpening.report_id == report.id)
        )
        return {row.way: row.openings for row in found}

    @staticmethod
    def _house(client: Client, report: Report) -> str:
        page = client.get(f"/owner/reports/{report.id}/ask?about=fees").get_data(as_text=True)
        return page.partition('name="house_id" value="')[2].partition('"')[0]


def test_a_stranger_asks_nothing(client: Client, estate: Estate, session: Session) -> None:
    client.login("stranger")
    for report in session.scalars(select(Report).where(Report.community_id == estate.home)).all():
        assert client.get(f"/owner/reports/{report.id}/ask?about=fees").status_code == 404
