"""The report's pages from outside: who may open a file, the check of a copy, the staff's steps and REST verbs."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Community, Message, Report
from tests.support.client import Client

pytestmark = pytest.mark.usefixtures("demo_database")


@pytest.fixture
def latest(session: Session) -> Report:
    """The newest published report of the demo community."""
    query = select(Report).join(Community).where(Community.code == "sunshine", Report.state == "published")
    return session.scalars(query.order_by(Report.month.desc()).limit(1)).one()


def test_owner_resident_and_staff_open_the_published_file(app: Flask, latest: Report) -> None:
    for username in ("owner", "resident", "assistant", "steward", "technician", "finance", "quality", "admin"):
        client = app.test_client()
        client.login(username)
        answer = client.get(f"/reports/sunshine/{latest.month}.pdf")
        assert (username, answer.status_code, answer.mimetype) == (username, 200, "application/pdf")
        assert hashlib.sha256(answer.data).hexdigest() == latest.sha256


def test_version_and_language_are_chosen_in_the_address(client: Client, latest: Report) -> None:
    client.login("owner")
    english = client.get(f"/reports/sunshine/{latest.month}.pdf?lang=en")
    assert hashlib.sha256(english.data).hexdigest() == latest.sha256_en
    assert "Monthly service report" in PdfReader(BytesIO(english.data)).pages[0].extract_text()
    assert client.get(f"/reports/sunshine/{latest.month}.pdf?version=1").data.startswith(b"%PDF")
    for nonsense in ("2", "0", "-1", "x", "1e9", "99999999999999999999", "１"):
        assert (
            client.get(f"/reports/sunshine/{latest.month}.pdf", query_string={"version": nonsense}).status_code == 404
        )


def test_a_stranger_is_sent_to_the_login_and_another_communitys_owner_finds_nothing(
    app: Flask, client: Client, latest: Report, user: Callable[..., Any]
) -> None:
    answer = client.get(f"/reports/sunshine/{latest.month}.pdf")
    assert answer.status_code == 302
    assert "/login" in answer.location
    name = user("owner")
    stranger = app.test_client()
    stranger.login(getattr(name, "username", name))
    assert stranger.get(f"/reports/sunshine/{latest.month}.pdf").status_code in (403, 404)


@pytest.mark.parametrize(
    "path", ["sunshine/2031-01", "nowhere/2026-01", "sunshine/2026-99", "sunshine/x", "sunshine/..%2f..", "%00/2026-01"]
)
def test_what_is_not_there_is_404(client: Client, path: str) -> None:
    client.login("owner")
    assert client.get(f"/reports/{path}.pdf").status_code == 404
    assert client.get(f"/reports/{path}/verify").status_code == 404


def test_anybody_may_check_a_copy(app: Flask, client: Client, latest: Report) -> None:
    owner = app.test_client()
    owner.login("owner")
    content = owner.get(f"/reports/sunshine/{latest.month}.pdf").data
    path = f"/reports/sunshine/{latest.month}/verify"
    page = client.get(path)
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert latest.sha256 in text
    assert f"sunshine-{latest.month}-v1" in text

    def verdict(sent: bytes) -> str:
        answer = client.submit(path, {"file": (BytesIO(sent), "copy.pdf")}, content_type="multipart/form-data")
        return answer.get_data(as_text=True)

    genuine = verdict(content)
    assert 'data-verdict="latest"' in genuine
    assert 'data-signature="valid"' in genuine
    middle = len(content) // 3
    changed = verdict(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    assert 'data-signature="valid"' not in changed
    assert 'data-verdict="changed"' in changed or 'data-verdict="unknown"' in changed
    assert 'data-verdict="added"' in verdict(content + b"\n% more")
    assert 'data-verdict="unknown"' in verdict(b"%PDF-1.7 and then nothing")
    for nonsense in (b"no pdf at all", b""):
        said = verdict(nonsense)
        assert "data-verdict" not in said
        assert 'role="alert"' in said
    assert 'data-verdict="latest"' in client.get(f"{path}?sha256={latest.sha256}").get_data(as_text=True)
    assert "data-verdict" not in client.get(f"{path}?sha256=zz").get_data(as_text=True)


def test_the_verify_page_names_no_household_and_is_bilingual(client: Client, latest: Report) -> None:
    path = f"/reports/sunshine/{latest.month}/verify"
    assert "核验报告" in client.get(path).get_data(as_text=True)


def test_a_draft_is_for_staff_only(
    app: Flask, client: Client, session: Session, runner: FlaskCliRunner, latest: Report
) -> None:
    built = runner.invoke(args=["report", "build", "--community", "sunshine", "--month", latest.month, "--erratum"])
    assert built.exit_code == 0, built.output
    draft = session.scalars(select(Report).where(Report.state == "draft")).one()
    client.login("owner")
    assert client.get(f"/report/page/{draft.id}").status_code in (302, 403, 404)
    assert client.get(f"/report/page/{draft.id}/preview.pdf").status_code in (302, 403, 404)
    assert client.get(f"/reports/sunshine/{latest.month}.pdf?version=2").status_code == 404
    assert hashlib.sha256(client.get(f"/reports/sunshine/{latest.month}.pdf").data).hexdigest() == latest.sha256
    staff = app.test_client()
    staff.login("supervisor")
    preview = staff.get(f"/report/page/{draft.id}/preview.pdf")
    assert preview.status_code == 200
    assert "草稿" in PdfReader(BytesIO(preview.data)).pages[0].extract_text()


def test_the_command_builds_and_refuses_in_one_sentence(runner: FlaskCliRunner, latest: Report) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        result = runner.invoke(args=["report", "build", *arguments])
        assert "Traceback" not in result.output
        return result.exit_code, result.output

    code, said = run("--community", "sunshine", "--month", latest.month)
    assert (code != 0, "更正版" in said) == (True, True)
    assert run("--community", "sunshine", "--month", f"{datetime.now(UTC):%Y-%m}")[0] != 0
    assert run("--community", "sunshine", "--month", "2999-01")[0] != 0
    assert run("--community", "sunshine", "--month", "nonsense")[0] != 0
    assert run("--community", "nowhere", "--month", latest.month)[0] != 0
    assert run("--community", "sunshine", "--month", latest.month, "--erratum")[0] == 0
    assert run("--community", "sunshine", "--month", latest.month)[0] == 0  # the erratum's draft is made anew


def test_the_staffs_way_by_buttons(app: Flask, session: Session, runner: FlaskCliRunner, latest: Report) -> None:
    runner.invoke(args=["report", "build", "--community", "sunshine", "--month", latest.month, "--erratum"])
    report = session.scalars(select(Report).where(Report.state == "draft")).one()
    page = f"/report/page/{report.id}"
    supervisor, manager, assistant = (app.test_client() for _ in range(3))
    supervisor.login("supervisor")
    manager.login("manager")
    assistant.login("assistant")
    offered = re.findall(r'<option value="(\d{4}-\d\d)"', supervisor.get("/report/").get_data(as_text=True))
    assert offered == sorted(offered, reverse=True), "the latest month first, said in the page's own language"
    assert latest.month in offered
    assert f"{datetime.now(UTC):%Y-%m}" not in offered
    assert assistant.submit(f"{page}/review").status_code == 403
    assert manager.submit(f"{page}/sign").status_code == 409
    assert manager.submit(f"{page}/publish").status_code == 409
    refused = supervisor.submit(f"{page}/texts", {"common-zh": "感谢3幢2单元1201的配合"})
    assert refused.status_code == 409
    assert "3幢2单元1201的配合" in refused.get_data(as_text=True)  # what was typed is still there
    assert supervisor.submit(f"{page}/texts", {"plan-zh": "下月更换单元门禁。"}).status_code == 302
    assert supervisor.submit(f"{page}/review").status_code == 302
    assert supervisor.submit(f"{page}/sign").status_code == 403
    assert manager.submit(f"{page}/sign").status_code == 302
    assert supervisor.submit(f"{page}/texts", {"plan-zh": "改"}).status_code in (403, 409)
    assert manager.submit(f"{page}/publish").status_code == 302
    session.rollback()
    assert (report.state, latest.state) == ("published", "superseded")
    shown = manager.get(page).get_data(as_text=True)
    assert 'data-since="0"' in shown
    assert "下月更换单元门禁" in shown.split('data-difference="1"')[1], "the text that differs from version 1"
    content = manager.get(f"/reports/sunshine/{latest.month}.pdf").data
    whole = "".join(one.extract_text() for one in PdfReader(BytesIO(content)).pages)
    assert "下月更换单元门禁" in whole
    assert "更正" in whole
    letters = session.scalars(select(Message).where(Message.report_id == report.id, Message.channel == "email")).all()
    assert letters
    assert len({letter.to for letter in letters}) == len(letters)


def test_two_people_at_the_texts_of_one_report_lose_nothing(
    app: Flask, session: Session, runner: FlaskCliRunner, latest: Report
) -> None:
    runner.invoke(args=["report", "build", "--community", "sunshine", "--month", latest.month, "--erratum"])
    report = session.scalars(select(Report).where(Report.state == "draft")).one()
    page = f"/report/page/{report.id}"
    first, second = app.test_client(), app.test_client()
    first.login("supervisor")
    second.login("manager")

    def sent(shown: str, **mine: str) -> dict[str, str]:
        """The whole form as it was shown, with what its reader wrote."""
        fields = dict(re.findall(r'name="([a-z]+-[a-z]{2})"[^>]*>([^<]*)</textarea>', shown))
        seen = re.search(r'name="seen" value="([^"]+)"', shown)
        assert len(fields) == 6
        assert seen
        return {
            **{name: unescape(text) for name, text in fields.items()},
            "seen": seen[1],
            **{name.replace("_", "-"): text for name, text in mine.items()},
        }

    one, other = (client.get(page).get_data(as_text=True) for client in (first, second))
    assert (
        first.submit(f"{page}/texts", sent(one, plan_zh="下月更换单元门禁。", common_zh="电梯噪声已处理。")).status_code
        == 302
    )
    refused = second.submit(f"{page}/texts", sent(other, plan_zh="下月清洗水箱。", improved_zh="路灯全部更换。"))
    assert refused.status_code == 409
    again = refused.get_data(as_text=True)
    assert "下月更换单元门禁" in again, "what the first one wrote"
    assert "下月清洗水箱" in again, "and what the second one wrote is still there"
    assert second.submit(f"{page}/texts", sent(again)).status_code == 302
    session.rollback()
    kept = {block: by["zh"] for block, by in report.texts.items()}
    assert kept == {"plan": "下月清洗水箱。", "common": "电梯噪声已处理。", "improved": "路灯全部更换。"}


def test_rest_verbs_take_the_same_way(app: Flask, session: Session, runner: FlaskCliRunner, latest: Report) -> None:
    runner.invoke(args=["report", "build", "--community", "sunshine", "--month", latest.month, "--erratum"])
    report = session.scalars(select(Report).where(Report.state == "draft")).one()
    path = f"/api/v1/report/{report.id}"
    supervisor, manager, owner = (app.test_client().authorize(name) for name in ("supervisor", "manager", "owner"))  # type: ignore[attr-defined]
    assert manager.post(f"{path}/sign").status_code == 409
    assert manager.post(f"{path}/publish").status_code == 409
    assert owner.post(f"{path}/review").status_code in (403, 404)
    assert manager.post(f"{path}/review").status_code == 403
    assert supervisor.post(f"{path}/review").get_json()["result"]["state"] == "reviewed"
    assert manager.post(f"{path}/sign").get_json()["result"]["state"] == "signed"
    published = manager.post(f"{path}/publish").get_json()["result"]
    assert published["state"] == "published"
    assert manager.post(f"{path}/publish").status_code == 409
    file = manager.get(f"/reports/sunshine/{latest.month}.pdf")
    if file.status_code == 200:  # a bearer token opens pages only where pages take one
        assert hashlib.sha256(file.data).hexdigest() == published["sha256"]


def test_a_month_typed_by_hand_is_answered_with_a_sentence(app: Flask) -> None:
    client = app.test_client()
    client.login("supervisor")
    for month in ("2999-01", "x", ""):
        answer = client.submit("/report/build", {"community": "sunshine", "month": month}, follow_redirects=True)
        assert answer.status_code == 200
        assert "notice--bad" in answer.get_data(as_text=True)
    assert client.submit("/report/build", {"community": "nowhere", "month": "2026-01"}).status_code == 404
