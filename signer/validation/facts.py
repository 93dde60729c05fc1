"""Everything the decision needs to know, as one frozen tree: what *observe* found in the bytes.

Facts carry no judgement: ``intact`` is mathematics, a time is what was written, a refusal says
which rule kept us from computing. Certificates are named by their SHA-256 (lowercase hex)
everywhere and stand once in :attr:`DocumentFacts.certificates`. Names of algorithms, digests,
levels and revocation are spelled as EU DSS spells its constants (``SHA256``, ``RSA``, ``ECDSA``,
``XAdES-BASELINE-B``). All times are aware and in UTC. ``validation.serialise`` turns the tree
into JSON and back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class DocumentKind(StrEnum):
    """What a file is, by its content."""

    XML = "xml"
    PDF = "pdf"
    ASIC_E = "asic-e"
    ASIC_S = "asic-s"
    CMS = "cms"
    UNKNOWN = "unknown"


class ProblemCode(StrEnum):
    """Why a document or a signature is not what its format demands (EN 319 102-1 5.2.2)."""

    UNREADABLE = "UNREADABLE"
    UNSUPPORTED = "UNSUPPORTED"
    """A format this version does not judge yet: never passed, never called broken."""
    LIMIT = "LIMIT"
    STRUCTURE = "STRUCTURE"
    AMBIGUOUS = "AMBIGUOUS"
    """Two readings are possible (duplicate identifiers, two SignedInfo, junk after the end)."""
    PROPERTIES_NOT_SIGNED = "PROPERTIES_NOT_SIGNED"
    """The signature carries properties that it does not cover: nothing in them counts."""
    SIGNATURE_STRIPPED = "SIGNATURE_STRIPPED"
    """Traces of a signature that the document no longer lists."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One structural fault: a code for the decision and an English sentence for the expert."""

    code: ProblemCode
    message: str


class RefusalKind(StrEnum):
    """What kind of gate rule forbade a computation; decides the sub-indication."""

    FORMAT = "FORMAT"
    REFERENCE = "REFERENCE"
    TRANSFORM = "TRANSFORM"
    ALGORITHM = "ALGORITHM"
    LIMIT = "LIMIT"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A computation the gate refused, and by which named rule: the result stays ``None``."""

    kind: RefusalKind
    rule: str
    reason: str


class RevocationStatus(StrEnum):
    """What a CRL or an OCSP answer says of one certificate."""

    GOOD = "GOOD"
    REVOKED = "REVOKED"
    ON_HOLD = "ON_HOLD"
    UNKNOWN = "UNKNOWN"


# --- keys and certificates ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyFact:
    """A public key: ``RSA``, ``DSA``, ``ECDSA``, ``ED25519``, ``ED448`` or the OID of another."""

    algorithm: str
    size: int | None = None
    """Bits: RSA modulus, EC field."""
    curve: str | None = None
    exponent: int | None = None
    """RSA public exponent."""


@dataclass(frozen=True, slots=True)
class SignatureAlgorithmFact:
    """How something was signed: encryption and digest name (None where the scheme has its own)."""

    encryption: str
    """``RSA``, ``RSASSA-PSS``, ``ECDSA``, ``DSA``, ``ED25519``, ``ED448``, ``HMAC`` …"""
    digest: str | None
    identifier: str
    """The URI or OID as written."""


@dataclass(frozen=True, slots=True)
class QcStatementsFact:
    """ETSI EN 319 412-5 statements of a certificate."""

    compliance: bool = False
    qscd: bool = False
    types: tuple[str, ...] = ()
    """``esign``, ``eseal``, ``web`` or the OID."""
    legislations: tuple[str, ...] = ()
    """Country codes of QcCClegislation; empty means EU."""


@dataclass(frozen=True, slots=True)
class CertificateFact:
    """One certificate, with all that decisions need; unreadable ones keep ``der`` and a problem."""

    sha256: str
    der: bytes
    subject: str
    """RFC 4514, as written."""
    issuer: str
    serial: str
    """Lowercase hex."""
    not_before: datetime | None
    not_after: datetime | None
    key: KeyFact | None
    signature_algorithm: SignatureAlgorithmFact | None
    self_signed: bool = False
    """Subject equals issuer and the signature verifies under its own key."""
    key_usage: tuple[str, ...] | None = None
    """RFC 5280 names (``digitalSignature``, ``nonRepudiation`` …); None: absent."""
    extended_key_usage: tuple[str, ...] | None = None
    """Dotted OIDs; None: absent."""
    ca: bool | None = None
    """basicConstraints cA; None: the extension is absent."""
    path_length: int | None = None
    policies: tuple[str, ...] = ()
    unknown_critical_extensions: tuple[str, ...] = ()
    qc: QcStatementsFact = field(default_factory=QcStatementsFact)
    subject_attributes: tuple[tuple[str, str], ...] = ()
    """(dotted OID, value) in the order of the name; values as text, repeated ones repeated."""
    subject_key_id: str | None = None
    ocsp_no_check: bool = False
    ocsp_urls: tuple[str, ...] = ()
    crl_urls: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RevocationFact:
    """What one CRL or OCSP answer says of one certificate, and what the answer itself is worth."""

    kind: str
    """``CRL`` or ``OCSP``."""
    sha256: str
    certificate: str
    """The certificate it speaks of."""
    status: RevocationStatus
    this_update: datetime | None
    next_update: datetime | None
    produced_at: datetime | None
    issuer: str | None
    """The certificate that signed the answer; None: not found."""
    signature_intact: bool | None
    authorised: bool
    """Its signer may speak for the certificate's issuer (RFC 5280 6.3, RFC 6960 4.2.2.2)."""
    origin: str
    """``embedded``, ``cache`` or ``fetched``."""
    revocation_time: datetime | None = None
    reason: str | None = None
    """RFC 5280 CRLReason name (``keyCompromise`` …)."""
    invalidity_date: datetime | None = None
    signature_algorithm: SignatureAlgorithmFact | None = None
    signer_key: KeyFact | None = None
    archive_cutoff: datetime | None = None
    expired_certs_on_crl: datetime | None = None
    certificate_hash_matches: bool | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PathProblem:
    """One time-independent RFC 5280 section 6 fault of a path, at one of its certificates."""

    certificate: str
    code: str
    """``CA_FALSE``, ``PATH_LENGTH``, ``KEY_USAGE``, ``NAME_CONSTRAINTS``, ``POLICY``,
    ``CRITICAL_EXTENSION``, ``SIGNATURE`` …"""
    message: str


@dataclass(frozen=True, slots=True)
class PathFact:
    """One candidate path: signer first, then issuers, last the anchor where one was reached."""

    certificates: tuple[str, ...]
    anchor: str | None
    """Equals the last certificate; None: no anchor was reached (the longest chain found)."""
    links_intact: tuple[bool | None, ...]
    """One per certificate but the last: its signature verifies under the next one's key."""
    problems: tuple[PathProblem, ...] = ()


# --- signatures -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReferenceFact:
    """One digest over something signed."""

    type: str
    """``REFERENCE``, ``SIGNED_PROPERTIES``, ``MESSAGE_DIGEST``, ``MANIFEST``, ``OBJECT`` …"""
    uri: str | None
    found: bool
    intact: bool | None
    """None: the gate refused to compute it, or it was not found."""
    digest_algorithm: str | None = None
    id: str | None = None
    duplicated: bool = False
    """More than one thing answers to the address."""
    transforms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CertificateReferenceFact:
    """The signed attribute that pins the signing certificate (EN 319 132-1 5.2.2, RFC 5035)."""

    present: bool
    unique: bool
    matches: bool | None
    """Its digest is that of the signing certificate; None: nothing to compare."""
    issuer_serial_matches: bool | None = None
    """None: no issuer and serial given."""
    digest_algorithm: str | None = None


@dataclass(frozen=True, slots=True)
class EmbeddedCertificate:
    """A certificate found in the document, and where (``KEY_INFO``, ``SIGNED_DATA``, ``DSS`` …)."""

    sha256: str
    origin: str


@dataclass(frozen=True, slots=True)
class PolicyReferenceFact:
    """A signature policy named by the signer."""

    implied: bool
    identifier: str | None = None
    digest_algorithm: str | None = None
    digest: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class PersonClaim:
    """A person's data *written into* a signature; worth only as much as who sealed it.

    ``source``: ``trusted_profile_role`` (XAdES claimed role) or ``trusted_profile_reason`` (PDF).
    """

    source: str
    given_name: str | None
    family_name: str | None
    pesel: str | None


@dataclass(frozen=True, slots=True)
class SignedPropertiesFact:
    """What the signer stated under the signature; all of it claimed, none of it proven."""

    policy: PolicyReferenceFact | None = None
    claimed_roles: tuple[str, ...] = ()
    commitment_types: tuple[str, ...] = ()
    production_place: str | None = None
    data_formats: tuple[tuple[str, str | None], ...] = ()
    """(reference address, MIME type)."""
    person_claims: tuple[PersonClaim, ...] = ()


@dataclass(frozen=True, slots=True)
class ScopeFact:
    """A part of the document that is under the signature."""

    name: str
    full: bool
    """True: the whole main content (document or detached file); False: a part of it."""


@dataclass(frozen=True, slots=True)
class PdfModification:
    """A change made after a PDF revision was signed."""

    kind: str
    """``SIGNATURE``, ``DSS``, ``DOC_TIMESTAMP``, ``FORM_FILLING``, ``ANNOTATION``, ``OTHER`` …"""
    description: str
    harmless: bool
    """Nothing a reader sees changed (a new signature without overlap, DSS, a time stamp)."""


@dataclass(frozen=True, slots=True)
class PdfFact:
    """What only PDF signatures have (EN 319 142-1, ISO 32000-2 12.8)."""

    field_names: tuple[str, ...]
    sub_filter: str | None
    filter: str | None
    byte_range: tuple[int, ...]
    byte_range_valid: bool
    covers_whole_file: bool
    """Its byte range reaches the end of the file (nothing came after)."""
    modifications: tuple[PdfModification, ...] = ()
    docmdp: int | None = None
    dictionary_time: datetime | None = None
    """``/M``: claimed by the signature dictionary."""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TimestampFact:
    """One RFC 3161 token and what it covers."""

    type: str
    """``content``, ``signature``, ``archive`` or ``document``."""
    sha256: str
    time: datetime | None
    imprint_intact: bool | None
    signature_intact: bool | None
    signing_certificate: str | None
    digest_algorithm: str | None = None
    signature_algorithm: SignatureAlgorithmFact | None = None
    problems: tuple[Problem, ...] = ()


BESIDE_THE_CORE = frozenset({"MANIFEST_ENTRY", "COUNTER_SIGNED_SIGNATURE_VALUE"})
"""References that XMLDSig core validation leaves to the application (XMLDSig 2.3, 3.2)."""


@dataclass(frozen=True, slots=True)
class SignatureFact:
    """One signature as found: mathematics and claims, no judgement."""

    id: str
    format: str
    """``XAdES``, ``PAdES``, ``CAdES``, ``XMLDSig`` or ``PKCS7``."""
    level: str
    """DSS's name of what its structure amounts to."""
    baseline: str | None
    """``B``, ``T``, ``LT``, ``LTA`` or None where it is no baseline signature."""
    packaging: str | None
    references: tuple[ReferenceFact, ...]
    signature_value_intact: bool | None
    signature_algorithm: SignatureAlgorithmFact | None
    signing_certificate: str | None
    """The certificate whose key was used; None: not identified."""
    signing_certificate_reference: CertificateReferenceFact
    claimed_signing_time: datetime | None = None
    signed_properties: SignedPropertiesFact = field(default_factory=SignedPropertiesFact)
    certificates: tuple[EmbeddedCertificate, ...] = ()
    scope: tuple[ScopeFact, ...] = ()
    timestamps: tuple[TimestampFact, ...] = ()
    pdf: PdfFact | None = None
    refusals: tuple[Refusal, ...] = ()
    problems: tuple[Problem, ...] = ()
    counter_signature_of: str | None = None
    embedded_crls: int = 0
    embedded_ocsps: int = 0

    @property
    def intact(self) -> bool | None:
        """All digests and the signature value agree; False: one does not; None: not computed."""
        digests = [r for r in self.references if r.type not in BESIDE_THE_CORE]
        results = [self.signature_value_intact, *(ref.intact for ref in digests)]
        if any(result is False for result in results):
            return False
        return None if not digests or any(result is None for result in results) else True


@dataclass(frozen=True, slots=True)
class DocumentFact:
    """The file that was given."""

    name: str
    kind: DocumentKind
    sha256: str
    size: int
    problems: tuple[Problem, ...] = ()
    signed_shape: bool = False
    """It shows traces of signatures, listed or not; False: really unsigned."""


@dataclass(frozen=True, slots=True)
class AnchorFact:
    """A trusted certificate that ends a path here, and what trusting it means."""

    sha256: str
    kind: str
    """``plain``, ``qualified``, ``trusted_profile`` or ``personal``."""


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """The whole tree that *decide* reads: nothing else reaches it but policy and one instant."""

    document: DocumentFact
    signatures: tuple[SignatureFact, ...]
    certificates: tuple[CertificateFact, ...] = ()
    paths: tuple[PathFact, ...] = ()
    revocations: tuple[RevocationFact, ...] = ()
    anchors: tuple[AnchorFact, ...] = ()
    offline: bool = True
    """No fetcher was given: what is not embedded could not be had."""
    source_failures: tuple[str, ...] = ()
    """What the outside did not give, in sentences."""

    def certificate(self, sha256: str | None) -> CertificateFact | None:
        """Give the certificate with this SHA-256, or None."""
        return next((c for c in self.certificates if c.sha256 == sha256), None)


# --- what the formats and the trust room hand to observe --------------------------------------


@dataclass(frozen=True, slots=True)
class EmbeddedMaterial:
    """DER found in a document that may help to judge its signatures."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    """OCSPResponse or BasicOCSPResponse."""


@dataclass(frozen=True, slots=True)
class ObservedSignatures:
    """What ``signer.<format>.observe(data)`` gives. It never raises for content."""

    signatures: tuple[SignatureFact, ...] = ()
    material: EmbeddedMaterial = field(default_factory=EmbeddedMaterial)
    problems: tuple[Problem, ...] = ()
    """Faults of the document as a whole; with any, no signature in it can pass."""
    signed_shape: bool = False
    """Traces of signatures even where none is listed."""


@dataclass(frozen=True, slots=True)
class GatheredTrust:
    """What ``signer.trust.gather(candidates, material, trust, at, fetch)`` gives."""

    certificates: tuple[CertificateFact, ...] = ()
    """Every certificate met: candidates first, then the rest of the pool, issuers, responders."""
    paths: tuple[PathFact, ...] = ()
    revocations: tuple[RevocationFact, ...] = ()
    anchors: tuple[str, ...] = ()
    source_failures: tuple[str, ...] = ()
    """What the outside did not give, in sentences."""
