"""Other people's signed PDF documents: what we observe agrees with EU DSS 6.4 on the mathematics.

Differences that remain are ours on purpose and stand here by name.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from signer.pades import observe
from signer.validation.facts import ObservedSignatures
from tests.schemas.shared import SHARED

CORPUS = SHARED / "corpus"
STRICTER = {
    "files/1222ac6dd25d6d35.pdf": "a form field was filled in after an approval signature (F8)",
    "files/20561be3ee564821.pdf": "the signature leaves out the end of its own revision",
}
"""Documents whose later changes we list and DSS does not."""


def _rows() -> list[dict[str, Any]]:
    source = CORPUS / "expected.jsonl"
    if not source.is_file():
        return []
    rows = [json.loads(line) for line in source.read_text().splitlines()]
    return [row for row in rows if row["file"].endswith(".pdf")]


ROWS = _rows()
pytestmark = pytest.mark.skipif(
    not ROWS, reason="no corpus here (SKRYTKA_SHARED names the folder that holds it)"
)


def _observed(row: dict[str, Any], *, trusted: bool) -> ObservedSignatures:
    names = row["anchors"] if trusted else []
    anchors = [(CORPUS / "anchors" / f"{name}.der").read_bytes() for name in names]
    return observe((CORPUS / row["file"]).read_bytes(), anchors=anchors)


def _expected(row: dict[str, Any], *, trusted: bool) -> list[dict[str, Any]]:
    expected = row["with_anchors" if trusted else "no_anchors"]
    signatures = [item for item in expected if "refused" not in item]
    return sorted(signatures, key=lambda item: item["pdf"]["byte_range"][2])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: Path(row["file"]).stem)
@pytest.mark.parametrize("trusted", [True, False], ids=["with-anchors", "no-anchors"])
def test_signatures_digests_levels_and_times_agree(row: dict[str, Any], trusted: bool) -> None:
    expected = [
        {
            "level": item["level"],
            "intact": item["intact"],
            "references": [
                (ref["type"], ref["found"], ref["intact"], ref["alg"]) for ref in item["refs"]
            ],
            "byte_range": tuple(item["pdf"]["byte_range"]),
            "time": item["claimed_time"],
            "present": item["cert_ref_present"],
            "timestamps": item["timestamps"],
            "sub_filter": item["pdf"]["sub_filter"],
        }
        for item in _expected(row, trusted=trusted)
    ]
    observed = [
        {
            "level": fact.level,
            "intact": fact.intact,
            "references": [
                (ref.type, ref.found, ref.intact, ref.digest_algorithm) for ref in fact.references
            ],
            "byte_range": fact.pdf.byte_range,
            "time": _written(fact.claimed_signing_time),
            "present": fact.signing_certificate_reference.present,
            "timestamps": len(fact.timestamps),
            "sub_filter": fact.pdf.sub_filter,
        }
        for fact in _observed(row, trusted=trusted).signatures
        if fact.pdf is not None
    ]

    assert observed == expected


def _written(moment: Any) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: Path(row["file"]).stem)
def test_what_dss_finds_changed_we_find_changed(row: dict[str, Any]) -> None:
    seen = _observed(row, trusted=True)
    for item, fact in zip(_expected(row, trusted=True), seen.signatures, strict=True):
        assert fact.pdf is not None
        pdf = item["pdf"]
        changed = bool(pdf["annot_changes"] or pdf["undefined_changes"])
        found = any(not change.harmless for change in fact.pdf.modifications)
        assert found == (changed or row["file"] in STRICTER) or seen.problems


@pytest.mark.parametrize("row", ROWS, ids=lambda row: Path(row["file"]).stem)
def test_the_permission_of_a_certification_agrees(row: dict[str, Any]) -> None:
    names = {None: None, "NO_CHANGE_PERMITTED": 1, "MINIMAL_CHANGES_PERMITTED": 2}
    for item, fact in zip(
        _expected(row, trusted=True), _observed(row, trusted=True).signatures, strict=True
    ):
        assert fact.pdf is not None
        assert fact.pdf.docmdp == names.get(item["pdf"]["docmdp"], 3)
