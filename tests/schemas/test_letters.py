"""Letters: what we write validates and reads back; other people's are read as they come."""

import io
import tracemalloc
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given

from schemas import VocabularyError, XmlError, XmlReason, check
from schemas.letters import (
    Address,
    Attachment,
    AttachmentFile,
    DamagedAttachment,
    GeneralLetter,
    Institution,
    LinkedAttachment,
    OtherField,
    OtherIdentifier,
    Person,
    build_general_letter,
    read_letter,
    write_general_letter,
)
from schemas.letters.source import OTHER_FIELD_LIMIT, OTHER_FIELDS_LIMIT
from tests.schemas.shared import sample
from tests.schemas.strategies import letters

LETTER = GeneralLetter(
    identifier="0f" * 20 + "@skrytka.example",
    created_on=date(2026, 3, 4),
    addressees=(Institution("Urząd Miasta Lubań", address=Address(city="Lubań")),),
    senders=(Person("Anna", "Nowak", pesel="44051401359"),),
    title="Wniosek o udostępnienie informacji",
    paragraphs=("Proszę o informację.", "Z poważaniem"),
    attachments=(Attachment("a.pdf", "application/pdf", b"%PDF-1.4\n"),),
)
GENERAL = "http://crd.gov.pl/wzor/2013/12/12/1410/"
MB = 1_000_000


@given(letters)
def test_every_letter_validates_and_reads_back(letter: GeneralLetter) -> None:
    data = build_general_letter(letter)
    assert check(data, "letter") == []
    read = read_letter(data)
    assert read.template == GENERAL
    assert read.signature_count == 0
    assert read.other_fields == ()
    assert {name: getattr(read, name) for name in asdict(letter)} == {
        name: getattr(letter, name) for name in asdict(letter)
    }


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert build_general_letter(LETTER) == build_general_letter(replace(LETTER))


def test_the_sample_letter_is_read() -> None:
    data = sample("pismo_ogolne_1410.sample.xml")
    letter = read_letter(data)
    assert letter.title == "Wniosek o udostępnienie informacji"
    assert letter.created_on == date(2026, 3, 4)
    assert letter.form_id == "podmiot/Pismo ogolne"
    assert letter.senders == (Person("ZENEK", "TESTOWY", pesel="99010100000"),)
    assert [party.full_name for party in letter.addressees] == ["URZĄD GMINY PRZYKŁAD"]
    assert letter.paragraphs == ("Treść pisma.",)
    assert letter.statements == ("Tekst oświadczenia.",)
    assert (letter.kind, letter.other_kind) == ("wniosek", "inne pismo")
    assert letter.attachments == (
        Attachment("zal1.pdf", "application/pdf", b"%PDF-1.4\n"),
        LinkedAttachment(
            "duzy.pdf",
            "application/pdf",
            "https://epuap.gov.pl/file-download-servlet/DownloadServlet?fileId=12345",
            "skrot-pliku",
        ),
    )
    assert check(data, "letter") == []


@pytest.mark.parametrize(
    ("name", "count"), [("pismo_signed_once.xml", 1), ("pismo_signed_twice.xml", 2)]
)
def test_a_signed_letter_is_read_like_an_unsigned_one(name: str, count: int) -> None:
    letter = read_letter(sample(name))
    unsigned = read_letter(sample("pismo_ogolne_1410.sample.xml"))
    assert letter == replace(unsigned, signature_count=count)
    assert check(sample(name), "letter") == []


def test_identifiers_of_people_stay_out_of_what_is_printed() -> None:
    letter = read_letter(build_general_letter(LETTER))
    assert "44051401359" not in repr(letter)
    assert "%PDF" not in repr(letter)


def test_an_attachment_is_written_from_a_file_as_from_memory() -> None:
    content = bytes(range(256)) * 3000

    class Trickle(io.RawIOBase):
        """Gives a little less than is asked for, as pipes and sockets do."""

        def __init__(self) -> None:
            self._source = io.BytesIO(content)

        def read(self, size: int = -1) -> bytes:
            return self._source.read(min(size, 1000))

    held = replace(LETTER, attachments=(Attachment("a", "b/c", content),))
    for file in (io.BytesIO(content), Trickle()):
        streamed = replace(LETTER, attachments=(AttachmentFile("a", "b/c", file),))  # type: ignore[arg-type] # a raw file has what is used
        sink = io.BytesIO()
        write_general_letter(streamed, sink)
        assert sink.getvalue() == build_general_letter(held)


def test_a_large_attachment_passes_through_a_writer_of_constant_memory(tmp_path: Path) -> None:
    source = tmp_path / "large"
    source.write_bytes(bytes(50 * MB))
    with source.open("rb") as file, (tmp_path / "letter.xml").open("wb") as sink:
        letter = replace(LETTER, attachments=(AttachmentFile("a", "b/c", file),))
        tracemalloc.start()
        write_general_letter(letter, sink)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 3 * MB
    data = (tmp_path / "letter.xml").read_bytes()
    tracemalloc.start()
    letter_read = read_letter(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert letter_read.attachments == (Attachment("a", "b/c", bytes(50 * MB)),)
    # One text and one content at a time; the parser's tree, outside Python's count, is a third.
    assert peak < len(data) + 50 * MB + 5 * MB


@pytest.mark.parametrize(
    ("broken", "reason", "named"),
    [
        (replace(LETTER, title=" "), XmlReason.MISSING, "title"),
        (replace(LETTER, senders=()), XmlReason.MISSING, "senders"),
        (replace(LETTER, addressees=()), XmlReason.MISSING, "addressees"),
        (replace(LETTER, paragraphs=(" ",), attachments=()), XmlReason.MISSING, "paragraphs"),
        (replace(LETTER, title="a\x0bb"), XmlReason.UNWRITABLE, "Tytul"),
        (replace(LETTER, paragraphs=("\ud800",)), XmlReason.UNWRITABLE, "U+D800"),
        (replace(LETTER, kind="\x00"), XmlReason.UNWRITABLE, "rodzaj"),
    ],
)
def test_what_cannot_be_written_is_named(
    broken: GeneralLetter, reason: XmlReason, named: str
) -> None:
    with pytest.raises(XmlError) as refused:
        build_general_letter(broken)
    assert refused.value.reason is reason
    assert named in str(refused.value)


def test_a_letter_needs_no_text_where_it_has_an_attachment() -> None:
    data = build_general_letter(replace(LETTER, paragraphs=()))
    assert read_letter(data).paragraphs == ()
    assert check(data, "letter") == []


def letter_of_another_hand(content: str = "", *, root: str = "") -> bytes:
    return (
        f'<Dokument xmlns="http://crd.gov.pl/wzor/2017/10/24/4566/" {root}>'
        "<OpisDokumentu><CID xmlns='http://crd.gov.pl/xml/schematy/struktura/2009/11/16/'>"
        " ala ma kota </CID></OpisDokumentu>"
        f"stray<TrescDokumentu>text{content}</TrescDokumentu></Dokument>"
    ).encode()


def test_any_published_template_is_read_with_namespaces_redeclared_and_text_astray() -> None:
    letter = read_letter(letter_of_another_hand("<Tytul xmlns='urn:any'>T</Tytul>"))
    assert letter.template == "http://crd.gov.pl/wzor/2017/10/24/4566/"
    assert letter.identifier == "ala ma kota"
    assert letter.title == "T"
    assert letter.addressees == letter.senders == ()
    assert letter.created_on is None


def test_comments_are_never_read() -> None:
    content = "<Tytul><!--skryte-->Jaw<!-- -->ny</Tytul><!-- <Tytul>Inny</Tytul> -->"
    letter = read_letter(letter_of_another_hand(content))
    assert letter.title == "Jawny"
    assert "skryte" not in repr(letter)


def test_a_misspelt_attribute_of_real_letters_is_read() -> None:
    letter = read_letter(letter_of_another_hand('<RodzajWnioskuRozszerzony jakisInny="prośba"/>'))
    assert letter.other_kind == "prośba"


def test_what_another_template_says_is_kept_by_the_names_it_has() -> None:
    content = "<Dane><Kwota>100 zł</Kwota>oraz<Cel>remont<b/> dachu</Cel></Dane>"
    letter = read_letter(letter_of_another_hand(content))
    assert letter.other_fields[2:] == (
        OtherField("Dane", "oraz"),
        OtherField("Kwota", "100 zł"),
        OtherField("Cel", "remont dachu"),
    )


def test_nothing_that_was_signed_stays_unseen() -> None:
    """A second title, a second content, text between elements, more phones than one."""
    content = (
        "<Tytul>Prośba</Tytul><Tytul>Groźba</Tytul><DoWiadomosci><Podmiot><Instytucja>"
        "<NazwaInstytucji>U</NazwaInstytucji><Kontakt><Telefon>1</Telefon><Telefon>2</Telefon>"
        "</Kontakt></Instytucja><Inny>ktoś</Inny></Podmiot></DoWiadomosci>"
    )
    data = letter_of_another_hand(content)
    data = data.replace(
        b"</Dokument>", b"<TrescDokumentu><Tytul>Trzeci</Tytul></TrescDokumentu></Dokument>"
    )
    letter = read_letter(data)
    assert letter.title == "Prośba"
    assert letter.other_fields == (
        OtherField("Dokument", "stray"),
        OtherField("TrescDokumentu", "text"),
        OtherField("Tytul", "Groźba"),
        OtherField("Telefon", "2"),
        OtherField("Inny", "ktoś"),
        OtherField("Tytul", "Trzeci"),
    )


def test_other_texts_are_bounded_in_number_and_length() -> None:
    content = "<x>a</x>" * 5000
    assert len(read_letter(letter_of_another_hand(content)).other_fields) == OTHER_FIELDS_LIMIT
    letter = read_letter(letter_of_another_hand(f"<x>{'a' * 500_000}</x>"))
    assert len(letter.other_fields[-1].value) == OTHER_FIELD_LIMIT


def test_people_are_read_with_compound_names_and_other_identifiers() -> None:
    person = (
        "<DoWiadomosci><Podmiot><Osoba><IdOsoby><PESEL>1</PESEL><InnyIdentyfikator>"
        "<TypIdentyfikatora>paszport</TypIdentyfikatora>"
        "<WartoscIdentyfikatora>AB1</WartoscIdentyfikatora></InnyIdentyfikator></IdOsoby>"
        "<Imie>Ewa</Imie><ImieDrugie>Maria</ImieDrugie><Nazwisko>Lis</Nazwisko>"
        "<Nazwisko>Kot</Nazwisko></Osoba><!-- i --><Instytucja><NazwaInstytucji>U</NazwaInstytucji>"
        "</Instytucja></Podmiot></DoWiadomosci>"
    )
    person_read, office = read_letter(letter_of_another_hand(person)).copies_to
    assert isinstance(person_read, Person)
    assert person_read.full_name == "Ewa Maria Lis-Kot"
    assert person_read.pesel == "1"
    assert person_read.identifiers == (OtherIdentifier("paszport", "AB1"),)
    assert office == Institution("U")


def attachment(encoding: str, data: str) -> str:
    return (
        f'<Zalaczniki><Zalacznik format="a/b" {encoding} nazwaPliku="n">'
        f"<DaneZalacznika>{data}</DaneZalacznika>"
        "<OpisZalacznika xmlns=''>opis</OpisZalacznika></Zalacznik></Zalaczniki>"
    )


@pytest.mark.parametrize(
    ("encoding", "data", "expected"),
    [
        ('kodowanie="base64"', "YWJj", Attachment("n", "a/b", b"abc", "opis")),
        ('kodowanie="BASE64"', "\n  YW\r\n\tJj ", Attachment("n", "a/b", b"abc", "opis")),
        ("", "YWJj", Attachment("n", "a/b", b"abc", "opis")),
        ('kodowanie="base64"', "YW<!---->Jj", Attachment("n", "a/b", b"abc", "opis")),
        ('kodowanie="base64"', "", Attachment("n", "a/b", b"", "opis")),
        ('kodowanie="uri"', " https://x/1 ", LinkedAttachment("n", "a/b", "https://x/1", "opis")),
        ('kodowanie="base64"', "YW*Jj", DamagedAttachment("n", "a/b", "base64", "opis")),
        ('kodowanie="base64"', "YWJ", DamagedAttachment("n", "a/b", "base64", "opis")),
        ('kodowanie="base64"', "YQ==YQ==", DamagedAttachment("n", "a/b", "base64", "opis")),
        ('kodowanie="base64"', "ż", DamagedAttachment("n", "a/b", "base64", "opis")),
        ('kodowanie="base64"', "<x/>", Attachment("n", "a/b", b"", "opis")),
        ('kodowanie="hex"', "616263", DamagedAttachment("n", "a/b", "hex", "opis")),
    ],
)
def test_attachments_are_read_strictly_or_said_to_be_damaged(
    encoding: str, data: str, expected: object
) -> None:
    letter = read_letter(letter_of_another_hand(attachment(encoding, data)))
    assert letter.attachments == (expected,)


def test_what_a_signature_holds_is_no_attachment() -> None:
    signature = (
        '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:Object>'
        + attachment("", "YWJj")
        + "</ds:Object></ds:Signature></Dokument>"
    ).encode()
    data = letter_of_another_hand().replace(b"</Dokument>", signature)
    letter = read_letter(data)
    assert letter.attachments == ()
    assert letter.signature_count == 1


@pytest.mark.parametrize(
    "data", [b"<r/>", b'<Dokument xmlns="http://crd.gov.pl.evil.pl/wzor/1/"/>', b"<Dokument/>"]
)
def test_another_document_is_not_taken_for_a_letter(data: bytes) -> None:
    with pytest.raises(VocabularyError, match=r"crd\.gov\.pl/wzor"):
        read_letter(data)
