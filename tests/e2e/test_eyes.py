"""Would these tests see it? What `Watch` and `Album` look out for, done on purpose."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.album import Album
from tests.e2e.visitor import Visitor
from tests.e2e.watch import Watch

pytestmark = pytest.mark.parametrize("words", ["pl"], indirect=True)

_ADD_INLINE_SCRIPT = """() => {
  const script = document.createElement("script");
  script.textContent = "document.title = 'taken over'";
  document.body.append(script);
}"""
_ADD_FOREIGN_PICTURE = """() => {
  const image = document.createElement("img");
  image.src = "http://elsewhere.invalid/pixel.png";
  document.querySelector("main").append(image);
}"""
_ADD_WIDE_TEXT = """() => {
  const wide = document.createElement("div");
  wide.style.width = "3000px";
  wide.style.color = "#eee";
  wide.textContent = "pale and wide";
  document.querySelector("main").append(wide);
}"""


def test_an_inline_script_is_refused_and_noticed(
    newcomer: Callable[[], Visitor], watch: Watch
) -> None:
    visitor = newcomer()
    visitor.go("/")
    title = visitor.page.title()
    visitor.page.evaluate(_ADD_INLINE_SCRIPT)
    assert visitor.page.title() == title
    [fault] = watch.take_faults()
    assert "Content Security Policy" in fault


def test_whatever_is_asked_of_another_host_is_noticed(
    newcomer: Callable[[], Visitor], watch: Watch
) -> None:
    visitor = newcomer()
    with visitor.page.expect_event("console"):
        visitor.page.goto("data:text/html,<main></main>")
        visitor.page.evaluate(_ADD_FOREIGN_PICTURE)
    assert any("elsewhere.invalid" in fault for fault in watch.take_faults())


def test_a_page_that_is_too_wide_or_hard_to_read_is_noticed(
    newcomer: Callable[[], Visitor], tmp_path: Path
) -> None:
    visitor = newcomer()
    visitor.go("/")
    visitor.page.evaluate(_ADD_WIDE_TEXT)
    album = Album(tmp_path)
    album.take(visitor.page, "spoilt")
    faults = "\n".join(album.take_faults())
    assert "spoilt at 390 px: wider than the screen" in faults
    assert "color-contrast" in faults
