"""Departments, the duty roster, the escalation ladder, the outbox (D7, G4)."""

from app.models import Department, DutyShift, EscalationAttempt, Message
from app.views.base.rest import RestApi
from app.views.base.rows import RowInterface


class DepartmentApi(RestApi):
    """Departments."""

    resource_name = "department"
    datamodel = RowInterface(Department)
    columns = ("id", "code", "name", "name_en", "position")


class DutyShiftApi(RestApi):
    """Who is on duty, backup or manager, from when until when, on which number."""

    resource_name = "duty_shift"
    datamodel = RowInterface(DutyShift)
    columns = ("id", "community_id", "tier", "staff_id", "staff.name", "number", "starts_at", "ends_at")


class EscalationAttemptApi(RestApi):
    """One ring of an emergency's ladder each."""

    resource_name = "escalation_attempt"
    datamodel = RowInterface(EscalationAttempt)
    further_filters = {"created_at": "started_at"}
    columns = (
        "id",
        "ticket_id",
        "ticket.number",
        "number",
        "tier",
        "staff_id",
        "staff.name",
        "round",
        "rung",
        "state",
        "provider_sid",
        "started_at",
        "answered_at",
        "accepted_at",
        "ended_at",
    )


class MessageApi(RestApi):
    """The outbox: what leaves the house, and how far it came."""

    resource_name = "message"
    datamodel = RowInterface(Message)
    columns = (
        "id",
        "to",
        "channel",
        "purpose",
        "subject",
        "body",
        "state",
        "ticket_id",
        "ticket.number",
        "report_id",
        "person_id",
        "community_id",
        "tries",
        "error",
        "provider_sid",
        "created_at",
        "sent_at",
        "delivered_at",
    )
