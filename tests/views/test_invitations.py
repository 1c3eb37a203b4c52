"""Households are let in by a one-time code; a forgotten password by another. Nothing of it can be guessed or read."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import event, func, select

from app.models import Invitation, Message, Person, Phone, Setting
from app.services.invitations import filled
from tests.support.client import Client
from tests.support.estate import Estate

GOOD = {"password": "Another-Password-77", "again": "Another-Password-77"}


def sent(session: Any, purpose: str = "invitation") -> list[tuple[str, str]]:
    """(to, text as it leaves the house) of the messages of a purpose."""
    session.rollback()
    return [(m.to, filled(session, m.body)) for m in session.scalars(select(Message).where(Message.purpose == purpose))]


def code_in(text: str) -> str:
    found = re.search(r"/welcome/([A-Z2-9-]{14})", text)
    assert found, text
    return found[1]


@pytest.fixture
def invited(client: Client, estate: Estate, session: Any, new_client: Callable[[], Client]) -> str:
    """The code 李四 of the house next door was sent."""
    desk = new_client()
    desk.login("assistant")
    assert desk.submit(f"/invite/person/{estate.people['next']}", {"do": "send"}).status_code == 302
    to, text = sent(session)[-1]
    assert to == "+8613900000001"
    return code_in(text)


def test_an_invited_owner_chooses_name_and_password_and_is_in(
    client: Client, estate: Estate, session: Any, invited: str
) -> None:
    page = client.get(f"/welcome/{invited}").get_data(as_text=True)
    assert "李*" in page
    assert "李四" not in page
    assert 'value="13900000001"' in page, "the mobile number is offered"
    assert client.get(f"/welcome/{invited}").status_code == 200, "looking does not use it up"
    done = client.submit(f"/welcome/{invited}", {"username": "13900000001", **GOOD})
    assert done.status_code == 302
    assert client.get("/owner/").status_code == 200
    session.rollback()
    person = session.get(Person, estate.people["next"])
    assert [role.name for role in person.user.roles] == ["owner"]
    again = client.submit(f"/welcome/{invited}", {"username": "second", **GOOD})
    assert again.status_code == 404, "once"


def test_a_tenant_becomes_a_resident(client: Client, estate: Estate, session: Any, invited: str) -> None:
    from app.models import Tenure

    tenure = session.scalars(select(Tenure).where(Tenure.person_id == estate.people["next"])).one()
    tenure.role = "tenant"
    session.commit()
    client.submit(f"/welcome/{invited}", {"username": "tenant.four", **GOOD})
    session.expire_all()
    assert [role.name for role in session.get(Person, estate.people["next"]).user.roles] == ["resident"]


def test_the_code_can_be_typed_with_small_letters_and_spaces(client: Client, invited: str) -> None:
    typed = client.submit("/welcome", {"code": f" {invited.lower().replace('-', ' ')} "})
    assert client.get(typed.location).status_code == 200


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"username": "x y", **GOOD}, "username"),
        ({"username": "owner", **GOOD}, "username"),
        ({"username": "OWNER", **GOOD}, "username"),
        ({"username": "lisi", "password": "short", "again": "short"}, "password"),
        ({"username": "lisi", "password": "lisi-2026-", "again": "lisi-2026-"}, "password"),
        ({"username": "lisi", "password": "13900000001", "again": "13900000001"}, "password"),
        ({"username": "lisi", **GOOD, "again": "something else"}, "again"),
        ({}, "username"),
    ],
)
def test_a_bad_choice_is_told_at_its_field_and_uses_nothing_up(
    client: Client, invited: str, form: dict[str, str], field: str
) -> None:
    answer = client.submit(f"/welcome/{invited}", form)
    assert answer.status_code == 400
    assert f'id="{field}-error"' in answer.get_data(as_text=True)
    assert client.submit(f"/welcome/{invited}", {"username": "lisi.4", **GOOD}).status_code == 302


def test_an_invitation_ends_after_seven_days(frozen: Any, client: Client, invited: str) -> None:
    frozen.shift(timedelta(days=6, hours=23))
    assert client.get(f"/welcome/{invited}").status_code == 200
    frozen.shift(timedelta(hours=2))
    assert client.get(f"/welcome/{invited}").status_code == 404


def test_a_second_invitation_takes_the_first_back_and_it_can_be_taken_back_itself(
    client: Client, estate: Estate, session: Any, invited: str, new_client: Callable[[], Client]
) -> None:
    desk = new_client()
    desk.login("assistant")
    desk.submit(f"/invite/person/{estate.people['next']}", {"do": "send"})
    second = code_in(sent(session)[-1][1])
    assert client.get(f"/welcome/{invited}").status_code == 404
    assert client.get(f"/welcome/{second}").status_code == 200
    desk.submit(f"/invite/person/{estate.people['next']}", {"do": "revoke"})
    assert client.get(f"/welcome/{second}").status_code == 404


def test_the_database_holds_no_code(session: Any, invited: str) -> None:
    plain = invited.replace("-", "")
    rows = [str(vars(row)) for table in (Invitation, Message) for row in session.scalars(select(table))]
    assert rows
    assert not any(invited in row or plain in row for row in rows)


def test_the_message_is_nobodys_to_read(client: Client, estate: Estate, session: Any, invited: str) -> None:
    client.authorize("manager")
    found = client.get("/api/v1/message/").get_json()["result"]
    assert not [row for row in found if row["purpose"] == "invitation"]


def test_codes_cannot_be_tried_without_end(client: Client, estate: Estate, invited: str) -> None:
    tried = [
        client.get(f"/welcome/ABCD-EFGH-JK{number:02}".replace("0", "Z").replace("1", "Y")).status_code
        for number in range(11)
    ]
    assert tried == [404] * 10 + [429]
    assert client.get(f"/welcome/{invited}").status_code == 429
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get(f"/welcome/{invited}", environ_overrides=elsewhere).status_code == 200


def test_a_landline_gets_a_letter(client: Client, estate: Estate, session: Any) -> None:
    phone = session.scalars(select(Phone).where(Phone.number == "+8613900000001")).one()
    phone.number = "+862160000001"
    session.commit()
    client.login("assistant")
    refused = client.submit(f"/invite/person/{estate.people['next']}", {"do": "send"})
    assert refused.status_code == 409
    letter = client.submit(f"/invite/person/{estate.people['next']}", {"do": "letter"}).get_data(as_text=True)
    found = re.search(r'code-big">([A-Z2-9-]{14})<', letter)
    assert found
    assert client.get(f"/welcome/{found[1]}").status_code == 200
    assert sent(session) == []


@pytest.mark.parametrize(("role", "status"), [("steward", 403), ("technician", 403), ("finance", 403), ("owner", 403)])
def test_only_the_desk_invites(client: Client, estate: Estate, role: str, status: int) -> None:
    client.login(role)
    answer = client.submit(f"/invite/person/{estate.people['next']}", {"do": "send"})
    assert answer.status_code in (302, status)
    assert client.get(f"/invite/building/{1}").status_code in (302, status)


def test_nobody_invites_into_another_community(client: Client, estate: Estate, session: Any) -> None:
    from app.models import House

    foreign = session.get(House, estate.houses["foreign"]).building_id
    session.rollback()
    client.login("assistant")
    assert client.get(f"/invite/person/{estate.people['foreign']}").status_code == 404
    assert client.submit(f"/invite/person/{estate.people['foreign']}", {"do": "letter"}).status_code == 404
    assert client.get(f"/invite/building/{foreign}").status_code == 404
    assert client.submit(f"/invite/building/{foreign}", {"do": "send"}).status_code == 404
    assert sent(session) == []


def test_a_building_is_invited_after_a_look(client: Client, estate: Estate, session: Any) -> None:
    from app.models import House

    building = session.get(House, estate.houses["next"]).building_id
    session.rollback()
    client.login("assistant")
    page = client.get(f"/invite/building/{building}").get_data(as_text=True)
    assert "李四" in page
    assert "张三" not in page, "has a login already"
    assert sent(session) == [], "looking sends nothing"
    assert client.submit(f"/invite/building/{building}", {"do": "send"}).status_code == 302
    assert [to for to, _ in sent(session)] == ["+8613900000001"]


def test_the_command_invites_one_or_a_building(runner: Any, estate: Estate, session: Any) -> None:
    from app.models import House

    building = session.get(House, estate.houses["next"]).building_id
    session.rollback()
    looked = runner.invoke(args=["user", "invite", "--building-id", str(building), "--dry-run"])
    assert "would invite" in looked.output
    assert sent(session) == []
    assert runner.invoke(args=["user", "invite", "--person-id", str(estate.people["next"])]).exit_code == 0
    assert len(sent(session)) == 1
    assert runner.invoke(args=["user", "invite", "--person-id", str(estate.people["own"])]).exit_code == 2
    assert runner.invoke(args=["user", "invite"]).exit_code == 2


# ---- a forgotten password --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["owner", "13900000000", "+86 139 0000 0000", "owner@example.org", "OWNER"])
def test_a_link_goes_to_the_number_on_file_whatever_was_typed(
    client: Client, estate: Estate, session: Any, who: str
) -> None:
    assert client.submit("/forgot", {"who": who}).status_code == 200
    assert [to for to, _ in sent(session, "password_reset")] == ["+8613900000000"]


def test_the_answer_never_tells_whether_there_is_a_login(client: Client, estate: Estate, session: Any) -> None:
    strip = re.compile(r'value="[^"]{40,}"|nonce="[^"]*"')
    answers = {
        strip.sub("", client.submit("/forgot", {"who": who}).get_data(as_text=True)) for who in ("owner", "nobody")
    }
    assert len(answers) == 1


def test_a_name_that_nobody_has_costs_the_same_work(client: Client, estate: Estate, session: Any) -> None:
    """The same statements in the same order, but for what is kept: nothing is left for a clock to tell."""

    def work(who: str) -> list[str]:
        noted: list[str] = []

        def see(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if "SAVEPOINT" not in statement:
                noted.append(statement)

        event.listen(session.get_bind(), "before_cursor_execute", see)
        try:
            assert client.submit("/forgot", {"who": who}).status_code == 200
        finally:
            event.remove(session.get_bind(), "before_cursor_execute", see)
        return noted

    work("anybody")
    known = work("owner")
    assert len([one for one in known if one.startswith("INSERT INTO message")]) == 3
    # How a name is looked up hangs on what was typed, which whoever typed it knows.
    pairs = (("owner", "nobody"), ("owner@example.org", "nobody@example.org"), ("13900000000", "13999999999"))
    for somebody, nobody in pairs:
        assert work(somebody) == work(nobody), nobody
    assert sorted(work("manager")) == sorted(known), "one who is reached by mail"
    assert {to for to, _ in sent(session, "password_reset")} == {"+8613900000000", "manager@example.org"}
    assert session.scalar(select(func.count()).select_from(Invitation)) == 5, "nothing is kept of the others"


def test_the_link_sets_a_password_and_ends_what_was_open(
    client: Client, estate: Estate, session: Any, new_client: Callable[[], Client]
) -> None:
    other = new_client()
    other.login("owner")
    for _ in range(10):
        client.submit("/login/", {"username": "owner", "password": "Wrong-Password-1"})
    client.submit("/forgot", {"who": "owner"})
    code = code_in(sent(session, "password_reset")[0][1])
    assert client.submit(f"/welcome/{code}", {"password": "owner-2026", "again": "owner-2026"}).status_code == 400
    assert client.submit(f"/welcome/{code}", GOOD).location == "/login/"
    assert other.get("/account/").status_code == 302
    assert client.login("owner", GOOD["password"]).status_code == 302, "and the lock is open"
    assert client.submit(f"/welcome/{code}", GOOD).status_code == 404


def test_a_reset_is_good_for_half_an_hour_and_only_the_newest(
    frozen: Any, client: Client, estate: Estate, session: Any
) -> None:
    client.submit("/forgot", {"who": "owner"})
    client.submit("/forgot", {"who": "owner"})
    first, second = (code_in(text) for _, text in sent(session, "password_reset"))
    assert client.get(f"/welcome/{first}").status_code == 404
    frozen.shift(timedelta(minutes=29))
    assert client.get(f"/welcome/{second}").status_code == 200
    frozen.shift(timedelta(minutes=2))
    assert client.get(f"/welcome/{second}").status_code == 404


def test_nobodys_telephone_is_flooded(client: Client, estate: Estate, session: Any) -> None:
    for number in range(12):
        client.submit("/forgot", {"who": "owner"}, environ_overrides={"REMOTE_ADDR": f"203.0.113.{number + 1}"})
    assert len(sent(session, "password_reset")) == 5
    tried = [client.submit("/forgot", {"who": f"name{number}"}).status_code for number in range(11)]
    assert tried == [200] * 10 + [429]


def test_a_reset_does_not_go_around_the_second_factor(client: Client, estate: Estate, session: Any) -> None:
    import pyotp

    from app.services import second_factor

    user = session.scalars(select(User).where(User.username == "manager")).one()
    user_id = user.id
    session.add(Setting(key="login.second_factor", value="1"))
    secret = second_factor.secret_to_enrol(session, user_id)
    from app.adapters.clock import now

    assert second_factor.confirm(session, user_id, pyotp.TOTP(secret).at(now()), now())
    session.commit()
    client.submit("/forgot", {"who": "manager"})
    code = code_in(sent(session, "password_reset")[0][1])
    client.submit(f"/welcome/{code}", GOOD)
    assert client.submit("/login/", {"username": "manager", "password": GOOD["password"]}).location.endswith(
        "/login/code"
    )


def test_somebody_switched_off_gets_no_link(client: Client, estate: Estate, session: Any) -> None:
    session.execute(User.__table__.update().where(User.username == "owner").values(active=False))
    session.commit()
    client.submit("/forgot", {"who": "owner"})
    assert sent(session, "password_reset") == []
