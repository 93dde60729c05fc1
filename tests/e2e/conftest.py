"""A demo started as `make run` starts it, Chromium, and people of the demo with it.

All of it lasts for this package only: Playwright keeps an event loop running in the thread, which
other tests must not find.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from sandbox import Sandbox
from tests.e2e.album import HEIGHT, WIDTHS, Album
from tests.e2e.stage import Demo, Stage
from tests.e2e.visitor import Visitor
from tests.e2e.watch import Watch
from tests.e2e.words import BY_LANGUAGE, Words
from tests.town import Town, free_port, town_folder

SCREENSHOTS = Path(__file__).parents[2] / ".cache" / "screenshots"
PATIENCE = 30_000  # milliseconds for one step on a machine that does other things too
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder; one worker plays them all, on one demo."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("e2e"))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium; its absence skips the test."""
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None:
        pytest.skip("Chromium is not installed, so no browser can go through the pages.")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def demo(browser: Browser) -> Iterator[Demo]:
    """The demo; it is started only where there is a browser to look at it."""
    with town_folder() as folder:
        town = Town(folder, free_port())
        town.start()
        try:
            yield Demo(town, Sandbox.open(town.data / "sandbox"))
        finally:
            town.stop()


@pytest.fixture(scope="package", params=BY_LANGUAGE)
def words(request: pytest.FixtureRequest) -> Words:
    """The words of one language; every test that asks for them runs in each."""
    return BY_LANGUAGE[request.param]


@pytest.fixture(scope="package")
def watch(demo: Demo) -> Watch:
    """Listens to every browser."""
    return Watch(demo.hosts)


@pytest.fixture(scope="package")
def album(words: Words) -> Album:
    """The pictures of one language, begun anew."""
    folder = SCREENSHOTS / words.language
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return Album(folder)


@pytest.fixture(scope="package")
def newcomer(
    browser: Browser, demo: Demo, watch: Watch, album: Album, words: Words
) -> Iterator[Callable[[], Visitor]]:
    """Give a browser of its own to somebody whom the service does not know yet."""
    contexts = []

    def make() -> Visitor:
        context = browser.new_context(viewport={"width": WIDTHS[0], "height": HEIGHT})
        context.set_default_timeout(PATIENCE)
        watch.follow(context)
        contexts.append(context)
        return Visitor(context.new_page(), demo.town.base_url, words, album)

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="package")
def meet(newcomer: Callable[[], Visitor]) -> Callable[[str], Visitor]:
    """Give people of the demo, each logged in once."""
    known: dict[str, Visitor] = {}

    def meet(person: str) -> Visitor:
        if person not in known:
            known[person] = newcomer().sign_in(person)
        return known[person]

    return meet


@pytest.fixture
def stage(
    demo: Demo, words: Words, meet: Callable[[str], Visitor], watch: Watch, album: Album
) -> Iterator[Stage]:
    """Where a story plays; at its end nothing may have gone wrong unseen."""
    yield Stage(demo, words, meet)
    assert watch.take_faults() == []
    assert album.take_faults() == []
