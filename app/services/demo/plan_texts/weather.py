"""Storm, flood and frost: the demo's plan, in Chinese and English, with numbers and places (D7)."""

from app.rules.codes import PlanKind, PlanPost
from app.services.demo.plan_texts.common import DESK, FIRE_BRIGADE
from app.services.seed_data.plans import PlanSeed

WEATHER = PlanSeed(
    PlanKind.WEATHER,
    ("台风暴雨应急预案", "Typhoon and rainstorm plan"),
    "台风、暴雨、内涝、冰雹、大风、积水倒灌、typhoon、rainstorm、flooded garage、hail",
    (),
    (
        (
            PlanPost.MANAGER,
            0,
            "接到橙色以上预警，启动防汛值班，全员手机保持畅通",
            "Warning orange or above: flood duty begins, everybody can be reached",
        ),
        (
            PlanPost.DESK,
            10,
            "短信和广播提醒住户关窗、收花盆、移走低洼处车辆",
            "Text and announcement: shut windows, bring plants in, move cars from low ground",
        ),
        (
            PlanPost.ENGINEER,
            20,
            "试转集水井水泵，清理雨水口和屋面排水口",
            "Try the sump pumps, clear gullies and roof drains",
        ),
        (
            PlanPost.GUARD,
            20,
            "地库入口架设挡水板、堆放沙袋，专人值守水位",
            "Flood barrier and sandbags at the garage ramp; somebody watches the water",
        ),
        (
            PlanPost.GUARD,
            30,
            "巡查树木、广告牌、围挡和外墙，危险处拉警戒",
            "Walk round: trees, signs, fences, façade; cordon off what may fall",
        ),
        (
            PlanPost.ENGINEER,
            40,
            "积水漫过挡水板时切断地库低压回路，禁止人员进入",
            "Water over the barrier: cut the garage circuits, nobody goes in",
        ),
        (
            PlanPost.STEWARD,
            60,
            "电话问候独居老人和一层、顶层住户，登记漏水",
            "Call the elderly who live alone and ground and top floors; note leaks",
        ),
        (
            PlanPost.MANAGER,
            120,
            "险情过后全面检查，统计损失，拍照报保险",
            "Afterwards: inspect everything, list the damage, photographs for the insurance",
        ),
    ),
    (
        DESK,
        ("12345", "市民服务热线（防汛）", "Citizens' hotline (floods)"),
        FIRE_BRIGADE,
        ("021-60005566", "街道防汛值班室", "Street office, flood duty"),
    ),
    (
        ("挡水板、沙袋60只", "Flood barriers, 60 sandbags", "地库入口西侧", "West of the garage ramp"),
        ("潜水泵2台、水带", "2 submersible pumps, hoses", "地库B1防汛物资间", "Garage B1, flood store"),
        ("雨衣、救生衣、手电", "Raincoats, life vests, torches", "南门岗亭柜", "Cabinet of the south gate"),
        ("临时避险点", "Shelter", "社区活动中心一层", "Community centre, ground floor"),
    ),
)
