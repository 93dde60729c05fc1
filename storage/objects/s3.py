"""Objects in an S3 bucket, through the MinIO SDK.

Nothing here relies on conditional writes: servers accept `If-None-Match` and ignore it (Ceph does
in versioned buckets). Keys are random, so two writers never meet.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

import urllib3
from minio import Minio
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from urllib3.exceptions import HTTPError

from storage.errors import ObjectExists, ObjectMissing, StoreError, StoreRefused, StoreUnavailable
from storage.objects.patience import Patience, RetryUnlessSilent, is_silence
from storage.objects.store import Source, StoredObject, check_key

CONNECT_SECONDS = 5.0
READ_SECONDS = 8.0  # between two packets; a store silent for longer is down, and people wait
SILENCE_PAUSE = 3.0  # seconds in which one caller alone asks a store that had fallen silent
RETRIES = 3  # with the pauses below about three seconds in all; none after silence
RETRY_PAUSE = 0.2  # doubled each time
RETRIED_STATUSES = (500, 502, 503, 504)
CONNECTIONS = 10
PART_SIZE = 8 * 1024 * 1024  # bytes; times 10,000 parts is the largest object, 78 GiB
RESUMES = 3  # how often in a row a broken download is taken up again without a byte gained

_MISSING = frozenset({"NoSuchKey", "NoSuchVersion"})
_REFUSED = frozenset(
    {
        "AccessDenied", "AccountProblem", "AllAccessDisabled", "InvalidAccessKeyId",
        "InvalidBucketName", "MethodNotAllowed", "NoSuchBucket", "PermanentRedirect",
        "RequestTimeTooSkewed", "SignatureDoesNotMatch",
    }
)  # fmt: skip


class S3Store:
    """Objects in `bucket` of an S3-compatible server at `endpoint` (`host:port`).

    `secure` means https, checked against the system's certificates or `ca_file`. Connects at first
    use; a forked process gets connections of its own.
    """

    def __init__(
        self,
        endpoint: str,
        access_key: str,
        secret_key: str,
        bucket: str,
        secure: bool = True,
        *,
        region: str = "us-east-1",
        ca_file: str | None = None,
    ) -> None:
        self.bucket = bucket
        self._ca_file = ca_file
        self._endpoint = endpoint
        self._options: dict[str, Any] = {
            "access_key": access_key,
            "secret_key": secret_key,
            "secure": secure,
            "region": region,
        }
        self._made: tuple[int, Minio] | None = None
        self._patience = Patience(SILENCE_PAUSE)

    def ping(self) -> None:
        """Asks for the bucket.

        Raises `StoreRefused` when it is not there or not ours, `StoreUnavailable`.
        """
        with self._in_words():
            there = self._client.bucket_exists(self.bucket)
        if not there:
            raise StoreRefused(
                f"SKRYTKA_S3_BUCKET: the object store {self._endpoint} has no bucket "
                f"{self.bucket}. Make it, or correct the name."
            )

    def prepare(self) -> None:
        """Makes the bucket if it is missing.

        Raises `StoreRefused` or `StoreUnavailable` in words.
        """
        with self._in_words():
            if not self._client.bucket_exists(self.bucket):
                self._client.make_bucket(self.bucket)

    def put(self, key: str, source: Source) -> None:
        """Stores an object; see `ObjectStore.put`."""
        if self._exists(check_key(key)):
            raise ObjectExists(f"Object {key} exists already.")
        with self._in_words(key), _in_large_pieces(source) as pieces:
            self._client.put_object(
                self.bucket,
                key,
                pieces,
                length=-1,
                part_size=PART_SIZE,
                num_parallel_uploads=1,  # each further one holds two more parts in memory
            )

    def open(self, key: str) -> BinaryIO:
        """Gives a reader that fetches ranges as it is read and takes up a broken download where it
        broke.
        """
        return cast(BinaryIO, _RangeReader(self, key, self.size(key)))

    def size(self, key: str) -> int:
        """Asks for the object's length."""
        with self._in_words(key):
            return int(self._client.stat_object(self.bucket, check_key(key)).size or 0)

    def delete(self, key: str) -> None:
        """Removes the object."""
        with self._in_words(key):
            self._client.remove_object(self.bucket, check_key(key))

    def list(self) -> Iterator[StoredObject]:
        """Lists the bucket."""
        with self._in_words():
            for found in self._client.list_objects(self.bucket, recursive=True):
                yield StoredObject(
                    str(found.object_name), int(found.size or 0), found.last_modified
                )

    def fetch(self, key: str, offset: int) -> urllib3.BaseHTTPResponse:
        """Starts a download at `offset`; the caller closes it."""
        with self._in_words(key):
            return self._client.get_object(self.bucket, check_key(key), offset=offset)

    def lost(self, error: HTTPError) -> bool:
        """Whether a download that broke with `error` need not be taken up again: all is silent."""
        self._note(error)
        return is_silence(error)

    def _exists(self, key: str) -> bool:
        try:
            self.size(key)
        except ObjectMissing:
            return False
        return True

    @property
    def _client(self) -> Minio:
        if self._made is None or self._made[0] != os.getpid():
            self._made = (
                os.getpid(),
                Minio(self._endpoint, http_client=self._pool(), **self._options),
            )
        return self._made[1]

    def _pool(self) -> urllib3.PoolManager:
        return urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            maxsize=CONNECTIONS,
            cert_reqs="CERT_REQUIRED",
            ca_certs=self._ca_file,
            retries=RetryUnlessSilent(
                total=RETRIES,
                backoff_factor=RETRY_PAUSE,
                status_forcelist=RETRIED_STATUSES,
                allowed_methods=None,  # also POST: a repeated multipart call at worst fails the put
                respect_retry_after_header=False,  # the server must not decide how long we wait
            ),
        )

    @contextmanager
    def _in_words(self, key: str = "") -> Iterator[None]:
        """Turns the SDK's errors into the store's, and keeps those from waiting in vain who come
        after silence.
        """
        if not self._patience.may_ask():
            raise StoreUnavailable(f"The object store {self._endpoint} fell silent a moment ago.")
        try:
            yield
        except S3Error as error:
            self._patience.heard()
            raise self._translated(error, key) from error
        except (MinioException, HTTPError) as error:
            self._note(error)
            raise StoreUnavailable(
                f"The object store {self._endpoint} does not answer as it should: {_brief(error)}"
            ) from error
        self._patience.heard()

    def _note(self, error: Exception) -> None:
        if is_silence(error):
            self._patience.silent()

    def _translated(self, error: S3Error, key: str) -> StoreError:
        if error.code in _MISSING:
            return ObjectMissing(f"Object {key} is not in the bucket {self.bucket}.")
        if error.code in _REFUSED:
            return StoreRefused(
                f"The object store {self._endpoint} refuses the bucket {self.bucket} "
                f"({error.code}). Check SKRYTKA_S3_ACCESS_KEY, SKRYTKA_S3_SECRET_KEY_FILE, "
                "SKRYTKA_S3_BUCKET and the rights of that key."
            )
        return StoreUnavailable(f"The object store failed with {error.code}; try again later.")


class _RangeReader(io.RawIOBase):
    """A seekable object: one download at a time, begun where it is read from."""

    def __init__(self, store: S3Store, key: str, size: int) -> None:
        super().__init__()
        self._store = store
        self._key = key
        self._size = size
        self._position = 0
        self._download: urllib3.BaseHTTPResponse | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset != self._position:
            self._hang_up()
        self._position = base + offset
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return self.readall()
        for attempt in range(RESUMES + 1):
            try:
                return self._read_once(size)
            except HTTPError as error:
                self._hang_up()
                if attempt == RESUMES or self._store.lost(error):
                    raise StoreUnavailable(
                        f"Object {self._key} could not be read: {_brief(error)}"
                    ) from error
        raise AssertionError("unreachable")

    def readinto(self, buffer: Any, /) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._hang_up()
        super().close()

    def _read_once(self, size: int) -> bytes:
        if self._position >= self._size or size == 0:
            return b""
        if self._download is None:
            self._download = self._store.fetch(self._key, self._position)
        piece = self._download.read(size)
        self._position += len(piece)
        return piece

    def _hang_up(self) -> None:
        """Ends the download. One that was read to its end gives its connection back for reuse."""
        if self._download is not None:
            if self._position < self._size:
                self._download.close()
            self._download.release_conn()
            self._download = None


@contextmanager
def _in_large_pieces(source: Source) -> Iterator[BinaryIO]:
    """Lets the SDK read a whole part at once; it would join smaller pieces again and again."""
    buffered = io.BufferedReader(cast(io.RawIOBase, source))
    try:
        yield buffered
    finally:
        buffered.detach()  # the source stays its owner's: not closed with the buffer


def _brief(error: Exception) -> str:
    if isinstance(error, ServerError | InvalidResponseError):
        return "an answer that is not S3"
    return type(getattr(error, "reason", None) or error).__name__
