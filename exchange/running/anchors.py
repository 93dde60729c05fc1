"""The certificates in a folder."""

from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from exchange.settings import SettingsError

SUFFIXES = frozenset({".pem", ".crt", ".cer", ".der"})
PEM_MARK = b"-----BEGIN CERTIFICATE-----"


def read_certificates(folder: Path) -> list[bytes]:
    """Give every certificate (DER) from the PEM and DER files of a folder, in a fixed order.

    Raises `SettingsError` when a file holds none or cannot be read: an anchor that is silently left
    out would make good signatures fail without a word.
    """
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    return [certificate for path in files for certificate in _read(path)]


def _read(path: Path) -> Iterator[bytes]:
    try:
        content = path.read_bytes()
        if PEM_MARK in content:
            for certificate in x509.load_pem_x509_certificates(content):
                yield certificate.public_bytes(Encoding.DER)
        else:
            yield x509.load_der_x509_certificate(content).public_bytes(Encoding.DER)
    except OSError as error:
        raise SettingsError(
            [f"SKRYTKA_TRUST_ANCHORS: {path} cannot be read ({error.strerror})."]
        ) from error
    except ValueError as error:
        raise SettingsError(
            [f"SKRYTKA_TRUST_ANCHORS: {path} holds no certificate in PEM or DER."]
        ) from error
