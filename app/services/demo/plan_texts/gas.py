"""Escaping gas: the demo's plan, in Chinese and English, with numbers and places (D7)."""

from app.rules.codes import PlanKind, PlanPost
from app.services.demo.plan_texts.common import AMBULANCE, DESK, FIRE_BRIGADE, POLICE
from app.services.seed_data.plans import PlanSeed

GAS = PlanSeed(
    PlanKind.GAS,
    ("燃气泄漏应急预案", "Gas leak plan"),
    "煤气味、燃气味、煤气泄漏、燃气泄漏、天然气泄漏、漏气、煤气漏、gas leak、smell of gas、smell gas",
    ("gas",),
    (
        (
            PlanPost.DESK,
            0,
            "告知报事人：不开关任何电器、不点火、不在室内打电话，开窗关阀后撤到室外",
            "Tell the caller: touch no switch, no flame, no telephone indoors; open windows, shut the valve, go outside",
        ),
        (
            PlanPost.DESK,
            2,
            "在安全处拨打燃气公司抢修热线962777，闻到浓味或有人不适同时拨119、120",
            "From a safe place call the gas company, 962777; at a strong smell or if anybody is unwell 119 and 120, too",
        ),
        (
            PlanPost.GUARD,
            5,
            "楼外拉警戒线30米，禁止明火、吸烟和车辆发动，劝阻人员进入",
            "Cordon at 30 m outside: no flame, no smoking, no starting of cars, nobody goes in",
        ),
        (
            PlanPost.ENGINEER,
            5,
            "着防静电服，从楼外切断单元电源，关闭单元燃气总阀",
            "In antistatic clothes: cut the power of the entrance from outside, shut its main gas valve",
        ),
        (
            PlanPost.STEWARD,
            10,
            "敲门（不按门铃）疏散上下层及相邻住户，走楼梯到上风处集合",
            "Knock, never ring: bring out the floors above and below and the neighbours by the stairs, upwind",
        ),
        (
            PlanPost.ON_DUTY,
            15,
            "迎接抢修人员，交接泄漏位置、已采取措施和住户情况",
            "Receive the gas company's crew: where it leaks, what was done, who lives there",
        ),
        (
            PlanPost.MANAGER,
            60,
            "由燃气公司检测合格后，方可宣布解除、恢复供气供电",
            "Only after the gas company has measured: declare it over, gas and power come back",
        ),
        (
            PlanPost.STEWARD,
            180,
            "逐户回访受影响住户，提示检查软管和灶具",
            "Visit the households concerned; remind them to have hose and stove checked",
        ),
    ),
    (("962777", "燃气公司抢修热线", "Gas company, emergencies"), FIRE_BRIGADE, AMBULANCE, POLICE, DESK),
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
