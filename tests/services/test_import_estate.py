"""The import of houses, people and phones: all of it or nothing, twice is once, and every problem has its row and column."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.adapters import workbook
from app.adapters.workbook import read_sheet
from app.errors import Forbidden, Invalid
from app.models import Building, Community, House, Person, PersonPhone, Phone, Tenure, Unit
from app.rules.estate_sheet import parse_area, parse_phones, read_rows
from app.services.actors import Actor
from app.services.estate_template import template
from app.services.import_estate import Outcome, SheetRefused, import_estate

HEADER = ("楼栋", "单元", "房号", "楼层", "面积", "房屋状态", "姓名", "身份", "电话", "邮箱", "起始日期", "截止日期")
GOOD = ("3", "2", "1201", 12, 89.32, "自住", "赵晓棠", "业主", "13912345678", "zhao@example.org", "2020-05-01", None)
TODAY = date(2026, 3, 10)
COMMAND = Actor.system("command")


def sheet(*rows: Sequence[Any], header: Sequence[Any] = HEADER) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(list(header))
    for row in rows:
        page.append(list(row))
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


@pytest.fixture
def community(session: Session) -> Community:
    row = Community(code="maple", name="枫林")
    session.add(row)
    session.flush()
    return row


@pytest.fixture
def take(session: Session, community: Community) -> Callable[..., Outcome]:
    def run(*rows: Sequence[Any], actor: Actor = COMMAND, **kwargs: Any) -> Outcome:
        return import_estate(session, community, read_sheet(sheet(*rows, **kwargs)), actor, TODAY)

    return run


def counts(session: Session) -> list[int]:
    tables = (Building, Unit, House, Person, Phone, PersonPhone, Tenure)
    return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def changed(**values: Any) -> tuple[Any, ...]:
    names = ("building", "unit", "room", "floor", "area", "state", "name", "role", "phones", "email", "since", "until")
    return tuple(values.get(name, old) for name, old in zip(names, GOOD, strict=True))


def test_a_row_becomes_house_person_phone_and_tenure(session: Session, take: Callable[..., Outcome]) -> None:
    outcome = take(GOOD)
    house = session.scalars(select(House)).one()
    assert (house.name, house.area_m2, house.floor, house.state) == ("3幢2单元1201", Decimal("89.32"), 12, "occupied")
    tenure = session.scalars(select(Tenure)).one()
    assert (tenure.role, tenure.starts_on, tenure.ends_on) == ("owner", date(2020, 5, 1), None)
    assert tenure.person.name == "赵晓棠"
    assert [phone.number for phone in tenure.person.phones] == ["+8613912345678"]
    assert outcome.new == {"building": 1, "unit": 1, "house": 1, "phone": 1, "person": 1, "tenure": 1}


def test_importing_the_same_sheet_again_changes_nothing(session: Session, take: Callable[..., Outcome]) -> None:
    rows = (
        GOOD,
        changed(name="赵小满", role="家属", phones="13912345679、021-62345678"),
        changed(room="1202", name=None, phones=None, email=None),
    )
    take(*rows)
    before = counts(session)
    again = take(*rows)
    assert counts(session) == before == [1, 1, 2, 2, 3, 3, 2]
    assert again.nothing


def test_what_differs_is_updated_and_told(session: Session, take: Callable[..., Outcome]) -> None:
    take(GOOD)
    outcome = take(
        changed(
            area=90.5, state="已出租", phones="13912345678;13912340000", email="new@example.org", until="2026-02-01"
        )
    )
    house = session.scalars(select(House)).one()
    assert (house.area_m2, house.state) == (Decimal("90.50"), "let")
    person = session.scalars(select(Person)).one()
    assert person.email == "new@example.org"
    assert sorted(phone.number for phone in person.phones) == ["+8613912340000", "+8613912345678"]
    assert session.scalars(select(Tenure)).one().ends_on == date(2026, 2, 1)
    assert [(c.row, c.column) for c in outcome.changes] == [(2, "area"), (2, "state"), (2, "email"), (2, "until")]


def test_one_owner_of_two_houses_is_one_person_and_two_people_may_share_a_number(
    session: Session, take: Callable[..., Outcome]
) -> None:
    take(GOOD, changed(room="1301"), changed(room="1401", name="钱小雨", email=None))
    assert session.scalar(select(func.count()).select_from(Person)) == 2
    assert session.scalar(select(func.count()).select_from(Phone)) == 1
    assert session.scalar(select(func.count()).select_from(Tenure)) == 3


def test_namesakes_without_a_common_number_are_two_people(session: Session, take: Callable[..., Outcome]) -> None:
    take(GOOD, changed(room="1301", phones="13912340001", email=None))
    assert session.scalar(select(func.count()).select_from(Person)) == 2


def test_english_titles_in_any_order_below_a_heading(session: Session, take: Callable[..., Outcome]) -> None:
    header = ("Room *", "Building *", "Unit *", "Area (m²)", "Remarks", "Name")
    take(("1201", "3", "2", "89.32㎡", "x", "Ann Li"), header=header)
    assert session.scalars(select(House)).one().name == "3幢2单元1201"


@pytest.mark.parametrize(
    ("values", "column", "words"),
    [
        ({"building": None}, "building", "empty"),
        ({"room": "12/01"}, "room", "no number"),
        ({"area": "abc"}, "area", "no area"),
        ({"area": 0}, "area", "no area"),
        ({"area": 89.325}, "area", "two decimal places"),
        ({"area": None}, "area", "needs its area"),
        ({"area": "=8*9"}, "area", "formula"),
        ({"state": "半新"}, "state", "not one of"),
        ({"name": "赵" * 81}, "name", "too long"),
        ({"name": None}, "name", "needs the person's name"),
        ({"name": "赵\x7f棠"}, "name", "cannot be shown"),
        ({"role": "邻居"}, "role", "not one of"),
        ({"phones": "1391234567"}, "phones", "no telephone number"),
        ({"phones": "13912345678;hello"}, "phones", "no telephone number"),
        ({"email": "zhao(at)example.org"}, "email", "no e-mail"),
        ({"since": "2020-13-01"}, "since", "no date"),
        ({"since": "2020-05-01", "until": "2019-05-01"}, "until", "before the beginning"),
        ({"since": None, "until": "2026-05-01"}, "since", "needs its beginning"),
        ({"floor": "十二"}, "floor", "no floor"),
    ],
)
def test_each_problem_names_its_row_and_column(
    take: Callable[..., Outcome], session: Session, values: dict[str, Any], column: str, words: str
) -> None:
    other = changed(room="1301", name="孙小雪", phones="13912340002", email=None)
    with pytest.raises(SheetRefused) as caught:
        take(other, changed(**values))
    assert [(p.row, p.column) for p in caught.value.problems] == [(3, column)]
    problem = caught.value.problems[0]
    assert words in (problem.msgid % problem.params if problem.params else problem.msgid)
    assert counts(session) == [0] * 7


def test_all_problems_are_told_at_once(take: Callable[..., Outcome]) -> None:
    with pytest.raises(SheetRefused) as caught:
        take(changed(area="x", phones="1"), GOOD, changed(room="1301", role="?"))
    assert [(p.row, p.column) for p in caught.value.problems] == [(2, "area"), (2, "phones"), (4, "role")]


def test_rows_that_contradict_each_other_are_refused(take: Callable[..., Outcome]) -> None:
    with pytest.raises(SheetRefused) as caught:
        take(GOOD, changed(area=90, name="孙小雪"), GOOD)
    assert [(p.row, p.column) for p in caught.value.problems] == [(3, "area"), (4, "name")]


def test_a_sheet_without_header_or_rows_is_refused(take: Callable[..., Outcome]) -> None:
    for header, rows in ((("a", "b"), (GOOD,)), (HEADER, ())):
        with pytest.raises(SheetRefused):
            take(*rows, header=header)


def test_only_those_who_run_the_centre_may_import(take: Callable[..., Outcome], community: Community) -> None:
    manager = Actor(1, "m", "m", frozenset({"manager"}), staff_id=1, community_ids=frozenset({community.id}))
    stranger = Actor(2, "n", "n", frozenset({"manager"}), staff_id=2, community_ids=frozenset({community.id + 1}))
    take(GOOD, actor=manager)
    for actor in (stranger, Actor(3, "a", "a", frozenset({"assistant"}), community_ids=frozenset({community.id}))):
        with pytest.raises(Forbidden):
            take(GOOD, actor=actor)


def test_a_whole_estate_is_imported_at_once(session: Session, take: Callable[..., Outcome]) -> None:
    def phone(b: int, u: int, floor: int, room: int) -> str:
        return f"139{b}{u}{floor:02d}{room:02d}00"

    rows = [
        (b, u, f"{floor}{room:02d}", floor, 89.32, "自住", f"李{b}{u}{floor}{room}", "业主",
         phone(b, u, floor, room), None, "2020-05-01", None)
        for b in range(1, 7)
        for u in (1, 2)
        for floor in range(1, 19)
        for room in range(1, 5)
    ]  # fmt: skip
    outcome = take(*rows)
    assert outcome.rows == 864
    assert outcome.new == {"building": 6, "unit": 12, "house": 864, "person": 864, "phone": 864, "tenure": 864}


# -- files that are not what they say ----------------------------------------------------------------------------------


def zipped(**parts: bytes) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name.replace("__", "/") + ".xml", content)
    return output.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not an Excel file"),
        (b"name,phone\n", "not an Excel file"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 99, "not an Excel file"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 99, "old or a protected"),
        (zipped(word__document=b"<x/>"), "not an Excel file"),
        (zipped(xl__workbook=b"<broken"), "damaged"),
        (sheet(GOOD)[:-200], "not an Excel file"),
    ],
)
def test_what_is_no_workbook_is_refused_with_a_sentence(content: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        read_sheet(content)


def test_a_bomb_is_refused_unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_UNPACKED_BYTES", 1_000_000)
    monkeypatch.setattr(workbook, "load_workbook", None)
    with pytest.raises(Invalid, match="far too big"):
        read_sheet(zipped(xl__workbook=b"<x/>", xl__sheet=b"0" * 2_000_000))


def test_a_file_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_BYTES", 10)
    with pytest.raises(Invalid, match="too big"):
        read_sheet(sheet(GOOD))


def test_the_template_is_read_as_it_is_given_out() -> None:
    rows, problems = read_rows(read_sheet(template()))
    assert not problems
    assert [row.house_name for row in rows] == ["3幢2单元1201", "3幢2单元1201"]


# -- cells -------------------------------------------------------------------------------------------------------------


@given(st.decimals(min_value="0.01", max_value=100_000, places=2))
def test_every_area_with_two_places_comes_back_exactly(area: Decimal) -> None:
    assert parse_area(area) == parse_area(str(area)) == parse_area(f"{area} m²") == area


@given(
    st.lists(st.integers(0, 99_999_999).map("139{:08d}".format), max_size=10, unique=True), st.sampled_from(";；、,，/")
)
def test_phones_are_split_and_keep_their_order(numbers: list[str], separator: str) -> None:
    assert parse_phones(f"{separator} ".join(numbers)) == tuple(f"+86{number}" for number in numbers)


@given(st.text(max_size=40))
def test_no_text_in_a_phone_cell_breaks_anything(text: str) -> None:
    row = ["3", "2", "1201", None, Decimal("80"), None, "赵晓棠", None, text, None, None, None]
    rows, problems = read_rows([HEADER, row])
    assert len(rows) + len({problem.row for problem in problems}) == 1


@pytest.mark.parametrize("value", [datetime(2020, 5, 1).date(), "2020-05-01", "2020/5/1", "2020年5月1日", "2020.5.1"])  # noqa: DTZ001
def test_days_are_read_as_people_write_them(value: object) -> None:
    rows, _ = read_rows([HEADER, changed(since=value)])
    assert rows[0].since == date(2020, 5, 1)
