"""Distinguished names: read from DER, shown as text, compared.

A name arrives as `Rdns`: its relative names in the order of the certificate, each a tuple of
(dotted OID, text) pairs.
"""

import unicodedata

from asn1crypto import core

from signer.trust.encoding import elements, oid_text

Rdns = tuple[tuple[tuple[str, str], ...], ...]

# Short names registered for LDAP (RFC 4514 section 3, RFC 4519) and the ones of EN 319 412-1;
# any other attribute is shown by its OID.
ATTRIBUTE_NAMES = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "title",
    "2.5.4.17": "postalCode",
    "2.5.4.42": "givenName",
    "2.5.4.65": "pseudonym",
    "2.5.4.97": "organizationIdentifier",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
}

_SPECIAL = frozenset('"+,;<>\\')

# A name of this many characters is no name; the text is cut, the certificate keeps the whole.
MAX_TEXT = 4096


def read_name(der: bytes) -> Rdns:
    """Give the relative names of a DER Name. Raises `ValueError` where it is none.

    Values are decoded by the string type they claim, generously: real names have characters that
    their type does not allow, such as `@` in a PrintableString. Bytes that are no text become
    U+FFFD, values that are no strings their hexadecimal contents.
    """
    [(_, sequence)] = elements(der)
    return tuple(
        tuple(_attribute(pair) for _, pair in elements(relative_name))
        for _, relative_name in elements(sequence)
    )


def _attribute(pair: bytes) -> tuple[str, str]:
    (_, kind), (tag, value) = elements(pair)
    encoding = _ENCODINGS.get(tag)
    text = value.hex() if encoding is None else value.decode(encoding, "replace")
    return oid_text(kind), text


# String types of DirectoryString and its relatives, by universal tag.
_ENCODINGS = {
    core.UTF8String.tag: "utf-8",
    core.PrintableString.tag: "ascii",
    core.NumericString.tag: "ascii",
    core.IA5String.tag: "ascii",
    core.VisibleString.tag: "ascii",
    core.TeletexString.tag: "latin-1",  # T.61 was never used as such; everyone wrote Latin-1
    core.BMPString.tag: "utf-16-be",
    core.UniversalString.tag: "utf-32-be",
}


def rfc4514(rdns: Rdns) -> str:
    """Give the name as RFC 4514 text: last relative name first, specials escaped.

    Control and direction-changing characters are escaped too (`\\0A`), which the RFC allows for
    any character: a name must not reorder or break the line it is shown in.
    """
    text = ",".join(
        "+".join(f"{ATTRIBUTE_NAMES.get(oid, oid)}={_escaped(value)}" for oid, value in rdn)
        for rdn in reversed(rdns)
    )
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _escaped(value: str) -> str:
    value = value[:MAX_TEXT]
    shown = "".join(map(_escaped_character, value)) if _needs_escape(value) else value
    if value[:1] in {" ", "#"}:
        shown = "\\" + shown
    if len(value) > 1 and value.endswith(" "):
        shown = shown[:-1] + "\\ "
    return shown


def _needs_escape(value: str) -> bool:
    return not value.isprintable() or not _SPECIAL.isdisjoint(value)


def _escaped_character(char: str) -> str:
    if char in _SPECIAL:
        return "\\" + char
    if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"}:
        return "".join(f"\\{byte:02X}" for byte in char.encode("utf-8"))
    return char


def match_key(rdns: Rdns) -> Rdns:
    """Give the form in which two names are equal when they match.

    RFC 5280 7.1: case and repeated blanks do not count, nor the string type, nor the order inside
    one relative name.
    """
    return tuple(tuple(sorted((oid, _prepared(value)) for oid, value in rdn)) for rdn in rdns)


def _prepared(value: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def values(rdns: Rdns, oid: str) -> list[str]:
    """Give every value of one attribute, in the order of the name."""
    return [value for rdn in rdns for found, value in rdn if found == oid]
