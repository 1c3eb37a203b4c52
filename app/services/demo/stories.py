"""What households of an estate say, and what was done about it. Whole sentences, so that none is an everyday word."""

from dataclasses import dataclass

from app.rules.codes import Kind, Priority


@dataclass(frozen=True)
class Story:
    """One matter: what was said, what was done, and how often it comes among its kind. `public`: not inside a home."""

    kind: Kind
    category: str
    said: str
    done: str
    weight: int = 3
    priority: Priority | None = None
    public: bool = False


def _all(kind: Kind, rows: str, *, public: bool = False) -> tuple[Story, ...]:
    """Stories from lines of `category | weight | priority or - | said | done`."""
    stories = []
    for line in rows.strip().splitlines():
        category, weight, priority, said, done = (part.strip() for part in line.split("|"))
        urgency = None if priority == "-" else Priority(priority)
        stories.append(Story(kind, category, said, done, int(weight), urgency, public))
    return tuple(stories)


REPAIRS = _all(
    Kind.REPAIR,
    """
    water | 6 | - | 厨房水龙头关不紧，一直往下滴 | 更换水龙头阀芯，试水正常
    water | 5 | urgent | 卫生间角阀处漏水，地面已经湿了 | 关闭分阀，更换角阀和软管，试压无渗漏
    water | 3 | - | 家里热水压力很小，洗澡断断续续 | 清洗过滤网并调节减压阀，水压恢复
    water | 3 | urgent | 家里突然没水，邻居家是有水的 | 户内水表前阀被误关，已开启并告知
    power | 5 | urgent | 家里一开空调就跳闸 | 检测回路负荷，更换老化空气开关
    power | 4 | - | 客厅两个插座没有反应 | 插座接线松脱，重新压接并测试
    power | 3 | urgent | 全屋停电，电表箱里有响声 | 更换损坏的漏电保护器，恢复供电
    drainage | 6 | - | 厨房下水道堵了，水下不去 | 使用疏通机疏通主管弯头，清出油垢
    drainage | 4 | urgent | 卫生间地漏返水，味道很大 | 疏通立管并更换防臭地漏芯
    drainage | 3 | - | 阳台排水慢，下雨就积水 | 清理雨落管内杂物，排水通畅
    door | 5 | - | 入户门锁不灵，要反复拧几次才开 | 调校门锁并上油，更换锁芯弹子
    door | 4 | - | 室内可视对讲没有声音 | 更换对讲分机听筒线路
    door | 3 | - | 卧室窗户把手断了，关不上 | 更换窗把手和执手座
    lighting | 3 | - | 玄关吸顶灯不亮，换了灯泡也不行 | 更换镇流器，灯具正常
    """,
)

PUBLIC_REPAIRS = _all(
    Kind.REPAIR,
    """
    lighting | 7 | - | 楼道声控灯不亮，晚上看不清台阶 | 更换声控模块及灯管
    lighting | 4 | - | 小区东侧路灯坏了两盏 | 更换路灯光源，亮灯正常
    lift | 6 | urgent | 电梯运行时有异响，停层不平 | 维保单位到场调整导靴，运行平稳
    lift | 3 | urgent | 电梯按钮按了没反应 | 更换外呼按钮板，测试正常
    door | 6 | - | 单元门禁刷卡没有反应 | 重启门禁控制器并更换读卡头
    door | 3 | - | 单元门关不上，一直敞着 | 调整闭门器，更换合页螺丝
    drainage | 3 | - | 地下车库入口雨后积水 | 清理截水沟，检查排水泵
    power | 2 | - | 地下充电桩插上没有电 | 更换充电桩空气开关
    fire | 2 | - | 楼道灭火器压力不足 | 更换灭火器并登记检查卡
    """,
    public=True,
)

COMPLAINTS = _all(
    Kind.COMPLAINT,
    """
    noise | 7 | - | 楼上装修午休时间一直用电钻 | 约谈装修负责人，午间停工并张贴时段告示
    noise | 4 | - | 晚上十点以后楼下还有人唱歌 | 现场劝止，与活动组织者约定结束时间
    cleaning | 5 | - | 楼道垃圾两天没有人收 | 补收并增加一次巡检，保洁班长复查
    cleaning | 3 | - | 电梯轿厢地面油污没有擦干净 | 当班保洁返工，纳入每日检查点
    parking | 5 | - | 我的固定车位总被别人占 | 通知车主挪车，加装车位锁并加强巡查
    parking | 3 | - | 消防通道有车乱停，进出很不方便 | 劝离车辆，划线并设置警示桩
    security | 3 | - | 门岗对外来人员不登记就放行 | 岗位再培训，抽查登记记录
    security | 2 | - | 楼上有人往下丢烟头 | 张贴告知书，调整监控角度
    attitude | 3 | - | 前台接待时很不耐烦，问两句就不理人 | 当事人道歉，组织服务礼仪复训
    fee | 3 | - | 物业费账单上的面积和房产证不一致 | 核对产权面积并更正账单说明
    greening | 2 | - | 树枝伸到我家窗前，遮光还有虫子 | 修剪树枝并喷洒药剂
    lift | 3 | - | 这部电梯一个月里停了好几次 | 安排专项检修，公示检修结果
    """,
)

LEFT_BY_THE_DEVELOPER = Story(
    Kind.COMPLAINT, "water", "下雨天阳台外墙渗水，交房时就有，一直没修好", "开发商已安排外墙防水维修，复查无渗漏"
)

CONSULTATIONS = _all(
    Kind.CONSULTATION,
    """
    fee | 6 | - | 想问一下物业费可以怎么缴 | 告知缴费方式与账期
    fee | 3 | - | 想知道停车月租怎么办理 | 告知办理材料和收费标准
    other | 5 | - | 装修要办哪些手续，押金交多少 | 告知装修申请流程与所需资料
    parking | 4 | - | 访客的车可以停多长时间 | 告知访客停车规定
    door | 3 | - | 门禁卡丢了在哪里补办 | 告知补办地点和时间
    water | 2 | - | 水箱什么时候清洗，需要提前存水吗 | 告知清洗计划和注意事项
    other | 3 | - | 想租房给别人需要登记什么 | 告知出租登记手续
    greening | 1 | - | 楼下的花坛是谁在负责养护 | 告知养护班组与养护周期
    """,
)

SUGGESTIONS = _all(
    Kind.SUGGESTION,
    """
    parking | 3 | low | 建议在地下车库增加反光镜 | 列入下季度改进项目并回复
    greening | 2 | low | 建议儿童乐园旁多种一些遮阴的树 | 转绿化部评估，已回复住户
    cleaning | 2 | low | 建议垃圾房旁边增设洗手池 | 纳入改造清单，已回复住户
    security | 2 | low | 建议夜里多安排一次楼道巡逻 | 调整夜巡路线，已回复住户
    lighting | 2 | low | 建议南门人行道加几盏地灯 | 完成勘查，列入年度计划
    """,
)

SERVICES = _all(
    Kind.SERVICE,
    """
    other | 4 | - | 家里有一张旧沙发想请你们清运 | 预约上门清运完成
    water | 4 | - | 想预约更换厨房水龙头，材料自备 | 上门更换完成，住户验收
    power | 3 | - | 想预约更换两个墙上的开关 | 上门更换完成，通电正常
    lighting | 3 | - | 请帮忙更换客厅的吊灯 | 上门更换完成，住户验收
    cleaning | 4 | - | 想预约周末的入户保洁 | 保洁员按约上门，住户验收
    other | 3 | - | 老人独居，请帮忙代买常用药 | 代购送药上门，顺访老人状况良好
    greening | 1 | - | 想咨询花木租摆并请上门看一下 | 上门勘查并给出报价单
    door | 2 | - | 请上门帮忙办两张门禁卡 | 管家上门办理完成
    """,
)

PRAISES = _all(
    Kind.PRAISE,
    """
    attitude | 4 | low | 师傅上门修得又快又干净，特意来电感谢 | 感谢住户并转告当班人员
    security | 2 | low | 夜班保安帮忙把醉酒的家人扶上楼，非常感谢 | 感谢住户并在例会表扬
    cleaning | 2 | low | 我们这层的保洁阿姨每天都很用心 | 感谢住户并在例会表扬
    """,
)

EMERGENCIES = _all(
    Kind.EMERGENCY,
    """
    lift | 5 | emergency | 有人被困在电梯里，灯还亮着 | 维保到场放人，人员平安，电梯停用检修
    water | 5 | emergency | 楼道里水管爆了，水往电梯口流 | 关闭总阀，抢修更换管段，恢复供水
    gas | 2 | emergency | 楼道里闻到很重的煤气味 | 疏散并通风，燃气公司更换软管，检测合格
    power | 2 | emergency | 电表箱在冒电火花 | 切断电源，更换烧毁端子，绝缘测试合格
    fire | 1 | emergency | 厨房油锅起火，楼道里有烟 | 明火已扑灭，消防到场确认，无人受伤
    """,
)

FINDINGS = _all(
    Kind.REPAIR,
    """
    fire | 3 | - | 巡查发现三楼防火门闭门器失效 | 更换闭门器，复查合格
    lighting | 3 | - | 巡查发现车库灯带不亮一段 | 更换灯管四支
    drainage | 2 | - | 巡查发现雨水篦子破损 | 更换篦子并加固
    greening | 2 | low | 巡查发现草坪斑秃一处 | 补种草皮并围护
    cleaning | 2 | - | 巡查发现楼道堆放杂物 | 通知住户清走并复查
    door | 2 | - | 巡查发现屋面检修门未锁 | 更换挂锁并登记钥匙
    """,
    public=True,
)

SPECIAL_CLOSED = (
    *_all(
        Kind.COMPLAINT,
        """
        lift | 1 | - | 电梯又停了，家里老人下不了楼 | 更换控制主板，试运行正常
        lift | 1 | - | 早上电梯不走，抱着孩子爬了十几层 | 更换控制主板，试运行正常
        lift | 1 | - | 电梯停在八楼不动，昨晚打雷后就这样 | 更换控制主板，试运行正常
        """,
    ),
    *_all(
        Kind.REPAIR,
        """
        lift | 1 | urgent | 电梯门开着不关，按什么都没反应 | 更换控制主板，试运行正常
        lift | 1 | urgent | 整部电梯黑屏，外面显示故障 | 更换控制主板，试运行正常
        lift | 1 | urgent | 电梯停运了，什么时候能修好 | 更换控制主板，试运行正常
        """,
    ),
)
"""Six households on one lift: the special event that is closed."""

SPECIAL_PROPOSED = _all(
    Kind.COMPLAINT,
    """
    noise | 1 | - | 隔壁工地夜里还在打桩，窗户都在抖 | 已联系工地负责人
    noise | 1 | - | 工地凌晨还在卸钢筋，孩子被吵醒 | 已联系工地负责人
    noise | 1 | - | 对面工地通宵施工，没法睡觉 | 已联系工地负责人
    noise | 1 | - | 工地塔吊夜间作业，灯光照进卧室，声音也大 | 已联系工地负责人
    noise | 1 | - | 昨晚工地施工到两点，请物业出面交涉 | 已联系工地负责人
    """,
)
"""Five households on one building site: the special event that waits for a decision."""

ALL_STORIES = (
    REPAIRS,
    PUBLIC_REPAIRS,
    COMPLAINTS,
    CONSULTATIONS,
    SUGGESTIONS,
    SERVICES,
    PRAISES,
    EMERGENCIES,
    FINDINGS,
    SPECIAL_CLOSED,
    SPECIAL_PROPOSED,
)

PUBLIC_PLACES = ("一楼大堂", "电梯厅", "地下车库", "单元门口", "楼道三层", "小区东门", "中心花园", "垃圾房旁")
CONTACT_NOTES = (
    "已电话联系，说明处理安排",
    "已电话告知受理情况和上门时间",
    "已联系住户，约定上门时间",
    "已微信告知进度",
)
WAIT_REASONS = ("等待配件到货", "等待维保单位到场", "住户出差，约定上门时间", "等待厂家技术人员")
CANCEL_NOTES = ("回电确认，来电人不需要服务", "回电确认为误拨", "三次回电无人接听，短信留言后结束")
VISIT_WORDS = {
    5: "很满意，处理及时",
    4: "满意",
    3: "一般，希望再快一些",
    2: "问题又出现了，不满意",
    1: "没有解决，很不满意",
}
CAUSES = (
    ("process_gap", "流程缺口：交接时未登记", "补登并当面说明", "交接表增加必填项"),
    ("human_error", "人为疏忽：当班人员漏检", "当班返工并致歉", "纳入当周培训案例"),
    ("material", "材料问题：配件老化", "更换合格配件", "列入年度更换计划"),
    ("outside", "外部原因：第三方施工", "协调施工单位整改", "施工前书面告知并派人巡看"),
)
