"""Pages become images: bounded in size, complete, and nothing else."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import pytest
import typst
from PIL import Image

from signer import InputError
from signer.documents.limits import PREVIEW_MAX_PIXELS, PREVIEW_MAX_WIDTH
from signer.documents.preview import page_count, render_page
from tests.signer.pdf_documents import OBJECTS, pdf, signed


def image(data: bytes, index: int = 0, width: int = 600) -> Image.Image:
    """Draw a page and open the image strictly."""
    drawn = Image.open(io.BytesIO(render_page(data, index, width)))
    drawn.load()
    return drawn


def sized(box: bytes) -> bytes:
    """Give a document whose page has this media box."""
    return pdf({**OBJECTS, 3: OBJECTS[3].replace(b"[0 0 595 842]", box)})


def test_a_page_becomes_an_image_of_the_asked_width() -> None:
    drawn = image(signed())

    assert drawn.format == "PNG"
    assert drawn.size == (600, 850)
    assert drawn.getextrema() != ((255, 255),) * 3  # something is on it


def test_all_pages_can_be_drawn(tmp_path: Path) -> None:
    source = tmp_path / "pages.typ"
    source.write_text("= Żółć\n#pagebreak()\n" * 4)
    data = typst.compile(source)
    drawn = [image(data, index).tobytes() for index in range(page_count(data))]

    assert page_count(data) == 5
    assert drawn[4] != drawn[0]
    assert all(one == other for one, other in pairwise(drawn[:4]))


@pytest.mark.parametrize("box", [b"[0 0 10 14000]", b"[0 0 14000 10]", b"[0 0 14000 14000]"])
def test_an_image_has_no_more_pixels_than_the_limit(box: bytes) -> None:
    drawn = image(sized(box), width=PREVIEW_MAX_WIDTH)

    assert drawn.width * drawn.height <= PREVIEW_MAX_PIXELS * 1.01


def test_a_page_of_impossible_size_is_refused() -> None:
    with pytest.raises(InputError, match="impossible size"):
        image(sized(b"[0 0 99999 10]"))


@pytest.mark.parametrize("box", [b"[0 0 1e30 1e30]", b"[0 0 0 0]", b"[0 0 -5 10]", b"[/a]", b"7"])
def test_a_page_without_a_size_is_drawn_as_readers_do(box: bytes) -> None:
    assert image(sized(box)).width == 600


@pytest.mark.parametrize("width", [0, -1, PREVIEW_MAX_WIDTH + 1])
def test_a_width_out_of_bounds_is_refused(width: int) -> None:
    with pytest.raises(InputError, match="pixels wide"):
        render_page(pdf(), 0, width)


@pytest.mark.parametrize("index", [-1, 1, 10_000])
def test_a_page_that_is_not_there_is_refused(index: int) -> None:
    with pytest.raises(InputError, match="no page"):
        render_page(pdf(), index, 100)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"<a/>"])
def test_what_is_no_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="cannot be shown"):
        page_count(data)
