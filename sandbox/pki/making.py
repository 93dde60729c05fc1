"""Making a new authority: keys, plan, certificates and PKCS#12 files in an empty folder."""

import json
import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)

from sandbox.people import Office, Person
from sandbox.pki.profiles import (
    AUTHORITIES,
    ISSUING_CA,
    OCSP_RESPONDER,
    ROOT,
    Plan,
    leaf_labels,
    make_plan,
)

PLAN_FILE = "authority.json"
KEYS_FOLDER = "keys"
CERTIFICATES_FOLDER = "certificates"
CREDENTIALS_FOLDER = "credentials"

_PASSWORD_BYTES = 24
_KEY_WORKERS = 4
"""Key generation leaves Python's lock, so threads use the cores there are."""

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
WriteFile = Callable[[Path, bytes], None]
Issue = Callable[[Plan, Path], dict[str, bytes]]


@dataclass(frozen=True)
class Order:
    """What authority is wanted: where it will answer, since when, for whom, how strong."""

    base_url: str
    now: datetime
    people: tuple[Person, ...]
    offices: tuple[Office, ...]
    rsa_bits: int


def make_authority(folder: Path, order: Order, *, write: WriteFile, issue: Issue) -> None:
    """Write a whole new authority below `folder`, which must exist and be empty.

    `write` puts one file durably (mode 0600); `issue` gives the certificates (label → DER) that
    a plan and the keys beside it yield.
    """
    leaves = leaf_labels(order.people, order.offices)
    keys = _generate_keys([*AUTHORITIES, *leaves], order.rsa_bits)
    plan = make_plan(order.base_url, order.now, order.people, order.offices)
    for label in AUTHORITIES:
        write(folder / KEYS_FOLDER / f"{label}.pem", _private_pem(keys[label]))
    for label in leaves:
        write(folder / KEYS_FOLDER / f"{label}.pub.pem", _public_pem(keys[label]))
    write(folder / PLAN_FILE, json.dumps(plan, indent=1, ensure_ascii=False).encode())
    certificates = issue(plan, folder / KEYS_FOLDER)
    for label, der in certificates.items():
        write(folder / CERTIFICATES_FOLDER / f"{label}.crt", der)
    for label in leaves:
        password = secrets.token_urlsafe(_PASSWORD_BYTES)
        packed = _pack(keys[label], certificates, label, password)
        write(folder / CREDENTIALS_FOLDER / f"{label}.p12", packed)
        write(folder / CREDENTIALS_FOLDER / f"{label}.password", password.encode())


def _generate_keys(labels: Iterable[str], rsa_bits: int) -> dict[str, PrivateKey]:
    def generate(label: str) -> tuple[str, PrivateKey]:
        if label == OCSP_RESPONDER:
            # The one elliptic key of the sandbox: a responder signs every answer anew.
            return label, ec.generate_private_key(ec.SECP256R1())
        return label, rsa.generate_private_key(65537, rsa_bits)

    with ThreadPoolExecutor(_KEY_WORKERS) as workers:
        return dict(workers.map(generate, labels))


def _private_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _public_pem(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _pack(key: PrivateKey, certificates: dict[str, bytes], label: str, password: str) -> bytes:
    own, *chain = (
        x509.load_der_x509_certificate(certificates[name]) for name in (label, ISSUING_CA, ROOT)
    )
    encryption = BestAvailableEncryption(password.encode())
    return pkcs12.serialize_key_and_certificates(label.encode(), key, own, chain, encryption)
