"""The import sheet to fill in."""

from app.adapters.workbook import write_template
from app.rules.estate_sheet import HEADERS, REQUIRED


def template() -> bytes:
    """The sheet to fill in: titles in both languages, two example rows, and how it is read."""
    columns = [
        (f"{names[0]} {names[-1].capitalize()}{' *' if key in REQUIRED else ''}", _KINDS_OF_CELL.get(key, ""))
        for key, names in HEADERS.items()
    ]
    examples = (
        ("3", "2", "1201", 12, 89.4, "自住", "陈示例", "业主", "13912345678；021-61234567", "chen@example.org", "2020-05-01", ""),
        ("3", "2", "1201", "", "", "", "林示例", "家属", "13912345679", "", "2020-05-01", ""),
    )  # fmt: skip
    return write_template(columns, examples, _HELP)


_KINDS_OF_CELL = {
    "building": "@",
    "unit": "@",
    "room": "@",
    "phones": "@ 13912345678；13912345679",
    "since": "@",
    "until": "@",
}
_HELP = (
    "带 * 的列必填；其余列可以留空。一行是一套房屋的一位人员，同一套房屋可以有多行。",
    "新房屋必须填写面积（平方米，最多两位小数）。房屋状态：未售、已交付、空置、自住、装修中、已出租。",
    "身份：业主、租户、家属、代理人（留空为业主）。多个电话用 ； 或 、 分隔。日期写作 2020-05-01。",
    "先试运行查看结果；有任何一行错误时，整张表都不会写入。重复导入同一张表不会产生重复数据。",
    "Columns with * must be filled. A row is one person of one house; a house may have several rows.",
    "A new house needs its area (m², two decimal places at most). State: unsold, handed_over, vacant, occupied, renovating, let.",
    "Role: owner, tenant, family, agent (owner when empty). Several phones are separated by ; or 、. Dates: 2020-05-01.",
    "Try it as a dry run first. With any row wrong nothing is written. Importing the same sheet again doubles nothing.",
)
