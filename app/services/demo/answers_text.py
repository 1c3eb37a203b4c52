"""What the demo's standard answers say."""

from typing import NamedTuple


class DemoAnswer(NamedTuple):
    """Question and answer in both languages, the category's code, keywords, further ways to ask, whether owners read it."""

    category: str
    question: str
    question_en: str
    answer: str
    answer_en: str
    keywords: str
    ways: tuple[str, ...] = ()
    is_public: bool = True


ANSWERS = (
    DemoAnswer(
        "fee",
        "物业费有哪些缴纳方式",
        "How can I pay the property fee?",
        "物业费按月计费，可到前台用现金、刷卡、微信或支付宝缴纳，也可以银行转账（备注房号）。行动不便的业户可预约管家上门收费。缴费后开具收据。",
        "The property fee is charged by the month. Pay at the desk in cash, by card, WeChat or Alipay, or by bank transfer "
        "with your room "
        "number as the reference. If you cannot come, ask for your steward to collect it at home. You get a receipt.",
        "物业费,缴费,交费",
        ("物业费可以怎么缴", "能不能上门收物业费"),
    ),
    DemoAnswer(
        "fee",
        "物业费的收费标准是多少",
        "How much is the property fee?",
        "住宅物业费为每月每平方米 2.80 元，按产权证面积计算。每户的账单可在“我的账单”里查看。",
        "2.80 yuan per square metre and month, by the area on the title deed. Your own bills stand under “Bills”.",
        "收费标准,每平方米",
        ("一个月物业费多少钱",),
    ),
    DemoAnswer(
        "fee",
        "停车月租怎么办理",
        "How do I rent a parking space by the month?",
        "请带房产证明或租赁合同、行驶证和驾驶证到前台登记。有空余车位时当天办理，暂无空位的列入等候名单，按登记先后通知。",
        "Bring proof of ownership or the lease, the vehicle licence and your driving licence to the desk. It is done the "
        "same day while there "
        "are free spaces; otherwise you are put on the waiting list and called in order.",
        "停车月租,月租,包月",
        ("地下车位怎么租",),
    ),
    DemoAnswer(
        "fee",
        "怎样开具物业费发票",
        "How do I get an invoice for the property fee?",
        "缴费后带收据到财务窗口开具，单位抬头请提供名称和税号。电子发票一般在两个工作日内发到您的手机或邮箱。",
        "Bring your receipt to the finance window; for a company, its name and tax number, too. Electronic invoices reach "
        "your telephone or "
        "mailbox within two working days.",
        "发票",
    ),
    DemoAnswer(
        "other",
        "装修要办哪些手续",
        "What do I need before renovating?",
        "开工前请到前台填写装修申请，附户型图、施工方案、施工单位营业执照和工人身份证复印件。工程部审核后缴纳装修押金，领取装修许可证和工人出入证，方可进场。"
        "施工时间为工作日 8:00–12:00、14:00–18:00，节假日不得有噪音施工。完工验收合格后退还押金。",
        "Before work begins, hand in the application at the desk with the floor plan, the work plan, the contractor's "
        "business licence and "
        "copies of the workers' identity cards. After the engineers' review you pay the deposit and get the permit and the "
        "workers' passes. "
        "Working hours are 8:00–12:00 and 14:00–18:00 on working days, nothing noisy on holidays. The deposit is returned "
        "after the final "
        "inspection.",
        "装修,装修押金",
        ("装修押金交多少", "装修许可证怎么办"),
    ),
    DemoAnswer(
        "other",
        "装修押金什么时候退",
        "When is the renovation deposit returned?",
        "完工后请约工程部验收，合格后满一个月无遗留问题，凭押金收据和验收单到财务窗口办理退款，一般三个工作日到账。",
        "Ask the engineers for the final inspection. One month after it was passed, bring the deposit receipt and the "
        "inspection sheet to the "
        "finance window; the money arrives within three working days.",
        "退押金,押金退还",
    ),
    DemoAnswer(
        "other",
        "出租房屋需要登记什么",
        "What must I register when I let my home?",
        "请业主带租赁合同、承租人身份证到前台办理出租登记，并签住户须知；承租人凭登记办理门禁卡。租期或承租人变化时请再来更新。",
        "Bring the lease and the tenant's identity card to the desk and sign the house rules; with the registration the "
        "tenant gets the door "
        "card. Please come again when tenant or term change.",
        "出租,租房,租客",
        ("想租房给别人需要登记什么",),
    ),
    DemoAnswer(
        "other",
        "收楼需要带什么材料",
        "What do I bring to take over my home?",
        "请带购房合同、身份证、收楼通知书和购房发票；委托他人办理的，另带委托书和代办人身份证。管家陪同验房，发现问题当场记录并转开发商返修。",
        "The purchase contract, your identity card, the notice of handover and the purchase invoice; if somebody comes for "
        "you, a power of "
        "attorney and their identity card. Your steward walks through the home with you; what is found goes to the developer at once.",
        "收楼,交房,验房",
    ),
    DemoAnswer(
        "other",
        "房屋过户后要办什么手续",
        "What is to be done after a change of owner?",
        "请新业主带房产证和身份证到前台办理业主变更，结清原业主的费用，更新门禁卡和联系电话，并签订物业服务协议。",
        "The new owner brings the title deed and identity card to the desk; the former owner's fees are settled, door cards "
        "and telephone "
        "numbers renewed, and the service agreement signed.",
        "过户,更名,变更业主",
    ),
    DemoAnswer(
        "other",
        "快递和包裹可以代收吗",
        "Do you take in parcels?",
        "前台每天 8:30–17:30 代收普通包裹，保存七天，领取时请出示房号和手机号。生鲜、贵重物品和到付件不代收。",
        "The desk takes in ordinary parcels from 8:30 to 17:30 every day and keeps them for seven days; tell your room and "
        "telephone number. "
        "No fresh food, valuables or cash on delivery.",
        "代收,包裹,快递代收",
    ),
    DemoAnswer(
        "other",
        "大件物品搬出要办放行条吗",
        "Do I need a pass to carry large things out?",
        "需要。请业主到前台或电话确认后开具物品放行条，门岗凭条核对放行；租户搬出须业主同意。",
        "Yes. The owner confirms at the desk or by telephone, the pass is written, and the gate checks it. Tenants need the "
        "owner's consent.",
        "放行条,搬家,搬出",
    ),
    DemoAnswer(
        "other",
        "旧家具怎么处理",
        "How do I get rid of old furniture?",
        "拨打前台预约，每周三、周六免费清运到指定堆放点；请勿放在楼道和电梯厅。",
        "Call the desk: it is taken away free of charge on Wednesdays and Saturdays. Please leave nothing in the stairs or lift halls.",
        "旧家具,大件垃圾",
    ),
    DemoAnswer(
        "parking",
        "访客的车可以停多长时间",
        "How long may a visitor park?",
        "访客车辆登记后可停在地面访客车位，两小时内免费，之后按公示标准计费；过夜请提前告知门岗。请勿占用消防通道。",
        "Visitors register at the gate and use the visitors' spaces above ground: two hours are free, then the posted rates "
        "apply. Tell the "
        "gate before staying overnight, and keep the fire lanes free.",
        "访客停车,访客的车",
        ("朋友来了车停哪里",),
    ),
    DemoAnswer(
        "parking",
        "电动自行车在哪里充电",
        "Where do I charge an electric bicycle?",
        "请在 2 幢和 5 幢旁的集中充电棚充电，扫码付费。电动自行车和电池严禁带入电梯、楼道和家中充电。",
        "In the charging sheds beside buildings 2 and 5, paid by scanning the code. Electric bicycles and batteries may not "
        "be taken into "
        "lifts, stairs or homes.",
        "电动车,电动自行车,充电",
    ),
    DemoAnswer(
        "parking",
        "新能源车充电桩怎么申请安装",
        "How do I get a charger for my electric car?",
        "须有固定车位。请带车位证明到前台领取申请表，物业确认后向供电公司报装，安装前工程部现场交底。",
        "You need a space of your own. Get the form at the desk with proof of the space; after our confirmation the power "
        "company takes the "
        "application, and our engineers brief the fitters before work begins.",
        "充电桩,新能源车",
    ),
    DemoAnswer(
        "door",
        "门禁卡丢了在哪里补办",
        "Where do I replace a lost door card?",
        "请本人带身份证到前台补办，工本费二十元一张，当场办好，原卡同时停用。租户补办须有出租登记。",
        "Come to the desk with your identity card: twenty yuan a card, done at once, and the lost one is shut off. Tenants must be "
        "registered.",
        "门禁卡,补卡,door card",
        ("门卡坏了怎么换", "多办一张门禁卡"),
    ),
    DemoAnswer(
        "water",
        "家里突然停水怎么办",
        "What do I do when the water is off?",
        "请先看公告栏和短信有没有停水通知，再检查户内总阀。邻居也停水的请拨打热线，值班人员会先查水泵房；只有一户停水的按报修登记。",
        "Look for a notice first, then at the main valve in your home. If your neighbours have none either, call the "
        "hotline: the pumps are "
        "checked first. If it is only your home, it is registered as a repair.",
        "停水",
        is_public=True,
    ),
    DemoAnswer(
        "power",
        "水电卡在哪里充值",
        "Where do I top up the water and power cards?",
        "前台 8:30–17:30 可代充水卡和电卡，也可预约管家上门。夜间电卡余额用完，可按表上的应急键临时供电。",
        "At the desk from 8:30 to 17:30, or by your steward at home. At night, the emergency key on the meter gives power for a while.",
        "充值,电卡,水卡",
    ),
    DemoAnswer(
        "greening",
        "楼下的花坛由谁养护",
        "Who looks after the flower beds?",
        "由绿化班组负责：草坪每月修剪两次，花坛每季换花，树木每年修枝一次。发现枯死、病虫害请告知前台。",
        "The greening team: lawns twice a month, flowers each quarter, trees once a year. Please tell the desk of dead or sick plants.",
        "花坛,绿化养护",
    ),
    DemoAnswer(
        "noise",
        "邻居装修噪音太大怎么办",
        "What about noisy renovation next door?",
        "装修噪音施工仅限工作日 8:00–12:00、14:00–18:00。其他时间请拨打热线，秩序员当场制止并登记；屡次违反的暂停其施工许可。",
        "Noisy work is allowed on working days from 8:00 to 12:00 and 14:00 to 18:00 only. At other times call the hotline: "
        "security stops it "
        "and writes it down; whoever does it again loses the permit for a time.",
        "装修噪音,施工噪音",
    ),
    DemoAnswer(
        "cleaning",
        "生活垃圾什么时候投放",
        "When and where does the rubbish go?",
        "每天 7:00–9:00、18:00–20:30 到各幢垃圾分类点投放，其余时间可投放到东门误时投放点。",
        "At the sorting point of your building from 7:00 to 9:00 and 18:00 to 20:30; at other times at the point beside the east gate.",
        "垃圾分类,垃圾投放",
    ),
    DemoAnswer(
        "security",
        "家里长期没人可以代为看护吗",
        "Can you look after an empty home?",
        "可以办理房屋托管：管家定期开窗通风、检查水电并拍照反馈，费用按约定报价。也可以只登记空置，我们巡查时留意门窗和水电总阀。",
        "Yes, as house custody by quotation: your steward airs the rooms, checks water and power and sends photos. Or just "
        "register it as "
        "empty, and the patrols keep an eye on doors, windows and valves.",
        "托管,房屋托管,空置",
    ),
    DemoAnswer(
        "lift",
        "被困电梯怎么办",
        "What do I do when trapped in a lift?",
        "不要扒门，按住轿厢里的报警键或拨打热线按 9，告知楼栋和楼层。值班人员会一直与您通话，维保单位三十分钟内到场。",
        "Do not force the door. Hold the alarm button or call the hotline and press 9; say building and floor. Somebody "
        "stays on the line, "
        "and the lift company is there within thirty minutes.",
        "被困,困在电梯",
    ),
    DemoAnswer(
        "attitude",
        "对服务不满意向谁投诉",
        "Whom do I complain to?",
        "可拨打热线按 2、到前台、在“我要报事”里选投诉，或直接找客服主管。两小时内有人联系您并约定回复时间。",
        "Call the hotline and press 2, come to the desk, choose “complaint” on your pages, or ask for the supervisor. "
        "Somebody calls you "
        "within two hours and agrees when you hear from us.",
        "投诉电话,不满意",
    ),
    DemoAnswer(
        "fee",
        "业户要求减免物业费如何答复",
        "What to answer when a household asks for a reduction",
        "前台和管家不答应减免。记录理由和诉求，告知由服务中心经理书面答复，并约定回复时间；涉及服务质量的同时登记投诉。",
        "Desk and stewards promise nothing. Write down reason and demand, say that the manager answers in writing, and agree "
        "on a time; what "
        "concerns the quality of service is registered as a complaint, too.",
        "减免",
        is_public=False,
    ),
)

FORMER = {
    "门禁卡丢了在哪里补办": (
        "请本人带身份证到门岗补办，工本费二十元一张，次日领取。",
        "Come to the gate with your identity card: twenty yuan a card, ready the next day.",
    ),
}
"""What an answer said in its first version."""

DRAFT = DemoAnswer(
    "other",
    "会所泳池什么时候开放",
    "When is the pool open?",
    "六月至九月每天 14:00–21:00 开放，凭业主卡入场；雷雨天气临时关闭。",
    "From June to September, 14:00 to 21:00 daily, with the owner's card; closed in thunderstorms.",
    "泳池",
)
