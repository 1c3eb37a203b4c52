"""What makes the report one file of two standards, PDF/A-3a (kept for decades) and PDF/UA-1 (read aloud), on top of WeasyPrint.

WeasyPrint writes either of them; the finisher here runs before its trailer is written and adds what both together need: the
mark of PDF/UA in the metadata with the schema that PDF/A wants described, and each attachment named once. A published
report gets an empty signature field besides, tagged and invisible, so that signing adds a signature and nothing else.
`tests/reports/test_standards.py` runs veraPDF's profiles over the result.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pydyf

from app.reports.attached import Attached

VARIANT = "pdf/a-3a"
SIGNATURE_FIELD = "Signature"

_UA_IDENTITY = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
"""PDF/A allows only properties that are its own or described in the file."""

Finisher = Callable[[Any, Any], None]


def attachments(files: list[Attached], at: datetime) -> list[Any]:
    """WeasyPrint's attachments. Each serves one document only; their dates are the data's, so that bytes repeat."""
    from weasyprint import Attachment

    return [
        Attachment(
            string=file.content, name=file.name, description=file.description, created=at, modified=at, relationship="Data"
        )
        for file in files
    ]  # fmt: skip


def finisher(signature_label: str | None) -> Finisher:
    """The finisher of a report; with a label a signature field of that name for reading aids is added."""

    def finish(document: Any, pdf: Any) -> None:
        _name_ua(document, pdf)
        _name_each_once(pdf)
        if signature_label is not None:
            _add_signature_field(pdf, signature_label)

    return finish


def _found(pdf: Any, reference: Any) -> Any:
    """The object that a reference such as `12 0 R` names."""
    text = reference if isinstance(reference, str) else bytes(reference).decode()
    return pdf.objects[int(text.split()[0])]


def _name_ua(document: Any, pdf: Any) -> None:
    """One rdf:RDF with both identities: a second one beside it would be no valid metadata."""
    stream = _found(pdf, pdf.catalog["Metadata"])
    rdf = document.metadata.generate_rdf_metadata("a", 3, "A")
    body, end, _ = rdf.rpartition(b"</rdf:RDF>")
    head = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'.encode()
    stream.stream = [head + body + _UA_IDENTITY + end + b'\n</x:xmpmeta>\n<?xpacket end="w"?>']
    # Uncompressed, so that programs which do not read PDF find it (PDF/A advises it).
    stream.compress = False


def _name_each_once(pdf: Any) -> None:
    """WeasyPrint names an attachment twice among the file's associated files."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))


def _add_signature_field(pdf: Any, label: str) -> None:
    """An empty field on the last page, without a place on it, tagged as a form field at the end of the document."""
    page_number = pdf.pages["Kids"][-3]
    page = pdf.objects[page_number]
    page_reference = page.reference
    root = _found(pdf, pdf.catalog["StructTreeRoot"])
    document = _found(pdf, root["K"][0])
    numbers = _found(pdf, root["ParentTree"])["Nums"]
    key = numbers[-2] + 1
    field = pydyf.Dictionary({
        "Type": "/Annot", "Subtype": "/Widget", "FT": "/Sig", "T": pydyf.String(SIGNATURE_FIELD), "TU": pydyf.String(label),
        "Contents": pydyf.String(label), "Rect": pydyf.Array([0, 0, 0, 0]), "F": 132, "P": page_reference,
        "StructParent": key,
    })  # fmt: skip
    pdf.add_object(field)
    element = pydyf.Dictionary({"Type": "/StructElem", "S": "/Form", "P": document.reference, "Pg": page_reference})
    pdf.add_object(element)
    element["K"] = pydyf.Array([pydyf.Dictionary({"Type": "/OBJR", "Obj": field.reference, "Pg": page_reference})])
    element["Alt"] = pydyf.String(label)
    document["K"].append(element.reference)
    numbers.extend([key, element.reference])
    page.setdefault("Annots", pydyf.Array()).append(field.reference)
    pdf.catalog["AcroForm"] = pydyf.Dictionary({"Fields": pydyf.Array([field.reference])})
