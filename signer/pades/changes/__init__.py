"""What was changed after a signature, in plain words (ISO 32000-2 12.8.2.2)."""

from signer.pades.changes.history import AMBIGUOUS_KINDS, changes_by_revision

__all__ = ["AMBIGUOUS_KINDS", "changes_by_revision"]
