"""The PDF itself: what it is made of, what it must hold, and what may never stand in it."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.models import Community, House, Person, Phone, Report, Staff, Ticket
from app.reports import attached, pdf
from app.reports.html import TEMPLATES, build_html
from app.services import publication, published_reports
from app.services.reporting import labels
from app.services.reporting.words import LOCALES, translator
from tests.reports import sample
from tests.reports.world import NOW, make_world
from tests.support.languages import strange_text

pytestmark = pytest.mark.any_database

HAN = r"\u3400-\u9fff\U00020000-\U0003ffff"


@pytest.fixture(params=LOCALES)
def document(request: pytest.FixtureRequest, rendered: Callable[[str], bytes]) -> tuple[str, bytes]:
    return request.param, rendered(request.param)


def words_of(content: bytes) -> str:
    """All text of a PDF in reading order; a line break inside a Chinese sentence is no boundary of a word."""
    whole = "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    return re.sub(rf"(?<=[{HAN}，、；：])\n(?=[{HAN}])", "", whole)


def stands_in(word: str, whole: str) -> bool:
    """Whether a word stands in the text as a whole word: 高明 is not found in 提高明显."""
    return re.search(rf"(?<![{HAN}0-9A-Za-z]){re.escape(word)}(?![{HAN}0-9A-Za-z])", whole) is not None


def test_it_is_tagged_has_its_language_a_title_and_bookmarks(document: tuple[str, bytes]) -> None:
    locale, content = document
    reader = PdfReader(BytesIO(content))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == ("zh-CN" if locale == "zh" else "en")
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "2026" in reader.metadata.title
    titles = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    wanted = (
        ["本月数据一览", "费用收缴", "附录：数据口径与验证"]
        if locale == "zh"
        else ["The month in figures", "Fees and collection"]
    )
    assert set(wanted) <= set(titles)
    assert len(titles) >= 12
    assert b"pdfuaid" in content or b"pdfuaid" in b"".join(_metadata(reader))


def _metadata(reader: PdfReader) -> Iterator[bytes]:
    yield reader.trailer["/Root"]["/Metadata"].get_data()


def elements(reader: PdfReader) -> Iterator[DictionaryObject]:
    """The structure tree, depth first."""

    def walk(node: Any) -> Iterator[DictionaryObject]:
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if isinstance(node, list):
            for child in node:
                yield from walk(child)
        elif isinstance(node, DictionaryObject) and "/S" in node:
            yield node
            yield from walk(node.get("/K", []))

    yield from walk(reader.trailer["/Root"]["/StructTreeRoot"]["/K"])


def test_charts_are_figures_with_alternative_texts_and_tables_have_heads(document: tuple[str, bytes]) -> None:
    reader = PdfReader(BytesIO(document[1]))
    found = list(elements(reader))
    charts = [element for element in found if element["/S"] == "/Figure" and element.get("/Alt")]
    assert len(charts) >= 6
    kinds = {element["/S"] for element in found}
    assert {"/Table", "/TH", "/TD", "/H1", "/P"} <= kinds


def test_pages_are_numbered_and_the_contents_tell_where(document: tuple[str, bytes]) -> None:
    locale, content = document
    pages = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
    assert len(pages) >= 8
    for number, page in enumerate(pages[1:], start=2):
        assert f"{number} / {len(pages)}" in page
        assert ("阳光花园" if locale == "zh" else "Sunshine Garden") in page
    figures = "本月数据一览" if locale == "zh" else "The month in figures"
    told = re.search(rf"{figures}\s*(\d+)", pages[1])
    assert told is not None
    assert figures in pages[int(told.group(1)) - 1]


def test_the_month_its_number_the_hotline_and_the_hash_before_stand_in_it(document: tuple[str, bytes]) -> None:
    locale, content = document
    whole = words_of(content)
    for word in ("sunshine-2026-10-v1", "021-6000 0000", "/reports/sunshine/2026-10/verify", "93.4%", "吴经理"):
        assert word in whole
    assert ("2026年10月" if locale == "zh" else "October 2026") in whole
    assert "9f" * 32 in re.sub(r"\s", "", whole)


def test_rare_characters_are_set_in_a_font_that_has_them(document: tuple[str, bytes]) -> None:
    whole = words_of(document[1])
    for char in "喆堃赟𬱖":
        assert char in whole
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in PdfReader(BytesIO(document[1])).pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert all("Linli" in font or "Noto" in font for font in fonts), fonts


def test_a_character_outside_the_standard_table_falls_back_and_an_impossible_one_is_refused() -> None:
    edition = sample.edition()
    edition["texts"]["plan"]["zh"] = "𠮷"
    assert "𠮷" in words_of(pdf.render(edition, "zh"))
    edition["texts"]["plan"]["zh"] = "\U000e01ef\U0001f9ff\U00012000"
    with pytest.raises(pdf.RenderFailed):
        pdf.render(edition, "zh")


def test_the_same_edition_gives_the_same_bytes(document: tuple[str, bytes]) -> None:
    locale, content = document
    assert pdf.render(sample.edition(), locale) == content


def test_english_has_no_chinese_but_names() -> None:
    edition = sample.edition(reviewed_by="Zhou Ming", signed_by="Wu Gang")
    for card in edition["dataset"]["sections"]["stewards"]["cards"]:
        card["name"] = "Steward"
    left = re.findall(rf"[{HAN}]+", re.sub(r"<style>.*?</style>", "", build_html(edition, "en"), flags=re.S))
    assert left == []


def test_chinese_has_no_english_sentences() -> None:
    shown = re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", build_html(sample.edition(), "zh"), flags=re.S))
    assert re.findall(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", shown) == []


def test_long_tables_repeat_their_heads_and_leave_no_row_alone() -> None:
    edition = sample.edition()
    event = edition["dataset"]["sections"]["emergencies"]["events"][0]
    for count in (38, 62, 63):
        edition["dataset"]["sections"]["emergencies"]["events"] = [dict(event) for _ in range(count)]
        pages = [page.extract_text() for page in PdfReader(BytesIO(pdf.render(edition, "zh"))).pages]
        rows = [(page.count("2026年10月3日"), page.count("接手用时\n") + page.count("接手用时 ")) for page in pages]
        holding = [(count_here, heads) for count_here, heads in rows if count_here]
        assert sum(count_here for count_here, _ in holding) == count
        assert all(count_here >= 2 for count_here, _ in holding)
        assert all(heads for _, heads in holding)


def test_an_empty_month_and_figures_that_are_not_there_make_a_report() -> None:
    edition = sample.edition(previous=None)
    data = edition["dataset"]
    for figure in data["figures"]:
        figure.update(last_month=None, last_year=None)
        if figure["unit"] != "count":
            figure["value"] = None
    for code in ("hotline", "repairs", "services", "visits", "fees", "notices", "stewards"):
        data["order"].remove(code)
        del data["sections"][code]
        data["left_out"].append(code)
    data["sections"]["complaints"].update(total=0, categories=[], reply_mean_minutes=None)
    data["sections"]["emergencies"].update(total=0, accepted=0, tiers=[], events=[], accept_mean=None, accept_max=None)
    edition["texts"] = {}
    whole = words_of(pdf.render(edition, "zh"))
    assert "本月没有受理投诉" in whole
    assert "昼夜值守的热线" in whole.split("未列入的部分")[1]


def personal(session: Session, community_id: int) -> tuple[set[str], set[str], set[str], list[str]]:
    """Names, numbers and homes of households, and texts of tickets; names that staff bear too are no household's here."""
    staff = set(session.scalars(select(Staff.name)))
    names = set(session.scalars(select(Person.name))) - staff
    numbers = set(session.scalars(select(Phone.number))) - set(session.scalars(select(Staff.number)))
    homes = set(session.scalars(select(House.name).where(House.community_id == community_id)))
    said = [word for row in session.execute(select(Ticket.title, Ticket.description)) for word in row if word]
    return names, numbers, homes, said


def assert_nothing_personal(session: Session, community_id: int, whole: str) -> None:
    names, numbers, homes, said = personal(session, community_id)
    assert names
    assert numbers
    digits = re.sub(r"[^\d]", "", whole)
    assert [name for name in names if stands_in(name, whole)] == []
    assert [number for number in numbers if number[3:] in digits] == []
    assert [home for home in homes if home in whole.replace(" ", "")] == []
    assert [words for words in said if len(words) >= 6 and words[:24] in whole] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_personal_stands_in_a_report_of_made_up_records(session: Session, locale: str) -> None:
    world = make_world(session)
    report = publication.build_draft(session, world.community, "2026-10", world.actor("supervisor"), NOW)
    whole = words_of(pdf.render(publication.preview_edition(session, report), locale))
    assert "机密" not in whole
    assert_nothing_personal(session, world.community.id, whole)
    session.execute(text("SELECT 1"))


def test_the_search_for_personal_words_finds_them() -> None:
    """The search itself: it must find a name between other marks, and not inside another word."""
    assert stands_in("高明", "感谢 高明，谢谢")
    assert not stands_in("高明", "满意率提高明显")


def test_nothing_personal_stands_in_any_demo_report(session: Session, demo_database: None) -> None:
    community = session.scalars(select(Community).where(Community.code == "sunshine")).one()
    for report in session.scalars(select(Report).where(Report.community_id == community.id)):
        for locale in LOCALES:
            whole = words_of(published_reports.file_of(report, locale)[1])
            assert_nothing_personal(session, community.id, whole)


def test_the_words_of_the_document_are_in_one_language(document: tuple[str, bytes]) -> None:
    """What stands on the paper after layout, charts included; names of the stewards and of who signed are data."""
    locale, content = document
    names = {"sunshine", "周主管", "吴经理", "赵喆", "钱堃", "孙赟", "𬱖"}
    lines = re.sub(r"https?://\S+(?:\n\S*verify)?", " ", words_of(content)).splitlines()
    assert len(lines) > 100
    assert not [line for line in lines if strange_text(line, locale, names)]


def test_every_word_of_the_document_has_its_chinese_in_the_report_s_own_catalogue() -> None:
    """The document knows only this catalogue: a word that stands in another area's would be printed in English."""
    pattern = re.compile(r"""\b_\(\s*(?:'((?:[^'\\]|\\.)+)'|"((?:[^"\\]|\\.)+)")""")
    asked = {
        (single or double).replace("\\'", "'")
        for path in TEMPLATES.rglob("*.html")
        for single, double in pattern.findall(path.read_text(encoding="utf-8"))
    }
    series = [said for _, _, said in attached.SERIES]
    tables = (labels.TITLES, labels.LABELS, labels.DEFINITIONS, attached.MEASURES, attached.UNITS)
    asked |= {*(word for table in tables for word in table.values()), *series}
    chinese = translator("zh")
    assert len(asked) > 200
    assert sorted(word for word in asked if chinese(word) == word) == []
