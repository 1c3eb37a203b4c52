"""Materials a service centre usually has in store, with usual prices †: the administrator's own from then on."""

from decimal import Decimal
from typing import Final, NamedTuple


class MaterialSeed(NamedTuple):
    """One material: `department` is a department's code."""

    code: str
    name: str
    name_en: str
    unit: str
    unit_en: str
    price_yuan: Decimal
    department: str


def _row(code: str, name: str, name_en: str, unit: str, unit_en: str, price: str, department: str) -> MaterialSeed:
    return MaterialSeed(code, name, name_en, unit, unit_en, Decimal(price), department)


MATERIALS: Final = (
    _row("ppr_pipe_20", "PPR 水管 20 mm", "PPR pipe 20 mm", "米", "m", "6.80", "engineering"),
    _row("ppr_elbow_20", "PPR 弯头 20 mm", "PPR elbow 20 mm", "个", "piece", "2.50", "engineering"),
    _row("angle_valve", "角阀", "Angle valve", "个", "piece", "28.00", "engineering"),
    _row("tap", "单冷水龙头", "Cold-water tap", "个", "piece", "45.00", "engineering"),
    _row("hose_40", "编织软管 40 cm", "Braided hose 40 cm", "根", "piece", "15.00", "engineering"),
    _row("seal_tape", "生料带", "Thread seal tape", "卷", "roll", "2.00", "engineering"),
    _row("drain_kit", "下水软管", "Drain hose", "套", "set", "22.00", "engineering"),
    _row("led_bulb", "LED 灯泡 9 W", "LED bulb 9 W", "个", "piece", "12.00", "engineering"),
    _row("sound_lamp", "声控吸顶灯", "Sound-controlled ceiling lamp", "个", "piece", "38.00", "engineering"),
    _row("switch_1", "单开开关", "One-gang switch", "个", "piece", "16.00", "engineering"),
    _row("socket_5", "五孔插座", "Five-hole socket", "个", "piece", "18.00", "engineering"),
    _row("breaker_2p", "空气开关 2P 32 A", "Circuit breaker 2P 32 A", "个", "piece", "42.00", "engineering"),
    _row("wire_25", "电线 BV 2.5 mm²", "Wire BV 2.5 mm²", "米", "m", "3.20", "engineering"),
    _row("lock_core", "锁芯", "Lock cylinder", "个", "piece", "85.00", "engineering"),
    _row("door_closer", "闭门器", "Door closer", "个", "piece", "120.00", "engineering"),
    _row("silicone", "玻璃胶", "Silicone sealant", "支", "tube", "18.00", "engineering"),
    _row("disinfectant", "消毒液", "Disinfectant", "升", "litre", "9.50", "cleaning"),
    _row("sapling", "灌木苗", "Shrub", "株", "piece", "8.00", "greening"),
)
