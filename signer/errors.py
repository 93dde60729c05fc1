"""What can go wrong around a signature, as exceptions.

A bad signature is never an exception: it is a verdict. Exceptions are for the two other cases::

    SignerError
    ├── InputError    what the caller gave cannot be used: a wrong password, a file that is no
    │                 certificate, a time without a zone, a document that cannot be signed this way
    └── SourceError   the outside did not give what was asked of it: no answer, a refused address,
                      an answer too large or of the wrong kind
"""


class SignerError(Exception):
    """Anything this room raises; the message is a sentence for a person."""


class InputError(SignerError):
    """What the caller gave cannot be used; the message says what, where and what to do."""


class SourceError(SignerError):
    """An outside source failed to give what was asked; nothing is wrong with the document."""
