"""XML signatures (XMLDSig, XAdES): create, observe.

``observe`` gives facts about every signature of a document; ``create`` signs one.
"""

from signer.xades.create import create
from signer.xades.observe import observe

__all__ = ["create", "observe"]
