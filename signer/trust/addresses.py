"""Which addresses the fetcher may talk to.

A certificate or a signature can name any URL it likes, so every URL is treated as written by an
attacker who wants this server to call its own neighbours (SSRF). The rule is applied to the
*resolved* addresses, never to the spelling: `2130706433`, `0x7f.1`, `localhost.` and a public
name that answers with 10.0.0.1 are all the same to it.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from signer.errors import SourceError

# RFC 3986 characters only. Blanks, control characters and non-ASCII never belong in a URL found in
# a certificate, and are how request lines get split.
_URL_CHARACTERS = re.compile(r"[!-~]+\Z")

# Longest URL that is looked at; the longest seen in certificates of trusted lists are about 300.
MAX_URL_LENGTH = 2048

# Revocation data and issuers are published on the two web ports; anything else (25, 6379, …) is
# somebody's internal service unless the operator says otherwise.
DEFAULT_PORTS = {"http": 80, "https": 443}

# Addresses that carry an IPv4 address inside: a translator on the way would deliver to that one.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_IPV4_COMPATIBLE = ipaddress.ip_network("::/96")

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Target:
    """Where a URL points: scheme `http` or `https`, host lower-cased, port, and path with query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Give host and port as they stand in the Host header and in the allow-list."""
        return f"{_bracketed(self.host)}:{self.port}"

    @property
    def host_header(self) -> str:
        """Give the Host header: the port only where it is not the scheme's own (RFC 9110 7.2)."""
        if self.port == DEFAULT_PORTS[self.scheme]:
            return _bracketed(self.host)
        return self.authority


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def parse_target(url: str) -> Target:
    """Read a URL strictly and give its parts.

    Raises `SourceError` for anything but a plain http(s) URL: other schemes (ldap, file, gopher),
    user names, blanks and control characters, hosts outside ASCII.
    """
    if len(url) > MAX_URL_LENGTH or not _URL_CHARACTERS.match(url):
        raise SourceError("The address is too long or has characters that no web address has.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SourceError("The address cannot be read.") from error
    if parts.scheme not in DEFAULT_PORTS:
        raise SourceError(f"Only http and https addresses are fetched, not {parts.scheme!r}.")
    if "@" in parts.netloc or not parts.hostname or "%" in parts.hostname:
        raise SourceError("The address has no plain host name.")
    path = parts.path or "/"
    return Target(
        scheme=parts.scheme,
        host=parts.hostname,
        port=DEFAULT_PORTS[parts.scheme] if port is None else port,
        path=f"{path}?{parts.query}" if parts.query else path,
    )


def is_public(address: str) -> bool:
    """Tell whether an IP address (text) is one of the public Internet.

    Refused with the private, loopback, link-local, shared and documentation ranges are multicast,
    reserved ranges, scoped addresses, and IPv6 forms that wrap an IPv4 address which is not public.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return _is_plainly_public(parsed)
    if parsed.scope_id is not None or parsed.is_site_local or not _is_plainly_public(parsed):
        return False
    return all(_is_plainly_public(inner) for inner in _wrapped(parsed))


def _is_plainly_public(address: _Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _wrapped(address: ipaddress.IPv6Address) -> Iterable[ipaddress.IPv4Address]:
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address in _NAT64 or address in _IPV4_COMPATIBLE:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
