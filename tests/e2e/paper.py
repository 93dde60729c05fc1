"""Real PDF files of several pages with Polish text, set by typst."""

import zipfile
from functools import cache
from io import BytesIO

import typst

PAGES = 3

_SOURCE = """
#set document(title: "{title}")
#set page(paper: "a4", margin: 2.5cm, numbering: "1 / 1")
#set text(lang: "pl", size: 11pt)
= {title}
#for number in range({pages}) [
  == Część #(number + 1)
  Zażółć gęślą jaźń. #lorem(180)

  #table(columns: 3, [Działka], [Obręb], [Powierzchnia], [117/4], [Lubań III], [1 204 m²])
  #if number + 1 < {pages} {{ pagebreak() }}
]
"""


@cache
def paper(title: str, pages: int = PAGES) -> bytes:
    """Give a PDF with the title on its first page and `pages` pages in all."""
    source = _SOURCE.format(title=title, pages=pages)
    compiled = typst.compile(source.encode(), format="pdf")
    assert isinstance(compiled, bytes)
    return compiled


def changed_after_signing(signed: bytes) -> bytes:
    """Give a signed PDF with one byte of its signed content changed; it still opens."""
    place = signed.index(b"/Type/Page") if b"/Type/Page" in signed else signed.index(b"%PDF-1.")
    offset = signed.index(b"stream", place) + 20
    return signed[:offset] + bytes([signed[offset] ^ 1]) + signed[offset + 1 :]


def word_document() -> bytes:
    """Give a small .docx, which no office takes as a letter."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("[Content_Types].xml", '<?xml version="1.0"?><Types/>')
        archive.writestr("word/document.xml", "<document>Podanie</document>")
    return content.getvalue()
