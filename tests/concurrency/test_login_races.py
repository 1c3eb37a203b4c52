"""Many at one door at once: every failure is counted, one code lets one in, one invitation makes one login."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import func, select

from app.models import FailureCount, Invitation, Person
from tests.support.estate import Estate, build_estate

AT_ONCE = 16


@pytest.fixture
def estate(app: Flask, now: datetime) -> Estate:
    from app.extensions import db

    with app.app_context():
        made = build_estate(db.session(), now)
        db.session.commit()
        db.session.remove()
    return made


def together(app: Flask, work: Callable[[Any], Any]) -> list[Any]:
    """Do it in sixteen threads with a transaction each; what came of each, refusals included."""
    from app.errors import LinliError
    from app.extensions import db
    from app.services.transaction import transaction

    def one(_number: int) -> Any:
        with app.app_context():
            try:
                with transaction() as session:
                    return work(session)
            except LinliError as error:
                return error
            finally:
                db.session.remove()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_no_failure_is_lost(app: Flask, session: Any, now: datetime) -> None:
    from app.services import login_limits

    guess = login_limits.login_guess("owner", "203.0.113.5")
    locked = together(app, lambda each: login_limits.note_failure(each, guess, now))
    assert sum(locked) == 1, "one of them locked the name"
    session.rollback()
    assert session.scalars(select(FailureCount.failures)).all() == [AT_ONCE] * 3
    assert login_limits.locked_seconds(session, guess, now) == 900


def test_one_code_lets_one_in(app: Flask, session: Any, estate: Estate, now: datetime) -> None:
    from flask_appbuilder.security.sqla.models import User

    from app.services import second_factor

    user_id = session.scalar(select(User.id).where(User.username == "manager"))
    phone = pyotp.TOTP(second_factor.secret_to_enrol(session, user_id))
    session.commit()
    taken = together(app, lambda each: second_factor.accept(each, user_id, phone.at(now), now))
    assert sum(taken) == 1


def test_one_invitation_makes_one_login(app: Flask, session: Any, estate: Estate, now: datetime) -> None:
    from flask_appbuilder.security.sqla.models import User

    from app.services import invitations
    from app.services.actors import Actor

    made = invitations.invite(session, Actor.system("tests"), estate.people["next"], now)
    made_id, before = made.id, session.scalar(select(func.count()).select_from(User))
    session.commit()

    def accept(each: Any) -> str:
        mine = each.get_one(Invitation, made_id)
        return str(invitations.accept_invitation(each, mine, "lisi.four", "Another-Password-77", now).username)

    done = together(app, accept)
    assert [answer for answer in done if isinstance(answer, str)] == ["lisi.four"]
    session.rollback()
    assert session.scalar(select(func.count()).select_from(User)) == before + 1
    assert session.get(Person, estate.people["next"]).user_id is not None
