"""Files of a bank as banks write them, for tests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from sqlalchemy.orm import Session

from app.models import BankFile, Community
from app.services import bank_files
from app.services.actors import Actor

TITLES = ("交易日期", "交易流水号", "借方发生额", "贷方发生额", "对方户名", "对方账号", "摘要")
COLUMNS = {
    "name": "工商银行 0012", "column_paid_on": "0", "column_reference": "1", "column_out": "2", "column_amount": "3",
    "column_payer": "4", "column_account": "5", "column_memo": "6",
}  # fmt: skip


def line(reference: str, yuan: str, memo: str = "", payer: str = "", account: str = "", day: str = "2026-03-05") -> Any:
    """A line of money that came in."""
    return (day, reference, "", yuan, payer, account, memo)


def csv_file(*lines: Sequence[str], encoding: str = "utf-8", above: Sequence[str] = ()) -> bytes:
    """A text file with the titles, after what stands `above` them."""
    text = "\r\n".join([*above, *(",".join(row) for row in (TITLES, *lines)), ""])
    return text.encode(encoding)


def workbook(*rows: Sequence[Any], merged: str = "", first: str = "") -> bytes:
    """A workbook with these rows; `first`: an empty sheet of this name before them."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    if first:
        sheet.title, sheet = first, book.create_sheet("明细")
    for row in rows:
        sheet.append(row)
    if merged:
        sheet.merge_cells(merged)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def read_file(session: Session, community_id: int, content: bytes, actor: Actor, now: datetime) -> BankFile:
    """Upload a file and have its columns named, if they are not known yet."""
    community = session.get_one(Community, community_id)
    file = bank_files.upload(session, community, content, "明细.csv", actor, now)
    if file.state == "columns":
        bank_files.remember(session, file, COLUMNS, actor, now)
        bank_files.read_again(session, file, now)
    return file
