"""A whole submission: a signed letter of 10 kB filed at the running demo, its UPP issued.

The floor is what nobody can leave out, measured beside it: the signature verified once (libxmlsec)
and one made (RSA-3072), two objects on the disk for good, three commits of PostgreSQL.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import lxml.etree
import psycopg
import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bench.row import Row, alternating
from sandbox import Sandbox
from tests.town import Town, free_port, town_folder
from tests.visitor import Visitor

SUBMISSIONS = 25
TEXT = "Proszę o wydanie zaświadczenia. " * 280  # makes a letter of about 10 kB
OBJECTS = 2  # the letter and its receipt
COMMITS = 3  # reservation, letter, receipt


def rows() -> Iterator[Row]:
    """Give the benchmark's lines."""
    with town_folder() as folder:
        town = Town(folder, free_port())
        town.start()
        try:
            yield _submission(town)
            yield Row("start the demo again", _restarted(town), "the issue's limit", 5000, goal=1)
        finally:
            town.kill_everything()


def _submission(town: Town) -> Row:
    anna = Visitor(town.base_url)
    anna.sign_in("anna")
    drafts = [_signed_draft(anna) for _ in range(SUBMISSIONS + 2)]
    waiting = iter(drafts)
    last = anna.signed_document(drafts[0])
    with psycopg.connect(town.settings()["DATABASE_URL"], autocommit=True) as database:
        floor = _floor(last, Sandbox.open(town.data / "sandbox"), database, town.folder)
        ours, least = alternating(lambda: anna.file(next(waiting)), floor, repeat=SUBMISSIONS)
    return Row(
        "file a letter of 10 kB, UPP issued (3 requests)", ours, "verify, sign, store", least
    )


def _signed_draft(visitor: Visitor) -> str:
    draft = visitor.write("Urząd Miasta Lubań", "Wniosek o zaświadczenie", TEXT)
    visitor.sign(draft)
    return draft


def _floor(
    signed: bytes,
    sandbox: Sandbox,
    database: "psycopg.Connection[tuple[object, ...]]",
    folder: Path,
) -> Callable[[], None]:
    certificate = x509.load_der_x509_certificate(sandbox.certificate("anna"))
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    database.execute("CREATE TABLE IF NOT EXISTS bench_floor (content bytea)")

    def floor() -> None:
        _verify(signed, pem)
        key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        for number in range(OBJECTS):
            _write_durably(folder / f"floor-{number}", signed)
        for _ in range(COMMITS):
            database.execute("INSERT INTO bench_floor VALUES (%s)", [signed[:1000]])

    return floor


def _verify(signed: bytes, pem: bytes) -> None:
    root = lxml.etree.fromstring(signed)  # noqa: TID251 - the floor has no gate
    signature = next(root.iter("{http://www.w3.org/2000/09/xmldsig#}Signature"))
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatCertPem)
    for element in root.iter():
        if isinstance(element.tag, str) and element.get("Id"):
            context.register_id(element, "Id")
    context.verify(signature)


def _write_durably(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _restarted(town: Town) -> float:
    town.stop()
    town.start()
    return 1000 * town.seconds_to_start
