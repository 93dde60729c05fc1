"""Official receipts: what they say, and their bytes."""

from uuid import UUID

from flask import Blueprint, Response, render_template

from exchange.web.downloads import as_file
from exchange.web.gate import actor
from exchange.web.state import services

receipts = Blueprint("receipts", __name__)


@receipts.get("/receipts/<uuid:receipt_id>")
def view(receipt_id: UUID) -> str:
    """What a receipt says, and what its own seal or signature is worth."""
    return render_template("receipt.html", receipt=services().receipts.view(actor(), receipt_id))


@receipts.get("/receipts/<uuid:receipt_id>/document")
def document(receipt_id: UUID) -> Response:
    """The receipt itself, the same bytes every time."""
    return as_file(services().receipts.download(actor(), receipt_id))
