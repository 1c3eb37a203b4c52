"""The sheet to fill in for payments that come from elsewhere than a bank's own file."""

from __future__ import annotations

from app.adapters.workbook import write_template
from app.rules.bank_sheet import REQUIRED, TITLES

_SHOWN = ("paid_on", "amount", "reference", "payer", "account", "house", "bill", "memo")
_EXAMPLE = ("2026-03-05", 250.32, "2026030500012345", "陈示例", "6222020200012345678", "3幢2单元1201", "", "3月物业费")
_HELP = (
    "带 * 的列必填：日期写作 2026-03-05，金额以元为单位，流水号为银行流水号，请设为文本格式。",
    "房号写全楼栋、单元、房号，例如 3幢2单元1201 或 3-2-1201；账单号见账单右上角，例如 202603-0001234。",
    "先看每一行会怎样入账，再整份入账；同一流水号、日期、金额的款项不会入账两次。",
    "Columns with * must be filled: the day as 2026-03-05, the sum in yuan, the bank's reference as text.",
    "House with building, unit and room, such as 3-2-1201; the bill's number stands on the bill, such as 202603-0001234.",
    "Each line is shown first; then the file is booked whole. The same reference, day and sum is not booked twice.",
)


def template() -> bytes:
    """Titles that are known by themselves, one example line, and how it is read."""
    columns = [
        (f"{TITLES[field][0]}{' *' if field in REQUIRED else ''}", "@" if field != "amount" else "") for field in _SHOWN
    ]
    return write_template(columns, (_EXAMPLE,), _HELP)
