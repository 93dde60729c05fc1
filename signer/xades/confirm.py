"""A second opinion: the same signature checked by libxmlsec.

Our own engine has resolved every address, recognised every transform and computed every digest
before; libxmlsec must come to the same result, or the signature does not pass. It never sees an
address or a transform that our gate did not allow, reads no KeyInfo (the key is given), and its
access to files is taken away for the whole process.
"""

from __future__ import annotations

from functools import lru_cache

import xmlsec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from signer.xades import names
from signer.xades.algorithms import XPATH_FILTER2_URI, XPATH_URI
from signer.xades.digests import Checked
from signer.xades.structure import SignatureParts

MAX_REFERENCES = 16
"""libxmlsec walks the whole document for each reference; above this our engine stands alone."""

MAX_OCTETS = 1024 * 1024
"""Of all that is digested; above this the second opinion would cost more than the first."""

_ENCRYPTIONS = frozenset({"RSA", "ECDSA"})
"""What libxmlsec and ``cryptography`` can both do; the rest has one engine only."""

_XPATHS = frozenset({XPATH_URI, XPATH_FILTER2_URI})

# libxmlsec reads local files named by a reference. Nothing of ours needs that: take it away.
xmlsec.cleanup_callbacks()


def confirmed(
    parts: SignatureParts, checked: tuple[Checked, ...], key: PublicKeyTypes, encryption: str
) -> bool | None:
    """Say whether libxmlsec verifies the signature too; None: it was not asked.

    It is not asked where a Manifest is near (it would follow the references in it, which our gate
    has not seen), where a reference means a separate file or has an XPath (it would evaluate it
    anew for each node: 12 ms for 10 kB), where there is much, or where it has no such algorithm.
    """
    if encryption not in _ENCRYPTIONS or not _is_cheap(checked):
        return None
    if next(parts.element.iter(names.MANIFEST), None) is not None:
        return None
    if any(not _within_its_powers(one) for one in checked):
        return None
    context = xmlsec.SignatureContext()
    try:
        context.key = _key(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        for one in checked:
            _register(context, one)
        context.verify(parts.element)
    except xmlsec.VerificationError:
        return False
    except xmlsec.Error:
        # Its other errors say that it cannot do this kind of signature, not that it is wrong.
        return None
    return True


def _is_cheap(checked: tuple[Checked, ...]) -> bool:
    octets = sum(len(one.octets or b"") for one in checked)
    return len(checked) <= MAX_REFERENCES and octets <= MAX_OCTETS


def _within_its_powers(one: Checked) -> bool:
    transforms = {transform.get("Algorithm") for transform in one.parts.transforms}
    return one.detached_name is None and one.target.found and transforms.isdisjoint(_XPATHS)


@lru_cache(maxsize=64)
def _key(pem: bytes) -> xmlsec.Key:
    return xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)


def _register(context: xmlsec.SignatureContext, one: Checked) -> None:
    element, attribute = one.target.element, one.target.attribute
    if element is None or attribute is None:
        return
    name = etree.QName(attribute)
    context.register_id(element, name.localname, name.namespace)
