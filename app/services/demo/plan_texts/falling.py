"""Falling objects: the demo's plan, in Chinese and English, with numbers and places (D7)."""

from app.rules.codes import PlanKind, PlanPost
from app.services.demo.plan_texts.common import AMBULANCE, DESK, POLICE
from app.services.seed_data.plans import PlanSeed

FALLING = PlanSeed(
    PlanKind.OTHER,
    ("高空坠物应急预案", "Falling objects plan"),
    "高空抛物、高空坠物、外墙脱落、瓷砖脱落、玻璃掉落、falling object、falling tiles",
    (),
    (
        (
            PlanPost.DESK,
            0,
            "问清楼号、方位、有无伤者，有伤者立即拨120",
            "Which building, which side, anybody hurt? Then 120 at once",
        ),
        (
            PlanPost.GUARD,
            3,
            "拉警戒线，宽度不小于楼高的五分之一，封闭下方通道",
            "Cordon off at least a fifth of the height, close the way below",
        ),
        (
            PlanPost.ON_DUTY,
            5,
            "到场救护伤者，不随意搬动，保护坠落物和现场",
            "First aid without moving the injured; leave the object and the place as they are",
        ),
        (
            PlanPost.DESK,
            15,
            "调取高空抛物监控，报110，保存录像",
            "Take the camera recordings, tell the police (110), keep the recordings",
        ),
        (
            PlanPost.ENGINEER,
            30,
            "检查外墙、窗扇、空调外机等松动部位，临时加固",
            "Look for loose façade, windows, air conditioners; secure them for now",
        ),
        (
            PlanPost.STEWARD,
            60,
            "逐户走访该单元，提醒清理窗台和阳台物品",
            "Visit the entrance's households: clear sills and balconies",
        ),
        (
            PlanPost.MANAGER,
            120,
            "委托专业单位排查，发布提示，跟进赔付责任",
            "Have it inspected by specialists, publish a warning, follow up who pays",
        ),
    ),
    (AMBULANCE, POLICE, DESK, ("021-60005110", "社区警务室", "Community police station")),
    (
        ("警戒带、锥筒、告示牌", "Tape, cones, signs", "南门岗亭", "South gate"),
        ("急救箱", "First-aid box", "服务中心前台", "Front desk"),
    ),
)
