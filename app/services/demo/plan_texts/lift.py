"""People trapped in a lift: the demo's plan, in Chinese and English, with numbers and places (D7)."""

from app.rules.codes import PlanKind, PlanPost
from app.services.demo.plan_texts.common import AMBULANCE, DESK, FIRE_BRIGADE
from app.services.seed_data.plans import PlanSeed

LIFT = PlanSeed(
    PlanKind.LIFT,
    ("电梯困人应急预案", "Trapped in a lift plan"),
    "困人、被困、困在电梯、关在电梯、电梯坠落、trapped、stuck in the lift、stuck in the elevator",
    ("lift",),
    (
        (
            PlanPost.DESK,
            0,
            "安抚被困者：空气充足、不会坠落，不扒门、不自行爬出，问清人数和身体状况",
            "Calm them: there is air, it will not fall; do not force the doors, do not climb out; how many, is anybody unwell?",
        ),
        (
            PlanPost.DESK,
            1,
            "通知电梯维保单位救援电话，报梯号、停靠楼层和人数",
            "Call the lift company: number of the lift, where it stands, how many people",
        ),
        (
            PlanPost.ON_DUTY,
            5,
            "到现场与轿厢保持通话，每3分钟联系一次",
            "Go there and keep talking with the car, every three minutes",
        ),
        (
            PlanPost.GUARD,
            5,
            "在各层厅门放警示牌，防止他人乘用或打开厅门",
            "Warning signs at every landing: nobody uses the lift or opens a door",
        ),
        (
            PlanPost.ENGINEER,
            10,
            "切断该梯主电源，保留轿厢照明和通风；只有持证人员可盘车放人",
            "Cut the main power of that lift, leave light and air in the car; only licensed people move it by hand",
        ),
        (
            PlanPost.DESK,
            15,
            "有人不适、孕妇或老人时拨120；维保30分钟未到拨119",
            "Anybody unwell, pregnant or old: 120. Lift company not there in 30 minutes: 119",
        ),
        (
            PlanPost.ON_DUTY,
            30,
            "维保到场后配合放人，清点人数，询问身体情况",
            "Help the lift company to free them, count them, ask how they are",
        ),
        (
            PlanPost.ENGINEER,
            120,
            "停梯检修，合格并出具记录后方可恢复运行",
            "The lift stays out of use until it is repaired and the record is written",
        ),
    ),
    (
        ("400-820-5566", "电梯维保单位24小时救援", "Lift company, rescue, 24 hours"),
        ("96333", "电梯应急处置平台", "Lift emergency centre"),
        FIRE_BRIGADE,
        AMBULANCE,
        DESK,
    ),
    (
        (
            "电梯机房钥匙、三角钥匙",
            "Keys of machine room and landing doors",
            "中控室钥匙柜4号钩，登记领用",
            "Control room, key cabinet, hook 4; signed for",
        ),
        ("盘车手轮、松闸扳手", "Hand wheel and brake lever", "各梯机房红色工具架", "Red rack in each machine room"),
    ),
)
