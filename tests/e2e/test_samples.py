"""Letters that others made go through the browser too."""

import pytest
from playwright.sync_api import expect

from tests.e2e.proofs import check_upp, sha256
from tests.e2e.stage import Stage
from tests.e2e.words import TOWN_HALL
from tests.schemas.shared import sample

# What a document is worth does not depend on the language, so once is enough.
pytestmark = pytest.mark.parametrize("words", ["pl"], indirect=True)

SIGNED = [
    "pismo_signed_once.xml",
    "pismo_signed_twice.xml",
    "sample_tpsigning5_kwalifikowany.xml",
    "sample_tpsigning5_profil_zaufany_EPSignature.xml",
]


def test_a_general_letter_made_elsewhere_is_signed_here_and_filed(stage: Stage) -> None:
    anna, zofia, words = stage.meet("anna"), stage.meet("zofia"), stage.words
    letter = sample("pismo_ogolne_1410.sample.xml")
    anna.upload(TOWN_HALL, "", ("pismo.xml", letter))
    assert anna.digest(words.digest) == sha256(letter)
    anna.sign_here()
    filed = anna.send()
    line = zofia.in_inbox(filed.path)
    expect(line).to_contain_text(words.valid)
    line.get_by_role("link").click()
    expect(zofia.page.get_by_role("article")).to_be_visible()
    zofia.look("letter-made-elsewhere")
    signed = zofia.download(words.original)
    assert stage.demo.examine(signed).conclusion.indication == "TOTAL_PASSED"


@pytest.mark.parametrize("name", SIGNED)
def test_a_file_signed_by_nobody_we_trust_is_accepted_with_its_verdict(
    stage: Stage, name: str
) -> None:
    anna, zofia, words = stage.meet("anna"), stage.meet("zofia"), stage.words
    content = sample(name)
    anna.upload(TOWN_HALL, name, (name, content), signed=True)
    filed = anna.send()
    assert filed.sha256 == sha256(content)
    receipt = anna.download(words.download_upp)
    check_upp(stage.demo, receipt, filed, content, TOWN_HALL)
    line = zofia.in_inbox(filed.path)
    expect(line).not_to_contain_text(words.valid)
    line.get_by_role("link").click()
    zofia.look("letter-untrusted")
    assert zofia.download(words.original) == content
