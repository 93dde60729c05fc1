"""What a certifying author permits to be changed later (DocMDP, ISO 32000-2 12.8.2.2)."""

from __future__ import annotations

from typing import Final

from signer.pades.syntax import PdfDictionary, PdfFile

NO_CHANGES: Final = 1
"""Nothing may be added but time stamps and validation data."""
_DEFAULT: Final = 2
"""``/P`` where it is not written: filling forms and signing (table 257)."""


def stated_permission(file: PdfFile, signature: PdfDictionary) -> int | None:
    """Give the permission that a signature dictionary states; None: it certifies nothing."""
    for item in file.array(signature.get("Reference"), file.last):
        reference = file.dictionary(item, file.last)
        if reference.get("TransformMethod") == "DocMDP":
            parameters = file.dictionary(reference.get("TransformParams"), file.last)
            permission = parameters.get("P", _DEFAULT)
            return permission if isinstance(permission, int) else _DEFAULT
    return None


def certified_permission(file: PdfFile) -> int | None:
    """Give the permission of the document's certification; None: it is not certified."""
    permissions = file.dictionary(file.catalog(file.last).get("Perms"), file.last)
    certification = file.dictionary(permissions.get("DocMDP"), file.last)
    return stated_permission(file, certification) if certification else None
