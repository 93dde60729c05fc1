"""How a certificate says that it comes from a demonstration and proves nothing.

The sandbox writes one certificate policy into every certificate it issues and one organisation
name into every authority. Both are facts about certificates, so they are recognised here, where
`serve`, the pages and the sandbox itself can all look; a service in production refuses such
anchors, seals and keys without importing the sandbox (which need not be installed there).
"""

from cryptography import x509

from signer.errors import InputError

SANDBOX_ORGANIZATION = "Skrytka Sandbox"
"""The organisation (O) of every authority the sandbox makes."""

SANDBOX_POLICY_OID = "2.25.235586965468851176421544321801186135252"
"""The certificate policy of everything the sandbox issues: an arc of our own, made from a UUID
(ITU-T X.667), so that no register of numbers is needed and nobody else can mean it."""


def is_sandbox_certificate(der: bytes) -> bool:
    """Tell whether a certificate was made by a sandbox and must not be believed in production.

    `der` is one certificate. The policy alone is enough, and so is the organisation in the
    subject or the issuer: who strips one still trips over the other.

    Raises `InputError` when the bytes are no certificate.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        names = (certificate.subject, certificate.issuer)
        return any(map(_is_sandbox_name, names)) or SANDBOX_POLICY_OID in _policies(certificate)
    except ValueError as error:
        raise InputError(
            "This is not a readable certificate. Give one X.509 certificate in DER."
        ) from error


def _is_sandbox_name(name: x509.Name) -> bool:
    organizations = name.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    return any(attribute.value == SANDBOX_ORGANIZATION for attribute in organizations)


def _policies(certificate: x509.Certificate) -> set[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.CertificatePolicies)
    except x509.ExtensionNotFound:
        return set()
    return {policy.policy_identifier.dotted_string for policy in extension.value}
