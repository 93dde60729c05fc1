"""Hostile XML by name: how each is made, and what must become of it.

As a program (`python -m tests.attacks.xml_bombs NAME LISTENER`) it makes the document, lets it in
under a limit of memory, and prints what happened as JSON: a bomb may take that process down, not
the test.
"""

import gzip
import json
import resource
import sys
import time
import zlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from schemas import XmlError, check, parse_xml, serialize

ADDRESS_SPACE = 1024 * 1024 * 1024  # what a document worker is allowed
CANARY = "/etc/hostname"


def _entities(levels: int, each: int) -> bytes:
    lines = [b'<!ENTITY l0 "ha">']
    for level in range(1, levels):
        lines.append(b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * each))
    return b"<!DOCTYPE r [%s]><r>&l%d;</r>" % (b"".join(lines), levels - 1)


def _deep(depth: int) -> bytes:
    return b"<a>" * depth + b"</a>" * depth


def _element(attributes: int, pattern: bytes) -> bytes:
    return b"<r " + b" ".join(pattern.replace(b"#", b"%d" % n) for n in range(attributes)) + b"/>"


def _nested_namespaces(depth: int, each: int) -> bytes:
    opened = (
        b"<a " + b" ".join(b'xmlns:p%d_%d="u:%d"' % (level, n, n) for n in range(each)) + b">"
        for level in range(depth)
    )
    return b"".join(opened) + b"<e/>" * 1000 + b"</a>" * depth


def _text(size: int) -> bytes:
    return b"<r>" + b"x" * size + b"</r>"


def _utf16(text: str, mark: bytes = b"\xff\xfe") -> bytes:
    return mark + text.encode("utf-16-le")


# name -> (the document, given the address of a listener; what must become of it)
BOMBS: dict[str, tuple[Callable[[str], bytes], str]] = {
    # BOMB-1: entities and everything that would fetch
    "billion laughs": (lambda _: _entities(10, 10), "doctype"),
    "quadratic blow-up": (
        lambda _: b'<!DOCTYPE r [<!ENTITY a "%s">]><r>%s</r>' % (b"a" * 50_000, b"&a;" * 20_000),
        "doctype",
    ),
    "entity in an attribute": (
        lambda _: b'<!DOCTYPE r [<!ENTITY a "aaaa">]><r b="&a;&a;"/>',
        "doctype",
    ),
    "parameter entity": (
        lambda u: f'<!DOCTYPE r [<!ENTITY % p SYSTEM "{u}/p.dtd"> %p;]><r/>'.encode(),
        "doctype",
    ),
    "DOCTYPE alone": (lambda _: b"<!DOCTYPE r><r/>", "doctype"),
    "external DTD": (lambda u: f'<!DOCTYPE r SYSTEM "{u}/r.dtd"><r/>'.encode(), "doctype"),
    "external entity by address": (
        lambda u: f'<!DOCTYPE r [<!ENTITY x SYSTEM "{u}/x">]><r>&x;</r>'.encode(),
        "doctype",
    ),
    "external entity by file": (
        lambda _: f'<!DOCTYPE r [<!ENTITY x SYSTEM "file://{CANARY}">]><r>&x;</r>'.encode(),
        "doctype",
    ),
    "DOCTYPE in UTF-16": (lambda _: _utf16("<!DOCTYPE r><r/>"), "doctype"),
    "XInclude": (
        lambda u: (
            '<r xmlns:xi="http://www.w3.org/2001/XInclude">'
            f'<xi:include href="{u}/i" parse="text"/>'
            f'<xi:include href="file://{CANARY}" parse="text"/></r>'
        ).encode(),
        "accepted",
    ),
    "schema location": (
        lambda u: (
            '<r xmlns="urn:r" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xsi:schemaLocation="urn:r {u}/r.xsd" xsi:noNamespaceSchemaLocation="{u}/n.xsd"/>'
        ).encode(),
        "accepted",
    ),
    "stylesheet instruction": (
        lambda u: f'<?xml-stylesheet type="text/xsl" href="{u}/s.xsl"?><r/>'.encode(),
        "accepted",
    ),
    # BOMB-2: too much of everything
    "depth 64": (lambda _: _deep(64), "accepted"),
    "depth 65": (lambda _: _deep(65), "depth"),
    "depth 257": (lambda _: _deep(257), "depth"),
    "depth 2 049": (lambda _: _deep(2_049), "depth"),
    "depth 200 000": (lambda _: _deep(200_000), "depth"),
    "64 attributes": (lambda _: _element(64, b'a#=""'), "accepted"),
    "65 attributes": (lambda _: _element(65, b'a#=""'), "attributes"),
    "200 000 attributes": (lambda _: _element(200_000, b'a#=""'), "markup"),
    "64 namespaces": (lambda _: _element(64, b'xmlns:a#="u:#"'), "accepted"),
    "65 namespaces": (lambda _: _element(65, b'xmlns:a#="u:#"'), "namespaces"),
    "30 000 namespaces": (lambda _: _element(30_000, b'xmlns:a#="u:#"'), "namespaces"),
    "50 000 namespaces": (lambda _: _element(50_000, b'xmlns:a#="u:#"'), "markup"),
    "nested namespaces": (lambda _: _nested_namespaces(60, 4), "namespaces"),
    "many attributes in all": (
        lambda _: b"<r>" + _element(60, b'a#=""') * 10_000 + b"</r>",
        "attributes",
    ),
    "190 000 elements": (lambda _: b"<r>" + b"<e/>" * 190_000 + b"</r>", "accepted"),
    "3 000 000 elements": (lambda _: b"<r>" + b"<e/>" * 3_000_000 + b"</r>", "nodes"),
    "1 000 000 comments": (lambda _: b"<r>" + b"<!---->" * 1_000_000 + b"</r>", "nodes"),
    "1 000 000 instructions": (lambda _: b"<r>" + b"<?a?>" * 1_000_000 + b"</r>", "nodes"),
    "1 000 000 CDATA sections": (
        lambda _: b"<r>" + b"<![CDATA[]]>" * 1_000_000 + b"</r>",
        "nodes",
    ),
    # BOMB-3: single things that are too long
    "text of 10 000 001 bytes": (lambda _: _text(10_000_001), "accepted"),
    "text of 100 MB": (lambda _: _text(100_000_000), "accepted"),
    "document of 129 MiB": (lambda _: _text(129 * 1024 * 1024), "size"),
    "attribute of 11 MB": (lambda _: b'<r a="' + b"x" * 11_000_000 + b'"/>', "markup"),
    "comment of 50 MB": (lambda _: b"<r><!--" + b"x" * 50_000_000 + b"--></r>", "markup"),
    "instruction of 50 MB": (lambda _: b"<r><?a " + b"x" * 50_000_000 + b"?></r>", "markup"),
    "name of 60 000 characters": (lambda _: b"<" + b"n" * 60_000 + b"/>", "syntax"),
    # BOMB-4: packed things are not unpacked
    "gzip": (lambda _: gzip.compress(b"<r/>" * 100_000), "encoding"),
    "deflate bomb in base64": (
        lambda _: b"<r>" + b64encode(zlib.compress(bytes(100_000_000))) + b"</r>",
        "accepted",
    ),
    # BOMB-5: encodings
    "UTF-7": (lambda _: b'<?xml version="1.0" encoding="UTF-7"?><r>+ADw-b/+AD4-</r>', "encoding"),
    "EBCDIC": (lambda _: '<?xml version="1.0" encoding="cp037"?><r/>'.encode("cp037"), "encoding"),
    "UTF-32": (lambda _: "<r/>".encode("utf-32"), "encoding"),
    "UTF-32 big-endian": (lambda _: b"\0\0\xfe\xff" + "<r/>".encode("utf-32-be"), "encoding"),
    "UTF-32 without a mark": (lambda _: "<r/>".encode("utf-32-le"), "encoding"),
    "UTF-16 without a mark": (lambda _: "<r/>".encode("utf-16-le"), "encoding"),
    "overlong UTF-8": (lambda _: b"<r>\xc0\xbcb/\xc0\xbe</r>", "encoding"),
    "overlong NUL": (lambda _: b"<r>\xc0\x80</r>", "encoding"),
    "lone surrogate in UTF-8": (lambda _: b"<r>\xed\xa0\x80</r>", "encoding"),
    "lone surrogate in UTF-16": (
        lambda _: _utf16("<r>x") + b"\0\xd8" + _utf16("</r>", b""),
        "encoding",
    ),
    "UTF-8 that calls itself UTF-16": (
        lambda _: b'<?xml version="1.0" encoding="UTF-16"?><r/>',
        "encoding",
    ),
    "UTF-16 that calls itself UTF-8": (
        lambda _: _utf16('<?xml version="1.0" encoding="UTF-8"?><r/>'),
        "encoding",
    ),
    "UTF-16": (
        lambda _: _utf16('<?xml version="1.0" encoding="UTF-16"?><r>zażółć</r>'),
        "accepted",
    ),
    "UTF-8 with a mark": (lambda _: "\ufeff<r>zażółć</r>".encode(), "accepted"),
    "Latin-2": (
        lambda _: b'<?xml version="1.0" encoding="ISO-8859-2"?><r>\xbf</r>',
        "encoding",
    ),
    # Others that a signature must never be made or checked over
    "relative namespace": (lambda _: b'<r xmlns="relative"/>', "relative-namespace"),
    "relative namespace by reference": (
        lambda _: b'<r xmlns="&#120;:y" xmlns:p="&#46;/p"/>',
        "relative-namespace",
    ),
    "prefix without a namespace": (lambda _: b"<p:r/>", "syntax"),
    "NUL": (lambda _: b"<r>\0</r>", "syntax"),
    "nothing": (lambda _: b"", "empty"),
}


def _memory(field: str) -> int:
    """Give VmRSS (now) or VmHWM (peak) of this process in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise LookupError(field)


def _try(document: bytes) -> str:
    try:
        root = parse_xml(document)
    except XmlError as error:
        return error.reason
    check(serialize(root), "letter")
    return "accepted"


def main() -> None:
    """Make one bomb, let it in, print outcome, CPU seconds, growth of memory, size."""
    name, listener = sys.argv[1:]
    document = BOMBS[name][0](listener)
    etree.XPath("1")  # what lxml allocates once is not the bomb's
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    started = time.process_time()
    outcome = _try(document)
    seconds = time.process_time() - started
    grown = _memory("VmHWM") - before
    seen = {"outcome": outcome, "seconds": seconds, "grown": grown, "size": len(document)}
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main()
