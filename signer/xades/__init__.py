"""XML signatures (XMLDSig, XAdES): create, observe.

``observe`` gives facts about every signature of a document; ``create`` signs one.
"""

from signer.xades.observe import observe

__all__ = ["observe"]
