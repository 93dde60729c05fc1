"""Forgeries of a signed PDF document, by name; none needs the signer's key.

Each takes the signed form document of ``tests.signer.pdf_documents`` (object 1 catalog, 3 page,
4 content, 5 font, 6 form, 7 text field "kwota", 8 its appearance, 9 an image on the page). The
names are those of the published attacks: incremental saving (ISA), signature wrapping (SWA),
universal forgery (USF), shadow (SHD), evil annotation (EAA).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from io import BytesIO

from tests.signer.pdf_documents import (
    CATALOG,
    FIELD,
    FORM,
    PAGE,
    form_image,
    increment,
    last_startxref,
    stream,
    text,
)

Forgery = Callable[[bytes], bytes]

EVIL = text(b"Zaplata 1000000 PLN")


def signed_catalog(data: bytes) -> bytes:
    """Give the catalog as the signature left it."""
    return last_object(data, 1)


def last_object(data: bytes, number: int) -> bytes:
    """Give the body of an object as the newest update states it."""
    bodies = re.findall(rb"\n%d 0 obj\s(.*?)\sendobj" % number, data, re.DOTALL)
    return bytes(bodies[-1])


def signature_number(data: bytes) -> int:
    """Give the object number of the signature dictionary."""
    for match in re.finditer(rb"(\d+) 0 obj\s*<<(?:(?!endobj).)*?/ByteRange", data, re.DOTALL):
        return int(match[1])
    raise AssertionError("no signature in the document")


def signature_dictionary(data: bytes) -> bytes:
    """Give the body of the signature dictionary."""
    return last_object(data, signature_number(data))


def _reference(data: bytes) -> bytes:
    return b"%d 0 R" % signature_number(data)


# --- incremental saving ---------------------------------------------------------------------------


def isa_without_xref(data: bytes) -> bytes:
    return data + b"4 0 obj\n" + EVIL + b"\nendobj\n"


def isa_without_xref_with_end(data: bytes) -> bytes:
    return isa_without_xref(data) + b"startxref\n%d\n%%%%EOF\n" % last_startxref(data)


def isa_trailer_only(data: bytes) -> bytes:
    trailer = b"trailer\n<</Size 200/Root 1 0 R/Prev %d>>\n%%%%EOF\n" % last_startxref(data)
    return isa_without_xref(data) + trailer


def isa_signature_copied(data: bytes) -> bytes:
    field = re.search(rb"(\d+) 0 obj\s*<<(?:(?!endobj).)*?/FT\s*/Sig", data, re.DOTALL)
    assert field
    number = int(field[1])
    body = last_object(data, number).replace(_reference(data), b"150 0 R")
    return increment(data, {4: EVIL, 150: signature_dictionary(data), number: body})


def isa_second_eof(data: bytes) -> bytes:
    return data + b"junk\n%%EOF\n"


def isa_prefix(data: bytes) -> bytes:
    return b"\n\n" + data


def isa_old_offset(data: bytes) -> bytes:
    """The cross-reference moves object 4 to bytes that were signed, but meant something else."""
    hidden = data.index(b"9 0 obj")
    out = increment(data, {})
    return out.replace(b"xref\ntrailer", b"xref\n4 1\n%010d 00000 n \ntrailer" % hidden, 1)


# --- shadow ---------------------------------------------------------------------------------------

_MORE_FIELDS = FORM.replace(b"/DA", b"/NeedAppearances true/DA")

SIMPLE: dict[str, Forgery] = {
    "ISA-1 content replaced": lambda data: increment(data, {4: EVIL}),
    "ISA-2 object without cross-reference": isa_without_xref,
    "ISA-2b object without cross-reference, old one repeated": isa_without_xref_with_end,
    "ISA-3 trailer without cross-reference": isa_trailer_only,
    "ISA-4 signature dictionary copied": isa_signature_copied,
    "ISA-5 junk after the end": lambda data: data + b"x" * 1000,
    "ISA-5b second end": isa_second_eof,
    "ISA-5c bytes before the header": isa_prefix,
    "ISA-6 object moved to other signed bytes": isa_old_offset,
    "ISA-7 unexplained bytes inside an update": lambda data: increment(
        data + b"4 0 obj\n" + EVIL + b"\nendobj\n", {}
    ),
    "ISA-8 objects hidden in a comment": lambda data: increment(
        data + b"% 4 0 obj <<>> endobj\n", {}
    ),
    "SHD-1 image removed from the table": lambda data: increment(data, {}, freed=[9]),
    "SHD-1b image emptied": lambda data: increment(data, {9: form_image(b"")}),
    "SHD-2 field value and image": lambda data: increment(
        data, {7: FIELD.replace(b"(100)", b"(1000000)"), 8: form_image(b"1000000")}
    ),
    "SHD-2b only the field's image": lambda data: increment(data, {8: form_image(b"1000000")}),
    "SHD-2c field image under a new number": lambda data: increment(
        data, {7: FIELD.replace(b"8 0 R", b"50 0 R"), 50: form_image(b"1000000")}
    ),
    "SHD-2d font redefined": lambda data: increment(
        data, {5: b"<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>"}
    ),
    "SHD-2e default value": lambda data: increment(
        data, {7: FIELD.replace(b"/V(100)", b"/V(100)/DV(1000000)")}
    ),
    "SHD-2f label of the field": lambda data: increment(
        data, {7: FIELD.replace(b"/V", b"/MK<</CA(1000000)>>/V")}
    ),
    "SHD-3 layers appear": lambda data: increment(
        data,
        {1: _with(signed_catalog(data), b"/OCProperties<</OCGs[]>>")},
    ),
    "EAA free text over the content": lambda data: _annotation(
        data,
        b"<</Type/Annot/Subtype/FreeText/Rect[90 690 400 730]/Contents(1000000)/DA(/F1 9 Tf)>>",
    ),
    "EAA stamp": lambda data: _annotation(
        data, b"<</Type/Annot/Subtype/Stamp/Rect[90 690 400 730]/AP<</N 9 0 R>>>>"
    ),
    "EAA redaction": lambda data: _annotation(
        data, b"<</Type/Annot/Subtype/Redact/Rect[90 690 400 730]>>"
    ),
    "EAA widget that is no signature": lambda data: _annotation(
        data, b"<</Type/Annot/Subtype/Widget/Rect[90 690 400 730]/AP<</N 9 0 R>>>>"
    ),
    "EAA annotation removed": lambda data: increment(
        data, {3: _page(data).replace(b"7 0 R", b"", 1)}
    ),
    "other catalog that keeps the form": lambda data: increment(
        data,
        {
            50: signed_catalog(data).replace(b"/Pages 2 0 R", b"/Pages 51 0 R"),
            51: b"<</Type/Pages/Kids[52 0 R]/Count 1>>",
            52: PAGE.replace(b"4 0 R", b"53 0 R"),
            53: EVIL,
        },
        root=b"50 0 R",
    ),
    "signature made visible": lambda data: _signature_field(
        data, lambda body: re.sub(rb"/Rect ?\[.*?\]", b"/Rect[9 9 99 99]", body, flags=re.DOTALL)
    ),
    "form field removed": lambda data: increment(
        data, {6: last_object(data, 6).replace(b"7 0 R", b"", 1)}
    ),
    "form field added": lambda data: _new_field(
        data, b"<</FT/Tx/Type/Annot/Subtype/Widget/T(nowe)/V(1)/Rect[90 690 400 730]>>"
    ),
    "empty signature field added": lambda data: _new_field(
        data, b"<</FT/Sig/Type/Annot/Subtype/Widget/T(puste)/Rect[0 0 0 0]>>"
    ),
    "signature field that is a page, too": lambda data: _new_field(
        data,
        b"<</FT/Sig/Type/Page/Subtype/Widget/T(strona)/Contents 4 0 R/Kids[]/V "
        + _reference(data)
        + b">>",
    ),
    "page added": lambda data: increment(
        data,
        {
            2: b"<</Type/Pages/Kids[3 0 R 50 0 R]/Count 2>>",
            50: PAGE.replace(b"4 0 R", b"51 0 R"),
            51: EVIL,
        },
    ),
    "page replaced": lambda data: increment(
        data,
        {
            2: b"<</Type/Pages/Kids[50 0 R]/Count 1>>",
            50: PAGE.replace(b"4 0 R", b"51 0 R"),
            51: EVIL,
        },
    ),
    "page content moved": lambda data: increment(
        data, {3: _page(data).replace(b"/Contents 4 0 R", b"/Contents 50 0 R"), 50: EVIL}
    ),
    "page content extended": lambda data: increment(
        data, {3: _page(data).replace(b"/Contents 4 0 R", b"/Contents[4 0 R 50 0 R]"), 50: EVIL}
    ),
    "page rotated": lambda data: increment(
        data,
        {
            3: _page(data)
            .replace(b"/Type/Page", b"/Rotate 90/Type/Page")
            .replace(b"/Type /Page", b"/Rotate 90/Type /Page")
        },
    ),
    "action on opening": lambda data: increment(
        data, {1: _with(signed_catalog(data), b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>")}
    ),
    "attached file": lambda data: increment(
        data,
        {
            1: _with(signed_catalog(data), b"/Names<</EmbeddedFiles<</Names[(a)50 0 R]>>>>"),
            50: b"<</Type/Filespec/F(a.exe)>>",
        },
    ),
    "XFA form added": lambda data: increment(
        data, {6: _with(last_object(data, 6), b"/XFA 50 0 R"), 50: stream(b"<xdp/>")}
    ),
    "need appearances": lambda data: increment(
        data, {6: _with(last_object(data, 6), b"/NeedAppearances true")}
    ),
    "default look of fields changed": lambda data: increment(
        data, {6: last_object(data, 6).replace(b"F1 12 Tf", b"F1 0.1 Tf")}
    ),
    "form font exchanged": lambda data: increment(
        data,
        {
            6: last_object(data, 6).replace(b"5 0 R", b"50 0 R"),
            50: b"<</Type/Font/Subtype/Type1/BaseFont/Symbol>>",
        },
    ),
    "title changed": lambda data: increment(
        data, {50: b"<</Title(Zgoda)/Producer(tests)>>"}, trailer=b"/Info 50 0 R"
    ),
    "encryption added": lambda data: increment(
        data,
        {50: b"<</Filter/Standard/V 1/R 2/O(x)/U(x)/P -4>>"},
        trailer=b"/Encrypt 50 0 R/ID[(a)(b)]",
    ),
    "content hung under the security store": lambda data: increment(
        increment(data, {1: _with(signed_catalog(data), b"/DSS<</Certs[4 0 R]>>")}), {4: EVIL}
    ),
    "page hung under the security store": lambda data: increment(
        increment(data, {1: _with(signed_catalog(data), b"/DSS 3 0 R")}),
        {3: _page(data).replace(b"/Contents 4 0 R", b"/Contents 50 0 R"), 50: EVIL},
    ),
    "STRIP form dropped": lambda data: increment(
        data, {1: CATALOG.replace(b"/AcroForm 6 0 R", b"")}
    ),
    "STRIP other catalog": lambda data: increment(
        data, {50: CATALOG.replace(b"/AcroForm 6 0 R", b"")}, root=b"50 0 R"
    ),
    "STRIP fields emptied": lambda data: increment(data, {6: FORM}),
    "STRIP value emptied": lambda data: _signature_field(
        data, lambda body: re.sub(rb"/V \d+ 0 R", b"/V null", body)
    ),
    "POLY archive appended": lambda data: data + _archive(),
    "POLY archive in a comment": lambda data: _archive_in_comment(data),
    "POLY page of a browser": lambda data: data.replace(b"%PDF-1.7\n%", b"%PDF-1.7\n%<html>", 1),
}


def _with(dictionary: bytes, entry: bytes) -> bytes:
    """Add an entry at the end of a dictionary."""
    at = dictionary.rindex(b">>")
    return dictionary[:at] + entry + dictionary[at:]


def _page(data: bytes) -> bytes:
    return last_object(data, 3)


def _annotation(data: bytes, annotation: bytes) -> bytes:
    page = re.sub(rb"/Annots\s*\[", b"/Annots[50 0 R ", _page(data), count=1)
    assert b"50 0 R" in page
    return increment(data, {3: page, 50: annotation})


def _new_field(data: bytes, field: bytes) -> bytes:
    form = re.sub(rb"/Fields\s*\[", b"/Fields[50 0 R ", last_object(data, 6), count=1)
    assert b"50 0 R" in form
    return increment(data, {6: form, 50: field})


def _signature_field(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Restate the field of the signature, changed."""
    field = re.search(rb"(\d+) 0 obj\s*<<(?:(?!endobj).)*?/FT\s*/Sig", data, re.DOTALL)
    assert field
    number = int(field[1])
    return increment(data, {number: change(last_object(data, number))})


def _archive() -> bytes:
    sink = BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("a.txt", "a")
    return sink.getvalue()


def _archive_in_comment(data: bytes) -> bytes:
    """A ZIP directory before the last end of file, whose comment is the rest of the PDF."""
    tail = b"\nstartxref\n%d\n%%%%EOF\n" % last_startxref(data)
    record = _archive()
    return data + b"%" + record[:-2] + len(tail).to_bytes(2, "little") + tail
