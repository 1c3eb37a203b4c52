"""A fire: the demo's plan, in Chinese and English, with numbers and places (D7)."""

from app.rules.codes import PlanKind, PlanPost
from app.services.demo.plan_texts.common import AMBULANCE, DESK, FIRE_BRIGADE, POLICE
from app.services.seed_data.plans import PlanSeed

FIRE = PlanSeed(
    PlanKind.FIRE,
    ("火灾应急预案", "Fire plan"),
    "着火、起火、火灾、失火、冒烟、浓烟、on fire、a fire、house fire、smoke",
    ("fire",),
    (
        (
            PlanPost.DESK,
            0,
            "告知报警人立即撤离、关门、走楼梯，不乘电梯，不返回取物",
            "Tell the caller: leave, shut the door, take the stairs, no lift, do not go back",
        ),
        (
            PlanPost.DESK,
            1,
            "拨打119：小区地址、楼号楼层、燃烧物、有无被困，派人到南门引路",
            "Dial 119: address, building and floor, what burns, anybody trapped; send somebody to the south gate",
        ),
        (
            PlanPost.GUARD,
            2,
            "中控室切换消防联动至自动，启动应急广播和防排烟，迫降电梯至首层",
            "Control room: fire system to automatic, start announcements and smoke extraction, bring the lifts down",
        ),
        (
            PlanPost.ON_DUTY,
            3,
            "携灭火器两人到场，初起火用灭火器和消火栓扑救，火势大即撤",
            "Two people go with extinguishers; fight a small fire with extinguisher and hydrant, withdraw from a big one",
        ),
        (
            PlanPost.ENGINEER,
            5,
            "切断着火层电源，通知燃气公司关阀，确认消防泵已启动",
            "Cut the power of that floor, have the gas shut off, make sure that the fire pumps run",
        ),
        (
            PlanPost.STEWARD,
            5,
            "逐户敲门疏散本层及上两层，老人、孩子和行动不便者优先，引导至中心花园集合",
            "Knock at every door of the floor and the two above; the elderly, children and disabled first, to the central garden",
        ),
        (
            PlanPost.GUARD,
            8,
            "清空消防车通道和登高场地，引导消防车由南门进入，劝离围观人员",
            "Clear the fire lane and the ladder area, lead the engines in by the south gate, keep people away",
        ),
        (
            PlanPost.STEWARD,
            15,
            "在集合点清点人数，把未到人员名单报消防指挥员",
            "Count people at the assembly point; give the names of those missing to the fire officer",
        ),
        (
            PlanPost.MANAGER,
            20,
            "到场指挥配合消防，安排伤者就医，安抚住户，统一对外答复",
            "Take charge beside the fire brigade, see to the injured and the households, one voice to the outside",
        ),
        (
            PlanPost.ON_DUTY,
            120,
            "火灭后看守现场防复燃，保护现场配合调查，恢复消防设施",
            "Guard the place against rekindling, leave it untouched for the investigation, restore the fire system",
        ),
    ),
    (
        FIRE_BRIGADE,
        AMBULANCE,
        POLICE,
        DESK,
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
