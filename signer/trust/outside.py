"""One validation's dealings with the outside: a budget, a memory of failures, the cache.

A document can name hundreds of addresses that all hang. Whatever it holds, one validation makes at
most `MAX_FETCHES` fetches in `MAX_SECONDS`, and asks no address twice.
"""

from datetime import datetime, timedelta

from asn1crypto import cms, pem

from signer.errors import SourceError
from signer.trust.certificates import read_certificate
from signer.trust.encoding import check_der
from signer.trust.fetcher import Fetcher, Purpose

MAX_FETCHES = 24  # three signers with three-certificate paths, OCSP and CRL each, and some to spare
MAX_SECONDS = 30.0  # a person waits for the verdict, and a worker is held meanwhile
MAX_ISSUERS_IN_ANSWER = 8  # a certs-only message holds one CA's certificates

# Issuer certificates name no time of their own; a day keeps a busy office from asking again.
ISSUER_CACHE_AGE = timedelta(days=1)


class Outside:
    """What one validation may fetch. Never raises: what cannot be had stands in `failures`."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._answers: dict[str, bytes | None] = {}
        self._deadline = fetcher.clock() + MAX_SECONDS
        self.failures: list[str] = []

    def cached(self, key: str) -> bytes | None:
        """Give what the cache holds under `key`."""
        return None if self._fetcher.cache is None else self._fetcher.cache.get(key)

    def keep(self, key: str, value: bytes, expires: datetime) -> None:
        """Keep bytes that were checked, until they are stale."""
        if self._fetcher.cache is not None:
            self._fetcher.cache.put(key, value, expires=expires)

    def fetch(
        self, key: str, url: str, purpose: Purpose, body: bytes | None = None
    ) -> bytes | None:
        """Fetch what `key` names from `url`; None where the budget is spent or the source fails."""
        if key not in self._answers:
            if len(self._answers) >= MAX_FETCHES:
                return None
            self._answers[key] = self._ask(url, purpose, body)
        return self._answers[key]

    def _ask(self, url: str, purpose: Purpose, body: bytes | None) -> bytes | None:
        left = self._deadline - self._fetcher.clock()
        if left <= 0:
            self.failures.append("No time was left to ask for more.")
            return None
        try:
            if body is None:
                return self._fetcher.get(url, purpose, seconds=left)
            return self._fetcher.post(url, body, purpose, seconds=left)
        except SourceError as error:
            self.failures.append(str(error))
            return None

    def issuers(self, url: str) -> list[bytes]:
        """Give the certificates (DER) published at an AIA caIssuers address."""
        key = f"issuer:{url}"
        answer = self.cached(key) or self.fetch(key, url, Purpose.ISSUER)
        return [] if answer is None else _certificates_in(answer)

    def keep_issuers(self, url: str, certificates: list[bytes]) -> None:
        """Keep issuers that proved to be the right ones."""
        armoured = b"".join(pem.armor("CERTIFICATE", der) for der in certificates)
        self.keep(f"issuer:{url}", armoured, self._fetcher.now() + ISSUER_CACHE_AGE)


def _certificates_in(answer: bytes) -> list[bytes]:
    """Read an AIA answer: DER, PEM, or a certs-only CMS message (RFC 5280 4.2.2.1)."""
    if read_certificate(answer).readable:
        return [answer]
    try:
        if pem.detect(answer):
            found = [der for _, _, der in pem.unarmor(answer, multiple=True)]
        else:
            check_der(answer)
            message = cms.ContentInfo.load(answer, strict=True)["content"]
            found = [choice.chosen.dump() for choice in message["certificates"]]
    # asn1crypto raises whatever the bytes provoke; all of it means: no certificates here.
    except Exception:  # noqa: BLE001  # see above
        return []
    return found[:MAX_ISSUERS_IN_ANSWER]
