"""The store of trusted certificates."""

import pickle
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from signer.errors import InputError
from signer.trust import AnchorKind, TrustStore
from signer.trust.certificates import read_certificate
from tests.signer.trust_pki import issue, root


def digest(der: bytes) -> str:
    return read_certificate(der).sha256


def test_an_empty_store_trusts_nobody() -> None:
    assert len(TrustStore()) == 0
    assert digest(root().der) not in TrustStore()


def test_any_certificate_may_be_trusted_and_keeps_its_kind() -> None:
    person, authority = issue("Person", root()), root("Ministry")
    store = TrustStore.from_certificates([person.der]) | TrustStore.from_certificates(
        [authority.der], kind=AnchorKind.TRUSTED_PROFILE
    )
    assert store.kind_of(digest(person.der)) is AnchorKind.PLAIN
    assert store.kind_of(digest(authority.der)) is AnchorKind.TRUSTED_PROFILE
    assert store.kind_of("00" * 32) is None


def test_files_may_be_der_or_pem_with_several(tmp_path: Path) -> None:
    entities = [root("One"), root("Two"), root("Three")]
    (tmp_path / "one.cer").write_bytes(entities[0].der)
    pem = b"".join(entity.certificate.public_bytes(Encoding.PEM) for entity in entities[1:])
    (tmp_path / "more.pem").write_bytes(b"# comment\n" + pem)
    store = TrustStore.from_files([tmp_path / "one.cer", str(tmp_path / "more.pem")])
    assert all(digest(entity.der) in store for entity in entities)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no certificate",
        b"-----BEGIN CERTIFICATE-----\n???\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    ],
)
def test_a_file_without_a_readable_certificate_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.pem").write_bytes(content)
    with pytest.raises(InputError, match=r"broken\.pem"):
        TrustStore.from_files([tmp_path / "broken.pem"])


def test_a_missing_file_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'missing\.pem' cannot be opened") as caught:
        TrustStore.from_files([tmp_path / "missing.pem"])
    assert str(tmp_path) not in str(caught.value)


def test_bytes_that_are_no_certificate_are_refused_with_their_place() -> None:
    with pytest.raises(InputError, match=r"no\. 2"):
        TrustStore.from_certificates([root().der, b"junk"])


def test_a_store_travels_to_worker_processes_after_use() -> None:
    authority = root()
    store = TrustStore.from_certificates([authority.der], kind=AnchorKind.QUALIFIED)
    assert digest(authority.der) in store
    travelled = pickle.loads(pickle.dumps(store))  # noqa: S301  # pickled one line before
    assert travelled.kind_of(digest(authority.der)) is AnchorKind.QUALIFIED
