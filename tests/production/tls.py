"""What stands before the service in production: something that ends TLS and passes bytes on."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.signer import trust_pki

HOST = "localhost"
_BLOCK = 64 * 1024


@contextmanager
def running(folder: Path, service: Path) -> Iterator[str]:
    """Pass TLS connections on to the unix socket `service`; gives the base URL.

    `folder / "ca.pem"` is what clients trust.
    """
    loop = asyncio.new_event_loop()
    front = _Front(service)
    listening = asyncio.start_server(front.pass_on, "127.0.0.1", 0, ssl=_context(folder))
    server = loop.run_until_complete(listening)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"https://{HOST}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        try:
            asyncio.run_coroutine_threadsafe(front.hang_up(), loop).result(10)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


class _Front:
    def __init__(self, service: Path) -> None:
        self._service = service
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Join a client's connection with one to the service, until one of them ends."""
        self._open.add(writer)
        me = asyncio.current_task()
        assert me is not None
        self._tasks.add(me)
        with contextlib.suppress(OSError):
            inside_reader, inside_writer = await asyncio.open_unix_connection(self._service)
            await asyncio.gather(_pump(reader, inside_writer), _pump(inside_reader, writer))
        writer.close()
        self._open.discard(writer)
        self._tasks.discard(me)

    async def hang_up(self) -> None:
        """End every connection."""
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while block := await source.read(_BLOCK):
            sink.write(block)
            await sink.drain()
    sink.close()


def _context(folder: Path) -> ssl.SSLContext:
    now = dt.datetime.now(dt.UTC)
    begun, over = now - trust_pki.DAY, now + trust_pki.DAY
    ca = trust_pki.root("TLS of the tests", not_before=begun, not_after=over)
    server = trust_pki.issue(
        HOST,
        ca,
        usages=("digital_signature",),
        extra=[(x509.SubjectAlternativeName([x509.DNSName(HOST)]), False)],
        not_before=begun,
        not_after=over,
    )
    (folder / "ca.pem").write_bytes(ca.certificate.public_bytes(Encoding.PEM))
    key = server.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain = folder / "server.pem"
    chain.write_bytes(key + server.certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context
