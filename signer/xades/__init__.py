"""XML signatures (XMLDSig, XAdES): create, observe.

``observe`` gives facts about every signature of a document, ``signed_content`` the octets that the
intact ones are over; ``create`` signs a document.
"""

from signer.xades.create import create
from signer.xades.observe import SignedContent, observe, signed_content

__all__ = ["SignedContent", "create", "observe", "signed_content"]
