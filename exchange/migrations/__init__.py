"""Alembic revisions of the exchange (branch "exchange")."""
