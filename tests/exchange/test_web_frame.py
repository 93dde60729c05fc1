"""The frame of the pages: gate, headers, cookies, CSRF, limits, uploads, failures."""

import errno
import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask, Response, abort
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from exchange.downloads import Download
from exchange.web import create_app, uploads
from exchange.web.downloads import as_file, safe_name
from exchange.web.gate import OPEN_BLUEPRINTS, UPLOADING_ENDPOINTS
from exchange.web.pages.public import own_path
from exchange.web.uploads import FORM_PARTS, SMALL_BODY
from storage import (
    DatabaseUnavailable,
    EncryptedSpool,
    NotReadBack,
    StoreRefused,
    StoreUnavailable,
)
from tests.exchange.web_browser import BASE_URL, Browser, web_settings
from tests.exchange.web_doubles import OFFICE, START, Clock, Doubles

CANARY = (
    b"tresc, ktorej nikt nie moze znalezc na dysku " * 100_000
)  # 4.5 MB: more than memory takes


@pytest.fixture
def doubles(tmp_path: Path) -> Doubles:
    folder = tmp_path / "spool"
    folder.mkdir()
    return Doubles(folder)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def build(doubles: Doubles, clock: Clock) -> Callable[..., Flask]:
    """Gives applications with other settings than the usual."""

    def make(**changes: Any) -> Flask:
        settings = web_settings(doubles.spool_folder, **changes)
        return create_app(doubles.services(), settings, clock=clock)

    return make


@pytest.fixture
def app(build: Callable[..., Flask]) -> Flask:
    return build()


@pytest.fixture
def visitor(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def anna(app: Flask) -> Browser:
    return Browser(app).carry("anna")


# ---- the gate


def test_every_page_but_the_public_ones_sends_strangers_to_the_front_page(app: Flask) -> None:
    stranger = Browser(app)
    guarded = 0
    for rule in app.url_map.iter_rules():
        values: dict[str, Any] = {name: uuid4() for name in rule.arguments}
        values |= {"index": 0} if "index" in rule.arguments else {}
        if rule.endpoint == "static" or rule.endpoint.split(".")[0] in OPEN_BLUEPRINTS:
            continue
        with app.test_request_context(base_url=BASE_URL):
            path = app.url_for(rule.endpoint, **values)
        answer = (
            stranger.get(path)
            if "GET" in (rule.methods or ())
            else stranger.client.post(path, base_url=BASE_URL)
        )
        assert answer.status_code == 303, rule
        assert answer.location == "/", rule
        guarded += 1
    assert guarded > 20


def test_a_session_that_is_over_is_a_stranger(app: Flask) -> None:
    assert Browser(app).carry("somebody else's").get("/inbox").location == "/"


def test_a_strangers_upload_is_turned_away_before_its_body_is_read(app: Flask) -> None:
    class Unread(io.BytesIO):
        def readinto(self, _buffer: Any, /) -> int:
            raise AssertionError("the body was read")

        def read(self, _size: int | None = -1, /) -> bytes:
            raise AssertionError("the body was read")

    answer = app.test_client().post(
        "/letters/new/upload",
        base_url=BASE_URL,
        input_stream=Unread(b"x" * 1000),
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 303


# ---- headers and cookies


@pytest.mark.parametrize("path", ["/", "/nothing-here", "/static/skrytka.css", "/sign-in"])
def test_every_answer_forbids_foreign_and_inline_content(visitor: Browser, path: str) -> None:
    headers = visitor.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/nothing-here", "/letters/new", "/letters/new/write"])
def test_pages_are_not_kept_by_browsers_or_proxies(anna: Browser, path: str) -> None:
    assert anna.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/accessibility", "/letters/new/write", "/nothing-here"])
def test_pages_hold_nothing_inline(anna: Browser, path: str) -> None:
    page = anna.get(path).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))


def test_static_files_named_by_their_digest_are_kept_for_a_year(visitor: Browser) -> None:
    address = re.search(r'href="(/static/skrytka\.css\?v=[0-9a-f]+)"', visitor.get("/").text)
    assert address
    assert "immutable" in visitor.get(address[1]).headers["Cache-Control"]


def test_under_https_cookies_are_pinned_to_this_host(build: Callable[..., Flask]) -> None:
    browser = Browser(build(base_url="https://service.test"), base_url="https://service.test")
    browser.carry("anna", "__Host-skrytka")
    answer = browser.get("/accessibility")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-skrytka-browser=")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie


def test_the_scheme_is_that_of_the_public_address_whatever_the_proxy_says(
    build: Callable[..., Flask],
) -> None:
    browser = Browser(build(base_url="https://service.test"), base_url="http://service.test")
    cookie = browser.carry("anna", "__Host-skrytka").get("/accessibility").headers["Set-Cookie"]
    assert "Secure" in cookie


def test_requests_for_another_host_are_refused_in_plain_text(app: Flask) -> None:
    answer = app.test_client().get("/", base_url="http://evil.test")
    assert answer.status_code == 400
    assert "evil" not in answer.text


# ---- CSRF


def test_a_form_without_token_is_refused(anna: Browser, doubles: Doubles) -> None:
    answer = anna.client.post("/sign-out", base_url=BASE_URL)
    assert answer.status_code == 400
    assert "Ten formularz stracił ważność" in answer.text
    assert "signed_out" not in doubles.seen


def test_a_form_with_another_browsers_token_is_refused(app: Flask, anna: Browser) -> None:
    other = Browser(app).carry("anna").token()
    anna.token()
    answer = anna.client.post("/sign-out", data={"csrf_token": other}, base_url=BASE_URL)
    assert answer.status_code == 400


def test_under_https_a_form_from_another_site_is_refused(build: Callable[..., Flask]) -> None:
    address = "https://service.test"
    browser = Browser(build(base_url=address), base_url=address).carry("anna", "__Host-skrytka")
    fields = {"csrf_token": browser.token()}
    for referrer, status in (("https://evil.test/", 400), (f"{address}/inbox", 303)):
        answer = browser.client.post(
            "/sign-out", data=fields, base_url=address, headers={"Referer": referrer}
        )
        assert answer.status_code == status


def test_signing_out_ends_the_session_here_and_in_the_browser(
    anna: Browser, doubles: Doubles
) -> None:
    answer = anna.post("/sign-out")
    assert doubles.seen["signed_out"] == "anna"
    assert any(c.startswith("skrytka=;") for c in answer.headers.getlist("Set-Cookie"))


# ---- limits


def test_only_pages_that_take_files_take_large_bodies(anna: Browser) -> None:
    file = FileStorage(io.BytesIO(b"x" * (SMALL_BODY + 1)), "large.pdf")
    answer = anna.post("/sign-out", {"content": file})
    assert answer.status_code == 413
    assert "Za dużo danych" in answer.text


def test_every_form_with_a_file_goes_to_a_page_that_takes_files(app: Flask) -> None:
    names = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert names >= UPLOADING_ENDPOINTS


def _upload(browser: Browser, content: bytes, name: str = "pismo.pdf", **more: Any) -> Any:
    fields = {
        "addressee": str(OFFICE.mailbox_id),
        "signed": "no",
        "content": FileStorage(io.BytesIO(content), name),
        **more,
    }
    return browser.post("/letters/new/upload", fields)


def test_an_upload_beyond_the_limit_is_refused(build: Callable[..., Flask]) -> None:
    browser = Browser(build(upload_limit=2_000_000)).carry("anna")
    assert _upload(browser, b"x" * 2_000_001).status_code == 413


def test_a_form_of_too_many_parts_is_refused(anna: Browser) -> None:
    more = {f"field{number}": "x" for number in range(FORM_PARTS + 1)}
    assert _upload(anna, b"x", **more).status_code == 413


def test_a_field_of_text_beyond_the_limit_is_refused(anna: Browser) -> None:
    assert _upload(anna, b"x", title="x" * 600_000).status_code == 413


# ---- uploads


def test_an_upload_never_touches_the_disk_in_the_clear(anna: Browser, doubles: Doubles) -> None:
    assert _upload(anna, CANARY).status_code == 303
    assert doubles.seen["read"] == CANARY
    assert len(doubles.seen["on_disk"]) >= len(CANARY)
    assert CANARY[:100] not in doubles.seen["on_disk"]


def test_the_spool_is_gone_when_the_answer_is(anna: Browser, doubles: Doubles) -> None:
    _upload(anna, CANARY).close()
    content: EncryptedSpool = doubles.seen["content"]
    assert content.closed
    assert not list(doubles.spool_folder.iterdir())


def test_a_refused_upload_leaves_no_spool_behind(
    anna: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    spools: list[EncryptedSpool] = []

    class Recorded(EncryptedSpool):
        def __init__(self, folder: Path) -> None:
            super().__init__(folder)
            spools.append(self)

    monkeypatch.setattr(uploads, "EncryptedSpool", Recorded)
    more = {f"field{number}": "x" for number in range(FORM_PARTS + 1)}
    assert _upload(anna, b"x", **more).status_code == 413
    assert [spool.closed for spool in spools] == [True]


def test_a_request_has_arrived_when_its_last_byte_was_read(app: Flask, clock: Clock) -> None:
    class Slow(io.BytesIO):
        def readinto(self, buffer: Any, /) -> int:
            count = super().readinto(buffer)
            clock.now += timedelta(seconds=1 if count else 0)
            return count

    boundary = "x"
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n' + b" " * 200_000
    with app.test_request_context(
        "/letters/new/upload",
        base_url=BASE_URL,
        method="POST",
        input_stream=Slow(body),
        content_type=f"multipart/form-data; boundary={boundary}",
        content_length=len(body),
    ) as context:
        context.request.form.get("a")
        arrived = clock.now
        assert arrived > START + timedelta(seconds=1)
        clock.now += timedelta(hours=1)
        assert context.request.received_at == arrived  # type: ignore[attr-defined]


# ---- downloads


@pytest.mark.parametrize(
    "name",
    [
        'a"; filename=evil.html;x="',
        "a\r\nSet-Cookie: x=y",
        "../../etc/passwd",
        "\u202egnp.exe",
        "a.pdf;.html",
        "x" * 400 + ".pdf",
        "",
        "...",
        "żółć.pdf",
    ],
)
def test_names_of_downloads_are_harmless(app: Flask, name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", safe_name(name))
    with app.test_request_context(base_url=BASE_URL):
        answer = as_file(Download(io.BytesIO(b"abc"), 3, name, "text/html"))
        assert answer.headers["Content-Disposition"].count('"') == 2
        answer.close()


def test_downloads_are_opaque_bytes_to_be_saved(app: Flask) -> None:
    content = io.BytesIO(b"<script>alert(1)</script>")
    with app.test_request_context(base_url=BASE_URL):
        answer = app.process_response(as_file(Download(content, 25, "a.html", "text/html")))
        assert answer.mimetype == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Length"] == "25"
        answer.close()
    assert content.closed


# ---- failures


@pytest.mark.parametrize("code", [400, 403, 404, 405, 413, 429, 500, 503])
@pytest.mark.parametrize("language", ["pl", "en"])
def test_failures_have_pages_in_both_languages(
    build: Callable[..., Flask], code: int, language: str
) -> None:
    app = build(default_language=language)
    app.add_url_rule("/fail", "public.fail", lambda: abort(code))
    answer = Browser(app).get("/fail")
    assert answer.status_code == code
    assert f'lang="{language}"' in answer.text
    assert "<h1" in answer.text


def test_a_failure_of_ours_gives_a_number_and_nothing_of_its_cause(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> Response:
        raise RuntimeError("secret of the house")

    app.add_url_rule("/fail", "public.fail", fail)
    answer = Browser(app).get("/fail")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    number = re.search(r"<strong>([0-9a-f]{8})</strong>", answer.text)
    assert number
    assert number[1] in caplog.text


@pytest.mark.parametrize(
    "error",
    [
        StoreUnavailable("10.0.0.7 does not answer"),
        StoreRefused("10.0.0.7 refuses"),
        DatabaseUnavailable("10.0.0.7 does not answer"),
        NotReadBack("10.0.0.7 lost it"),
    ],
)
@pytest.mark.parametrize(
    ("language", "words"), [("pl", "Nie zostanie złożone dwa razy"), ("en", "not be filed twice")]
)
def test_what_is_away_is_told_without_saying_what_it_is(
    build: Callable[..., Flask], error: Exception, language: str, words: str
) -> None:
    answer = failing_with(build(default_language=language), error)
    assert answer.status_code == 503
    assert words in answer.text
    assert "10.0.0.7" not in answer.text
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize(("language", "words"), [("pl", "Dysk usługi"), ("en", "disk is full")])
def test_a_full_disk_is_told(build: Callable[..., Flask], language: str, words: str) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    answer = failing_with(build(default_language=language), full)
    assert answer.status_code == 503
    assert words in answer.text


def test_another_fault_of_the_system_is_a_failure_of_ours(app: Flask) -> None:
    assert failing_with(app, OSError(errno.EIO, "Input/output error")).status_code == 500


def failing_with(app: Flask, error: Exception) -> TestResponse:
    def fail() -> Response:
        raise error

    app.add_url_rule("/fail", "public.fail", fail)
    return Browser(app).get("/fail")


def test_nothing_and_anothers_letter_look_the_same(app: Flask, anna: Browser) -> None:
    bodies = {
        anna.get(f"/letters/{uuid4()}").data,
        anna.get(f"/letters/{uuid4()}").data,
        anna.get("/letters/not-an-id").data,
        anna.get("/no/such/page").data,
        Browser(app).get("/no/such/page").data,
    }
    assert len(bodies) == 1


# ---- the way back


@pytest.mark.parametrize(
    "path",
    [
        "//evil.test/",
        "/\\evil.test",
        "https://evil.test/",
        "javascript:alert(1)",
        "evil.test",
        "/\tevil",
        "/x\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_the_way_back_never_leads_elsewhere(app: Flask, path: str) -> None:
    with app.test_request_context(base_url=BASE_URL):
        assert own_path(path) == "/"


def test_the_way_back_keeps_the_page(app: Flask) -> None:
    with app.test_request_context(base_url=BASE_URL):
        assert own_path("/inbox?page=2") == "/inbox?page=2"
