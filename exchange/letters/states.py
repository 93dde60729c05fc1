"""How a letter goes and where it stands: modes, states and the moves allowed between them."""

from enum import StrEnum


class Mode(StrEnum):
    """How delivery is proven.

    UPP: the addressee is a public office, delivered when it arrives. UPD: the addressee is not,
    delivered when they sign the proof of delivery.
    """

    UPP = "UPP"
    UPD = "UPD"


class LetterState(StrEnum):
    """Where a letter stands."""

    ACCEPTED = "accepted"  # committed; not yet in the addressee's mailbox
    WAITING = "waiting"  # in the mailbox of a UPD addressee, closed until they sign
    DELIVERED = "delivered"


MOVES: dict[tuple[Mode, LetterState], LetterState] = {
    (Mode.UPP, LetterState.ACCEPTED): LetterState.DELIVERED,
    (Mode.UPD, LetterState.ACCEPTED): LetterState.WAITING,
    (Mode.UPD, LetterState.WAITING): LetterState.DELIVERED,
}


def next_state(mode: Mode, state: LetterState) -> LetterState:
    """Give the state that follows; raises `KeyError` where none does."""
    return MOVES[mode, state]
