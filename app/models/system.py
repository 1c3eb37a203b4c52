"""What the house keeps about itself: figures an administrator may change, runs of jobs, the scheduler's heartbeat."""

from datetime import datetime
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, UTCDateTime, one_of
from app.rules.codes import RowScope


class Setting(Model):
    """A figure of the trade that differs from its default (see `services.policies`), for all or for one community."""

    __tablename__ = "setting"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(String(255))

    def __repr__(self) -> str:
        return self.key


class Holiday(Model):
    """An administrator's correction to the holiday calendar: a day off, or a work day made up for one."""

    __tablename__ = "holiday"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    day: Mapped[str] = mapped_column(String(10), unique=True)
    is_workday: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(String(60), default="")

    def __repr__(self) -> str:
        return self.day


class JobRun(Model):
    """That a job ran for a period: unique, so that a period is worked off once, however often the job starts."""

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("job", "period"), Index("ix_job_run_started", "started_at"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    job: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str | None] = mapped_column(String(255))
    result: Mapped[dict[str, Any]] = mapped_column(JsonData, default=dict)

    def __repr__(self) -> str:
        return f"{self.job} {self.period}"


class Heartbeat(Model):
    """When a part of the house last said that it lives (`scheduler`)."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(UTCDateTime)
    holder: Mapped[str] = mapped_column(String(80), default="")


class AccessEntry(Model):
    """Who read or exported something confidential, and who logged in or failed to. Append-only by trigger.

    `subject` says in words what it was about; `subject_kind` and `subject_id` name the row, where there is one.
    """

    __tablename__ = "access_entry"
    __table_args__ = (
        Index("ix_access_entry_at", "at"),
        Index("ix_access_entry_action", "action"),
        Index("ix_access_entry_user", "user_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(120))
    subject_kind: Mapped[str | None] = mapped_column(String(20))
    subject_id: Mapped[int | None] = mapped_column(Integer)
    address: Mapped[str | None] = mapped_column(String(45))
    changes: Mapped[list[list[Any]] | None] = mapped_column(JsonData)
    """Of a changed rule: (column, value before, value after)."""

    user: Mapped[User | None] = relationship(User, viewonly=True)

    def __repr__(self) -> str:
        return f"{self.action} {self.subject}"


class GrantMark(Model):
    """One row. Its mark is drawn anew by triggers whenever the permissions of any role change, whoever changes them and in
    whichever way: what a process keeps of them under the mark can be neither stale nor another database's."""

    __tablename__ = "grant_mark"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    mark: Mapped[str] = mapped_column(String(36))


class RoleScope(Model):
    """Which rows a role of the administrator's own making sees. The roles of D1 have no line here: their rule is code."""

    __tablename__ = "role_scope"
    __table_args__ = (one_of("scope", RowScope),)

    role_id: Mapped[int] = mapped_column(ForeignKey("ab_role.id"), primary_key=True, autoincrement=False)
    scope: Mapped[str] = mapped_column(String(20))

    def __repr__(self) -> str:
        return self.scope
