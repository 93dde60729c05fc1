"""Requests whose files never touch the disk in the clear, and that know when they had arrived."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

from flask import Request
from werkzeug.datastructures import FileStorage

from storage import EncryptedSpool

SMALL_BODY = 600_000
"""Largest body of a request that carries no file, in bytes: forms of buttons and short fields."""

FORM_MEMORY = 500_000
"""Largest part of a form that is text and so is held in memory, in bytes."""

FORM_PARTS = 100
"""Most parts of one form: its fields and as many attachments as a letter may have."""


class ArrivingRequest(Request):
    """A request that spools file parts encrypted and notes the instant its last byte was read."""

    clock: Callable[[], datetime]
    spool_folder: Path

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._received_at: datetime | None = None
        self._spools: list[EncryptedSpool] = []

    @property
    def received_at(self) -> datetime:
        """The instant the whole body had arrived (aware). Reads the body when nothing has yet."""
        self._load_form_data()
        if self._received_at is None:
            self._received_at = self.clock()
        return self._received_at

    def _load_form_data(self) -> None:
        already = "form" in self.__dict__
        super()._load_form_data()
        if not already:
            self._received_at = self.clock()

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002  # Werkzeug's signature
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        spool = EncryptedSpool(self.spool_folder)
        self._spools.append(spool)
        return cast(IO[bytes], spool)

    def close(self) -> None:
        """Drop every spool, also those of a body that was refused half-way."""
        super().close()
        for spool in self._spools:
            spool.close()


def request_class(clock: Callable[[], datetime], spool_folder: Path) -> type[ArrivingRequest]:
    """Give the request class that asks `clock` and spools in `spool_folder`."""

    return type(
        "ClockedRequest",
        (ArrivingRequest,),
        {"clock": staticmethod(clock), "spool_folder": spool_folder},
    )


def spool_of(file: FileStorage) -> EncryptedSpool:
    """Give the encrypted spool into which an uploaded file was received."""
    if not isinstance(file.stream, EncryptedSpool):
        raise TypeError("an upload that was not received by ArrivingRequest")
    return file.stream
