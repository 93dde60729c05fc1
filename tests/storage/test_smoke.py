import io, uuid


def test_smoke(database, vault, tmp_path):
    from storage import Ledger

    d = uuid.uuid4()
    s = vault.put(io.BytesIO(b"x" * 5_000_000), document_id=d)
    led = Ledger()
    with database.transaction() as session:
        vault.record(session, s)
        led.append(session, event="a", subject="b", actor="c", facts={"x": 1})
    with database.transaction() as session:
        f = vault.find(session, d)
        assert f == s
        assert led.verify(session).intact, led.verify(session)
        assert led.verify(session).records == 1
    with vault.open(f) as r:
        assert r.read() == b"x" * 5_000_000
