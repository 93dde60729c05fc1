"""Tink as an independent implementation of the stream format, under a key of our choice."""

from __future__ import annotations

import io

from tink import proto_keyset_format, secret_key_access, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2, tink_pb2

TYPE_URL = "type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey"
SEGMENT = 1024 * 1024


def primitive(key: bytes) -> streaming_aead.StreamingAead:
    streaming_aead.register()
    value = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(
        version=0,
        key_value=key,
        params=aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingParams(
            ciphertext_segment_size=SEGMENT, derived_key_size=32, hkdf_hash_type=common_pb2.SHA256
        ),
    )
    keyset = tink_pb2.Keyset(primary_key_id=1)
    entry = keyset.key.add(key_id=1, status=tink_pb2.ENABLED, output_prefix_type=tink_pb2.RAW)
    entry.key_data.type_url = TYPE_URL
    entry.key_data.value = value.SerializeToString()
    entry.key_data.key_material_type = tink_pb2.KeyData.SYMMETRIC
    handle = proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)
    return handle.primitive(streaming_aead.StreamingAead)


class _Kept(io.BytesIO):
    """Tink closes what it writes to; the bytes must stay."""

    def close(self) -> None:
        self.kept = self.getvalue()


def seal(key: bytes, associated_data: bytes, plaintext: bytes) -> bytes:
    sink = _Kept()
    with primitive(key).new_encrypting_stream(sink, associated_data) as stream:
        stream.write(plaintext)
    return sink.kept


def open_(key: bytes, associated_data: bytes, sealed: bytes) -> bytes:
    with primitive(key).new_decrypting_stream(io.BytesIO(sealed), associated_data) as stream:
        return bytes(stream.read())
