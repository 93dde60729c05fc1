"""Names of other kinds than distinguished ones: hosts, mailboxes, addresses (RFC 5280 4.2.1.6)."""

from dataclasses import dataclass

from asn1crypto import core
from asn1crypto import x509 as asn1_x509

from signer.trust.names import Rdns, read_name


@dataclass(frozen=True)
class GeneralName:
    """A name with its kind: `dns`, `email`, `uri`, `ip`, `directory`, or another's choice name."""

    kind: str
    text: str = ""
    rdns: Rdns = ()
    octets: bytes = b""


_GENERAL_NAME_KINDS = {
    "dns_name": "dns",
    "rfc822_name": "email",
    "uniform_resource_identifier": "uri",
}


def general_name(name: asn1_x509.GeneralName) -> GeneralName:
    """Give a GeneralName as kind and value; raises `ValueError` for what cannot be read."""
    if name.name == "directory_name":
        return GeneralName("directory", rdns=read_name(name.chosen.untag().dump()))
    if name.name == "ip_address":
        return GeneralName("ip", octets=name.chosen.contents or b"")
    if name.name in _GENERAL_NAME_KINDS:
        text = (name.chosen.contents or b"").decode("ascii")
        return GeneralName(_GENERAL_NAME_KINDS[name.name], text=text)
    return GeneralName(str(name.name), octets=name.chosen.dump())


def full_names(point: "asn1_x509.DistributionPointName | core.Void") -> list[GeneralName]:
    """Give the full names of a distribution point; none where it has none or a relative name."""
    if isinstance(point, core.Void) or point.name != "full_name":
        return []
    return [general_name(name) for name in point.chosen]
