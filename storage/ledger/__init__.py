"""The append-only audit ledger: records chained by hash, written in the transaction of their fact.

A record's hash is SHA-256 over the canonical JSON of its fields and of the hash before it, so none
can be changed, removed, moved or put in without every later hash changing; the head row says where
the chain ends. Facts are identifiers, digests, states and numbers. Personal data never enter the
ledger, because nothing ever leaves it.
"""

from storage.ledger.ledger import Anchor, Ledger
from storage.ledger.records import JSON, canonical, record_hash
from storage.ledger.walk import LedgerCheck

__all__ = ["JSON", "Anchor", "Ledger", "LedgerCheck", "canonical", "record_hash"]
