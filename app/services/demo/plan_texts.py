"""What the demo's emergency plans say: seven kinds of emergency, in Chinese and English, with numbers and places (D7)."""

from app.rules.codes import PlanKind, PlanPost
from app.services.seed_data.plans import RESCUE, PlanSeed

P = PlanPost
_FIRE, _AMBULANCE, _POLICE = RESCUE
_DESK = ("021-60000000", "物业24小时服务热线", "Property hotline, 24 hours")
_PUMPS = ("水泵房钥匙", "Key of the pump room", "中控室钥匙柜2号钩", "Control room, key cabinet, hook 2")

FIRE = PlanSeed(
    PlanKind.FIRE,
    ("火灾应急预案", "Fire plan"),
    "着火、起火、火灾、失火、冒烟、浓烟、on fire、a fire、house fire、smoke",
    ("fire",),
    (
        (
            P.DESK,
            0,
            "告知报警人立即撤离、关门、走楼梯，不乘电梯，不返回取物",
            "Tell the caller: leave, shut the door, take the stairs, no lift, do not go back",
        ),
        (
            P.DESK,
            1,
            "拨打119：小区地址、楼号楼层、燃烧物、有无被困，派人到南门引路",
            "Dial 119: address, building and floor, what burns, anybody trapped; send somebody to the south gate",
        ),
        (
            P.GUARD,
            2,
            "中控室切换消防联动至自动，启动应急广播和防排烟，迫降电梯至首层",
            "Control room: fire system to automatic, start announcements and smoke extraction, bring the lifts down",
        ),
        (
            P.ON_DUTY,
            3,
            "携灭火器两人到场，初起火用灭火器和消火栓扑救，火势大即撤",
            "Two people go with extinguishers; fight a small fire with extinguisher and hydrant, withdraw from a big one",
        ),
        (
            P.ENGINEER,
            5,
            "切断着火层电源，通知燃气公司关阀，确认消防泵已启动",
            "Cut the power of that floor, have the gas shut off, make sure that the fire pumps run",
        ),
        (
            P.STEWARD,
            5,
            "逐户敲门疏散本层及上两层，老人、孩子和行动不便者优先，引导至中心花园集合",
            "Knock at every door of the floor and the two above; the elderly, children and disabled first, to the central garden",
        ),
        (
            P.GUARD,
            8,
            "清空消防车通道和登高场地，引导消防车由南门进入，劝离围观人员",
            "Clear the fire lane and the ladder area, lead the engines in by the south gate, keep people away",
        ),
        (
            P.STEWARD,
            15,
            "在集合点清点人数，把未到人员名单报消防指挥员",
            "Count people at the assembly point; give the names of those missing to the fire officer",
        ),
        (
            P.MANAGER,
            20,
            "到场指挥配合消防，安排伤者就医，安抚住户，统一对外答复",
            "Take charge beside the fire brigade, see to the injured and the households, one voice to the outside",
        ),
        (
            P.ON_DUTY,
            120,
            "火灭后看守现场防复燃，保护现场配合调查，恢复消防设施",
            "Guard the place against rekindling, leave it untouched for the investigation, restore the fire system",
        ),
    ),
    (
        _FIRE,
        _AMBULANCE,
        _POLICE,
        _DESK,
        ("021-60005119", "街道微型消防站", "Neighbourhood fire post"),
        ("962777", "燃气公司抢修热线", "Gas company, emergencies"),
    ),
    (
        (
            "灭火器推车、消防斧、破门器",
            "Extinguisher trolley, axe, door breaker",
            "南门微型消防站",
            "Fire post at the south gate",
        ),
        ("防烟面罩20具", "20 smoke hoods", "中控室东侧柜", "Control room, east cabinet"),
        (
            "屋顶门和单元门总钥匙",
            "Master keys of roof and entrance doors",
            "中控室钥匙柜1号钩",
            "Control room, key cabinet, hook 1",
        ),
        ("避难集合点", "Assembly point", "中心花园喷泉旁", "Central garden, beside the fountain"),
    ),
)
GAS = PlanSeed(
    PlanKind.GAS,
    ("燃气泄漏应急预案", "Gas leak plan"),
    "煤气味、燃气味、煤气泄漏、燃气泄漏、天然气泄漏、漏气、煤气漏、gas leak、smell of gas、smell gas",
    ("gas",),
    (
        (
            P.DESK,
            0,
            "告知报事人：不开关任何电器、不点火、不在室内打电话，开窗关阀后撤到室外",
            "Tell the caller: touch no switch, no flame, no telephone indoors; open windows, shut the valve, go outside",
        ),
        (
            P.DESK,
            2,
            "在安全处拨打燃气公司抢修热线962777，闻到浓味或有人不适同时拨119、120",
            "From a safe place call the gas company, 962777; at a strong smell or if anybody is unwell 119 and 120, too",
        ),
        (
            P.GUARD,
            5,
            "楼外拉警戒线30米，禁止明火、吸烟和车辆发动，劝阻人员进入",
            "Cordon at 30 m outside: no flame, no smoking, no starting of cars, nobody goes in",
        ),
        (
            P.ENGINEER,
            5,
            "着防静电服，从楼外切断单元电源，关闭单元燃气总阀",
            "In antistatic clothes: cut the power of the entrance from outside, shut its main gas valve",
        ),
        (
            P.STEWARD,
            10,
            "敲门（不按门铃）疏散上下层及相邻住户，走楼梯到上风处集合",
            "Knock, never ring: bring out the floors above and below and the neighbours by the stairs, upwind",
        ),
        (
            P.ON_DUTY,
            15,
            "迎接抢修人员，交接泄漏位置、已采取措施和住户情况",
            "Receive the gas company's crew: where it leaks, what was done, who lives there",
        ),
        (
            P.MANAGER,
            60,
            "由燃气公司检测合格后，方可宣布解除、恢复供气供电",
            "Only after the gas company has measured: declare it over, gas and power come back",
        ),
        (
            P.STEWARD,
            180,
            "逐户回访受影响住户，提示检查软管和灶具",
            "Visit the households concerned; remind them to have hose and stove checked",
        ),
    ),
    (("962777", "燃气公司抢修热线", "Gas company, emergencies"), _FIRE, _AMBULANCE, _POLICE, _DESK),
    (
        (
            "防静电服、防爆手电、测漏仪",
            "Antistatic clothes, explosion-proof torch, gas detector",
            "工程部值班室2号柜",
            "Engineers' room, cabinet 2",
        ),
        ("单元燃气总阀扳手", "Wrench of the main gas valve", "工程部值班室工具墙", "Engineers' room, tool wall"),
        (
            "单元燃气总阀",
            "Main gas valve of an entrance",
            "各单元北墙外1.2米高阀箱",
            "Valve box outside, north wall of each entrance, 1.2 m up",
        ),
    ),
)
WATER = PlanSeed(
    PlanKind.WATER,
    ("爆管水浸应急预案", "Burst pipe and flooding plan"),
    "爆管、水管爆、水管炸、喷水、跑水、水浸、burst pipe、pipe burst、flooding",
    ("water", "drainage"),
    (
        (
            P.DESK,
            0,
            "请住户关闭入户总阀，切断电源，远离积水中的电器",
            "Ask the household to shut its main valve, cut the power, keep away from appliances in the water",
        ),
        (
            P.ON_DUTY,
            5,
            "到场判断爆管位置：户内、立管还是市政管",
            "On the spot: is it the flat's pipe, the riser, or the mains?",
        ),
        (
            P.ENGINEER,
            8,
            "关闭对应楼层或单元阀门，必要时停泵",
            "Shut the valve of the floor or entrance, stop the pumps where needed",
        ),
        (
            P.ENGINEER,
            10,
            "电梯停靠到水位以上楼层并断电，防止水进轿厢和井道",
            "Park the lifts above the water and cut their power: no water in car or shaft",
        ),
        (
            P.GUARD,
            15,
            "用沙袋、挡水板封堵电梯口、地库入口和配电房",
            "Sandbags and barriers at lift doors, garage ramp and switch room",
        ),
        (
            P.STEWARD,
            20,
            "通知受影响住户，查看楼下漏水，拍照登记损失",
            "Tell the households concerned, look at the flats below, photograph the damage",
        ),
        (
            P.ENGINEER,
            120,
            "抽排积水、抢修管道，试水后恢复供水",
            "Pump out, repair the pipe, test it, give the water back",
        ),
        (
            P.MANAGER,
            180,
            "超过2小时停水时发停水公告并安排临时供水",
            "No water for two hours: announce it and arrange a temporary supply",
        ),
    ),
    (
        _DESK,
        ("962740", "自来水公司服务热线", "Water company"),
        ("021-60005088", "开发商客户服务中心", "Developer's customer centre"),
        _AMBULANCE,
    ),
    (
        _PUMPS,
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
POWER = PlanSeed(
    PlanKind.POWER,
    ("停电及触电应急预案", "Power failure and electric shock plan"),
    "触电、漏电、电火花、全停电、大面积停电、electric shock、live wire、blackout",
    ("power",),
    (
        (
            P.DESK,
            0,
            "触电：先断电再救人，不可徒手拉人，立即拨120",
            "Electric shock: cut the power first, never pull with bare hands, dial 120 at once",
        ),
        (
            P.DESK,
            2,
            "停电：问清整楼、整单元还是一户，查询供电公司计划停电",
            "Power failure: building, entrance or one flat? Look whether the utility has announced it",
        ),
        (
            P.GUARD,
            3,
            "逐部电梯呼叫确认有无困人，有人即转电梯困人预案",
            "Call into every lift: somebody inside? Then the plan for people trapped in a lift",
        ),
        (
            P.ENGINEER,
            5,
            "配电房两人到场，验电、挂牌，查明跳闸原因",
            "Two people to the switch room: test, tag out, find out why it tripped",
        ),
        (
            P.ENGINEER,
            15,
            "确认备用发电机启动，保消防、应急照明、水泵和电梯",
            "See that the generator runs: fire system, emergency lights, pumps, lifts",
        ),
        (
            P.STEWARD,
            20,
            "联系家中使用呼吸机等医疗设备的住户，必要时送医",
            "Call the households with medical appliances; to hospital where needed",
        ),
        (
            P.GUARD,
            20,
            "加强门岗和巡逻，道闸改人工，楼道放应急灯",
            "More guards and patrols, barriers by hand, emergency lights on the stairs",
        ),
        (
            P.DESK,
            30,
            "发布停电公告，说明原因和预计恢复时间",
            "Announce the failure, its cause and when power is expected back",
        ),
        (
            P.ENGINEER,
            60,
            "逐级送电，检查电梯、水泵、门禁复位情况",
            "Switch on step by step; check that lifts, pumps and entry system came back",
        ),
    ),
    (("95598", "国家电网供电服务热线", "State Grid, power supply"), _AMBULANCE, _FIRE, _DESK),
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
LIFT = PlanSeed(
    PlanKind.LIFT,
    ("电梯困人应急预案", "Trapped in a lift plan"),
    "困人、被困、困在电梯、关在电梯、电梯坠落、trapped、stuck in the lift、stuck in the elevator",
    ("lift",),
    (
        (
            P.DESK,
            0,
            "安抚被困者：空气充足、不会坠落，不扒门、不自行爬出，问清人数和身体状况",
            "Calm them: there is air, it will not fall; do not force the doors, do not climb out; how many, is anybody unwell?",
        ),
        (
            P.DESK,
            1,
            "通知电梯维保单位救援电话，报梯号、停靠楼层和人数",
            "Call the lift company: number of the lift, where it stands, how many people",
        ),
        (
            P.ON_DUTY,
            5,
            "到现场与轿厢保持通话，每3分钟联系一次",
            "Go there and keep talking with the car, every three minutes",
        ),
        (
            P.GUARD,
            5,
            "在各层厅门放警示牌，防止他人乘用或打开厅门",
            "Warning signs at every landing: nobody uses the lift or opens a door",
        ),
        (
            P.ENGINEER,
            10,
            "切断该梯主电源，保留轿厢照明和通风；只有持证人员可盘车放人",
            "Cut the main power of that lift, leave light and air in the car; only licensed people move it by hand",
        ),
        (
            P.DESK,
            15,
            "有人不适、孕妇或老人时拨120；维保30分钟未到拨119",
            "Anybody unwell, pregnant or old: 120. Lift company not there in 30 minutes: 119",
        ),
        (
            P.ON_DUTY,
            30,
            "维保到场后配合放人，清点人数，询问身体情况",
            "Help the lift company to free them, count them, ask how they are",
        ),
        (
            P.ENGINEER,
            120,
            "停梯检修，合格并出具记录后方可恢复运行",
            "The lift stays out of use until it is repaired and the record is written",
        ),
    ),
    (
        ("400-820-5566", "电梯维保单位24小时救援", "Lift company, rescue, 24 hours"),
        ("96333", "电梯应急处置平台", "Lift emergency centre"),
        _FIRE,
        _AMBULANCE,
        _DESK,
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
WEATHER = PlanSeed(
    PlanKind.WEATHER,
    ("台风暴雨应急预案", "Typhoon and rainstorm plan"),
    "台风、暴雨、内涝、冰雹、大风、积水倒灌、typhoon、rainstorm、flooded garage、hail",
    (),
    (
        (
            P.MANAGER,
            0,
            "接到橙色以上预警，启动防汛值班，全员手机保持畅通",
            "Warning orange or above: flood duty begins, everybody can be reached",
        ),
        (
            P.DESK,
            10,
            "短信和广播提醒住户关窗、收花盆、移走低洼处车辆",
            "Text and announcement: shut windows, bring plants in, move cars from low ground",
        ),
        (P.ENGINEER, 20, "试转集水井水泵，清理雨水口和屋面排水口", "Try the sump pumps, clear gullies and roof drains"),
        (
            P.GUARD,
            20,
            "地库入口架设挡水板、堆放沙袋，专人值守水位",
            "Flood barrier and sandbags at the garage ramp; somebody watches the water",
        ),
        (
            P.GUARD,
            30,
            "巡查树木、广告牌、围挡和外墙，危险处拉警戒",
            "Walk round: trees, signs, fences, façade; cordon off what may fall",
        ),
        (
            P.ENGINEER,
            40,
            "积水漫过挡水板时切断地库低压回路，禁止人员进入",
            "Water over the barrier: cut the garage circuits, nobody goes in",
        ),
        (
            P.STEWARD,
            60,
            "电话问候独居老人和一层、顶层住户，登记漏水",
            "Call the elderly who live alone and ground and top floors; note leaks",
        ),
        (
            P.MANAGER,
            120,
            "险情过后全面检查，统计损失，拍照报保险",
            "Afterwards: inspect everything, list the damage, photographs for the insurance",
        ),
    ),
    (
        _DESK,
        ("12345", "市民服务热线（防汛）", "Citizens' hotline (floods)"),
        _FIRE,
        ("021-60005566", "街道防汛值班室", "Street office, flood duty"),
    ),
    (
        ("挡水板、沙袋60只", "Flood barriers, 60 sandbags", "地库入口西侧", "West of the garage ramp"),
        ("潜水泵2台、水带", "2 submersible pumps, hoses", "地库B1防汛物资间", "Garage B1, flood store"),
        ("雨衣、救生衣、手电", "Raincoats, life vests, torches", "南门岗亭柜", "Cabinet of the south gate"),
        ("临时避险点", "Shelter", "社区活动中心一层", "Community centre, ground floor"),
    ),
)
FALLING = PlanSeed(
    PlanKind.OTHER,
    ("高空坠物应急预案", "Falling objects plan"),
    "高空抛物、高空坠物、外墙脱落、瓷砖脱落、玻璃掉落、falling object、falling tiles",
    (),
    (
        (
            P.DESK,
            0,
            "问清楼号、方位、有无伤者，有伤者立即拨120",
            "Which building, which side, anybody hurt? Then 120 at once",
        ),
        (
            P.GUARD,
            3,
            "拉警戒线，宽度不小于楼高的五分之一，封闭下方通道",
            "Cordon off at least a fifth of the height, close the way below",
        ),
        (
            P.ON_DUTY,
            5,
            "到场救护伤者，不随意搬动，保护坠落物和现场",
            "First aid without moving the injured; leave the object and the place as they are",
        ),
        (
            P.DESK,
            15,
            "调取高空抛物监控，报110，保存录像",
            "Take the camera recordings, tell the police (110), keep the recordings",
        ),
        (
            P.ENGINEER,
            30,
            "检查外墙、窗扇、空调外机等松动部位，临时加固",
            "Look for loose façade, windows, air conditioners; secure them for now",
        ),
        (
            P.STEWARD,
            60,
            "逐户走访该单元，提醒清理窗台和阳台物品",
            "Visit the entrance's households: clear sills and balconies",
        ),
        (
            P.MANAGER,
            120,
            "委托专业单位排查，发布提示，跟进赔付责任",
            "Have it inspected by specialists, publish a warning, follow up who pays",
        ),
    ),
    (_AMBULANCE, _POLICE, _DESK, ("021-60005110", "社区警务室", "Community police station")),
    (
        ("警戒带、锥筒、告示牌", "Tape, cones, signs", "南门岗亭", "South gate"),
        ("急救箱", "First-aid box", "服务中心前台", "Front desk"),
    ),
)
PLANS = (FIRE, GAS, WATER, POWER, LIFT, WEATHER, FALLING)
