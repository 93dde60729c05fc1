"""Qualified certificate statements (ETSI EN 319 412-5): what the issuer declares."""

from asn1crypto import core

from signer.trust.encoding import elements, load_exactly, oid_text
from signer.validation.facts import QcStatementsFact

_QC_COMPLIANCE = "0.4.0.1862.1.1"
_QC_SSCD = "0.4.0.1862.1.4"
_QC_TYPE = "0.4.0.1862.1.6"
_QC_LEGISLATION = "0.4.0.1862.1.7"
_OBJECT_IDENTIFIER = 0x06
_QC_TYPES = {"0.4.0.1862.1.6.1": "esign", "0.4.0.1862.1.6.2": "eseal", "0.4.0.1862.1.6.3": "web"}


class _Statement(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    _fields = [  # noqa: RUF012  # asn1crypto's way of declaring a structure
        ("statement_id", core.ObjectIdentifier),
        ("statement_info", core.Any, {"optional": True}),
    ]


class _Statements(core.SequenceOf):  # type: ignore[misc]  # asn1crypto has no types
    _child_spec = _Statement


class _Texts(core.SequenceOf):  # type: ignore[misc]  # asn1crypto has no types
    _child_spec = core.PrintableString


def read_qc_statements(value: bytes) -> QcStatementsFact:
    """Read the qcStatements extension's value (DER). Raises what asn1crypto raises for bad DER."""
    statements = {
        entry["statement_id"].dotted: entry["statement_info"]
        for entry in load_exactly(_Statements, value)
    }
    types = statements.get(_QC_TYPE)
    countries = statements.get(_QC_LEGISLATION)
    type_oids = [] if types is None else _oids(types.dump())
    return QcStatementsFact(
        compliance=_QC_COMPLIANCE in statements,
        qscd=_QC_SSCD in statements,
        types=tuple(_QC_TYPES.get(oid, oid) for oid in type_oids),
        legislations=()
        if countries is None
        else tuple(entry.native for entry in countries.parse(_Texts)),
    )


def _oids(types: bytes) -> list[str]:
    """Give the OIDs of QcType, a sequence of them; some authorities write a bare one."""
    [(tag, contents)] = elements(types)
    listed = [contents] if tag == _OBJECT_IDENTIFIER else [oid for _, oid in elements(contents)]
    return [oid_text(oid) for oid in listed]
