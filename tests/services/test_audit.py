"""The audit trail takes entries and never gives one back changed: by service, by session, by plain SQL (issue 3, line 2)."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from app.models import AccessEntry
from app.rules.codes import AccessAction
from app.services import audit
from app.services.actors import Actor

SOMEBODY = Actor(user_id=None, username="reader", display_name="王读者")


def _entry(session: Any, now: datetime, **more: Any) -> AccessEntry:
    return audit.record(session, SOMEBODY, AccessAction.FILE_READ, "张三", now, **more)


def test_who_what_and_when_are_kept(session: Any, now: datetime) -> None:
    _entry(session, now, kind="person", row_id=7, address="192.0.2.1")
    session.commit()
    row = session.scalars(select(AccessEntry)).one()
    assert (row.actor_name, row.action, row.subject, row.at) == ("王读者", "file_read", "张三", now)
    assert (row.subject_kind, row.subject_id, row.address) == ("person", 7, "192.0.2.1")


def test_somebody_unknown_is_kept_by_the_name_they_gave(session: Any, now: datetime) -> None:
    row = audit.record(session, None, AccessAction.LOGIN_FAILED, "form", now, name="mallory\n2026 admin")
    assert (row.user_id, row.actor_name) == (None, "mallory 2026 admin")


@pytest.mark.parametrize("wild", ["x" * 500, "\x00", "a\r\nb", "\ud800"])
def test_what_somebody_typed_never_breaks_the_entry(session: Any, now: datetime, wild: str) -> None:
    audit.record(session, None, AccessAction.LOGIN_FAILED, wild, now, name=wild, address=wild)
    session.commit()
    row = session.scalars(select(AccessEntry)).one()
    assert row.actor_name.isprintable()
    assert len(row.subject) <= 120


def test_an_action_nobody_declared_is_refused(session: Any, now: datetime) -> None:
    with pytest.raises(ValueError, match="no_such"):
        audit.record(session, SOMEBODY, "no_such", "", now)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "way",
    [
        update(AccessEntry).values(subject="nobody"),
        delete(AccessEntry),
        text("UPDATE access_entry SET actor_name = 'x'"),
        text("DELETE FROM access_entry"),
    ],
)
def test_no_statement_changes_an_entry(session: Any, now: datetime, way: Any) -> None:
    _entry(session, now)
    session.commit()
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(way)
    session.rollback()
    assert session.scalars(select(AccessEntry)).one().subject == "张三"


def test_neither_does_the_session(session: Any, now: datetime) -> None:
    row = _entry(session, now)
    session.commit()
    row.subject = "nobody"
    with pytest.raises(DBAPIError, match="append-only"):
        session.commit()
    session.rollback()
    session.delete(session.scalars(select(AccessEntry)).one())
    with pytest.raises(DBAPIError, match="append-only"):
        session.commit()
    session.rollback()


@pytest.mark.postgres_only
def test_the_table_cannot_be_emptied_at_once(session: Any, now: datetime) -> None:
    _entry(session, now)
    session.commit()
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text("TRUNCATE access_entry"))
    session.rollback()
