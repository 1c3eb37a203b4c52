"""Mapping, constraints and indexes. No clock, no input or output, no decisions."""

from app.models.base import Model
from app.models.calls import Call, CallTicket, HotlineEvent, Recording
from app.models.catalogue import ServiceItem, ServicePrice
from app.models.duty import DutyShift, EscalationAttempt, Ladder
from app.models.estate import Building, Community, HotlineNumber, House, Unit
from app.models.fees import Bill, FeeItem
from app.models.messages import Message
from app.models.people import Department, Person, PersonPhone, Phone, Staff, StaffCommunity, StewardBuilding, Tenure
from app.models.reports import Report
from app.models.system import AccessEntry, Heartbeat, Holiday, JobRun, Setting
from app.models.tickets import (
    Category,
    CategoryWord,
    Clock,
    ClockPolicy,
    ReturnVisit,
    Ticket,
    TicketEntry,
    TicketNumber,
)

__all__ = [
    "AccessEntry",
    "Bill",
    "Building",
    "Call",
    "CallTicket",
    "Category",
    "CategoryWord",
    "Clock",
    "ClockPolicy",
    "Community",
    "Department",
    "DutyShift",
    "EscalationAttempt",
    "FeeItem",
    "Heartbeat",
    "Holiday",
    "HotlineEvent",
    "HotlineNumber",
    "House",
    "JobRun",
    "Ladder",
    "Message",
    "Model",
    "Person",
    "PersonPhone",
    "Phone",
    "Recording",
    "Report",
    "ReturnVisit",
    "ServiceItem",
    "ServicePrice",
    "Setting",
    "Staff",
    "StaffCommunity",
    "StewardBuilding",
    "Tenure",
    "Ticket",
    "TicketEntry",
    "TicketNumber",
    "Unit",
]
