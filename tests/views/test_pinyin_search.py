"""Pinyin in the search box, the lists' own box and the pickers; it follows the name; rows stay the actor's."""

from typing import Any

import pytest
from sqlalchemy import insert, select, text

from app.models import Building, Community, Person, Staff
from app.services.pinyin_search import spelled_so
from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_search import suggested


@pytest.mark.parametrize("words", ["zhangsan", "Zhang San", "zhangs", "zs", "san", "ZHANGSAN"])
def test_a_person_is_found_by_the_letters_of_the_name(client: Client, estate: Estate, words: str) -> None:
    client.login("assistant")
    assert "张三" in [one["label"] for one in suggested(client, words)["住户"]]


@pytest.mark.parametrize("words", ["yangguang", "yghy", "阳光花园"])
def test_a_community_leads_to_its_houses(client: Client, estate: Estate, words: str) -> None:
    client.login("assistant")
    assert len(suggested(client, words)["房屋"]) == 3


def test_a_building_leads_to_its_houses(client: Client, estate: Estate, session: Any) -> None:
    building = session.scalars(
        select(Building).where(Building.community_id == estate.home).order_by(Building.id)
    ).first()
    building.name = "牡丹苑"
    session.commit()
    client.login("assistant")
    assert len(suggested(client, "mudan")["房屋"]) == 2


def test_a_colleague_is_found(client: Client, estate: Estate, session: Any) -> None:
    staff = session.get(Staff, estate.staff["technician"])
    staff.name, staff.number = "单雄信", "+8613911112222"
    session.commit()
    client.login("assistant")
    for words in ("shanxiong", "sxx", "单雄", "13911112222"):
        (found,) = suggested(client, words)["员工"]
        assert (found["label"], found["href"]) == ("单雄信", f"/staffview/show/{staff.id}")


@pytest.mark.parametrize(("role", "mine"), [("assistant", True), ("steward", False), ("technician", False)])
def test_the_rows_stay_the_actors(client: Client, estate: Estate, role: str, mine: bool) -> None:
    client.login(role)
    assert ("王五" in str(suggested(client, "wangwu"))) == mine
    assert "赵六" not in str(suggested(client, "zhaoliu"))
    assert "月亮湾" not in str(suggested(client, "yueliangwan"))


def test_the_lists_box_and_the_pickers_know_it_too(client: Client, estate: Estate) -> None:
    client.login("assistant")
    page = client.get("/personview/list/?q=zhangsan").text
    assert "张三" in page
    assert "李四" not in page
    rows = client.get("/tenureview/choices/person?q=lisi").get_json()["results"]
    assert [row["text"] for row in rows] == ["李四"]


def test_the_spellings_follow_the_name(session: Any, estate: Estate) -> None:
    person = session.get(Person, estate.people["own"])
    assert person.pinyin == " zhangsan zs san"
    person.name = "吕布"
    session.flush()
    assert " lvbu" in person.pinyin
    person.name = ""
    session.flush()
    assert person.pinyin == "", "a blanked name leaves nothing"
    key = session.execute(
        insert(Person).values(name="王小二", locale="zh", wants_report_by_email=False)
    ).inserted_primary_key
    assert " wangxiaoer" in session.get(Person, key[0]).pinyin


def test_other_changes_leave_them_alone(session: Any, estate: Estate) -> None:
    community = session.get(Community, estate.home)
    community.address = "新路1号"
    session.flush()
    assert community.pinyin.startswith(" yangguanghuayuan")


@pytest.mark.postgres_only
def test_an_index_answers(session: Any, estate: Estate) -> None:
    session.execute(text("SET LOCAL enable_seqscan = off"))
    plan = session.execute(
        text(
            "EXPLAIN "
            + str(
                select(Person.id)
                .where(spelled_so(Person, "zhangsan"))
                .compile(session.get_bind(), compile_kwargs={"literal_binds": True})
            )
        )
    ).scalars()
    assert "ix_person_pinyin_grams" in "\n".join(plan)
