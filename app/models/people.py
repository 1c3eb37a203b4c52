"""The people (D1, D2): households with their phones and tenures, and the staff with what they are responsible for."""

from datetime import date, datetime

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, backref, mapped_column, relationship

from app.models.base import Coded, Model, UTCDateTime, one_of
from app.models.estate import Building, Community, House
from app.models.spelled import Spelled
from app.rules.codes import TenureRole


class Person(Spelled, Model):
    """Somebody of a household, and the owner's file (D2: confidential, D15). `user` is their login, if they have one."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), unique=True)
    email: Mapped[str | None] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    wants_report_by_email: Mapped[bool] = mapped_column(Boolean, default=True)
    birth_date: Mapped[date | None] = mapped_column(Date)
    workplace: Mapped[str | None] = mapped_column(String(120))
    postal_address: Mapped[str | None] = mapped_column(String(255))
    interests: Mapped[str | None] = mapped_column(String(255))
    emergency_contact: Mapped[str | None] = mapped_column(String(120))
    vehicles: Mapped[str | None] = mapped_column(String(255))
    household_notes: Mapped[str | None] = mapped_column(Text)
    special_needs: Mapped[str | None] = mapped_column(String(255))

    user: Mapped[User | None] = relationship(User, backref=backref("person", uselist=False))
    phone_links: Mapped[list["PersonPhone"]] = relationship(back_populates="person", cascade="all, delete-orphan")
    phones: Mapped[list["Phone"]] = relationship(secondary="person_phone", viewonly=True, order_by="Phone.number")
    tenures: Mapped[list["Tenure"]] = relationship(back_populates="person")

    def __repr__(self) -> str:
        return self.name


class Phone(Model):
    """A telephone number in E.164. Several people may share one, one person may have several."""

    __tablename__ = "phone"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    is_mobile: Mapped[bool] = mapped_column(Boolean, default=True)
    sms_stopped_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    person_links: Mapped[list["PersonPhone"]] = relationship(back_populates="phone")
    people: Mapped[list[Person]] = relationship(secondary="person_phone", viewonly=True)

    def __repr__(self) -> str:
        return self.number


class PersonPhone(Model):
    """That a person is reached on a number."""

    __tablename__ = "person_phone"
    __table_args__ = (UniqueConstraint("person_id", "phone_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    phone_id: Mapped[int] = mapped_column(ForeignKey("phone.id"), index=True)
    is_primary: Mapped[bool] = mapped_column(Boolean, default=False)

    person: Mapped[Person] = relationship(back_populates="phone_links")
    phone: Mapped[Phone] = relationship(back_populates="person_links")

    def __repr__(self) -> str:
        return f"{self.person} {self.phone}"


class Tenure(Model):
    """A person's tie to a house from a day to a day (both included); a sale ends one and starts another (D2).

    `head_id` is the tenure whose family somebody is, where a household said so itself: a tenant's family is not the owner's.
    """

    __tablename__ = "tenure"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        UniqueConstraint("person_id", "house_id", "role", "starts_on"),
        one_of("role", TenureRole),
        Index("ix_tenure_house_person", "house_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    house_id: Mapped[int] = mapped_column(ForeignKey("house.id"))
    role: Mapped[str] = mapped_column(String(20))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    head_id: Mapped[int | None] = mapped_column(ForeignKey("tenure.id"), index=True)

    person: Mapped[Person] = relationship(back_populates="tenures")
    house: Mapped[House] = relationship(back_populates="tenures")

    def __repr__(self) -> str:
        return f"{self.house} {self.person}"


class HouseholdChange(Model):
    """What a household changed in its own file: who, when, what. Append-only: a trigger in the database refuses changes.

    `what` is a code word, `detail` a number, a name or the names of fields; never the content of a field.
    """

    __tablename__ = "household_change"
    __table_args__ = (Index("ix_household_change_person_at", "person_id", "at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    house_id: Mapped[int | None] = mapped_column(ForeignKey("house.id"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(30))
    detail: Mapped[str] = mapped_column(String(255), default="")

    person: Mapped[Person] = relationship()

    def __repr__(self) -> str:
        return f"{self.what} {self.detail}"


class Department(Coded, Model):
    """Engineering, cleaning, greening, security, customer service, finance."""

    __tablename__ = "department"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)


class Skill(Coded, Model):
    """What somebody must be able, or licensed, to do: electrician, lifts, locks … Categories ask for one, technicians have some."""

    __tablename__ = "skill"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class Staff(Spelled, Model):
    """Somebody who works here. `user` is their login; the number is what the ladder and the desk ring."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), unique=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    number: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(254))
    promise: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    leads_department: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """What nobody of the department can take stays with them."""

    user: Mapped[User | None] = relationship(User, backref=backref("staff", uselist=False))
    department: Mapped[Department | None] = relationship()
    community_links: Mapped[list["StaffCommunity"]] = relationship(back_populates="staff", cascade="all, delete-orphan")
    communities: Mapped[list[Community]] = relationship(secondary="staff_community", viewonly=True)
    skills: Mapped[list[Skill]] = relationship(secondary="staff_skill", viewonly=True, order_by="Skill.position")
    building_links: Mapped[list["StewardBuilding"]] = relationship(back_populates="staff")

    def __repr__(self) -> str:
        return self.name


class StaffCommunity(Model):
    """That somebody works in a community: what limits their rows (D15)."""

    __tablename__ = "staff_community"
    __table_args__ = (UniqueConstraint("staff_id", "community_id"), UniqueConstraint("id", "community_id"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)

    staff: Mapped[Staff] = relationship(back_populates="community_links")
    community: Mapped[Community] = relationship()

    def __repr__(self) -> str:
        return f"{self.staff} {self.community}"


class StaffSkill(Model):
    """That somebody has a skill."""

    __tablename__ = "staff_skill"
    __table_args__ = (UniqueConstraint("staff_id", "skill_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id"), index=True)

    def __repr__(self) -> str:
        return f"{self.staff_id} {self.skill_id}"


class StewardBuilding(Model):
    """That a steward is the first person responsible for a building, from a day to a day (D1)."""

    __tablename__ = "steward_building"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        UniqueConstraint("staff_id", "building_id", "starts_on"),
        ForeignKeyConstraint(
            ["building_id", "community_id"], ["building.id", "building.community_id"], name="fk_steward_building"
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), index=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)

    staff: Mapped[Staff] = relationship(back_populates="building_links")
    building: Mapped[Building] = relationship(foreign_keys=[building_id], viewonly=True)

    def __repr__(self) -> str:
        return f"{self.building} {self.staff}"
