"""What kind of file this is, and the cheap gates before anything is parsed for real."""

from signer.documents.kinds import kind_of
from signer.documents.pdf_gate import pdf_problems, polyglot_problem

__all__ = ["kind_of", "pdf_problems", "polyglot_problem"]
