"""The words people read: a label for every code of I5 and every column shown, translated when shown."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext

from app.rules import codes

CODES: dict[str, dict[str, Any]] = {
    "role": {
        "admin": _("Administrator"),
        "manager": _("Service centre manager"),
        "deputy": _("Deputy manager"),
        "supervisor": _("Customer service supervisor"),
        "assistant": _("Customer service assistant"),
        "steward": _("Area steward"),
        "technician": _("Technician"),
        "finance": _("Finance"),
        "quality": _("Quality department"),
        "owner": _("Owner"),
        "resident": _("Resident"),
    },
    "house_state": {
        "unsold": _("Unsold"),
        "handed_over": _("Handed over"),
        "vacant": _("Vacant"),
        "occupied": _("Occupied"),
        "renovating": _("Renovating"),
        "let": _("Let"),
    },
    "tenure_role": {
        "owner": _("Owner"),
        "tenant": _("Tenant"),
        "family": _("Family"),
        "agent": _("Agent"),
    },
    "kind": {
        "repair": _("Repair"),
        "complaint": _("Complaint"),
        "consultation": _("Consultation"),
        "suggestion": _("Suggestion"),
        "service": _("Service order"),
        "emergency": _("Emergency"),
        "praise": _("Praise"),
    },
    "channel": {
        "hotline": _("Hotline"),
        "desk": _("Desk visit"),
        "web": _("Web"),
        "wechat": _("WeChat"),
        "app": _("App"),
        "email": _("E-mail"),
        "letter": _("Letter"),
        "sms": _("SMS"),
        "patrol": _("Patrol finding"),
        "transfer": _("Transferred by the developer"),
    },
    "priority": {
        "emergency": lazy_pgettext("urgency", "Emergency"),
        "urgent": _("Urgent"),
        "normal": _("Normal"),
        "low": _("Low"),
    },
    "ticket_state": {
        "registered": _("Registered"),
        "dispatched": _("Dispatched"),
        "in_progress": _("In progress"),
        "waiting": _("Waiting"),
        "done": lazy_pgettext("state", "Done"),
        "visited": _("Return-visited"),
        "closed": _("Closed"),
        "cancelled": _("Cancelled"),
        "reopened": _("Reopened"),
    },
    "validity": {
        "valid": _("Valid"),
        "assistance": _("Assistance"),
        "invalid": _("Invalid"),
    },
    "grade": {"major": _("Major"), "ordinary": _("Ordinary")},
    "clock_name": {
        "first_response": _("First response"),
        "contact": _("Contact"),
        "first_reply": _("Initial reply"),
        "plan": lazy_pgettext("clock", "Plan"),
        "management_report": _("Report to management"),
        "reply": _("Reply"),
        "progress": _("Progress told"),
        "report_back": _("Report back"),
        "investigate": _("Investigation on site"),
        "done": _("Completion"),
        "promise": _("Promise"),
    },
    "clock_state": {
        "running": _("Running"),
        "paused": _("Paused"),
        "met": _("Met"),
        "breached": _("Breached"),
        "cancelled": _("Cancelled"),
    },
    "calendar": {"always": _("Around the clock"), "desk": _("Desk hours")},
    "direction": {"inbound": _("Inbound"), "outbound": _("Outbound"), "outbound-api": _("Outbound")},
    "call_status": {
        "queued": _("Queued"),
        "initiated": _("Initiated"),
        "ringing": _("Ringing"),
        "in-progress": _("Talking"),
        "completed": _("Completed"),
        "busy": _("Busy"),
        "no-answer": _("No answer"),
        "failed": _("Failed"),
        "canceled": _("Cancelled"),
    },
    "call_outcome": {
        "ticket": _("Ticket opened"),
        "contact_on_ticket": _("Contact on a ticket"),
        "no_matter": _("No matter"),
        "abandoned": _("Hung up"),
        "silent": _("Silent"),
        "connected": _("Connected"),
        "fallback": _("Fallback line"),
    },
    "tier": {"on_duty": _("On duty"), "backup": _("Backup"), "manager": _("Manager on duty")},
    "attempt_state": {
        "pending": _("Pending"),
        "dialling": _("Dialling"),
        "ringing": _("Ringing"),
        "answered": _("Answered"),
        "accepted": _("Accepted"),
        "declined": _("Declined"),
        "no_answer": _("No answer"),
        "busy": _("Busy"),
        "failed": _("Failed"),
        "unknown": _("Unknown"),
        "cancelled": _("Cancelled"),
    },
    "message_channel": {"sms": _("SMS"), "email": _("E-mail"), "alert": _("Staff alert")},
    "message_state": {
        "queued": _("Queued"),
        "sending": _("Sending"),
        "sent": _("Sent"),
        "delivered": _("Delivered"),
        "failed_temporary": _("Failed, will be tried again"),
        "failed_permanent": _("Failed"),
        "unknown": _("Unknown"),
    },
    "price_kind": {
        "free": _("Free of charge"),
        "fixed": _("Fixed price"),
        "percent": _("Percentage"),
        "quotation": _("By quotation"),
    },
    "fee_basis": {
        "per_m2_month": _("per m² and month"),
        "per_house_month": _("per house and month"),
        "per_vehicle_month": _("per vehicle and month"),
        "per_unit": _("per unit"),
        "once": _("once"),
    },
    "bill_state": {
        "open": _("Unpaid"),
        "part_paid": _("Partly paid"),
        "paid": lazy_pgettext("bill", "Paid"),
        "cancelled": _("Cancelled"),
    },
    "report_state": {
        "draft": _("Draft"),
        "reviewed": _("Reviewed"),
        "signed": _("Signed"),
        "published": lazy_pgettext("report", "Published"),
        "superseded": _("Superseded"),
    },
    "visit_way": {
        "call": _("Automatic call"),
        "sms": _("SMS"),
        "phone": _("By phone"),
        "in_person": _("In person"),
    },
    "visit_state": {
        "due": _("To be visited"),
        "made": _("Made"),
        "unreachable": _("Unreachable"),
        "cancelled": _("Cancelled"),
    },
}
"""Family of codes → code → label. A test holds every code of `rules.codes` to have one."""

FAMILIES: dict[str, type[Any]] = {
    "role": codes.Role,
    "house_state": codes.HouseState,
    "tenure_role": codes.TenureRole,
    "kind": codes.Kind,
    "channel": codes.Channel,
    "priority": codes.Priority,
    "ticket_state": codes.TicketState,
    "validity": codes.Validity,
    "grade": codes.Grade,
    "clock_name": codes.ClockName,
    "clock_state": codes.ClockState,
    "calendar": codes.CalendarName,
    "call_outcome": codes.CallOutcome,
    "tier": codes.Tier,
    "attempt_state": codes.AttemptState,
    "message_channel": codes.MessageChannel,
    "message_state": codes.MessageState,
    "price_kind": codes.PriceKind,
    "fee_basis": codes.FeeBasis,
    "bill_state": codes.BillState,
    "report_state": codes.ReportState,
    "visit_way": codes.VisitWay,
    "visit_state": codes.VisitState,
}


def code_label(family: str, code: object) -> str:
    """The label of a code in the reader's language; an unknown code is shown as it is, nothing for None."""
    if code is None or code == "":
        return ""
    return str(CODES.get(family, {}).get(str(code), code))


def choices(family: str) -> list[tuple[str, Any]]:
    """(code, label) pairs for a select box, in the order of the rule book."""
    return list(CODES[family].items())
