"""The signer opens the sandbox's keys, and its trust reads the sandbox's services over HTTP."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from exchange.running.production import SANDBOX_CLIENT_ID
from sandbox import OFFICES, PEOPLE, CertificateState, Person, Sandbox
from signer import Fetcher, InputError, Pkcs12Credential, TrustStore, sign, validate
from signer.trust import gather
from signer.validation.facts import EmbeddedMaterial, RevocationStatus
from tests.sandbox_fixtures import RunningSandbox

LABELS = [p.person_id for p in PEOPLE] + [f"seal-{o.short_id}" for o in OFFICES]


@pytest.mark.parametrize("label", LABELS)
def test_the_signer_opens_every_credential(sandbox: Sandbox, label: str) -> None:
    short_id = label.removeprefix("seal-")
    given = sandbox.credential(label) if label == short_id else sandbox.seal(short_id)
    opened = Pkcs12Credential.from_bytes(given.pkcs12, given.password)
    assert opened.certificate == sandbox.certificate(label)
    assert opened.chain == (sandbox.certificate("ca"), sandbox.certificate("root"))
    with pytest.raises(InputError):
        Pkcs12Credential.from_bytes(given.pkcs12, given.password + "x")


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.person_id)
def test_trust_finds_path_and_revocation_of_everybody(
    sandbox_server: RunningSandbox, person: Person
) -> None:
    world = sandbox_server.sandbox
    gathered = gather(
        [world.certificate(person.person_id)],
        EmbeddedMaterial(),
        TrustStore.from_certificates(world.anchors()),
        datetime.now(UTC),
        Fetcher(allowed=[urlsplit(world.base_url).netloc]),
    )
    # The issuer was not embedded: it was fetched from where the certificate says.
    paths = [path for path in gathered.paths if path.anchor is not None]
    assert [len(path.certificates) for path in paths] == [3]
    assert paths[0].problems == ()
    own = paths[0].certificates[0]
    evidence = [fact for fact in gathered.revocations if fact.certificate == own]
    assert evidence
    for fact in evidence:
        assert fact.problems == ()
        assert fact.signature_intact
        assert fact.authorised
    revoked = person.certificate_state is CertificateState.REVOKED
    expected = RevocationStatus.REVOKED if revoked else RevocationStatus.GOOD
    assert {fact.status for fact in evidence} == {expected}


def test_the_service_in_production_knows_the_sandboxs_client(sandbox: Sandbox) -> None:
    assert sandbox.login_client().client_id == SANDBOX_CLIENT_ID


@pytest.mark.parametrize(
    ("person_id", "indication", "sub_indication"),
    [
        ("anna", "TOTAL_PASSED", None),
        ("krystyna", "INDETERMINATE", "REVOKED_NO_POE"),
        ("wiktor", "INDETERMINATE", "OUT_OF_BOUNDS_NO_POE"),
    ],
)
def test_a_signature_of_everybody_gets_the_verdict_the_demonstration_promises(
    sandbox_server: RunningSandbox, person_id: str, indication: str, sub_indication: str | None
) -> None:
    world = sandbox_server.sandbox
    given = world.credential(person_id)
    signed = sign(
        b"<pismo>Dzie\xc5\x84 dobry</pismo>",
        Pkcs12Credential.from_bytes(given.pkcs12, given.password),
        format="xades",
        packaging="enveloped",
    )
    report = validate(
        signed,
        trust=TrustStore.from_certificates(world.anchors()),
        fetch=Fetcher(allowed=[urlsplit(world.base_url).netloc]),
    )
    assert report.conclusion.indication == indication
    assert report.conclusion.sub_indication == sub_indication
    (person,) = (p for p in PEOPLE if p.person_id == person_id)
    assert report.signatures[0].person is not None
    assert report.signatures[0].person.pesel == person.pesel
