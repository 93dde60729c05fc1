"""People with browsers at the running service, and the paper they bring."""

from __future__ import annotations

import http.client
import io
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko.sign.fields import SigSeedSubFilter

from tests.production.pki import P12_PASSWORD, Authority
from tests.signer import pdf_documents
from tests.visitor import TIMEOUT, Page, Visitor

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CANARY = b"Kanarek spiewa tylko adresatowi pisma"


class Person(Visitor):
    """Somebody whose browser trusts the service's TLS and says where it comes from."""

    def __init__(self, base_url: str, ca: Path) -> None:
        super().__init__(base_url)
        self._ca = ca
        self._session.verify = str(ca)
        self._session.headers["Referer"] = f"{base_url}/"
        # A connection kept alive may end just when it is used again; browsers then ask once more.
        self._session.headers["Connection"] = "close"

    def sign_in(self, person: str) -> None:
        """Log in at the provider by typing a name."""
        login = self.get("/sign-in")
        inside = self._send(
            login, login.form(lambda form: "person" in form.fields), {"person": person}
        )
        assert inside.path == "/inbox", inside.text

    def speak(self, language: str) -> None:
        """Choose the language of the pages."""
        self.get(f"/language/{language}")

    def bring(self, addressee: str, title: str, content: bytes) -> str:
        """Upload a PDF that is signed already; gives the path of its draft."""
        page = self.get("/letters/new/upload")
        form = page.form(lambda form: "content" in form.fields)
        values = {"title": title, "signed": "yes", "addressee": _only_choice(form, addressee)}
        return self._draft(self._send(page, form, values, [("content", ("pismo.pdf", content))]))

    def prepare_filing(self, draft: str) -> Filing:
        """Open the page of a draft; gives what its button "file" sends."""
        page = self.get(draft)
        form = page.form(lambda form: str(form.action).endswith("/file"))
        return Filing(urljoin(page.response.url, form.action), dict(form.form_values()))

    def send(self, filing: Filing) -> requests.Response:
        """Press the button; gives whatever comes."""
        return self._session.post(filing.url, data=filing.fields, timeout=TIMEOUT)

    def upload_slowly(self, addressee: str, title: str, content: bytes) -> SlowUpload:
        """Begin an upload and leave it half done."""
        page = self.get("/letters/new/upload")
        form = page.form(lambda form: "content" in form.fields)
        values = {"title": title, "signed": "yes", "addressee": _only_choice(form, addressee)}
        request = requests.Request(
            "POST",
            page.response.url,
            data={**dict(form.form_values()), **values},
            files=[("content", ("pismo.pdf", content))],
            headers={"Referer": f"{self.base_url}/"},
        )
        return SlowUpload(self._session.prepare_request(request), self._ca)

    def raw(self, path: str, timeout: float = TIMEOUT) -> requests.Response:
        """Open a page whatever its status."""
        return self._session.get(urljoin(self.base_url, path), timeout=timeout)

    def page(self, path: str) -> Page:
        """Open a page that is there."""
        return self.get(path)


@dataclass(frozen=True)
class Filing:
    """The button "file" on a page that is open."""

    url: str
    fields: dict[str, str]


class SlowUpload:
    """A request whose second half waits until somebody sends it."""

    def __init__(self, request: requests.PreparedRequest, ca: Path) -> None:
        assert isinstance(request.body, bytes)
        assert request.url is not None
        address = urlsplit(request.url)
        context = ssl.create_default_context(cafile=str(ca))
        self._connection = http.client.HTTPSConnection(
            address.netloc, context=context, timeout=TIMEOUT
        )
        self._connection.putrequest("POST", address.path)
        for name, value in request.headers.items():
            self._connection.putheader(name, value)
        self._connection.putheader("Expect", "100-continue")
        self._connection.endheaders()
        # The service says "go on" once it has the request in hand.
        assert self._connection.sock.recv(len(CONTINUE)) == CONTINUE
        half = len(request.body) // 2
        self._connection.send(request.body[:half])
        self._rest = request.body[half:]

    def finish(self) -> tuple[int, str]:
        """Send the rest; gives the status and where the answer leads."""
        self._connection.send(self._rest)
        answer = self._connection.getresponse()
        answer.read()
        self._connection.close()
        return answer.status, answer.getheader("Location") or ""


def signed_pdf(authority: Authority, *, padding: int = 0) -> bytes:
    """A PDF with the canary in it, signed with Anna's certificate by somebody else's program."""
    words = pdf_documents.text(CANARY)
    objects = {**pdf_documents.OBJECTS, 4: words, 11: pdf_documents.stream(bytes(padding))}
    signer = SimpleSigner.load_pkcs12_data(
        authority.pkcs12_of(authority.person), other_certs=[], passphrase=P12_PASSWORD.encode()
    )
    metadata = PdfSignatureMetadata(
        field_name="Podpis", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256"
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf_documents.pdf(objects)))
    signed: bytes = sign_pdf(writer, metadata, signer=signer).getvalue()
    return signed


def _only_choice(form: object, label: str) -> str:
    for option in form.inputs["addressee"].iter("option"):  # type: ignore[attr-defined]  # lxml
        if (option.text or "").strip() == label:
            return str(option.get("value"))
    raise AssertionError(f"no addressee {label!r}")
