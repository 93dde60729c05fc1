"""Somebody with a real browser at the demo: what a person can do, and what they are told."""

import re
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import urlsplit

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.e2e.album import Album
from tests.e2e.words import Words

DELIVERY_PATIENCE = 30.0  # seconds: a job hands letters over
HEX_DIGEST = re.compile(r"[0-9a-f]{64}")
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "xml": "application/xml",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}

File = tuple[str, bytes]
"""A file as its owner has it: name and content."""


@dataclass(frozen=True)
class Filed:
    """What the page said when a letter was filed; `path` is the letter's."""

    path: str
    filed_at: datetime
    sha256: str
    register_number: str | None

    @property
    def letter_id(self) -> str:
        """The id in the letter's address."""
        return self.path.rsplit("/", 1)[-1]


class Visitor:
    """One person's browser; every page that they see stands in the album once."""

    def __init__(self, page: Page, base_url: str, words: Words, album: Album) -> None:
        self.page = page
        self.words = words
        self.base_url = base_url
        self._album = album

    # -- the way around

    def sign_in(self, person: str) -> Self:
        """Come to the front page, choose the language and log in as one of the sandbox's people."""
        self.go("/")
        self.speak()
        self.look("home")
        self.page.get_by_role("button", name=self.words.sign_in).click()
        chosen = self.page.locator(f"button[value='{person}']")
        expect(chosen).to_be_visible()
        self.look("sandbox-login")
        chosen.click()
        expect(self.page.get_by_role("button", name=self.words.sign_out)).to_be_visible()
        return self

    def speak(self) -> None:
        """Choose the language in the header, unless the page speaks it."""
        if self.page.locator("html").get_attribute("lang") != self.words.language:
            self.page.get_by_role("link", name=self.words.language_name).click()
        expect(self.page.locator("html")).to_have_attribute("lang", self.words.language)

    def go(self, path: str) -> None:
        """Open an address of the service."""
        self.page.goto(self.base_url + path)

    def look(self, name: str) -> None:
        """Look at the page: accessibility, width, a picture."""
        self._album.take(self.page, name)

    @property
    def path(self) -> str:
        """The address of the page shown, without the host."""
        return urlsplit(self.page.url).path

    def press(self, name: str) -> None:
        """Press the button, or the link that looks like one."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def unfold(self, name: str) -> None:
        """Open a folded part of the page if it is folded."""
        part = self.page.locator("details", has=self.page.get_by_text(name, exact=True))
        if part.get_attribute("open") is None:
            part.locator("summary").click()

    def download(self, link: str | Locator) -> bytes:
        """Press a link that gives a file, and give the file's bytes."""
        if isinstance(link, str):
            link = self.page.get_by_role("main").locator("a", has_text=link).first
        with self.page.expect_download() as waiting:
            link.click()
        return waiting.value.path().read_bytes()

    # -- what the page says

    def fact(self, name: str) -> Locator:
        """Give what stands beside a name in a list of facts."""
        return self.page.locator(
            f"xpath=//dt[normalize-space()='{name}']/following-sibling::dd[1]"
        ).first

    def instant(self, name: str) -> datetime:
        """Give the time that stands beside a name."""
        return datetime.fromisoformat(
            self.fact(name).locator("time").get_attribute("datetime") or ""
        )

    def digest(self, name: str) -> str:
        """Give the SHA-256 that stands beside a name."""
        shown = self.fact(name).inner_text().strip()
        assert HEX_DIGEST.fullmatch(shown), shown
        return shown

    # -- preparing, signing and filing a letter

    def write(
        self, to: str, title: str, text: str, *attachments: File, answer: str | None = None
    ) -> str:
        """Write a letter; gives the path of its draft, which is then shown."""
        self._begin(answer, self.words.write)
        self.look("write" if answer is None else "write-answer")
        self.page.get_by_label(self.words.to_whom).select_option(label=to)
        self.page.get_by_label(self.words.title, exact=True).fill(title)
        self.page.get_by_label(self.words.text, exact=True).fill(text)
        self.page.get_by_label(self.words.place, exact=True).fill("Lubań")
        self.page.locator("input[name=attachments]").set_input_files(
            [_payload(file) for file in attachments]
        )
        self.press(self.words.go_on)
        return self._draft()

    def upload(
        self, to: str, title: str, file: File, *, signed: bool = False, answer: str | None = None
    ) -> str:
        """Upload a file as a letter; gives the path of its draft, which is then shown."""
        self._begin(answer, self.words.upload)
        self.look("upload" if answer is None else "upload-answer")
        self.choose_upload(to, title, file, signed=signed)
        return self._draft()

    def choose_upload(self, to: str, title: str, file: File, *, signed: bool = False) -> None:
        """Fill in the page for uploading and send it."""
        self.page.get_by_label(self.words.to_whom).select_option(label=to)
        self.page.locator("input[name=content]").set_input_files(_payload(file))
        self.page.get_by_label(self.words.title_optional).fill(title)
        if signed:
            self.page.get_by_label(self.words.signed_already).check()
        self.press(self.words.go_on)

    def sign_here(self) -> None:
        """Sign the draft shown with the certificate kept at the demo."""
        self.press(self.words.sign_here)
        expect(self.page.get_by_role("button", name=self.words.send)).to_be_visible()

    def hand_in_signed(self, file: File) -> None:
        """Give back, on the page shown, the file that was signed elsewhere."""
        self.unfold(self.words.own_application)
        self.page.locator("input[name=content]").set_input_files(_payload(file))
        self.press(self.words.upload_signed)

    def send(self) -> Filed:
        """File the signed draft shown."""
        self.press(self.words.send)
        expect(self.page.get_by_role("heading", level=1)).to_have_text(
            re.compile(f"{self.words.filed}|{self.words.sent}")
        )
        number = self.fact(self.words.register_number)
        return Filed(
            path=self.path.removesuffix("/filed"),
            filed_at=self.instant(self.words.filing_time),
            sha256=self.digest(self.words.digest),
            register_number=number.inner_text().strip() if number.count() else None,
        )

    def _begin(self, answer: str | None, way: str) -> None:
        if answer is None:
            self.go("/inbox")
            self.page.get_by_role("link", name=self.words.new_letter).first.click()
        else:
            self.go(answer)
            self.press(self.words.answer)
        self.look("new-letter" if answer is None else "new-answer")
        self.press(way)

    def _draft(self) -> str:
        expect(self.page).to_have_url(re.compile(r"/drafts/[0-9a-f-]{36}$"))
        return self.path

    # -- reading and collecting

    def in_inbox(self, letter: str) -> Locator:
        """Open the inbox when a letter sent a moment ago has come; gives its line."""
        deadline = time.monotonic() + DELIVERY_PATIENCE
        while letter not in self.page.request.get(f"{self.base_url}/inbox").text():
            assert time.monotonic() < deadline, f"{letter} was not delivered"
        self.go("/inbox")
        return self.page.locator("tbody tr", has=self.page.locator(f"a[href='{letter}']"))

    def status(self, path: str) -> int:
        """Ask for an address as this person, without leaving the page; gives the status."""
        answer = self.page.request.get(self.base_url + path)
        return answer.status


def _payload(file: File) -> FilePayload:
    name, content = file
    media_type = MEDIA_TYPES.get(name.rsplit(".", 1)[-1], "application/octet-stream")
    return {"name": name, "mimeType": media_type, "buffer": content}
