"""A power failure: the demo's plan, in Chinese and English, with numbers and places (D7)."""

from app.rules.codes import PlanKind, PlanPost
from app.services.demo.plan_texts.common import AMBULANCE, DESK, FIRE_BRIGADE
from app.services.seed_data.plans import PlanSeed

POWER = PlanSeed(
    PlanKind.POWER,
    ("停电及触电应急预案", "Power failure and electric shock plan"),
    "触电、漏电、电火花、全停电、大面积停电、electric shock、live wire、blackout",
    ("power",),
    (
        (
            PlanPost.DESK,
            0,
            "触电：先断电再救人，不可徒手拉人，立即拨120",
            "Electric shock: cut the power first, never pull with bare hands, dial 120 at once",
        ),
        (
            PlanPost.DESK,
            2,
            "停电：问清整楼、整单元还是一户，查询供电公司计划停电",
            "Power failure: building, entrance or one flat? Look whether the utility has announced it",
        ),
        (
            PlanPost.GUARD,
            3,
            "逐部电梯呼叫确认有无困人，有人即转电梯困人预案",
            "Call into every lift: somebody inside? Then the plan for people trapped in a lift",
        ),
        (
            PlanPost.ENGINEER,
            5,
            "配电房两人到场，验电、挂牌，查明跳闸原因",
            "Two people to the switch room: test, tag out, find out why it tripped",
        ),
        (
            PlanPost.ENGINEER,
            15,
            "确认备用发电机启动，保消防、应急照明、水泵和电梯",
            "See that the generator runs: fire system, emergency lights, pumps, lifts",
        ),
        (
            PlanPost.STEWARD,
            20,
            "联系家中使用呼吸机等医疗设备的住户，必要时送医",
            "Call the households with medical appliances; to hospital where needed",
        ),
        (
            PlanPost.GUARD,
            20,
            "加强门岗和巡逻，道闸改人工，楼道放应急灯",
            "More guards and patrols, barriers by hand, emergency lights on the stairs",
        ),
        (
            PlanPost.DESK,
            30,
            "发布停电公告，说明原因和预计恢复时间",
            "Announce the failure, its cause and when power is expected back",
        ),
        (
            PlanPost.ENGINEER,
            60,
            "逐级送电，检查电梯、水泵、门禁复位情况",
            "Switch on step by step; check that lifts, pumps and entry system came back",
        ),
    ),
    (("95598", "国家电网供电服务热线", "State Grid, power supply"), AMBULANCE, FIRE_BRIGADE, DESK),
    (
        (
            "绝缘手套、绝缘靴、验电器",
            "Insulating gloves and boots, voltage tester",
            "配电房入口工具柜",
            "Tool cabinet at the door of the switch room",
        ),
        ("配电房钥匙", "Key of the switch room", "中控室钥匙柜3号钩", "Control room, key cabinet, hook 3"),
        ("应急照明灯12只", "12 emergency lamps", "工程部值班室1号柜", "Engineers' room, cabinet 1"),
    ),
)
