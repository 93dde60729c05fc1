"""Names of the XML signature vocabularies: namespaces, elements, reference types."""

from lxml import etree

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES_132 = "http://uri.etsi.org/01903/v1.3.2#"
XADES_141 = "http://uri.etsi.org/01903/v1.4.1#"
XADES_122 = "http://uri.etsi.org/01903/v1.2.2#"
XADES_111 = "http://uri.etsi.org/01903/v1.1.1#"
QUALIFYING_NAMESPACES = (XADES_132, XADES_122, XADES_111)
"""Namespaces in which QualifyingProperties occur in the field, newest first."""

SIGNED_PROPERTIES_TYPES = frozenset(
    {
        "http://uri.etsi.org/01903#SignedProperties",
        "http://uri.etsi.org/01903/v1.1.1#SignedProperties",
        "http://uri.etsi.org/01903/v1.2.2#SignedProperties",
        "http://uri.etsi.org/01903/v1.3.2#SignedProperties",
    }
)
SIGNED_PROPERTIES_TYPE = "http://uri.etsi.org/01903#SignedProperties"
COUNTER_SIGNATURE_TYPE = "http://uri.etsi.org/01903#CountersignedSignature"
MANIFEST_TYPE = DS + "Manifest"
OBJECT_TYPE = DS + "Object"

SIGNATURE = f"{{{DS}}}Signature"
SIGNED_INFO = f"{{{DS}}}SignedInfo"
SIGNATURE_VALUE = f"{{{DS}}}SignatureValue"
KEY_INFO = f"{{{DS}}}KeyInfo"
OBJECT = f"{{{DS}}}Object"
CANONICALIZATION_METHOD = f"{{{DS}}}CanonicalizationMethod"
SIGNATURE_METHOD = f"{{{DS}}}SignatureMethod"
REFERENCE = f"{{{DS}}}Reference"
TRANSFORMS = f"{{{DS}}}Transforms"
TRANSFORM = f"{{{DS}}}Transform"
DIGEST_METHOD = f"{{{DS}}}DigestMethod"
DIGEST_VALUE = f"{{{DS}}}DigestValue"
MANIFEST = f"{{{DS}}}Manifest"
X509_DATA = f"{{{DS}}}X509Data"
X509_CERTIFICATE = f"{{{DS}}}X509Certificate"


def ds(local: str) -> str:
    """Give the qualified name of an XMLDSig element."""
    return f"{{{DS}}}{local}"


def xades(local: str) -> str:
    """Give the qualified name of a XAdES 1.3.2 element."""
    return f"{{{XADES_132}}}{local}"


def local_name(element: etree._Element) -> str:
    """Give an element's name without its namespace; comments and instructions have none: ``""``."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace_of(element: etree._Element) -> str:
    """Give an element's namespace, ``""`` where it has none."""
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""
