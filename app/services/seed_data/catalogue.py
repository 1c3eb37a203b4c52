"""The service catalogue of D9: free and paid items, each with its price to the fen."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from app.rules.codes import PriceKind

VALID_FROM: Final = date(2020, 1, 1)
"""The prices of D9 hold from before the first record."""


@dataclass(frozen=True)
class PriceSeed:
    """One price of an item. `variant` tells prices of one item apart (A4, A3); amounts are yuan, percents of `base`."""

    kind: PriceKind
    amount_yuan: Decimal | None = None
    unit: tuple[str, str] = ("", "")
    variant: tuple[str, str] = ("", "")
    percent: Decimal | None = None
    base: tuple[str, str] | None = None


@dataclass(frozen=True)
class ItemSeed:
    """An item of the catalogue, its department's code, and its prices."""

    code: str
    name: str
    name_en: str
    department: str
    prices: tuple[PriceSeed, ...]
    description: str = ""
    description_en: str = ""

    @property
    def is_paid(self) -> bool:
        """Whether anything is charged at all."""
        return any(price.kind != PriceKind.FREE for price in self.prices)


def _free(code: str, name: str, name_en: str, zh: str = "", en: str = "", department: str = "service") -> ItemSeed:
    return ItemSeed(code, name, name_en, department, (PriceSeed(PriceKind.FREE),), zh, en)


def _fixed(amount: str, unit: tuple[str, str], variant: tuple[str, str] = ("", "")) -> PriceSeed:
    return PriceSeed(PriceKind.FIXED, Decimal(amount), unit, variant)


def _quoted(
    code: str, name: str, name_en: str, department: str, variants: tuple[tuple[str, str], ...] = (("", ""),)
) -> ItemSeed:
    return ItemSeed(code, name, name_en, department, tuple(PriceSeed(PriceKind.QUOTATION, variant=v) for v in variants))


SHEET: Final = ("张", "sheet")
TIME: Final = ("次", "time")
PAGE: Final = ("页", "page")
HOUR: Final = ("小时", "hour")

LENT: Final = (
    ("雨伞", "umbrella"),
    ("订书机", "stapler"),
    ("剪刀", "scissors"),
    ("水果刀", "fruit knife"),
    ("胶水", "glue"),
    ("象棋", "chess"),
    ("计算器", "calculator"),
    ("手电筒", "torch"),
    ("钳子", "pliers"),
    ("锤子", "hammer"),
)

FREE_ITEMS: Final = (
    _free("laundry", "代送洗衣", "Laundry drop-off"),
    _free("meal_order", "代订餐", "Meal ordering"),
    _free(
        "wake_up",
        "叫醒服务",
        "Wake-up call",
        "登记号码和时间，到时拨打一次；关机、无人接听或号码有误视为请勿打扰，不再重拨。",
        "One call at the time you give; unreachable, unanswered or a wrong number counts as do not disturb.",
    ),
    _free("ordering", "代订牛奶、报刊、鲜花", "Milk, newspaper and flower ordering"),
    _free("mail_signing", "代签收邮件包裹", "Mail and parcel signing"),
    _free("find_person", "小区内寻人", "Finding a person in the estate"),
    _free("lost_found", "失物招领", "Lost and found"),
    _free("parcel_errand", "代寄代取包裹信件", "Parcels and letters sent and fetched"),
    _free("housekeeping", "家政服务联系", "Housekeeping contacts"),
    _free(
        "elderly_care", "独居老人代购药品及定期探望", "Medicine and regular home checks for the elderly living alone"
    ),
    ItemSeed(
        "lending",
        "物品借用",
        "Lending",
        "service",
        tuple(PriceSeed(PriceKind.FREE, variant=thing) for thing in LENT),
        "雨伞、订书机、剪刀、水果刀、胶水、象棋、计算器、手电筒、钳子、锤子。",
        "Umbrella, stapler, scissors, fruit knife, glue, chess, calculator, torch, pliers, hammer.",
    ),
    _free("furniture_removal", "旧家具清运", "Removal of old furniture", department="cleaning"),
    _free("line_opening", "代办电话、网络、有线电视开通", "Telephone, network and cable TV opening"),
    _free("ticket_booking", "代订票", "Ticket booking"),
    _free("area_information", "周边设施信息咨询", "Information on the surroundings"),
    _free(
        "emergency_help",
        "紧急救助",
        "Emergency help",
        "仅收取实际发生的费用。",
        "Only real costs are charged.",
        department="security",
    ),
    _free(
        "appliance_day",
        "小家电义务维修日",
        "Minor appliance repair day",
        "每年一至二次，日期另行通知。",
        "Once or twice a year, announced beforehand.",
        department="engineering",
    ),
    _free(
        "photo_frame", "喜庆照片装框（结婚、生日、添丁、康复）", "Framed photo (wedding, birthday, newborn, recovery)"
    ),
    _free("car_pass", "上门代办车辆通行证", "Car pass at your door"),
    _free("door_card", "上门代办门禁卡", "Door card at your door"),
    _free("card_top_up", "上门代充水电卡", "Water and power cards topped up"),
    _free("fee_at_home", "预约上门收费", "Fees taken at home by appointment"),
)

PAID_ITEMS: Final = (
    ItemSeed(
        "copy",
        "复印",
        "Copying",
        "service",
        (_fixed("0.50", SHEET, ("A4", "A4")), _fixed("1.00", SHEET, ("A3", "A3"))),
    ),
    ItemSeed("print", "打印", "Printing", "service", (_fixed("5.00", SHEET, ("A4", "A4")),)),
    ItemSeed("email", "代收发电子邮件", "E-mail handling", "service", (_fixed("3.00", TIME),)),
    ItemSeed("internet", "上网", "Internet", "service", (_fixed("3.00", HOUR),)),
    ItemSeed("fax_in", "接收传真", "Fax received", "service", (_fixed("5.00", PAGE),)),
    ItemSeed(
        "fax_out",
        "发送传真",
        "Fax sent",
        "service",
        (_fixed("5.00", TIME, ("省内", "in the province")), _fixed("8.00", TIME, ("省外", "outside the province"))),
    ),
    ItemSeed(
        "letting",
        "房屋租赁代理",
        "Letting agency",
        "service",
        (PriceSeed(PriceKind.PERCENT, percent=Decimal(50), base=("一个月租金", "one month's rent")),),
        "代收的租金专户保管并如数转交业主。",
        "Rent collected for an owner is held in trust and paid out.",
    ),
    _quoted("house_custody", "空置房托管", "House custody", "service"),
    _quoted("room_cleaning", "酒店式客房清洁", "Hotel-style room cleaning", "cleaning"),
    _quoted("deep_cleaning", "装修后开荒保洁", "Deep cleaning after renovation", "cleaning"),
    _quoted("plant_rental", "花木租摆", "Plant rental", "greening"),
    _quoted(
        "indoor_repair",
        "室内维修",
        "Indoor repairs",
        "engineering",
        (("灯具", "lamps"), ("开关", "switches"), ("水龙头", "taps"), ("下水", "drains")),
    ),
    _quoted("air_testing", "空气检测", "Air testing", "engineering"),
)

ITEMS: Final = (*FREE_ITEMS, *PAID_ITEMS)
