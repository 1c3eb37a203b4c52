"""The way of a report: draft → reviewed → signed → published, each step by its role, nothing changed afterwards."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfWriter
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.adapters.report_renderer import Rendered, ReportRenderer
from app.adapters.signing_key import KeyUnfit
from app.errors import Forbidden, Invalid, Refused
from app.models import Message, Report, Ticket
from app.services import publication, published_reports
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.report_jobs import build_due_drafts, remind
from app.services.reporting import changes, privacy
from app.services.reporting.edition import render_files
from tests.reports.world import NOW, World, make_world


class PlainRenderer(ReportRenderer):
    """Renders in no time: an empty page that tells its edition. For tests of the way, not of the pages."""

    def render(self, edition: dict[str, Any], locale: str) -> Rendered:
        page, file = PdfWriter(), BytesIO()
        page.add_blank_page(595, 842)
        page.add_metadata({"/Subject": json.dumps([locale, edition], sort_keys=True)})
        page.write(file)
        return Rendered(file.getvalue(), "plain", "0" * 64)


@pytest.fixture
def renderer() -> ReportRenderer:
    return PlainRenderer()


@pytest.fixture(scope="module")
def real_renderer() -> Iterator[ReportRenderer]:
    with ReportRenderer() as one:
        yield one


@pytest.fixture
def world(session: Session) -> World:
    made = make_world(session)
    session.commit()
    return made


def drafted(session: Session, world: World, month: str = "2026-10") -> Report:
    return publication.build_draft(session, world.community, month, world.actor("supervisor"), NOW)


def published(
    session: Session, world: World, renderer: ReportRenderer, month: str = "2026-10", notify: bool = False
) -> Report:
    report = drafted(session, world, month)
    publication.review(session, report, world.actor("supervisor"), NOW)
    publication.sign(session, report, world.actor("manager"), NOW)
    publication.publish(session, report, world.actor("manager"), NOW, renderer=renderer, notify=notify)
    session.commit()
    return report


def test_a_report_goes_its_way_and_its_hash_is_that_of_the_file(
    session: Session, world: World, renderer: ReportRenderer
) -> None:
    report = published(session, world, renderer)
    assert report.state == "published"
    path, content = published_reports.file_of(report, "zh")
    assert report.sha256 == hashlib.sha256(content).hexdigest() == hashlib.sha256(path.read_bytes()).hexdigest()
    english = published_reports.file_of(report, "en")[1]
    assert report.sha256_en == hashlib.sha256(english).hexdigest() != report.sha256
    assert (report.reviewed_by, report.signed_by) == ("周晓岚", "吴国栋")


def test_without_a_fitting_key_nothing_is_published(
    app: Flask, session: Session, world: World, renderer: ReportRenderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    unfit = replace(app.extensions["settings"], report_signing_key="/nowhere/key.pem")
    monkeypatch.setitem(app.extensions, "settings", unfit)
    with pytest.raises(KeyUnfit, match="cannot be read"):
        published(session, world, renderer)
    session.rollback()
    assert session.scalars(select(Report).where(Report.community_id == world.community.id)).all() == []


def test_steps_out_of_order_are_refused(session: Session, world: World) -> None:
    report = drafted(session, world)
    supervisor, manager = world.actor("supervisor"), world.actor("manager")
    with pytest.raises(Refused):
        publication.sign(session, report, manager, NOW)
    with pytest.raises(Refused, match="signed"):
        publication.publish(session, report, manager, NOW)
    publication.review(session, report, supervisor, NOW)
    with pytest.raises(Refused):
        publication.review(session, report, supervisor, NOW)
    with pytest.raises(Refused):
        publication.publish(session, report, manager, NOW)
    assert report.state == "reviewed"
    assert report.sha256 is None


@pytest.mark.parametrize("role", ["assistant", "steward", "technician", "finance", "quality", "owner", "resident"])
def test_only_their_roles_review_sign_and_publish(session: Session, world: World, role: str) -> None:
    report = drafted(session, world)
    with pytest.raises(Forbidden):
        publication.review(session, report, world.actor(role), NOW)
    report.state = "reviewed"
    session.flush()
    with pytest.raises(Forbidden):
        publication.sign(session, report, world.actor(role), NOW)
    with pytest.raises(Forbidden):
        publication.sign(session, report, world.actor("supervisor"), NOW)
    report.state = "signed"
    session.flush()
    with pytest.raises(Forbidden):
        publication.publish(session, report, world.actor(role), NOW)


def test_a_manager_of_another_community_may_not_sign(session: Session, world: World) -> None:
    report = drafted(session, world)
    publication.review(session, report, world.actor("supervisor"), NOW)
    stranger = Actor(
        user_id=None, username="x", display_name="x", roles=frozenset({"manager"}), community_ids=frozenset({9999})
    )
    with pytest.raises(Forbidden):
        publication.sign(session, report, stranger, NOW)


@pytest.mark.parametrize("month", ["2026-11", "2027-01", "2026-13", "2026-1", "October", "../etc", "", "２０２６-10"])
def test_months_that_are_none_or_not_over_are_invalid(session: Session, world: World, month: str) -> None:
    with pytest.raises(Invalid):
        publication.build_draft(session, world.community, month, world.actor("supervisor"), NOW)


def test_a_month_is_over_at_local_midnight(session: Session, world: World) -> None:
    midnight = NOW.replace(month=10, day=31, hour=16, minute=0)
    with pytest.raises(Invalid):
        publication.build_draft(
            session, world.community, "2026-10", world.actor("supervisor"), midnight - timedelta(seconds=1)
        )
    publication.build_draft(session, world.community, "2026-10", world.actor("supervisor"), midnight)


def test_a_month_without_records_is_refused(session: Session, world: World) -> None:
    with pytest.raises(Refused, match="no records"):
        publication.build_draft(session, world.community, "2021-03", world.actor("supervisor"), NOW)


def test_a_published_month_needs_an_erratum_and_is_superseded_by_it(
    session: Session, world: World, renderer: ReportRenderer
) -> None:
    first = published(session, world, renderer)
    with pytest.raises(Refused, match="erratum"):
        drafted(session, world)
    second = publication.build_draft(session, world.community, "2026-10", world.actor("supervisor"), NOW, erratum=True)
    assert (second.version, second.state, first.state) == (2, "draft", "published")
    publication.review(session, second, world.actor("supervisor"), NOW)
    publication.sign(session, second, world.actor("manager"), NOW)
    publication.publish(session, second, world.actor("manager"), NOW, renderer=renderer, notify=False)
    session.commit()
    session.refresh(first)
    assert (first.state, second.state) == ("superseded", "published")
    assert second.previous_sha256 == first.sha256
    assert published_reports.find_published(session, "testhof", "2026-10") is second
    assert published_reports.find_published(session, "testhof", "2026-10", 1) is first
    assert published_reports.file_of(first, "zh")[1].startswith(b"%PDF")


def test_what_changed_since_is_told_and_an_erratum_differs_by_just_that(
    session: Session, world: World, renderer: ReportRenderer
) -> None:
    report = published(session, world, renderer)
    zone = local_zone()
    assert changes.changed_since(session, report, zone) == []
    assert changes.version_before(session, report) is None
    frozen = {figure["code"]: figure["value"] for figure in report.dataset["figures"]}
    complaint = session.scalars(
        select(Ticket).where(
            Ticket.community_id == world.community.id, Ticket.kind == "complaint", Ticket.counts_in_figures,
            Ticket.created_at >= NOW - timedelta(days=20),
        ).order_by(Ticket.id)
    ).first()  # fmt: skip
    assert complaint is not None
    complaint.counts_in_figures = False
    session.commit()
    since = changes.changed_since(session, report, zone)
    told = {change.code: (change.before, change.after) for change in since}
    assert told["complaints"] == (frozen["complaints"], frozen["complaints"] - 1)
    assert told["requests"] == (frozen["requests"], frozen["requests"] - 1)
    assert "calls" not in told
    second = publication.build_draft(session, world.community, "2026-10", world.actor("supervisor"), NOW, erratum=True)
    before = changes.version_before(session, second)
    assert before is report
    assert changes.against(before, second).figures == since


def test_reports_form_a_chain(session: Session, world: World, renderer: ReportRenderer) -> None:
    september = published(session, world, renderer, "2026-09")
    october = published(session, world, renderer, "2026-10")
    assert september.previous_sha256 is None
    assert october.previous_sha256 == september.sha256


@pytest.mark.parametrize(
    "change",
    [
        {"dataset": {}}, {"texts": {}}, {"sha256": "0" * 64}, {"file_path": "x.pdf"}, {"state": "draft"},
        {"signed_by": "x"}, {"version": 9}, {"previous_sha256": "1" * 64},
    ],
)  # fmt: skip
def test_the_database_refuses_any_change_to_a_published_report(
    session: Session, world: World, renderer: ReportRenderer, change: dict[str, object]
) -> None:
    report = published(session, world, renderer)
    for name, value in change.items():
        setattr(report, name, value)
    with pytest.raises(DBAPIError, match="published report"):
        session.flush()
    session.rollback()


def test_the_frozen_data_make_the_same_bytes_again(
    session: Session, world: World, real_renderer: ReportRenderer
) -> None:
    report = published(session, world, real_renderer)
    for house in world.houses:
        house.state = "vacant"
    session.commit()
    frozen = json.loads(json.dumps(publication.preview_edition(session, report)))
    with ReportRenderer() as another:
        files = render_files(frozen, another)
    for locale, made in files.by_locale.items():
        assert published_reports.file_of(report, locale)[1].startswith(made.content), "signing adds, it changes nothing"


def test_files_made_before_a_change_are_not_published(session: Session, world: World, renderer: ReportRenderer) -> None:
    report = drafted(session, world)
    publication.review(session, report, world.actor("supervisor"), NOW)
    publication.sign(session, report, world.actor("manager"), NOW)
    files = render_files(publication.publication_edition(session, report, NOW), renderer)
    report.texts = {**report.texts, "plan": {"zh": "另一个计划", "en": "another plan"}}
    session.flush()
    with pytest.raises(Refused, match="changed"):
        publication.publish(session, report, world.actor("manager"), NOW, files=files)


def test_every_owner_gets_one_letter_in_their_language(
    session: Session, world: World, renderer: ReportRenderer
) -> None:
    from app.services.report_letters import send_to_owners

    report = published(session, world, renderer, notify=True)
    send_to_owners(session, report, NOW)
    letters = session.scalars(select(Message).where(Message.report_id == report.id)).all()
    wanted = {person.email: person for person in world.people if person.email and person.wants_report_by_email}
    assert sorted(letter.to for letter in letters) == sorted(wanted)
    for letter in letters:
        english = wanted[letter.to].locale == "en"
        assert letter.attachment == (report.file_path_en if english else report.file_path)
        assert ("monthly service report" in letter.subject) == english


def test_what_is_written_may_not_name_a_household(session: Session, world: World) -> None:
    report, supervisor = drafted(session, world), world.actor("supervisor")
    name, phone, house = world.people[3].name, world.phones[3], world.houses[3].name
    for text in (
        f"感谢{name}先生",
        f"{name}，谢谢",
        f"请致电{phone[3:]}",
        f"{house}已修好",
        "二楼的101室漏水",
        "room 302 leaks",
    ):
        with pytest.raises(Refused, match="household"):
            publication.edit_texts(session, report, supervisor, NOW, {"common": {"zh": text}})
    publication.edit_texts(session, report, supervisor, NOW, {"common": {"zh": "共处理101件，电梯已更换。"}})
    assert report.texts["common"]["zh"] == "共处理101件，电梯已更换。"


def test_a_name_inside_other_words_asks_for_confirmation(session: Session, world: World) -> None:
    world.people[0].name = "高明"
    session.flush()
    report, supervisor = drafted(session, world), world.actor("supervisor")
    text = {"plan": {"zh": "满意率提高明显"}}
    with pytest.raises(Refused, match="Confirm"):
        publication.edit_texts(session, report, supervisor, NOW, text)
    publication.edit_texts(session, report, supervisor, NOW, text, confirmed=True)
    assert report.texts["plan"]["zh"] == "满意率提高明显"


def test_a_text_is_held_only_against_the_names_it_has(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pattern for every name of a large community took seconds, while the database's only writer was held."""
    asked: list[str] = []
    stands_alone = privacy._stands_alone
    monkeypatch.setattr(privacy, "_stands_alone", lambda name, text: asked.append(name) or stands_alone(name, text))
    world.people[3].name = "Lucy Stone"
    session.flush()
    known = privacy.known_households(session, drafted(session, world).community_id)
    found = privacy.find_personal(known, f"thanks, LUCY STONE, and {world.people[4].name}!")
    assert set(found.certain) == {"Lucy Stone", world.people[4].name}
    assert set(asked) == set(found.certain)


def test_odd_texts_are_invalid_and_editing_takes_the_review_back(session: Session, world: World) -> None:
    report, supervisor = drafted(session, world), world.actor("supervisor")
    for texts in (
        {"common": {"zh": "字" * 4001}},
        {"nothing": {"zh": "x"}},
        {"plan": {"fr": "x"}},
        {"plan": {"zh": "a\x07b"}},
    ):
        with pytest.raises(Invalid):
            publication.edit_texts(session, report, supervisor, NOW, texts)
    publication.review(session, report, supervisor, NOW)
    publication.edit_texts(session, report, supervisor, NOW, {"plan": {"zh": "改善照明"}})
    assert (report.state, report.reviewed_by) == ("draft", None)


def test_drafts_are_built_once_and_one_bad_community_stops_no_other(session: Session, world: World) -> None:
    from app.models import Community

    session.add(Community(code="aaa-empty", name="空小区"))
    session.commit()
    made = build_due_drafts(session, NOW)
    assert [(report.community.code, report.month) for report in made if report.community_id == world.community.id] == [
        ("testhof", "2026-10")
    ]
    assert build_due_drafts(session, NOW) == []


def test_reminders_come_daily_until_published(session: Session, world: World) -> None:
    report = drafted(session, world)
    session.commit()

    def mailed() -> list[str]:
        letters = select(Message.to).where(Message.report_id == report.id, Message.channel == "email")
        return list(session.scalars(letters.order_by(Message.id)))

    remind(session, NOW)
    remind(session, NOW + timedelta(hours=3))
    assert mailed() == ["supervisor@example.org"]
    remind(session, NOW + timedelta(days=1))
    assert mailed() == ["supervisor@example.org"] * 2
    publication.review(session, report, world.actor("supervisor"), NOW)
    remind(session, NOW + timedelta(days=2))
    assert mailed()[2:] == ["manager@example.org"]


def test_a_damaged_file_is_not_handed_out(
    session: Session, world: World, renderer: ReportRenderer, data_dir: Path
) -> None:
    report = published(session, world, renderer)
    assert report.file_path is not None
    path = data_dir / report.file_path
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(Refused, match="damaged"):
        published_reports.file_of(report, "zh")
    checked = published_reports.check_file(session, "testhof", "2026-10", path.read_bytes())
    assert checked.report is None
