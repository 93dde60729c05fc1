"""Write receipts: the same receipt gives the same bytes."""

from collections.abc import Iterable

from lxml import etree

from schemas.errors import XmlError, XmlReason
from schemas.namespaces import RECEIPTS, SCHEMA_LOCATION, XSI
from schemas.parsing import serialize
from schemas.receipts.model import Information, Receipt, ReceiptParty, Upd, Upp
from schemas.texts import writable, write_instant

_STYLESHEET = f'type="text/xsl" href="{RECEIPTS}UPO.xsl"'


def build_upp(upp: Upp) -> bytes:
    """Give a UPP without a signature, ready to be sealed by the office.

    Raises `XmlError` naming the field that is missing or that XML cannot carry.
    """
    root = _document(upp)
    content = _add(root, "UPP")
    _leaf(content, "IdentyfikatorPoswiadczenia", upp.identifier)
    _party(content, "Adresat", upp.addressee)
    if upp.sender is not None:
        _party(content, "Nadawca", upp.sender)
    _leaf(content, "DataDoreczenia", write_instant(upp.delivered_at, "DataDoreczenia"))
    _leaf(
        content,
        "DataWytworzeniaPoswiadczenia",
        write_instant(upp.created_at, "DataWytworzeniaPoswiadczenia"),
    )
    _leaf(content, "IdentyfikatorDokumentu", upp.document_identifier)
    return _finish(content, upp.information)


def build_upd(upd: Upd) -> bytes:
    """Give a UPD without a signature, to be signed by the addressee.

    Without `received_at` it is a draft whose DataOdbioru is empty. Raises as `build_upp`.
    """
    root = _document(upd)
    content = _add(root, "UPD")
    _leaf(content, "IdentyfikatorPoswiadczenia", upd.identifier)
    _party(content, "PodmiotWystawiajacyPoswiadczenie", upd.issuer)
    _party(content, "Adresat", upd.addressee)
    if upd.received_at is None:
        _add(content, "DataOdbioru")
    else:
        _leaf(content, "DataOdbioru", write_instant(upd.received_at, "DataOdbioru"))
    _leaf(
        content,
        "DataUtworzeniaPoswiadczenia",
        write_instant(upd.created_at, "DataUtworzeniaPoswiadczenia"),
    )
    if upd.case_identifier is not None:
        _leaf(content, "IdentyfikatorSprawy", upd.case_identifier)
    _leaf(content, "IdentyfikatorDokumentu", upd.document_identifier)
    return _finish(content, upd.information)


def _document(receipt: Receipt) -> etree._Element:
    if receipt.signed or receipt.unexpected:
        raise XmlError(XmlReason.NOT_NEW, where=receipt.identifier)
    root = etree.Element(f"{{{RECEIPTS}}}Dokument", nsmap={"pos": RECEIPTS, "xsi": XSI})
    root.set(SCHEMA_LOCATION, f"{RECEIPTS} {RECEIPTS}UPO.xsd")
    root.addprevious(etree.ProcessingInstruction("xml-stylesheet", _STYLESHEET))
    return root


def _finish(content: etree._Element, information: Iterable[Information]) -> bytes:
    for item in information:
        leaf = _leaf(content, "InformacjaUzupelniajaca", item.value)
        leaf.set("TypInformacjiUzupelniajacej", writable(item.kind, "Information.kind"))
    root = content.getroottree().getroot()
    etree.indent(root)
    return serialize(root)


def _party(parent: etree._Element, name: str, party: ReceiptParty) -> None:
    element = _add(parent, name)
    _leaf(element, "Nazwa", party.name)
    if party.identifier is not None:
        identifier = _leaf(element, "IdentyfikatorPodmiotu", party.identifier)
        if party.identifier_type is not None:
            identifier.set("TypIdentyfikatora", writable(party.identifier_type, name))


def _leaf(parent: etree._Element, name: str, text: str) -> etree._Element:
    text = text.strip()
    if not text:
        raise XmlError(XmlReason.MISSING, where=name)
    element = _add(parent, name)
    element.text = writable(text, name)
    return element


def _add(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{RECEIPTS}}}{name}")
