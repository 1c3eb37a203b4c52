"""Departments, categories (I5) and the words that lead to them (D3: what is an emergency, what is urgent)."""

from typing import Final, NamedTuple

from app.rules.codes import Priority

E, U, N, L = Priority.EMERGENCY, Priority.URGENT, Priority.NORMAL, Priority.LOW


class DepartmentSeed(NamedTuple):
    """Code and names of a department."""

    code: str
    name: str
    name_en: str


class CategorySeed(NamedTuple):
    """Code and names of a category, its department's code, and how urgent it is unless a word says otherwise."""

    code: str
    name: str
    name_en: str
    department: str
    priority: Priority


class SkillSeed(NamedTuple):
    """Code and names of a skill, and the categories whose work needs it."""

    code: str
    name: str
    name_en: str
    categories: tuple[str, ...]


SKILLS: Final = (
    SkillSeed("electrician", "电工", "Electrician", ("power", "lighting")),
    SkillSeed("plumber", "水暖工", "Plumber", ("water", "drainage")),
    SkillSeed("lift", "电梯安全管理", "Lift safety", ("lift",)),
    SkillSeed("gas", "燃气检修", "Gas fitter", ("gas",)),
    SkillSeed("locks", "门窗锁具维修", "Doors and locks", ("door",)),
)
"""The usual ones †. No category asks for any until an administrator says so: who has which is not known beforehand."""


class WordSeed(NamedTuple):
    """A word, the code of its category, and the urgency it carries, if any."""

    word: str
    category: str
    priority: Priority | None = None


DEPARTMENTS: Final = (
    DepartmentSeed("service", "客户服务部", "Customer service"),
    DepartmentSeed("engineering", "工程部", "Engineering"),
    DepartmentSeed("cleaning", "保洁部", "Cleaning"),
    DepartmentSeed("greening", "绿化部", "Greening"),
    DepartmentSeed("security", "安保部", "Security"),
    DepartmentSeed("finance", "财务部", "Finance"),
    DepartmentSeed("quality", "品质部", "Quality"),
)

CATEGORIES: Final = (
    CategorySeed("water", "供水", "Water", "engineering", N),
    CategorySeed("power", "供电", "Power", "engineering", N),
    CategorySeed("lift", "电梯", "Lift", "engineering", U),
    CategorySeed("drainage", "排水", "Drainage", "engineering", N),
    CategorySeed("door", "门窗门禁", "Doors and entry system", "engineering", N),
    CategorySeed("lighting", "照明", "Lighting", "engineering", N),
    CategorySeed("gas", "燃气", "Gas", "engineering", U),
    CategorySeed("fire", "消防", "Fire safety", "security", U),
    CategorySeed("noise", "噪音", "Noise", "service", N),
    CategorySeed("parking", "停车", "Parking", "security", N),
    CategorySeed("cleaning", "保洁", "Cleaning", "cleaning", N),
    CategorySeed("greening", "绿化", "Greening", "greening", L),
    CategorySeed("security", "安全秩序", "Security", "security", N),
    CategorySeed("fee", "费用", "Fees", "finance", N),
    CategorySeed("attitude", "服务态度", "Staff attitude", "service", N),
    CategorySeed("other", "其他", "Other", "service", N),
)


def _words(category: str, priority: Priority | None, text: str) -> tuple[WordSeed, ...]:
    return tuple(WordSeed(word.strip(), category, priority) for word in text.split("、"))


WORDS: Final = (
    *_words("water", E, "爆管、水管爆、水管炸、喷水、burst pipe、pipe burst"),
    *_words("water", U, "漏水、停水、没水、没有水、渗水、跑水、滴水不停、water leak、leaking、no water"),
    *_words("water", None, "水管、水龙头、龙头、水压、水表、自来水、热水、水质、water、water tap"),
    *_words("power", E, "触电、漏电、电线着火、电火花、live wire、electric shock"),
    *_words("power", U, "停电、没电、没有电、断电、跳闸、短路、no power、power cut、blackout、no electricity"),
    *_words("power", None, "插座、电表、电路、开关、电线、配电箱、electricity、socket、power"),
    *_words("lift", E, "困人、被困、困在电梯、关在电梯、电梯坠落、trapped、stuck in the lift、stuck in the elevator"),
    *_words("lift", U, "电梯坏、电梯停、电梯故障、电梯不动、电梯异响、lift is broken、elevator is broken"),
    *_words("lift", None, "电梯、轿厢、lift、elevator"),
    *_words("drainage", U, "污水倒灌、返水、污水外溢、反水、sewage"),
    *_words("drainage", None, "下水道、下水、堵塞、堵了、马桶、地漏、排水、管道堵、积水、blocked drain、drain、toilet"),
    *_words("door", U, "门打不开、进不了门、锁在外面、locked out"),
    *_words("door", None, "门禁、单元门、门锁、对讲、大门、入户门、窗户、玻璃、道闸、door、intercom、window"),
    *_words(
        "lighting",
        None,
        "灯不亮、灯坏、路灯、楼道灯、照明、灯泡、声控灯、灯闪、灯、lights、street light、light bulb、the light、lamp",
    ),
    *_words(
        "gas", E, "煤气味、燃气味、煤气泄漏、燃气泄漏、天然气泄漏、漏气、煤气漏、gas leak、smell of gas、smell gas"
    ),
    *_words("gas", None, "煤气、燃气、天然气、gas"),
    *_words("fire", E, "着火、起火、火灾、冒烟、浓烟、失火、on fire、a fire、house fire"),
    *_words("fire", U, "消防通道、消防栓没水、烟感报警、smoke"),
    *_words("fire", None, "消防、灭火器、防火门、消火栓、fire"),
    *_words("noise", None, "噪音、噪声、太吵、很吵、吵闹、扰民、装修声、电钻、广场舞、狗叫、noise、noisy、loud"),
    *_words("parking", None, "停车、车位、乱停、堵车、车库、占车位、挪车、充电桩、parking、car park、garage"),
    *_words(
        "cleaning",
        None,
        "垃圾、卫生、打扫、保洁、异味、很脏、臭味、蟑螂、老鼠、污渍、rubbish、garbage、dirty、cleaning",
    ),
    *_words("greening", None, "绿化、草坪、树枝、树木、花坛、修剪、枯树、杂草、trees、a tree、lawn、garden"),
    *_words("security", E, "持刀、抢劫、有人跳楼、robbery"),
    *_words("security", U, "小偷、被盗、打架、入室、盗窃、可疑人员、thief、burglar、fight"),
    *_words("security", None, "保安、门岗、监控、巡逻、陌生人、高空抛物、security、guard"),
    *_words(
        "fee",
        None,
        "物业费、账单、缴费、收费、欠费、发票、费用、押金、退费、invoice、my bill、fees、management fee、property fee",
    ),
    *_words(
        "attitude", None, "态度、态度差、态度很差、态度不好、态度恶劣、骂人、不耐烦、服务差、推诿、敷衍、attitude、rude"
    ),
)
