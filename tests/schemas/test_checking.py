"""Checking against our own schemas: problems are sentences with a line."""

from schemas import check
from schemas.checking import PROBLEMS_LIMIT
from schemas.letters import build_general_letter
from tests.schemas.test_letters import LETTER


def test_a_problem_says_its_line_and_is_readable() -> None:
    data = build_general_letter(LETTER).replace(b"<wnio:Tytul>", b"\n<wnio:Tytulik>")
    data = data.replace(b"</wnio:Tytul>", b"</wnio:Tytulik>")
    (problem,) = check(data, "letter")
    assert problem.line == 4
    assert "Tytulik" in problem.sentence
    assert "http" not in problem.sentence
    assert str(problem).startswith("line 4: ")


def test_what_cannot_be_parsed_is_one_problem() -> None:
    (problem,) = check(b"<a>\n</b>", "letter")
    assert problem.line == 2


def test_another_vocabulary_is_a_problem() -> None:
    assert check(build_general_letter(LETTER), "upo")


def test_problems_and_their_sentences_are_bounded() -> None:
    wrong = b"<wnio:X/>" * 1000
    data = build_general_letter(LETTER).replace(b"<wnio:Informacje>", b"<wnio:Informacje>" + wrong)
    assert len(check(data, "letter")) <= PROBLEMS_LIMIT
    data = build_general_letter(LETTER).replace(b"2026-03-04", b"x" * 1_000_000)
    assert all(len(problem.sentence) < 400 for problem in check(data, "letter"))


def test_a_check_tells_of_its_own_document_only() -> None:
    assert check(b"<r/>", "letter")
    assert check(build_general_letter(LETTER), "letter") == []
