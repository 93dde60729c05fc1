"""The main job with the keyboard alone: Tab, Enter, Space, and letters to type."""

from collections.abc import Callable

from playwright.sync_api import FilePayload, Locator, expect

from tests.e2e.stage import Stage
from tests.e2e.visitor import Visitor
from tests.e2e.words import TOWN_HALL

LONGEST_WAY = 60  # presses of Tab: more than any page has things to reach
ATTACHMENT: FilePayload = {"name": "lista.txt", "mimeType": "text/plain", "buffer": b"Lista"}
_HAS_FOCUS = "element => element === document.activeElement"
_SHOWS_FOCUS = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" || style.boxShadow !== "none";
}"""


class Hands:
    """Two hands on a keyboard."""

    def __init__(self, visitor: Visitor) -> None:
        self.page = visitor.page
        self.keyboard = visitor.page.keyboard

    def reach(self, target: Locator) -> None:
        """Press Tab until the target has the focus; wherever the focus is, it can be seen."""
        expect(target).to_be_visible()
        for _ in range(LONGEST_WAY):
            self.keyboard.press("Tab")
            assert self.page.evaluate(_SHOWS_FOCUS), "the focus cannot be seen"
            if target.evaluate(_HAS_FOCUS):
                return
        raise AssertionError(f"Tab does not reach {target}")

    def press(self, name: str, key: str = "Enter") -> None:
        """Go to the button, or the link that looks like one, and press it."""
        self.reach(self.page.get_by_role("button", name=name).first)
        self.keyboard.press(key)

    def fill(self, label: str, text: str) -> None:
        """Go to the field and type."""
        self.reach(self.page.get_by_label(label, exact=True))
        self.keyboard.type(text)


def test_a_letter_is_written_signed_and_filed_without_a_mouse(
    stage: Stage, newcomer: Callable[[], Visitor]
) -> None:
    words, visitor = stage.words, newcomer()
    hands, page = Hands(visitor), visitor.page
    page.on("filechooser", lambda chooser: chooser.set_files(ATTACHMENT))
    visitor.go("/")
    visitor.speak()

    hands.press(words.sign_in)
    hands.press("Anna Wymyślna")
    hands.press(words.new_letter)
    hands.press(words.write)
    hands.reach(page.get_by_label(words.to_whom))
    hands.keyboard.type(TOWN_HALL)
    hands.fill(words.title, words.letter_title)
    hands.fill(words.text, words.letter_text)
    hands.fill(words.place, "Lubań")
    hands.press(words.choose_files)
    expect(page.get_by_role("main")).to_contain_text(ATTACHMENT["name"])
    hands.press(words.go_on)
    hands.reach(page.locator("summary", has_text=words.own_application))
    hands.keyboard.press("Space")
    expect(page.get_by_role("button", name=words.upload_signed)).to_be_visible()
    page.reload()
    hands.press(words.sign_here)
    hands.press(words.send, "Space")
    expect(page.get_by_role("heading", level=1)).to_have_text(words.filed)
    expect(visitor.fact(words.addressee)).to_have_text(TOWN_HALL)


def test_the_first_press_of_tab_offers_the_way_past_the_navigation(
    stage: Stage, newcomer: Callable[[], Visitor]
) -> None:
    visitor = newcomer()
    visitor.go("/")
    visitor.speak()
    skip = visitor.page.get_by_role("link", name=stage.words.skip)
    Hands(visitor).reach(skip)
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("main")).to_be_focused()
