"""Drills on pages (D7): by role and row, planned to improved, photos, the first page's numbers, the year on paper."""

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from app.adapters.clock import now as present
from app.models import DrillFinding, DrillPhoto, PlanDrill
from app.services.attachments import sweep
from tests.support.client import Client
from tests.support.drills import drill_form, field, record_form
from tests.support.estate import Estate
from tests.support.pictures import gps_photo, photo
from tests.support.plans import in_force

STAFF = ("admin", "manager", "deputy", "supervisor", "assistant", "steward", "technician", "finance", "quality")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def plan(session: Any, estate: Estate) -> int:
    made = in_force(session, estate.home, present() - 400 * DAY).plan_id
    session.commit()
    return made


def add(session: Any, estate: Estate, community_id: int, plan_id: int, version_id: int, **given: Any) -> int:
    """A drill led by the technician, the steward takes part."""
    drill = PlanDrill(
        community_id=community_id, plan_id=plan_id, version_id=version_id, leader_id=estate.staff["technician"],
        planned_at=present(), planned_by="员工manager", steps={}, **{"starts_at": present() + DAY, "place": "3幢门口", **given},
    )  # fmt: skip
    session.add(drill)
    session.commit()
    return drill.id


@pytest.fixture
def drill(session: Any, estate: Estate, plan: int) -> int:
    version = in_force(session, None, present(), name="全公司预案", kind="other")
    return add(session, estate, estate.home, plan, version.id)


@pytest.fixture
def foreign(session: Any, estate: Estate) -> int:
    version = in_force(session, estate.other, present(), name="月亮湾预案")
    return add(session, estate, estate.other, version.plan_id, version.id)


def become(client: Client, role: str) -> None:
    client.submit("/logout/")
    client.login(role)


def read(session: Any, drill_id: int) -> Any:
    session.rollback()
    session.expire_all()
    return session.get(PlanDrill, drill_id)


# ---- who sees and does what ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", STAFF)
def test_staff_see_the_drills_of_their_communities_and_no_others(
    client: Client, estate: Estate, drill: int, foreign: int, role: str
) -> None:
    client.login(role)
    everywhere = role in ("admin", "quality")
    assert client.get(f"/drill/{drill}").status_code == 200
    assert client.get(f"/drill/{foreign}").status_code == (200 if everywhere else 404)
    assert ("月亮湾预案" in client.get("/drill/").get_data(as_text=True)) is everywhere
    assert client.get(f"/drill/year.pdf?community={estate.other}").status_code == (200 if everywhere else 404)


@pytest.mark.parametrize("role", ["owner", "resident"])
def test_households_see_none(client: Client, drill: int, role: str) -> None:
    client.login(role)
    for path in ("/drill/", f"/drill/{drill}", f"/drill/{drill}/record", "/drill/year.pdf"):
        assert client.get(path).status_code in (403, 404), path


@pytest.mark.parametrize("role", STAFF)
def test_who_plans_and_who_records(client: Client, session: Any, estate: Estate, drill: int, role: str) -> None:
    client.login(role)
    plans, records = role in ("admin", "manager", "deputy", "supervisor"), role in ("technician",)
    page = client.get(f"/drill/{drill}").get_data(as_text=True)
    assert (f"/drill/{drill}/edit" in page) is plans
    assert (f"/drill/{drill}/record" in page) is (plans or records)
    assert (client.get(f"/drill/{drill}/record").status_code == 200) is (plans or records)
    assert (client.get("/drill/new").status_code == 200) is plans
    answer = client.submit(f"/drill/{drill}/begin")
    assert (answer.status_code == 302) is (plans or records)
    assert (read(session, drill).began_at is not None) is (plans or records)


@pytest.mark.parametrize(
    "step", ["begin", "tick/00000001", "record", "photos", "finding", "improved/1", "edit", "cancel"]
)
def test_a_strangers_drill_takes_no_step(client: Client, session: Any, foreign: int, step: str) -> None:
    client.login("manager")
    answer = client.submit(f"/drill/{foreign}/{step}", {"reason": "大雨"})
    assert answer.status_code in (400, 404)
    assert read(session, foreign).state == "planned"


# ---- from the plan to the improvement --------------------------------------------------------------------------------
def test_a_drill_is_planned_ticked_recorded_and_improved(
    client: Client, session: Any, estate: Estate, plan: int, data_dir: Any
) -> None:
    client.login("manager")
    leader, member = estate.staff["technician"], estate.staff["steward"]
    assert "爆管预案" in client.get(f"/drill/new?plan={plan}").get_data(as_text=True)
    sent = drill_form(estate.home, plan, present() + HOUR, leader, [member])
    wrong = client.submit("/drill/new", sent | {"starts_at": ""})
    assert wrong.status_code == 400
    assert "3幢1单元爆管，电梯停运" in wrong.get_data(as_text=True), "what was written is still there"
    answer = client.submit("/drill/new", sent)
    assert answer.status_code == 302
    pk = int(answer.location.rpartition("/")[2])
    become(client, "technician")
    assert "爆管预案" in client.get("/drill/?show=mine").get_data(as_text=True)
    client.submit(f"/drill/{pk}/begin")
    client.submit(f"/drill/{pk}/tick/00000001")
    page = client.get(f"/drill/{pk}/record").get_data(as_text=True)
    began = read(session, pk).began_at
    assert f'value="{field(began)}"' in page
    form = {**record_form(began, present(), member), "step_00000001": field(began)[-5:]}
    refused = client.submit(f"/drill/{pk}/record", form | {"began_at": ""})
    assert refused.status_code == 400
    assert "疏散有序" in refused.get_data(as_text=True)
    assert client.submit(f"/drill/{pk}/record", {**form, "photos": (io.BytesIO(photo()), "a.jpg")}).status_code == 302
    assert read(session, pk).state == "held"
    assert len(read(session, pk).photos) == 1
    until = f"{present() + 5 * DAY:%Y-%m-%d}"
    found = {"finding": "钥匙找不到", "improvement": "移到中控室", "staff_id": str(member), "until": until}
    assert client.submit(f"/drill/{pk}/finding", found | {"until": "2020-01-01"}).status_code == 400
    assert client.submit(f"/drill/{pk}/finding", found).status_code == 302
    become(client, "steward")
    session.rollback()
    finding = session.scalars(select(DrillFinding.id)).one()
    assert "移到中控室" in client.get("/drill/?show=improve").get_data(as_text=True)
    assert client.submit(f"/drill/{pk}/improved/{finding}", {"done": ""}).status_code == 400
    assert client.submit(f"/drill/{pk}/improved/{finding}", {"done": "已移"}).status_code == 302
    page = client.get(f"/drill/{pk}").get_data(as_text=True)
    for words in ("已移", "到场", "疏散有序", "记录问题"):
        assert words in page, words
    assert "移到中控室" not in client.get("/drill/?show=improve").get_data(as_text=True)


def test_photos_are_painted_anew_served_under_the_drills_rows_and_kept_by_the_sweep(
    client: Client, session: Any, drill: int, data_dir: Any
) -> None:
    client.login("technician")
    files = [(io.BytesIO(gps_photo()), "a.jpg"), (io.BytesIO(b"%PDF-1.4\n%%EOF"), "b.pdf")]
    assert client.submit(f"/drill/{drill}/photos", {"photos": files}).status_code == 400
    assert not list(data_dir.rglob("*.jpg")), "a refused form leaves no file"
    assert client.submit(f"/drill/{drill}/photos").status_code == 400
    assert client.submit(f"/drill/{drill}/photos", {"photos": (io.BytesIO(gps_photo()), "a.jpg")}).status_code == 302
    session.rollback()
    made = session.scalars(select(DrillPhoto)).one()
    for path in (f"/drill/photo/{made.id}", f"/drill/photo/{made.id}/thumb"):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert b"Exif" not in answer.get_data()
    assert sweep(session, data_dir, present() + 3 * DAY) == 0, "a drill's photos are known to the sweep"
    session.execute(PlanDrill.__table__.update().values(community_id=2))
    session.commit()
    assert client.get(f"/drill/photo/{made.id}").status_code == 404
    become(client, "owner")
    assert client.get(f"/drill/photo/{made.id}").status_code in (403, 404)


# ---- the numbers and the paper ---------------------------------------------------------------------------------------
def test_the_managers_first_page_counts_what_its_lists_show(
    client: Client, session: Any, estate: Estate, plan: int, drill: int
) -> None:
    read(session, drill).starts_at = present() - 2 * DAY
    session.commit()
    client.login("manager")
    page = client.get("/").get_data(as_text=True)
    for show in ("overdue", "undrilled"):
        mark = f'href="/drill/?show={show}" data-rows="'
        assert mark in page, show
        count = int(page.split(mark)[1].split('"')[0])
        rows = client.get(f"/drill/?show={show}").get_data(as_text=True).count("data-row>")
        assert count == rows >= 1, show
    become(client, "steward")
    assert "/drill/?show=overdue" not in client.get("/").get_data(as_text=True)


def test_the_year_is_printed_in_both_languages(
    client: Client, app: Flask, estate: Estate, plan: int, drill: int
) -> None:
    client.login("manager")
    year = (present() + DAY + 8 * HOUR).year
    for lang, words in (
        ("zh", ("应急演练清单", "全公司预案", "逾期未演练的预案")),
        ("en", ("Drills of the emergency plans", "Due since")),
    ):
        answer = client.get(f"/drill/year.pdf?year={year}&lang={lang}")
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.get_data())).pages)
        for word in words:
            assert word in text.replace("\n", "" if lang == "zh" else " "), (lang, word)


def test_the_plans_page_tells_of_its_drills(client: Client, plan: int, drill: int) -> None:
    client.login("manager")
    page = client.get(f"/plan/{plan}").get_data(as_text=True)
    assert f"/drill/{drill}" in page
    assert f"/drill/new?plan={plan}" in page
