"""What a login needs beside FAB's user: first password, second factor, invitations, ended sessions, counted failures."""

from datetime import datetime

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Model, UTCDateTime, one_of
from app.models.people import Person

PURPOSES = ("invitation", "reset")
WAYS = ("sms", "email", "letter")


class LoginState(Model):
    """One row a login, made when there is something to say. A login without a row is in the default state of all of it.

    `epoch` is part of every session's and token's fingerprint: one more, and all of them have ended. The second factor's
    secret is encrypted under a key derived from the installation's SECRET_KEY: the database alone gives no code away.
    """

    __tablename__ = "login_state"

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True)
    must_change: Mapped[bool] = mapped_column(Boolean, default=False)
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    factor_secret: Mapped[str | None] = mapped_column(String(255))
    factor_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    factor_step: Mapped[int | None] = mapped_column(BigInteger)

    def __repr__(self) -> str:
        return f"login {self.user_id}"


class RecoveryCode(Model):
    """One of the codes that stand in for a lost telephone: stored as a keyed digest, used once."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    def __repr__(self) -> str:
        return f"recovery code {self.id}"


class EndedSession(Model):
    """A browser session somebody logged out of: its cookie may be kept by whoever copied it, and opens nothing."""

    __tablename__ = "ended_session"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)

    def __repr__(self) -> str:
        return self.digest[:8]


class FailureCount(Model):
    """Failures of one bucket (a name, an address, both together …) since an instant, and until when it is locked.

    Buckets are keyed digests: a password typed into the name's field is not kept in clear.
    """

    __tablename__ = "failure_count"

    bucket: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    locked_until: Mapped[datetime | None] = mapped_column(UTCDateTime)

    def __repr__(self) -> str:
        return self.bucket


class KnownPlace(Model):
    """That a name logged in from an address (digest of both): a stranger elsewhere cannot lock its owner out there."""

    __tablename__ = "known_place"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)

    def __repr__(self) -> str:
        return self.digest[:8]


class Invitation(Model):
    """A one-time code, as a link or typed in: a household's first log-in (`person`) or a new password (`user`).

    Only the keyed digest of the code is stored; the code itself is derived from `nonce` and SECRET_KEY when it is sent.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        one_of("purpose", PURPOSES),
        one_of("way", WAYS),
        Index("ix_invitation_person_created", "person_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    way: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    nonce: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    person: Mapped[Person | None] = relationship()
    user: Mapped[User | None] = relationship(User, foreign_keys=[user_id])

    def __repr__(self) -> str:
        return f"{self.purpose} {self.id}"
