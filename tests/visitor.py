"""Somebody with a browser, without the browser: real requests to the real pages of a demo.

A visitor fills in the forms that the pages show, hidden fields and all, and follows redirects as
a browser would; what it cannot find on a page is an `UnexpectedPageError`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import lxml.html
import requests

TIMEOUT = 60.0  # seconds: on a loaded machine the first document waits for its worker


class UnexpectedPageError(AssertionError):
    """A page is not the one that should come here."""


@dataclass(frozen=True)
class Page:
    """An answer and, if it is a page, its tree."""

    response: requests.Response

    @property
    def path(self) -> str:
        """Where the redirects ended."""
        return urlsplit(self.response.url).path

    @property
    def tree(self) -> Any:
        """The page as lxml sees it."""
        return lxml.html.fromstring(self.response.text)

    @property
    def text(self) -> str:
        """What a reader sees, with single spaces."""
        return " ".join(self.tree.body.text_content().split())

    def links(self, *, part: str) -> list[str]:
        """Give the addresses on the page that hold `part`, once each."""
        found = (href for _, _, href, _ in self.tree.iterlinks() if part in href)
        return list(dict.fromkeys(found))

    def form(self, fits: Callable[[Any], bool]) -> Any:
        """Give the one form that fits."""
        for form in self.tree.forms:
            if fits(form):
                return form
        raise UnexpectedPageError(f"{self.response.url}: no such form on: {self.text[:500]}")


class Visitor:
    """One person's session at the demo on `base_url`."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._session = requests.Session()
        self._session.trust_env = False

    def get(self, path: str, *, expected: int = 200) -> Page:
        """Open a page or file."""
        url = urljoin(self.base_url, path)
        return self._checked(self._session.get(url, timeout=TIMEOUT), expected)

    def sign_in(self, person: str) -> None:
        """Log in as one of the sandbox's people."""
        login = self.get("/sign-in")
        form = login.form(lambda form: form.xpath(f".//button[@value='{person}']"))
        inside = self._send(login, form, {"person": person})
        if not inside.path.startswith("/inbox"):
            raise UnexpectedPageError(f"{person} landed on {inside.path}: {inside.text[:300]}")

    def act_for(self, name: str) -> None:
        """Go on in the name of an office, or of oneself."""
        page = self.get("/acting-as")
        choice = page.tree.xpath(f"//label[contains(normalize-space(), '{name}')]/@for")
        [field] = page.tree.xpath(f"//*[@id='{choice[0]}']")
        form = page.form(lambda form: field in form.iterdescendants())
        self._send(page, form, {field.name: field.get("value")})

    def write(
        self,
        addressee: str,
        title: str,
        text: str,
        *,
        attachments: Sequence[tuple[str, bytes]] = (),
    ) -> str:
        """Write a letter; gives the path of its draft."""
        page = self.get("/letters/new/write")
        form = page.form(_has_field("text"))
        values = {"addressee": _option(form, addressee), "title": title, "text": text}
        values["place"] = "Lubań"
        files = [("attachments", (name, content)) for name, content in attachments]
        return self._draft(self._send(page, form, values, files))

    def upload(self, addressee: str, title: str, name: str, content: bytes) -> str:
        """Upload a PDF to be signed; gives the path of its draft."""
        return self._upload("/letters/new/upload", addressee, title, name, content)

    def answer(self, letter: str, title: str, name: str, content: bytes) -> str:
        """Answer a letter with a file; gives the path of the draft."""
        path = f"/letters/new/upload?answer={letter.rsplit('/', 1)[-1]}"
        return self._upload(path, None, title, name, content)

    def sign(self, draft: str) -> None:
        """Sign a draft with the certificate kept at the demo."""
        page = self.get(draft)
        signed = self._send(page, page.form(_posts_to("/sign")), {})
        signed.form(_posts_to("/file"))

    def file(self, draft: str) -> str:
        """File a signed draft; gives the path of the letter. Safe to repeat."""
        page = self.get(draft)
        if page.path.startswith("/letters/"):
            return page.path.removesuffix("/filed")
        filed = self._send(page, page.form(_posts_to("/file")), {})
        if not filed.path.startswith("/letters/"):
            raise UnexpectedPageError(f"not filed: {filed.text[:300]}")
        return filed.path.removesuffix("/filed")

    def inbox(self) -> list[str]:
        """Give the paths of the letters in the inbox, newest first."""
        return [
            _letter_of(link)
            for link in self.get("/inbox").links(part="/letters/")
            if _is_letter(link)
        ]

    def receipts(self, letter: str) -> dict[str, bytes]:
        """Give a letter's receipts by the path of their page."""
        links = self.get(letter).links(part="/receipts/")
        pages = [link for link in links if link.count("/") == 2]
        return {page: self.get(f"{page}/document").response.content for page in pages}

    def document(self, letter: str) -> bytes:
        """Give a letter's file."""
        return self.get(f"{letter}/document").response.content

    def signed_document(self, draft: str) -> bytes:
        """Give the signed file of a draft."""
        return self.get(f"{draft}/document?signed=1").response.content

    def collect(self, letter: str) -> None:
        """Sign the proof of delivery of a waiting letter, unless that was done."""
        page = self.get(f"{letter}/collect")
        if page.path.endswith("/collect"):
            opened = self._send(page, page.form(_posts_to("/collect")), {})
            if opened.path != letter:
                raise UnexpectedPageError(f"not collected: {opened.text[:300]}")

    def _upload(
        self, path: str, addressee: str | None, title: str, name: str, content: bytes
    ) -> str:
        page = self.get(path)
        form = page.form(_has_field("content"))
        values = {"title": title, "signed": "no"}
        if addressee is not None:
            values["addressee"] = _option(form, addressee)
        return self._draft(self._send(page, form, values, [("content", (name, content))]))

    def _draft(self, page: Page) -> str:
        if not page.path.startswith("/drafts/"):
            raise UnexpectedPageError(f"no draft but {page.path}: {page.text[:600]}")
        return page.path

    def _send(
        self, page: Page, form: Any, values: Mapping[str, str], files: Sequence[Any] = ()
    ) -> Page:
        fields = {**dict(form.form_values()), **values}
        url = urljoin(page.response.url, form.action or page.response.url)
        multipart = {"files": files} if files else {}
        answer = self._session.request(
            form.method,
            url,
            data=fields,
            timeout=TIMEOUT,
            **multipart,  # type: ignore[arg-type]
        )
        return self._checked(answer, 200)

    def _checked(self, answer: requests.Response, expected: int) -> Page:
        if answer.status_code != expected:
            raise UnexpectedPageError(
                f"{answer.url} answered {answer.status_code}: {answer.text[:600]}"
            )
        return Page(answer)


def _has_field(name: str) -> Callable[[Any], bool]:
    return lambda form: name in form.fields


def _posts_to(ending: str) -> Callable[[Any], bool]:
    return lambda form: form.method == "POST" and str(form.action).endswith(ending)


def _option(form: Any, label: str) -> str:
    for option in form.inputs["addressee"].iter("option"):
        if (option.text or "").strip() == label:
            return str(option.get("value"))
    raise UnexpectedPageError(f"no addressee {label!r}")


def _is_letter(link: str) -> bool:
    return len(_letter_of(link)) == len("/letters/") + 36


def _letter_of(link: str) -> str:
    return "/".join(urlsplit(link).path.split("/")[:3])
