"""What the safe way into XML costs beside bare libxml2."""

from collections.abc import Callable, Iterator
from datetime import date

from lxml import etree

from bench.row import Row, alternating
from schemas import parse_xml
from schemas.letters import (
    Attachment,
    GeneralLetter,
    Institution,
    Person,
    build_general_letter,
    read_letter,
)

MB = 1_000_000
ROUNDS = 20  # calls a measurement, for what takes microseconds


def rows() -> Iterator[Row]:
    """Give the benchmark's lines."""
    small = _letter(0)
    yield _parsing("parse a letter of 10 kB", _times(small), goal=2.0)
    many = b"<r>" + b'<item id="a"><name>abc</name></item>' * 60_000 + b"</r>"
    yield _parsing("parse 120 000 elements", lambda parse: parse(many), goal=7.0)
    large = _letter(50)
    yield _parsing("parse a letter with 50 MB attached", lambda parse: parse(large), goal=5.0)
    reading, bare = alternating(lambda: read_letter(large), lambda: _bare(large), repeat=5)
    yield Row("read it, attachment decoded", reading, "lxml, parsed only", bare)


def _times(data: bytes) -> "Callable[[Callable[[bytes], object]], None]":
    def run(parse: Callable[[bytes], object]) -> None:
        for _ in range(ROUNDS):
            parse(data)

    return run


def _parsing(name: str, run: Callable[[Callable[[bytes], object]], object], *, goal: float) -> Row:
    ours, baseline = alternating(lambda: run(parse_xml), lambda: run(_bare), repeat=7)
    return Row(name, ours, "lxml without a gate", baseline, goal=goal)


def _bare(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)  # noqa: TID251 - the baseline
    return etree.fromstring(data, parser)  # noqa: TID251 - the baseline


def _letter(megabytes: int) -> bytes:
    letter = GeneralLetter(
        identifier="0f" * 20,
        created_on=date(2026, 3, 4),
        addressees=(Institution("Urząd Miasta Lubań"),),
        senders=(Person("Anna", "Wymyślna"),),
        title="Wniosek",
        paragraphs=("Proszę o wydanie zaświadczenia. " * 20,) * 12,
        attachments=(Attachment("a.bin", "application/octet-stream", bytes(megabytes * MB + 100)),),
    )
    return build_general_letter(letter)
