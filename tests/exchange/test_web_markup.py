"""What every page owes to whoever cannot see it, checked in its markup.

A browser with axe-core finds more; this finds the commonest faults on every page without one.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from tests.exchange.conftest import House
from tests.exchange.web_house import decision_for_anna, letter_of, open_town, upload, write
from tests.signer.pdf_documents import pdf

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "path"}
)
REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls")


@dataclass
class Page(HTMLParser):
    """What the checks ask of a page."""

    ids: list[str] = field(default_factory=list)
    labelled: set[str] = field(default_factory=set)
    controls: list[dict[str, str | None]] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    pictures: list[dict[str, str | None]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    open_elements: list[str] = field(default_factory=list)
    language: str | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag not in VOID:
            self.open_elements.append(tag)
        if identifier := attributes.get("id"):
            self.ids.append(identifier)
        for name in REFERENCES:
            self.references += (attributes.get(name) or "").split()
        self._note(tag, attributes)

    def _note(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag == "html":
            self.language = attributes.get("lang")
        elif tag == "label":
            self.labelled.add(attributes.get("for") or "")
        elif tag in {"input", "select", "textarea"} and attributes.get("type") != "hidden":
            self.controls.append(attributes)
        elif tag == "img":
            self.pictures.append(attributes)
        elif tag == "a" and (href := attributes.get("href") or "").startswith("#"):
            self.links.append(href[1:])
        elif tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        assert self.open_elements.pop() == tag, f"</{tag}> closes another element"


def check(html: str) -> None:
    """Assert what every page owes."""
    page = Page()
    page.feed(html)
    assert page.open_elements == []
    assert page.language in {"pl", "en"}
    assert sorted(page.ids) == sorted(set(page.ids)), "an id stands twice"
    assert set(page.references) <= set(page.ids), "a description or label is not there"
    assert set(page.links) <= set(page.ids), "a link leads to nothing on the page"
    assert all(c.get("id") in page.labelled for c in page.controls), "a control has no label"
    assert all("alt" in picture for picture in page.pictures), "a picture has no words"
    assert page.headings.count(1) == 1, "a page has one main heading"
    steps = zip(page.headings, page.headings[1:], strict=False)
    assert all(lower - upper <= 1 for upper, lower in steps), "a level of headings is left out"


@pytest.mark.parametrize("language", ["pl", "en"])
def test_every_page_can_be_read_by_those_who_hear_it(house: House, language: str) -> None:
    town = open_town(house)
    anna, office = town.browser("anna"), town.browser("tomasz")
    anna.get(f"/language/{language}")
    letter = letter_of(town, anna)
    decision = decision_for_anna(town, office)
    picture = str(upload(anna, house.office("umluban"), pdf()).location)
    draft = str(write(anna, house.office("umluban")).location)
    receipt = house.services.letters.inbox(house.sign_in("tomasz")).rows[0].letter_id
    view = house.services.letters.view(house.sign_in("tomasz"), receipt)
    paths = [
        "/",
        "/accessibility",
        "/acting-as",
        "/inbox",
        "/outbox",
        "/letters/new",
        "/letters/new/write",
        "/letters/new/upload",
        f"/letters/new/write?answer={view.summary.letter_id}",
        draft,
        picture,
        letter,
        f"{letter}/filed",
        f"{decision}/collect",
        f"/receipts/{view.receipts[0].receipt_id}",
        "/no/such/page",
        "/sign-in/done",
    ]
    for browser in (anna, office):
        for path in paths:
            check(browser.get(path, follow_redirects=True).text)
    for path in ("/letters/new/write", "/letters/new/upload"):
        check(anna.post(path, {}).text)
