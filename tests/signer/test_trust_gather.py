"""Gathering with a fetcher: issuers, OCSP and CRLs over real HTTP on loopback, and the cache."""

import datetime as dt
import socket
from collections.abc import Sequence

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509 import ocsp

from signer.trust import Cache, Fetcher, MemoryCache, TrustStore, gather
from signer.trust.certificates import read_certificate
from signer.validation.facts import EmbeddedMaterial, GatheredTrust, RevocationStatus
from tests.signer.loopback import Handler, Server, answer, routes, serving
from tests.signer.trust_pki import (
    DAY,
    NOW,
    OCSP_SIGNING,
    Entity,
    crl,
    issue,
    key,
    ocsp_response,
    root,
)

TOP = root("Top")


def fetched(
    leaf: Entity,
    server: Server,
    *,
    anchors: Sequence[Entity] = (TOP,),
    material: EmbeddedMaterial | None = None,
    cache: Cache | None = None,
) -> GatheredTrust:
    trust = TrustStore.from_certificates(anchor.der for anchor in anchors)
    fetcher = Fetcher(allowed=[server.authority], cache=cache, now=lambda: NOW)
    return gather([leaf.der], material or EmbeddedMaterial(), trust, NOW, fetcher)


def outcomes(gathered: GatheredTrust) -> list[tuple[str, str, str]]:
    return [(fact.kind, fact.status.value, fact.origin) for fact in gathered.revocations]


# --- issuers --------------------------------------------------------------------------------


def as_der(middle: Entity) -> bytes:
    return middle.der


def as_pem(middle: Entity) -> bytes:
    return middle.certificate.public_bytes(Encoding.PEM)


def as_cms(middle: Entity) -> bytes:
    certificates = [root("Unrelated").certificate, middle.certificate]
    return pkcs7.serialize_certificates(certificates, Encoding.DER)


@pytest.mark.parametrize("form", [as_der, as_pem, as_cms])
def test_a_missing_issuer_is_fetched_in_any_published_form(form: object) -> None:
    bodies: dict[str, bytes] = {}
    with serving(routes(bodies)) as server:
        middle = issue("Middle", TOP, ca=True)
        bodies["/middle"] = form(middle)  # type: ignore[operator]  # one of the functions above
        gathered = fetched(issue("Leaf", middle, issuer_url=server.url("/middle")), server)
    path = gathered.paths[0]
    assert path.certificates[1] == read_certificate(middle.der).sha256
    assert path.anchor is not None
    assert "CN=Unrelated" not in [fact.subject for fact in gathered.certificates]


def test_several_missing_issuers_are_fetched_one_after_the_other() -> None:
    bodies: dict[str, bytes] = {}
    with serving(routes(bodies)) as server:
        upper = issue("Upper", TOP, ca=True)
        lower = issue("Lower", upper, ca=True, issuer_url=server.url("/upper"))
        bodies |= {"/upper": upper.der, "/lower": lower.der}
        gathered = fetched(issue("Leaf", lower, issuer_url=server.url("/lower")), server)
    assert len(gathered.paths[0].certificates) == 4


def test_nothing_is_fetched_offline_nor_where_the_path_is_known() -> None:
    with serving(answer(b"")) as server:
        middle = issue("Middle", TOP, ca=True)
        leaf = issue("Leaf", middle, issuer_url=server.url("/middle"))
        trust = TrustStore.from_certificates([TOP.der])
        offline = gather([leaf.der], EmbeddedMaterial(), trust, NOW, None)
        assert offline.paths[0].anchor is None
        known = EmbeddedMaterial(certificates=(middle.der,))
        assert fetched(leaf, server, material=known).paths[0].anchor is not None
        assert server.requests == []


def test_a_fetched_certificate_that_did_not_issue_joins_nothing() -> None:
    bodies: dict[str, bytes] = {}
    with serving(routes(bodies)) as server:
        impostor = issue("Middle", TOP, ca=True, own_key=key("impostor"))
        bodies["/middle"] = impostor.der
        middle = issue("Middle", TOP, ca=True)
        gathered = fetched(issue("Leaf", middle, issuer_url=server.url("/middle")), server)
    assert gathered.paths[0].anchor is None
    assert len(gathered.certificates) == 1


def test_a_fetched_issuer_is_remembered_for_the_next_document() -> None:
    bodies: dict[str, bytes] = {}
    cache = MemoryCache(clock=lambda: NOW)
    with serving(routes(bodies)) as server:
        middle = issue("Middle", TOP, ca=True)
        bodies["/middle"] = middle.der
        leaves = [issue(f"L {n}", middle, issuer_url=server.url("/middle")) for n in range(3)]
        paths = [fetched(leaf, server, cache=cache).paths[0] for leaf in leaves]
        assert len(server.requests) == 1
    assert all(path.anchor for path in paths)


# --- revocation -----------------------------------------------------------------------------


def responding(status: ocsp.OCSPCertStatus, **options: object) -> tuple[Handler, list[Entity]]:
    """An OCSP server that answers about the one leaf put into the list afterwards."""
    leaves: list[Entity] = []

    def handle(connection: socket.socket, request: bytes) -> None:
        body = request.partition(b"\r\n\r\n")[2]
        asked = ocsp.load_der_ocsp_request(body)
        assert asked.serial_number == leaves[0].certificate.serial_number
        reply = ocsp_response(leaves[0], TOP, status=status, **options)  # type: ignore[arg-type]  # options of ocsp_response
        answer(reply)(connection, request)

    return handle, leaves


def test_ocsp_is_asked_and_settles_the_question() -> None:
    handler, leaves = responding(ocsp.OCSPCertStatus.GOOD)
    with serving(handler) as server:
        urls = {"ocsp_url": server.url("/ocsp"), "crl_url": server.url("/crl")}
        leaves.append(issue("Leaf", TOP, **urls))  # type: ignore[arg-type]  # options of issue
        gathered = fetched(leaves[0], server)
        assert len(server.requests) == 1
    assert outcomes(gathered) == [("OCSP", "GOOD", "fetched")]
    [fact] = gathered.revocations
    assert fact.signature_intact is True
    assert fact.authorised
    assert fact.problems == ()


def test_the_crl_is_fetched_where_ocsp_does_not_answer_or_does_not_settle() -> None:
    bodies: dict[str, bytes] = {}
    with serving(routes(bodies)) as server:
        urls = {"ocsp_url": server.url("/ocsp"), "crl_url": server.url("/crl")}
        leaf = issue("Leaf", TOP, **urls)  # type: ignore[arg-type]  # options of issue
        bodies["/crl"] = crl(TOP, {leaf.certificate.serial_number: None})
        assert outcomes(fetched(leaf, server)) == [("CRL", "REVOKED", "fetched")]
        bodies["/ocsp"] = ocsp_response(leaf, TOP, responder=root("Stranger"))
        assert outcomes(fetched(leaf, server)) == [
            ("OCSP", "UNKNOWN", "fetched"),
            ("CRL", "REVOKED", "fetched"),
        ]


def test_current_embedded_evidence_makes_fetching_needless_and_stale_does_not() -> None:
    bodies: dict[str, bytes] = {}
    with serving(routes(bodies)) as server:
        leaf = issue("Leaf", TOP, crl_url=server.url("/crl"))
        bodies["/crl"] = crl(TOP)
        current = EmbeddedMaterial(crls=(crl(TOP),))
        assert outcomes(fetched(leaf, server, material=current)) == [("CRL", "GOOD", "embedded")]
        assert server.requests == []
        old = crl(TOP, this_update=NOW - 3 * DAY, next_update=NOW - DAY)
        gathered = fetched(leaf, server, material=EmbeddedMaterial(crls=(old,)))
        assert outcomes(gathered) == [("CRL", "GOOD", "embedded"), ("CRL", "GOOD", "fetched")]


def test_an_answer_without_an_end_is_the_newest_there_is_when_it_was_just_fetched() -> None:
    handler, leaves = responding(ocsp.OCSPCertStatus.GOOD, next_update=None)
    with serving(handler) as server:
        urls = {"ocsp_url": server.url("/ocsp"), "crl_url": server.url("/crl")}
        leaves.append(issue("Leaf", TOP, **urls))  # type: ignore[arg-type]  # options of issue
        assert outcomes(fetched(leaves[0], server)) == [("OCSP", "GOOD", "fetched")]
        embedded = ocsp_response(leaves[0], TOP, next_update=None)
        material = EmbeddedMaterial(ocsps=(embedded,))
        assert len(outcomes(fetched(leaves[0], server, material=material))) == 2


def test_an_answer_younger_than_the_captured_instant_settles_the_question() -> None:
    handler, leaves = responding(
        ocsp.OCSPCertStatus.GOOD, this_update=NOW + dt.timedelta(seconds=1)
    )
    with serving(handler) as server:
        urls = {"ocsp_url": server.url("/ocsp"), "crl_url": server.url("/crl")}
        leaves.append(issue("Leaf", TOP, **urls))  # type: ignore[arg-type]  # options of issue
        assert outcomes(fetched(leaves[0], server)) == [("OCSP", "GOOD", "fetched")]


def test_one_crl_answers_for_all_certificates_of_its_issuer() -> None:
    bodies: dict[str, bytes] = {}
    with serving(routes(bodies)) as server:
        bodies["/crl"] = crl(TOP)
        leaves = [issue(f"Leaf {n}", TOP, crl_url=server.url("/crl")) for n in range(3)]
        trust = TrustStore.from_certificates([TOP.der])
        fetcher = Fetcher(allowed=[server.authority])
        ders = [leaf.der for leaf in leaves]
        gathered = gather(ders, EmbeddedMaterial(), trust, NOW, fetcher)
        assert len(server.requests) == 1
    assert outcomes(gathered) == [("CRL", "GOOD", "fetched")] * 3


def test_verified_evidence_is_kept_until_its_next_update_and_forgeries_are_not() -> None:
    now = NOW
    cache = MemoryCache(clock=lambda: now)
    bodies: dict[str, bytes] = {}
    with serving(routes(bodies)) as server:
        leaf = issue("Leaf", TOP, crl_url=server.url("/crl"))
        bodies["/crl"] = crl(TOP, signed_with=key("forger"))
        assert outcomes(fetched(leaf, server, cache=cache)) == [("CRL", "UNKNOWN", "fetched")]
        assert cache.get(f"crl:{server.url('/crl')}") is None
        bodies["/crl"] = crl(TOP)
        origins = [outcomes(fetched(leaf, server, cache=cache))[0][2] for _ in range(2)]
        assert origins == ["fetched", "cache"]
        now = NOW + 2 * DAY
        assert outcomes(fetched(leaf, server, cache=cache))[0][2] == "fetched"
        assert len(server.requests) == 3


def test_a_tampered_cache_is_not_believed() -> None:
    class Poisoned(MemoryCache):
        def get(self, _key: str) -> bytes | None:
            return crl(TOP, signed_with=key("forger"))

    bodies: dict[str, bytes] = {}
    with serving(routes(bodies)) as server:
        leaf = issue("Leaf", TOP, crl_url=server.url("/crl"))
        bodies["/crl"] = crl(TOP, {leaf.certificate.serial_number: None})
        gathered = fetched(leaf, server, cache=Poisoned())
    assert outcomes(gathered) == [("CRL", "REVOKED", "fetched")]


def test_a_delegated_responder_is_asked_about_too() -> None:
    bodies: dict[str, bytes] = {}
    with serving(routes(bodies)) as server:
        crl_url = server.url("/crl")
        responder = issue("Responder", TOP, eku=[OCSP_SIGNING], crl_url=crl_url)
        leaf = issue("Leaf", TOP, ocsp_url=server.url("/ocsp"))
        bodies["/ocsp"] = ocsp_response(leaf, TOP, responder=responder)
        bodies["/crl"] = crl(TOP, {responder.certificate.serial_number: None})
        gathered = fetched(leaf, server)
    assert outcomes(gathered) == [("OCSP", "GOOD", "fetched"), ("CRL", "REVOKED", "fetched")]
    assert gathered.revocations[1].certificate == read_certificate(responder.der).sha256


@pytest.mark.parametrize(
    "reply", [b"", b"<html>Sorry</html>", b"\x30\x03\x0a\x01\x03", bytes(65 * 1024)]
)
def test_a_useless_answer_gives_no_fact_and_no_error(reply: bytes) -> None:
    with serving(answer(reply)) as server:
        leaf = issue("Leaf", TOP, ocsp_url=server.url("/ocsp"))
        assert fetched(leaf, server).revocations == ()


def test_the_status_of_the_anchor_is_nobodys_question() -> None:
    with serving(answer(b"")) as server:
        anchor = issue("Anchor", TOP, ca=True, ocsp_url=server.url("/"), crl_url=server.url("/"))
        fetched(issue("Leaf", anchor), server, anchors=[anchor])
        assert server.requests == []


# --- the memory cache -----------------------------------------------------------------------


def test_the_memory_cache_forgets_at_expiry_and_what_was_unused_longest() -> None:
    now = NOW
    cache = MemoryCache(max_bytes=10, clock=lambda: now)
    cache.put("a", b"aaaa", expires=NOW + DAY)
    cache.put("b", b"bbbb", expires=NOW + DAY)
    assert cache.get("a") == b"aaaa"
    cache.put("c", b"cccc", expires=NOW + DAY)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (b"aaaa", None, b"cccc")
    now = NOW + DAY
    assert cache.get("a") is None


def test_the_memory_cache_takes_nothing_stale_or_too_large() -> None:
    cache = MemoryCache(max_bytes=4, clock=lambda: NOW)
    cache.put("stale", b"x", expires=NOW)
    cache.put("large", b"xxxxx", expires=NOW + DAY)
    assert (cache.get("stale"), cache.get("large")) == (None, None)


def test_an_entry_put_again_replaces_the_old_one() -> None:
    cache = MemoryCache(max_bytes=4, clock=lambda: NOW)
    for value in (b"xxxx", b"yyyy", b"zz"):
        cache.put("key", value, expires=NOW + dt.timedelta(seconds=1))
    assert cache.get("key") == b"zz"


def test_status_values_are_those_of_the_contract() -> None:
    values = {status.value for status in RevocationStatus}
    assert values == {"GOOD", "REVOKED", "ON_HOLD", "UNKNOWN"}


def test_distribution_points_of_directories_are_not_fetched() -> None:
    point = x509.DistributionPoint(
        [x509.UniformResourceIdentifier("ldap://ldap.test/cn=ca")], None, None, None
    )
    leaf = issue("Leaf", TOP, extra=[(x509.CRLDistributionPoints([point]), False)])
    with serving(answer(b"")) as server:
        assert fetched(leaf, server).revocations == ()
        assert server.requests == []
