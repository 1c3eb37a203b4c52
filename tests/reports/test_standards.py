"""PDF/A-3a and PDF/UA-1 in one file: veraPDF finds no failed rule, and what the standards ask for stands in it."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader

from app.adapters.pdf_signature import sign_pdf
from app.adapters.signing_key import signing_key
from app.reports import pdf
from app.reports.attached import attached_files
from app.services.reporting.words import LOCALES
from tests.reports import sample
from tests.reports.world import NOW
from tests.support.verapdf import PROFILES, verapdf

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
Rendered = Callable[[str], bytes]


@pytest.fixture(params=LOCALES)
def reader(request: pytest.FixtureRequest, rendered: Rendered) -> PdfReader:
    return PdfReader(io.BytesIO(rendered(request.param)))


def test_verapdf_finds_no_failed_rule_of_either_standard_in_the_signed_file(rendered: Rendered, tmp_path: Path) -> None:
    key = signing_key(tmp_path, "", "", "localhost", NOW)
    files = []
    for locale in LOCALES:
        files.append(tmp_path / f"{locale}.pdf")
        files[-1].write_bytes(sign_pdf(rendered(locale), key, "月度报告", NOW))
    said = verapdf(*files)
    assert [line.split()[:2] for line in said] == [["passed", profile] for _ in LOCALES for profile in PROFILES], said
    assert all(int(line.split()[2]) > 10_000 for line in said)


def test_the_metadata_name_both_standards_and_describe_the_one_that_pdf_a_does_not_know(reader: PdfReader) -> None:
    packet = reader.trailer["/Root"]["/Metadata"]
    assert "/Filter" not in packet
    whole = ElementTree.fromstring(packet.get_data())
    assert len(whole.findall(f"{RDF}RDF")) == 1
    named = {name: value for one in whole.iter(f"{RDF}Description") for name, value in one.attrib.items()}
    assert named["{http://www.aiim.org/pdfa/ns/id/}part"] == "3"
    assert named["{http://www.aiim.org/pdfa/ns/id/}conformance"] == "A"
    assert named["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
    described = [one.text for one in whole.iter("{http://www.aiim.org/pdfa/ns/schema#}namespaceURI")]
    assert described == ["http://www.aiim.org/pdfua/ns/id/"]


def test_colours_and_fonts_are_in_the_file_and_nothing_runs_in_it(reader: PdfReader) -> None:
    root = reader.trailer["/Root"]
    (intent,) = root["/OutputIntents"]
    assert intent.get_object()["/S"] == "/GTS_PDFA1"
    assert intent.get_object()["/DestOutputProfile"]["/N"] == 3
    assert not {"/OpenAction", "/AA"} & set(root)
    assert "JavaScript" not in str(root["/Names"])
    assert "/Encrypt" not in reader.trailer
    assert len(reader.trailer["/ID"]) == 2
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            described = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert {"/FontFile2", "/FontFile3"} & set(described)


def test_the_figures_are_attached_as_data_in_the_report_s_language(reader: PdfReader) -> None:
    root = reader.trailer["/Root"]
    locale = str(root["/Lang"])[:2]
    related = [one.get_object() for one in root["/AF"]]
    assert [(one["/UF"], one["/AFRelationship"]) for one in related] == [
        ("sunshine-2026-10-v1-figures.csv", "/Data"), ("sunshine-2026-10-v1-tables.csv", "/Data"),
    ]  # fmt: skip
    for one in related:
        assert one["/EF"]["/F"]["/Subtype"] == "/text/csv"
        assert one["/Desc"]
    figures, tables = (rows_of(one["/EF"]["/F"].get_data()) for one in related)
    frozen = sample.dataset()["figures"]
    assert len(figures) == len(frozen)
    in_time = next(row for row in figures if "0.9343" in row)
    assert in_time[:6] == (
        ["及时处理率", "比率（满值为1）", "0.9343", "0.9187", "0.8812", "0.9"] if locale == "zh"
        else ["Handled in time", "share of 1", "0.9343", "0.9187", "0.8812", "0.9"]
    )  # fmt: skip
    lifts, column = ("电梯", "数量") if locale == "zh" else ("Lifts", "How many")
    assert [row[4] for row in tables if row[1:3] == [lifts, column]] == ["9"]
    assert sum(1 for row in tables if row[1].endswith(":00")) == 24


def rows_of(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1:]


def test_every_number_of_the_frozen_tables_is_attached_and_no_name_runs_as_a_formula() -> None:
    edition: dict[str, Any] = sample.edition()
    repairs = edition["dataset"]["sections"]["repairs"]
    repairs["categories"][0]["name"] = "=HYPERLINK(1)"
    del edition["dataset"]["sections"]["visits"]
    rows = rows_of(attached_files(edition, "zh")[1].content)
    assert "'=HYPERLINK(1)" in {row[1] for row in rows}
    counted = [row for row in rows if row[0] == "各楼栋与各类报修"]
    assert len(counted) == 3 * (len(repairs["categories"]) + len(repairs["buildings"]))
    assert not [row for row in rows if "None" in row]


def test_a_published_report_waits_for_its_signature_and_a_draft_does_not(reader: PdfReader) -> None:
    root = reader.trailer["/Root"]
    (field,) = (one.get_object() for one in root["/AcroForm"]["/Fields"])
    assert (field["/FT"], field["/T"], "/V" in field) == ("/Sig", "Signature", False)
    assert field["/TU"]
    draft = pdf.render(sample.edition(state="draft", published_on=None), "zh")
    assert "/AcroForm" not in PdfReader(io.BytesIO(draft)).trailer["/Root"]
