"""Codes of services, fees and their collection (D9, D10)."""

from enum import StrEnum


class PriceKind(StrEnum):
    """How a service is priced (D9)."""

    FREE = "free"
    FIXED = "fixed"
    PERCENT = "percent"
    QUOTATION = "quotation"


class OrderState(StrEnum):
    """Where a service order stands (D9)."""

    REQUESTED = "requested"
    QUOTED = "quoted"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    DONE = "done"
    CHARGED = "charged"
    PAID = "paid"
    CANCELLED = "cancelled"


class WakeUpState(StrEnum):
    """Where a wake-up call stands: `undisturbed` is one that was placed once and not answered (D9)."""

    BOOKED = "booked"
    PLACED = "placed"
    ANSWERED = "answered"
    UNDISTURBED = "undisturbed"
    CANCELLED = "cancelled"


class FeeBasis(StrEnum):
    """What a fee is charged per (D10)."""

    PER_M2_MONTH = "per_m2_month"
    PER_HOUSE_MONTH = "per_house_month"
    PER_VEHICLE_MONTH = "per_vehicle_month"
    PER_TENANCY_MONTH = "per_tenancy_month"
    PER_METER = "per_meter"
    PER_UNIT = "per_unit"
    ONCE = "once"


class BillState(StrEnum):
    """Where a bill stands (I5)."""

    OPEN = "open"
    PART_PAID = "part_paid"
    PAID = "paid"
    CANCELLED = "cancelled"


class PaymentWay(StrEnum):
    """How somebody pays (D10)."""

    CASH = "cash"
    TRANSFER = "transfer"
    CARD = "card"
    WECHAT = "wechat"
    ALIPAY = "alipay"


class PaymentKind(StrEnum):
    """Which way the money went."""

    PAYMENT = "payment"
    REFUND = "refund"


class PaymentState(StrEnum):
    """A payment is posted as it is taken; a wrong one is reversed, never changed."""

    POSTED = "posted"
    REVERSED = "reversed"


class Account(StrEnum):
    """The accounts of a community's books. The first five are where money lies."""

    CASH = "cash"
    BANK = "bank"
    CARD = "card"
    WECHAT = "wechat"
    ALIPAY = "alipay"
    RECEIVABLE = "receivable"
    CREDIT = "credit"
    INCOME = "income"
    CARRIED_OVER = "carried_over"
    CASH_DIFFERENCE = "cash_difference"


class EntryKind(StrEnum):
    """What an entry of the books records."""

    CHARGE = "charge"
    PAYMENT = "payment"
    CREDIT_USED = "credit_used"
    REFUND = "refund"
    REVERSAL = "reversal"
    CANCELLATION = "cancellation"
    OPENING = "opening"
    COUNT = "count"


class RunState(StrEnum):
    """How far a month's billing has come."""

    RUNNING = "running"
    POSTED = "posted"


class MeterKind(StrEnum):
    """What a meter counts."""

    COLD_WATER = "cold_water"
    HOT_WATER = "hot_water"
    ELECTRICITY = "electricity"
    GAS = "gas"
    HEAT = "heat"


class BankFileState(StrEnum):
    """How far a bank's file has come: its columns are unknown, it is looked at, being taken over, taken over, or dropped."""

    COLUMNS = "columns"
    LOOKED = "looked"
    TAKING = "taking"
    TAKEN = "taken"
    DROPPED = "dropped"


class BankLineState(StrEnum):
    """What becomes of a line of a bank's file."""

    FOUND = "found"
    UNCLEAR = "unclear"
    DUPLICATE = "duplicate"
    OUTGOING = "outgoing"
    ASIDE = "aside"
    TAKEN = "taken"


class ReminderWay(StrEnum):
    """How a step reminds an owner in arrears (D10: SMS, call, letter)."""

    SMS = "sms"
    CALL = "call"
    LETTER = "letter"


class LetterState(StrEnum):
    """Where a reminder by letter stands: to be handed over, handed over, or not needed any more."""

    WAITING = "waiting"
    HANDED_OVER = "handed_over"
    VOID = "void"


class HandingWay(StrEnum):
    """How a letter was handed over: the proof of its delivery."""

    IN_PERSON = "in_person"
    LETTERBOX = "letterbox"
    REGISTERED = "registered"


class ArrearsReason(StrEnum):
    """Why a house is in arrears (D10: a reason for each)."""

    FORGOTTEN = "forgotten"
    AWAY = "away"
    EMPTY = "empty"
    HARDSHIP = "hardship"
    SERVICE = "service"
    BILL = "bill"
    DEFECTS = "defects"
    SALE = "sale"
    UNREACHABLE = "unreachable"
    REFUSES = "refuses"
    PROMISED = "promised"
    OTHER = "other"


class HoldKind(StrEnum):
    """Why a house in arrears is not reminded for a while: decided by finance or the manager."""

    HARDSHIP = "hardship"
    AGREEMENT = "agreement"
    LEGAL = "legal"


class CostKind(StrEnum):
    """What a line of the costs of a ticket is for."""

    MATERIAL = "material"
    LABOUR = "labour"


class Bearer(StrEnum):
    """Who bears a line of the costs of a ticket."""

    CENTRE = "centre"
    OWNER = "owner"
    WARRANTY = "warranty"


class CostStanding(StrEnum):
    """How far a cost that the household bears has come: agreed to, on a bill, paid. `CHARGED` is charged without a bill."""

    TO_AGREE = "to_agree"
    AGREED = "agreed"
    BILLED = "billed"
    PAID = "paid"
    CHARGED = "charged"


class CostAcceptance(StrEnum):
    """How a household agreed to a line it bears: by itself on its own pages, else as somebody of the staff noted."""

    SIGNED = "signed"
    IN_PERSON = "in_person"
    PHONE = "phone"
    SMS = "sms"
    PORTAL = "portal"
