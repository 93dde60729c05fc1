"""One look at every distinct page: is it accessible, does it fit, and a picture for a person."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = (1200, 390)
HEIGHT = 900

_LOAD_PICTURES = """async () => {
  for (const image of document.images) {
    image.loading = "eager";
    await image.decode();
  }
}"""
_RUN_AXE = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Album:
    """Pictures of pages in one language, each page once; what is wrong with them in `faults`."""

    def __init__(self, folder: Path) -> None:
        self.faults: list[str] = []
        self._folder = folder
        self._taken: set[str] = set()

    def take(self, page: Page, name: str) -> None:
        """Look at a page at every width, unless one of that name was looked at before."""
        if name in self._taken:
            return
        self._taken.add(name)
        page.evaluate(_LOAD_PICTURES)
        for width in reversed(WIDTHS):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.screenshot(path=self._folder / f"{name}-{width}.png", full_page=True)
            self._check(page, f"{name} at {width} px")

    def take_faults(self) -> list[str]:
        """Give the faults noted since they were last asked for."""
        faults, self.faults = self.faults, []
        return faults

    def _check(self, page: Page, where: str) -> None:
        if page.evaluate(_OVERFLOW) > 0:
            self.faults.append(f"{where}: wider than the screen")
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(AXE.read_text(encoding="utf-8"))
        for violation in page.evaluate(_RUN_AXE, RULES)["violations"]:
            self.faults.append(f"{where}: {_told(violation)}")


def _told(violation: dict[str, Any]) -> str:
    places = ", ".join(str(node["target"]) for node in violation["nodes"])
    return f"{violation['id']} ({violation['help']}): {places}"
