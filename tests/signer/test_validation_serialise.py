"""Facts become JSON and come back the same; what does not fit is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from signer.trust import TrustStore
from signer.validation.facts import DocumentFacts
from signer.validation.observe import observe
from signer.validation.serialise import from_json, to_json
from tests.signer import xml_signatures as xml
from tests.signer.trust_pki import NOW
from tests.signer.validation_facts import facts, revocation


@pytest.mark.parametrize(
    "document",
    [
        facts(),
        facts(revocations=(replace(revocation("leaf"), this_update=None),)),
        observe(
            xml.enveloped(),
            name="letter.xml",
            trust=TrustStore.from_certificates([xml.holder().der]),
            at=NOW,
            detached={},
            fetch=None,
        ),
    ],
    ids=["by hand", "with gaps", "observed"],
)
def test_facts_come_back_from_json_as_they_were(document: DocumentFacts) -> None:
    written = json.dumps(to_json(document))
    assert from_json(DocumentFacts, json.loads(written)) == document


@pytest.mark.parametrize(
    "damage",
    [
        {"unknown": 1},
        {"offline": "yes"},
        {"signatures": 5},
        {"document": {"name": 1}},
        {"certificates": [{"der": "xyz"}]},
    ],
)
def test_what_does_not_fit_the_facts_is_refused(damage: dict[str, object]) -> None:
    values = {**to_json(facts()), **damage}
    with pytest.raises((ValueError, TypeError)):
        from_json(DocumentFacts, values)
