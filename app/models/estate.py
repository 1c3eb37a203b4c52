"""The estate (D2): community → building → unit → house, and the numbers its hotline answers on."""

from decimal import Decimal

from sqlalchemy import Boolean, ForeignKey, ForeignKeyConstraint, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import AreaM2, Model, one_of
from app.models.spelled import Spelled
from app.rules.codes import HouseState


class Community(Spelled, Model):
    """A 小区: the estate one service centre looks after."""

    __tablename__ = "community"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    address: Mapped[str] = mapped_column(String(255), default="")
    desk_phone: Mapped[str | None] = mapped_column(String(20))
    general_manager_email: Mapped[str] = mapped_column(String(254), default="", server_default="")
    """Where the company's general manager is told of special events."""
    calendar_id: Mapped[int | None] = mapped_column(ForeignKey("work_calendar.id"), index=True)
    """Its desk's hours; empty: the company's."""

    calendar: Mapped["WorkCalendar | None"] = relationship()  # noqa: F821
    buildings: Mapped[list["Building"]] = relationship(back_populates="community", order_by="Building.position")
    hotline_numbers: Mapped[list["HotlineNumber"]] = relationship(back_populates="community")

    def __repr__(self) -> str:
        return self.name


class HotlineNumber(Model):
    """A published number and the community it means: the call's `To` decides (I2)."""

    __tablename__ = "hotline_number"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    community: Mapped[Community] = relationship(back_populates="hotline_numbers")

    def __repr__(self) -> str:
        return self.number


class Building(Spelled, Model):
    """A 楼栋. `position` orders them along the estate's plan: neighbours differ by one (dispatch, D3)."""

    __tablename__ = "building"
    __table_args__ = (UniqueConstraint("community_id", "number"), UniqueConstraint("id", "community_id"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    number: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    position: Mapped[int] = mapped_column(Integer, default=0)

    community: Mapped[Community] = relationship(back_populates="buildings")
    units: Mapped[list["Unit"]] = relationship(back_populates="building", order_by="Unit.number")

    def __repr__(self) -> str:
        return self.name


class Unit(Model):
    """A 单元: one staircase of a building."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("building_id", "number"), UniqueConstraint("id", "building_id"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), index=True)
    number: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))

    building: Mapped[Building] = relationship(back_populates="units")

    def __repr__(self) -> str:
        return self.name


class House(Model):
    """A 房屋. Building and community are repeated for filters; composite keys keep them true."""

    __tablename__ = "house"
    __table_args__ = (
        UniqueConstraint("unit_id", "number"),
        UniqueConstraint("id", "community_id"),
        ForeignKeyConstraint(["unit_id", "building_id"], ["unit.id", "unit.building_id"], name="fk_house_unit"),
        ForeignKeyConstraint(
            ["building_id", "community_id"], ["building.id", "building.community_id"], name="fk_house_building"
        ),
        one_of("state", HouseState),
        Index("ix_house_community_name", "community_id", "name"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    number: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    floor: Mapped[int | None] = mapped_column(Integer)
    area_m2: Mapped[Decimal] = mapped_column(AreaM2)
    state: Mapped[str] = mapped_column(String(20), default=HouseState.HANDED_OVER)

    community: Mapped[Community] = relationship(foreign_keys=[community_id], viewonly=True)
    building: Mapped[Building] = relationship(foreign_keys=[building_id], viewonly=True)
    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id], viewonly=True)
    tenures: Mapped[list["Tenure"]] = relationship(back_populates="house")  # noqa: F821

    def __repr__(self) -> str:
        return self.name
