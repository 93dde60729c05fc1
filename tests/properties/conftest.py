"""The property tests run over the same house as the tests of the exchange."""

from tests.exchange.conftest import clock, house

__all__ = ["clock", "house"]
