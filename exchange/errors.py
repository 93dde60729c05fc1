"""What goes wrong between people and institutions, told to the person who can mend it.

ExchangeError
├── NotFound ......... nothing there, or nothing the asker may know of: pages show one 404 for both
│   └── NotAllowed ... the asker lacks the role; shown as the same 404
├── Conflict ......... contradicts what was said before (a message id's content, a stale digest)
└── Refused .......... input that cannot be taken; names the field to mend
"""

from exchange.texts import Language, phrase


class ExchangeError(Exception):
    """Carry a code of the phrase table and its parameters, so that any language can be spoken."""

    def __init__(self, code: str, *, field: str | None = None, **params: object) -> None:
        super().__init__(phrase(code, "en", **params))
        self.code = code
        self.field = field
        self.params = params

    def text(self, language: Language) -> str:
        """Say in the given language what is wrong and what to do."""
        return phrase(self.code, language, **self.params)


class NotFound(ExchangeError):
    """Nothing there for this asker."""

    def __init__(self, code: str = "not_found", **params: object) -> None:
        super().__init__(code, field=None, **params)


class NotAllowed(NotFound):
    """The asker's roles do not reach; never told apart from `NotFound` outside."""


class Conflict(ExchangeError):
    """The request contradicts a fact already committed."""


class Refused(ExchangeError):
    """The input cannot be taken as it is; `field` names the form field to mend."""
