"""Who signs: keys with their certificates."""

from signer.credentials.credential import Credential
from signer.credentials.pkcs12 import Pkcs12Credential

__all__ = ["Credential", "Pkcs12Credential"]
