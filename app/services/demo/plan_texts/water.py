"""A burst pipe: the demo's plan, in Chinese and English, with numbers and places (D7)."""

from app.rules.codes import PlanKind, PlanPost
from app.services.demo.plan_texts.common import AMBULANCE, DESK, PUMPS
from app.services.seed_data.plans import PlanSeed

WATER = PlanSeed(
    PlanKind.WATER,
    ("爆管水浸应急预案", "Burst pipe and flooding plan"),
    "爆管、水管爆、水管炸、喷水、跑水、水浸、burst pipe、pipe burst、flooding",
    ("water", "drainage"),
    (
        (
            PlanPost.DESK,
            0,
            "请住户关闭入户总阀，切断电源，远离积水中的电器",
            "Ask the household to shut its main valve, cut the power, keep away from appliances in the water",
        ),
        (
            PlanPost.ON_DUTY,
            5,
            "到场判断爆管位置：户内、立管还是市政管",
            "On the spot: is it the flat's pipe, the riser, or the mains?",
        ),
        (
            PlanPost.ENGINEER,
            8,
            "关闭对应楼层或单元阀门，必要时停泵",
            "Shut the valve of the floor or entrance, stop the pumps where needed",
        ),
        (
            PlanPost.ENGINEER,
            10,
            "电梯停靠到水位以上楼层并断电，防止水进轿厢和井道",
            "Park the lifts above the water and cut their power: no water in car or shaft",
        ),
        (
            PlanPost.GUARD,
            15,
            "用沙袋、挡水板封堵电梯口、地库入口和配电房",
            "Sandbags and barriers at lift doors, garage ramp and switch room",
        ),
        (
            PlanPost.STEWARD,
            20,
            "通知受影响住户，查看楼下漏水，拍照登记损失",
            "Tell the households concerned, look at the flats below, photograph the damage",
        ),
        (
            PlanPost.ENGINEER,
            120,
            "抽排积水、抢修管道，试水后恢复供水",
            "Pump out, repair the pipe, test it, give the water back",
        ),
        (
            PlanPost.MANAGER,
            180,
            "超过2小时停水时发停水公告并安排临时供水",
            "No water for two hours: announce it and arrange a temporary supply",
        ),
    ),
    (
        DESK,
        ("962740", "自来水公司服务热线", "Water company"),
        ("021-60005088", "开发商客户服务中心", "Developer's customer centre"),
        AMBULANCE,
    ),
    (
        PUMPS,
        ("潜水泵2台、水带", "2 submersible pumps, hoses", "地库B1防汛物资间", "Garage B1, flood store"),
        ("沙袋60只、挡水板", "60 sandbags, flood barriers", "地库入口西侧", "West of the garage ramp"),
        (
            "单元供水总阀",
            "Main water valve of an entrance",
            "各单元一层水表间",
            "Meter room, ground floor of each entrance",
        ),
    ),
)
