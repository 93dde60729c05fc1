"""The exchange's services, built once from the parts that app.py hands in."""

from dataclasses import dataclass

from exchange.channels import LocalChannel
from exchange.delivery.acceptance import Acceptance
from exchange.delivery.collection import Collection
from exchange.delivery.dispatch import Dispatch
from exchange.delivery.filing import Filing
from exchange.delivery.handover import Handover
from exchange.delivery.jobs import JobQueue
from exchange.delivery.sweep import Sweep
from exchange.identity.access import Access
from exchange.identity.directory import Directory
from exchange.identity.mailboxes import Mailboxes
from exchange.identity.profiles import Profiles
from exchange.letters.drafts import Drafts
from exchange.mailboxes.reading import Letters
from exchange.parts import Parts
from exchange.receipts.reading import Receipts
from exchange.receipts.upp import UppIssuer


@dataclass(frozen=True)
class Services:
    """What pages, commands and jobs call; each call takes the actor first."""

    identity: Access
    mailboxes: Mailboxes
    drafts: Drafts
    filing: Filing
    dispatch: Dispatch
    letters: Letters
    receipts: Receipts
    collection: Collection
    upp: UppIssuer
    handover: Handover
    sweep: Sweep
    parts: Parts


def build_services(parts: Parts) -> Services:
    """Build every service over the same parts."""
    profiles = Profiles(parts.cipher)
    directory = Directory(profiles)
    upp = UppIssuer(parts)
    filing = Filing(parts, directory, Acceptance(parts, directory, JobQueue()), upp)
    return Services(
        identity=Access(parts, profiles, directory),
        mailboxes=Mailboxes(parts, directory),
        drafts=Drafts(parts, directory),
        filing=filing,
        dispatch=Dispatch(parts, filing),
        letters=Letters(parts, directory),
        receipts=Receipts(parts),
        collection=Collection(parts),
        upp=upp,
        handover=Handover(parts, LocalChannel()),
        sweep=Sweep(parts),
        parts=parts,
    )
