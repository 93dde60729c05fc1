"""Documents of the vault, orphaned objects, and the append-only ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "storage_0001"
down_revision = None
branch_labels = ("storage",)
depends_on = None

# Superusers can switch triggers off; the hash chain notices what was done meanwhile.
_APPEND_ONLY = """
CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
_HEAD_FORWARD = """
CREATE FUNCTION ledger_head_moves_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.sequence <= OLD.sequence THEN
        RAISE EXCEPTION 'the head of the ledger only moves forward'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$
"""
# Runs at COMMIT, after everything else of the transaction, so that the head is locked last and for
# no longer than it takes. The text that is hashed is `storage.ledger.record_hash`'s, byte by byte.
_CHAIN = """
CREATE FUNCTION ledger_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head ledger_head%ROWTYPE;
    body text;
    digest bytea;
BEGIN
    SELECT * INTO STRICT head FROM ledger_head FOR UPDATE;
    body := '{"actor":' || to_json(NEW.actor)
        || ',"event":' || to_json(NEW.event)
        || ',"facts":' || to_json(NEW.facts)
        || ',"previous":"' || encode(head.hash, 'hex')
        || '","sequence":' || head.sequence + 1
        || ',"subject":' || to_json(NEW.subject)
        || ',"time":"' || to_char(
            NEW.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')
        || '"}';
    digest := sha256(convert_to(body, 'UTF8'));
    INSERT INTO ledger_record
        (sequence, recorded_at, event, subject, actor, facts, previous_hash, hash)
    VALUES (head.sequence + 1, NEW.recorded_at, NEW.event, NEW.subject, NEW.actor, NEW.facts,
        head.hash, digest);
    UPDATE ledger_head SET sequence = head.sequence + 1, hash = digest;
    DELETE FROM ledger_pending WHERE pending_id = NEW.pending_id;
    RETURN NULL;
END $$
"""
_PROTECTED = (
    ("ledger_record", "UPDATE OR DELETE OR TRUNCATE"),
    ("ledger_head", "DELETE OR TRUNCATE"),
)


def upgrade() -> None:
    """Creates the tables of this room."""
    _documents()
    _ledger()


def _documents() -> None:
    op.create_table(
        "document",
        sa.Column("document_id", sa.Uuid, primary_key=True),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("object_key", sa.Text, nullable=False, unique=True),
        sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
        sa.Column("key_version", sa.Integer, nullable=False),
        sa.Column("commitment", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("stored_size", sa.BigInteger, nullable=False),
        sa.Column("stored_sha256", sa.String(64), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "orphaned_object",
        sa.Column("object_key", sa.Text, primary_key=True),
        sa.Column("stored_size", sa.BigInteger, nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quarantined_at", sa.DateTime(timezone=True), nullable=False),
    )


def _ledger() -> None:
    _ledger_tables()
    for function in (_APPEND_ONLY, _HEAD_FORWARD, _CHAIN):
        op.execute(function)
    for table, events in _PROTECTED:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE {events} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
        )
    op.execute(
        "CREATE TRIGGER ledger_head_forward BEFORE UPDATE ON ledger_head "
        "FOR EACH ROW EXECUTE FUNCTION ledger_head_moves_forward()"
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER ledger_chain_at_commit AFTER INSERT ON ledger_pending "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_chain()"
    )


def _ledger_tables() -> None:
    record = (
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
    )
    op.create_table(
        "ledger_record",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        *(column._copy() for column in record),
        sa.Column("previous_hash", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_ledger_record_subject", "ledger_record", ["subject"])
    # Its rows never outlive a transaction, so they need not survive a crash.
    op.create_table(
        "ledger_pending",
        sa.Column("pending_id", sa.BigInteger, sa.Identity(), primary_key=True),
        *record,
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "ledger_head",
        sa.Column("singleton", sa.Boolean, primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("singleton", name="one_row"),
    )
    op.execute("INSERT INTO ledger_head VALUES (true, 0, decode(repeat('00', 32), 'hex'))")
